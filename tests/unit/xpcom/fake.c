/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fake: see fake.h. */
#include <string.h>
#include <unistd.h>
#include "tests/unit/xpcom/builder.h"
#include "tests/unit/xpcom/fake.h"

FakeState fake;
_Thread_local FakeError *fake_exception;

guint32 fake_query(Fake *self, const guint8 *iid, void **ret_object)
{
    guint32 first;
    memcpy(&first, iid, sizeof first);
    for (gsize i = 0; i < G_N_ELEMENTS(self->interfaces); i++) {
        if (self->interfaces[i] == NULL || builder_iid(self->interfaces[i]) != first)
            continue;
        fake_add_ref(self);
        *ret_object = self;
        return FAKE_OK;
    }
    *ret_object = NULL;
    return NS_ERROR_NO_INTERFACE;
}

guint32 fake_add_ref(Fake *self)
{
    return (guint32)g_atomic_int_add(&self->refs, 1) + 1;
}

guint32 fake_release(Fake *self)
{
    gint before = g_atomic_int_add(&self->refs, -1);
    g_assert_cmpint(before, >, 0);
    return (guint32)before - 1;
}

static guint32 error_text(FakeError *self, gunichar2 **ret_text)
{
    if (self->text == NULL)
        return FAKE_FAILURE;
    *ret_text = fake_wide(self->text);
    return FAKE_OK;
}

static guint32 error_next(FakeError *self, FakeError **ret_next)
{
    if (self->next != NULL)
        fake_add_ref(&self->next->fake);
    *ret_next = self->next;
    return FAKE_OK;
}

const FakeSlot fake_error_table[] = {FAKE_UNKNOWN, FAKE_SLOT(error_text), FAKE_SLOT(error_next)};

void *fake_memory(const void *data, gsize length)
{
    g_atomic_int_inc(&fake.memory);
    void *memory = g_malloc(MAX(length, 1));
    if (length > 0)
        memcpy(memory, data, length);
    return memory;
}

gunichar2 *fake_wide(const char *text)
{
    glong length = 0;
    g_autofree gunichar2 *wide = g_utf8_to_utf16(text, -1, NULL, &length, NULL);
    return fake_memory(wide, ((gsize)length + 1) * sizeof *wide);
}

char *fake_text(const char *text)
{
    return fake_memory(text, strlen(text) + 1);
}

static void unalloc(void *memory)
{
    g_assert_nonnull(memory);
    g_atomic_int_add(&fake.memory, -1);
    g_free(memory);
}

static unsigned get_version(void)
{
    return 7002022;
}

static guint32 client_initialize(const char *iid, void **ret_client)
{
    g_free(fake.client_iid);
    fake.client_iid = g_strdup(iid);
    if (fake.client != NULL)
        fake_add_ref(fake.client);
    *ret_client = fake.client;
    return fake.client_result;
}

static guint32 thread_initialize(void)
{
    g_atomic_int_inc(&fake.threads_entered);
    return fake.thread_result;
}

static guint32 thread_uninitialize(void)
{
    g_atomic_int_inc(&fake.threads_left);
    return FAKE_OK;
}

static void get_event_queue(void **ret_queue)
{
    *ret_queue = fake.queue;
}

static guint32 get_exception(void **ret_exception)
{
    *ret_exception = fake_exception;
    if (fake_exception != NULL)
        fake_add_ref(&fake_exception->fake);
    return FAKE_OK;
}

static guint32 clear_exception(void)
{
    fake_exception = NULL;
    return FAKE_OK;
}

/* One byte in the pipe is one event. */
static int process_event_queue(gint64 milliseconds)
{
    char byte;
    fake.pumped++;
    g_assert_cmpint(milliseconds, ==, 0);
    return read(fake.queue_read, &byte, 1) == 1 ? 0 : 3;
}

const Functions fake_functions = {
    .cb = sizeof(Functions),
    .uVersion = BINDING_VERSION,
    .GetVersion = get_version,
    .ClientInitialize = client_initialize,
    .ClientThreadInitialize = thread_initialize,
    .ClientThreadUninitialize = thread_uninitialize,
    .ComUnallocString = unalloc,
    .GetEventQueue = get_event_queue,
    .GetException = get_exception,
    .ClearException = clear_exception,
    .ProcessEventQueue = process_event_queue,
    .uEndVersion = BINDING_VERSION,
};

Xpcom *fake_xpcom(GBytes *typelib_bytes)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Typelib) typelib = typelib_new();
    gsize length;
    const guint8 *data = g_bytes_get_data(typelib_bytes, &length);
    g_assert_true(typelib_add(typelib, data, length, &error));
    g_assert_true(typelib_link(typelib, &error));
    return xpcom_new("/fake", g_steal_pointer(&typelib), &fake_functions);
}

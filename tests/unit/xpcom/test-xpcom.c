/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Around the calls, on a fake VirtualBox: errors, numbers, threads, loading, the event queue. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "tests/unit/xpcom/builder.h"
#include "tests/unit/xpcom/fake.h"

/* IThing: work(), and attributes of every kind of number, all kept in one place. */
typedef struct Thing {
    Fake fake;
    guint32 result;
    FakeError *exception;
    guint64 value;
} Thing;

static guint32 thing_work(Thing *self)
{
    fake_exception = self->exception;
    return self->result;
}

#define ACCESSORS(type)                                     \
    static guint32 get_##type(Thing *self, type *ret_value) \
    {                                                       \
        *ret_value = (type)self->value;                     \
        return FAKE_OK;                                     \
    }                                                       \
    static guint32 set_##type(Thing *self, type value)      \
    {                                                       \
        self->value = (guint64)value;                       \
        return FAKE_OK;                                     \
    }
ACCESSORS(gint8)
ACCESSORS(guint8)
ACCESSORS(gint16)
ACCESSORS(guint16)
ACCESSORS(gint32)
ACCESSORS(guint32)
ACCESSORS(gint64)
ACCESSORS(guint64)
#define ACCESSOR_SLOTS(type) FAKE_SLOT(get_##type), FAKE_SLOT(set_##type)

static const FakeSlot thing_table[] = {
    FAKE_UNKNOWN,           FAKE_SLOT(thing_work),
    ACCESSOR_SLOTS(gint8),  ACCESSOR_SLOTS(guint8),
    ACCESSOR_SLOTS(gint16), ACCESSOR_SLOTS(guint16),
    ACCESSOR_SLOTS(gint32), ACCESSOR_SLOTS(guint32),
    ACCESSOR_SLOTS(gint64), ACCESSOR_SLOTS(guint64),
    ACCESSOR_SLOTS(gint32),
};

static gint32 queue_fd(Fake *self)
{
    return fake.queue_read;
}

static const FakeSlot queue_table[] = {FAKE_UNKNOWN, FAKE_SLOT(queue_fd)};

static GBytes *library(gboolean has_errors)
{
    static const char *const letters[] = {"Y", "y", "h", "q", "i", "u", "l", "t", "b"};
    g_autoptr(Builder) builder = builder_new();
    builder_supports(builder);
    builder_interface(builder, "IThing", "nsISupports");
    builder_method(builder, 0, "work", "");
    for (gsize i = 0; i < G_N_ELEMENTS(letters); i++) {
        g_autofree char *out = g_strconcat(">", letters[i], NULL);
        builder_method(builder, BUILDER_GETTER, letters[i], out);
        builder_method(builder, BUILDER_SETTER, letters[i], letters[i]);
    }
    builder_interface(builder, "IOther", "nsISupports");
    builder_interface(builder, CLIENT_INTERFACE, "nsISupports");
    builder_interface(builder, EVENT_QUEUE_INTERFACE, "nsISupports");
    builder_method(builder, BUILDER_NOTXPCOM, "getEventQueueSelectFD", "");
    if (has_errors) {
        builder_interface(builder, ERROR_INTERFACE, "nsISupports");
        builder_method(builder, BUILDER_GETTER, "text", ">s");
        builder_method(builder, BUILDER_GETTER, "next", ">o" ERROR_INTERFACE);
    }
    return builder_finish(builder);
}

typedef struct Fixture {
    Xpcom *xpcom;
    Thing thing;
    Object *object;
    GError *error;
} Fixture;

static void set_up(Fixture *self, gconstpointer data)
{
    g_autoptr(GBytes) bytes = library(data == NULL);
    fake = (FakeState){.queue_read = -1};
    fake_exception = NULL;
    self->xpcom = fake_xpcom(bytes);
    self->thing = (Thing){.fake = {thing_table, 1, {"nsISupports", "IThing"}}};
    self->object = object_new(self->xpcom, (Unknown *)&self->thing,
                              typelib_find(xpcom_typelib(self->xpcom), "IThing"));
}

static void tear_down(Fixture *self, gconstpointer data)
{
    g_assert_no_error(self->error);
    object_unref(self->object);
    g_assert_cmpint(self->thing.fake.refs, ==, 0);
    g_assert_cmpint(fake.memory, ==, 0);
    g_assert_cmpint(fake.threads_entered, ==, fake.threads_left);
    g_free(fake.client_iid);
    xpcom_free(self->xpcom);
}

static const Method *method(Fixture *self, const char *name, MethodKind kind)
{
    return method_find(object_interface(self->object), name, kind);
}

/* Lets work() fail with that exception; the message. */
static char *failure_message(Fixture *self, FakeError *exception)
{
    self->thing.result = VBOX_E_OBJECT_NOT_FOUND;
    self->thing.exception = exception;
    g_assert_false(object_call(self->object, method(self, "work", METHOD_CALL), &self->error));
    g_assert_error(self->error, XPCOM_ERROR, (gint)VBOX_E_OBJECT_NOT_FOUND);
    g_assert_null(fake_exception); /* it was cleared */
    char *message = g_strdup(self->error->message);
    g_clear_error(&self->error);
    return message;
}

#define ADVICE "; try again, and if it stays so, look into VBoxSVC.log in VirtualBox's folder"
#define NAMELESS \
    "VirtualBox did not answer IThing::work: VBOX_E_OBJECT_NOT_FOUND (0x80bb0001)" ADVICE

static void test_error_text(Fixture *self, gconstpointer data)
{
    FakeError deep = {{fake_error_table, 0, FAKE_ERROR_INTERFACES}, "The cause.\r\n", NULL};
    FakeError middle = {{fake_error_table, 0, FAKE_ERROR_INTERFACES},
                        "Because of that.\n\n/build/src/A.cpp[70] (int f())\nAnd this",
                        &deep};
    FakeError top = {{fake_error_table, 0, FAKE_ERROR_INTERFACES}, "No machine 'x'", &middle};
    g_autofree char *message = failure_message(self, &top);
    g_assert_cmpstr(message, ==, "No machine 'x'. Because of that. And this. The cause.");
    g_assert_cmpint(top.fake.refs + middle.fake.refs + deep.fake.refs, ==, 0);
}

static void test_error_ring(Fixture *self, gconstpointer data)
{
    FakeError ring = {{fake_error_table, 0, FAKE_ERROR_INTERFACES}, "Again", NULL};
    ring.next = &ring;
    g_autofree char *message = failure_message(self, &ring);
    g_assert_true(g_str_has_prefix(message, "Again. Again"));
    g_assert_cmpuint(strlen(message), <, 1000);
    g_assert_cmpint(ring.fake.refs, ==, 0);
}

static void test_error_without_text(Fixture *self, gconstpointer data)
{
    g_autofree char *none = failure_message(self, NULL);
    g_assert_cmpstr(none, ==, NAMELESS);
    FakeError mute = {{fake_error_table, 0, FAKE_ERROR_INTERFACES}, NULL, NULL};
    g_autofree char *unreadable = failure_message(self, &mute);
    g_assert_cmpstr(unreadable, ==, NAMELESS);
    FakeError other = {{fake_error_table, 0, {"nsISupports"}}, "Unasked", NULL};
    g_autofree char *foreign = failure_message(self, &other);
    g_assert_cmpstr(foreign, ==, NAMELESS);
    g_assert_cmpint(mute.fake.refs + other.fake.refs, ==, 0);
}

static void test_error_unknown_interface(Fixture *self, gconstpointer data)
{
    FakeError top = {{fake_error_table, 0, FAKE_ERROR_INTERFACES}, "Unread", NULL};
    g_autofree char *message = failure_message(self, &top);
    g_assert_cmpstr(message, ==, NAMELESS);
    g_assert_cmpint(top.fake.refs, ==, 0);
}

/* What an earlier call left behind is no text of this failure. */
static void test_error_stale(Fixture *self, gconstpointer data)
{
    FakeError stale = {{fake_error_table, 0, FAKE_ERROR_INTERFACES}, "Of yesterday", NULL};
    self->thing.exception = &stale;
    g_assert_true(object_call(self->object, method(self, "work", METHOD_CALL), &self->error));
    g_assert_true(fake_exception == &stale);
    Thing *thing = &self->thing;
    thing->exception = NULL;
    g_autofree char *message = failure_message(self, NULL);
    g_assert_cmpstr(message, ==, NAMELESS);
}

/* VirtualBox's words for a job that failed and left none. */
static void test_object_fail_without_reason(Fixture *self, gconstpointer data)
{
    FakeError top = {{fake_error_table, 1, FAKE_ERROR_INTERFACES}, "No error info", NULL};
    g_autoptr(Object) info = object_new(self->xpcom, (Unknown *)&top,
                                        typelib_find(xpcom_typelib(self->xpcom), ERROR_INTERFACE));
    g_assert_false(object_fail(info, NS_ERROR_FAILURE, &self->error));
    g_assert_cmpstr(self->error->message, ==,
                    "VirtualBox gave no reason: NS_ERROR_FAILURE (0x80004005)" ADVICE);
    g_assert_true(object_failed_silently(self->error));
    g_clear_error(&self->error);
}

static void test_object_fail(Fixture *self, gconstpointer data)
{
    FakeError top = {{fake_error_table, 1, FAKE_ERROR_INTERFACES}, "The job failed", NULL};
    g_autoptr(Object) info = object_new(self->xpcom, (Unknown *)&top,
                                        typelib_find(xpcom_typelib(self->xpcom), ERROR_INTERFACE));
    g_assert_false(object_fail(info, VBOX_E_IPRT_ERROR, &self->error));
    g_assert_error(self->error, XPCOM_ERROR, (gint)VBOX_E_IPRT_ERROR);
    g_assert_cmpstr(self->error->message, ==, "The job failed");
    g_assert_false(object_failed_silently(self->error));
    g_clear_error(&self->error);
    g_assert_false(object_fail(NULL, 0x80bb9999, &self->error));
    g_assert_cmpstr(self->error->message, ==, "VirtualBox gave no reason: 0x80bb9999" ADVICE);
    g_assert_true(object_failed_silently(self->error));
    g_clear_error(&self->error);
    g_assert_cmpstr(xpcom_result_name(0x80bb9999), ==, "0x80bb9999");
    g_assert_cmpstr(xpcom_result_name(E_ACCESSDENIED), ==, "E_ACCESSDENIED (0x80070005)");
}

static void test_query(Fixture *self, gconstpointer data)
{
    const Typelib *typelib = xpcom_typelib(self->xpcom);
    Object *same = object_query(self->object, typelib_find(typelib, "nsISupports"), &self->error);
    g_assert_no_error(self->error);
    g_assert_cmpstr(object_interface(same)->name, ==, "nsISupports");
    g_assert_cmpint(self->thing.fake.refs, ==, 2);
    object_unref(object_ref(same));
    g_assert_cmpint(self->thing.fake.refs, ==, 2);
    object_unref(same);
    g_assert_cmpint(self->thing.fake.refs, ==, 1);
    g_assert_null(object_query(self->object, typelib_find(typelib, "IOther"), &self->error));
    g_assert_error(self->error, XPCOM_ERROR, (gint)NS_ERROR_NO_INTERFACE);
    g_assert_nonnull(strstr(self->error->message, "IOther"));
    g_clear_error(&self->error);
    object_unref(NULL);
}

static void test_numbers(Fixture *self, gconstpointer data)
{
    static const struct {
        const char *name;
        gint64 least, most;
    } numbers[] = {
        {"Y", G_MININT8, G_MAXINT8},   {"y", 0, G_MAXUINT8},          {"h", G_MININT16, G_MAXINT16},
        {"q", 0, G_MAXUINT16},         {"i", G_MININT32, G_MAXINT32}, {"u", 0, G_MAXUINT32},
        {"l", G_MININT64, G_MAXINT64}, {"t", 0, G_MAXINT64},          {"b", 0, 1},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
        const Method *getter = method(self, numbers[i].name, METHOD_GET);
        const Method *setter = method(self, numbers[i].name, METHOD_SET);
        const gint64 values[] = {numbers[i].least, numbers[i].most, 1};
        for (gsize j = 0; j < G_N_ELEMENTS(values); j++) {
            gint64 value = 42;
            g_assert_true(object_set_number(self->object, setter, values[j], &self->error));
            g_assert_true(object_get_number(self->object, getter, &value, &self->error));
            g_assert_cmpint(value, ==, values[j]);
        }
        if (numbers[i].least > G_MININT64) {
            g_assert_false(
                object_set_number(self->object, setter, numbers[i].least - 1, &self->error));
            g_assert_error(self->error, VIR_ERROR, VIR_ERR_INVALID_ARG);
            g_clear_error(&self->error);
        }
        if (numbers[i].most < G_MAXINT64) {
            g_assert_false(
                object_set_number(self->object, setter, numbers[i].most + 1, &self->error));
            g_assert_error(self->error, VIR_ERROR, VIR_ERR_INVALID_ARG);
            g_clear_error(&self->error);
        }
        g_assert_cmpint((gint64)self->thing.value, ==, 1); /* refused before the call */
    }
}

static gpointer work_thread(gpointer data)
{
    Fixture *self = data;
    for (guint i = 0; i < 1000; i++) {
        GError *error = NULL;
        g_autoptr(Object) same = object_query(self->object, object_interface(self->object), &error);
        g_assert_true(object_call(same, method(self, "work", METHOD_CALL), &error));
        g_assert_no_error(error);
    }
    return NULL;
}

static void test_threads(Fixture *self, gconstpointer data)
{
    GThread *threads[4];
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("work", work_thread, self);
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    g_assert_true(object_call(self->object, method(self, "work", METHOD_CALL), &self->error));
    g_assert_cmpint(fake.threads_entered, ==, 4); /* each once, the main thread never */
    g_assert_cmpint(fake.threads_left, ==, 4);
    g_assert_cmpint(self->thing.fake.refs, ==, 1);
}

static gpointer unref_thread(gpointer data)
{
    object_unref(data);
    return NULL;
}

static void test_unref_thread(Fixture *self, gconstpointer data)
{
    Object *same = object_query(self->object, object_interface(self->object), &self->error);
    g_assert_no_error(self->error);
    g_thread_join(g_thread_new("unref", unref_thread, same));
    g_assert_cmpint(fake.threads_entered, ==, 1);
    g_assert_cmpint(self->thing.fake.refs, ==, 1);
}

static gpointer refused_thread(gpointer data)
{
    Fixture *self = data;
    g_assert_false(object_call(self->object, method(self, "work", METHOD_CALL), &self->error));
    return NULL;
}

static void test_refused_thread(Fixture *self, gconstpointer data)
{
    fake.thread_result = FAKE_FAILURE;
    g_thread_join(g_thread_new("refused", refused_thread, self));
    g_assert_error(self->error, XPCOM_ERROR, (gint)FAKE_FAILURE);
    g_clear_error(&self->error);
    fake.threads_left = fake.threads_entered; /* nothing to undo */
}

static void test_connect(Fixture *self, gconstpointer data)
{
    Fake client = {thing_table, 0, {"nsISupports"}};
    fake.client = &client;
    Object *object = xpcom_connect(self->xpcom, &self->error);
    g_assert_no_error(self->error);
    g_assert_cmpstr(object_interface(object)->name, ==, CLIENT_INTERFACE);
    g_autofree char *iid =
        g_strdup_printf("%08x-0000-0000-0000-000000000000", builder_iid(CLIENT_INTERFACE));
    g_assert_cmpstr(fake.client_iid, ==, iid);
    object_unref(object);
    g_assert_cmpint(client.refs, ==, 0);

    fake.client = NULL;
    g_assert_null(xpcom_connect(self->xpcom, &self->error));
    g_assert_error(self->error, XPCOM_ERROR, (gint)NS_ERROR_ABORT);
    g_clear_error(&self->error);
    fake.client_result = FAKE_FAILURE;
    g_assert_null(xpcom_connect(self->xpcom, &self->error));
    g_assert_error(self->error, XPCOM_ERROR, (gint)FAKE_FAILURE);
    g_clear_error(&self->error);
}

static void test_source(Fixture *self, gconstpointer data)
{
    g_assert_null(xpcom_source_new(self->xpcom, &self->error));
    g_assert_error(self->error, VIR_ERROR, VIR_ERR_OPERATION_FAILED);
    g_clear_error(&self->error);

    int ends[2];
    g_assert_cmpint(pipe2(ends, O_NONBLOCK | O_CLOEXEC), ==, 0);
    Fake queue = {queue_table, 1, {"nsISupports"}};
    fake.queue = &queue;
    fake.queue_read = ends[0];
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GSource) source = xpcom_source_new(self->xpcom, &self->error);
    g_assert_no_error(self->error);
    g_source_attach(source, context);
    g_assert_false(g_main_context_iteration(context, FALSE));
    g_assert_cmpint(fake.pumped, ==, 0);
    g_assert_cmpint(write(ends[1], "three", 3), ==, 3);
    g_assert_true(g_main_context_iteration(context, FALSE));
    g_assert_cmpint(fake.pumped, ==, 4); /* three events, and the answer that there is no more */
    g_assert_false(g_main_context_iteration(context, FALSE));
    g_source_destroy(source);
    close(ends[0]);
    close(ends[1]);
}

static void write_file(const char *directory, const char *name, const void *data, gsize length)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
    g_assert_true(g_file_set_contents(path, data, (gssize)length, NULL));
}

static void remove_path(const char *directory, const char *name)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_assert_cmpint(g_remove(path), ==, 0);
}

static void test_find(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = g_dir_make_tmp("xpcom-XXXXXX", NULL);
    g_setenv("VBOX_APP_HOME", directory, TRUE);
    g_assert_null(xpcom_find(&error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_FAILED);
    g_assert_nonnull(strstr(error->message, directory));
    g_clear_error(&error);

    g_autoptr(GBytes) bytes = library(TRUE);
    write_file(directory, "VBoxXPCOMC.so", "no library", 10);
    write_file(directory, "components/a.xpt", g_bytes_get_data(bytes, NULL),
               g_bytes_get_size(bytes));
    g_autofree char *found = xpcom_find(&error);
    g_assert_cmpstr(found, ==, directory);
    g_assert_null(xpcom_load(found, &error)); /* its library is none */
    g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_FAILED);
    g_assert_nonnull(strstr(error->message, "VBoxXPCOMC.so"));
    remove_path(directory, "VBoxXPCOMC.so");
    remove_path(directory, "components/a.xpt");
    remove_path(directory, "components");
    remove_path(directory, "");
    g_unsetenv("VBOX_APP_HOME");
}

#define ADD(name, function) g_test_add(name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/error/text", test_error_text);
    ADD("/error/ring", test_error_ring);
    ADD("/error/without-text", test_error_without_text);
    ADD("/error/stale", test_error_stale);
    g_test_add("/error/unknown-interface", Fixture, "without", set_up, test_error_unknown_interface,
               tear_down);
    ADD("/error/object-fail", test_object_fail);
    ADD("/error/object-fail-without-reason", test_object_fail_without_reason);
    ADD("/object/query", test_query);
    ADD("/object/numbers", test_numbers);
    ADD("/thread/calls", test_threads);
    ADD("/thread/unref", test_unref_thread);
    ADD("/thread/refused", test_refused_thread);
    ADD("/xpcom/connect", test_connect);
    ADD("/xpcom/source", test_source);
    g_test_add_func("/xpcom/find", test_find);
    return g_test_run();
}

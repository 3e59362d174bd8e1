/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On the installed VirtualBox: its type library, calls of every kind, threads, the event queue.
 * Run it in the test bed: it makes machines in the user's VirtualBox, and removes them. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "xpcom/xpcom.h"

/* The process's one connection. */
static struct {
    Xpcom *xpcom;
    Object *client, *root;
} process;

static const Method *method(const char *interface, const char *name, MethodKind kind)
{
    const Interface *found = typelib_find(xpcom_typelib(process.xpcom), interface);
    const Method *result = found != NULL ? method_find(found, name, kind) : NULL;
    if (result == NULL)
        g_error("this VirtualBox has no %s::%s", interface, name);
    return result;
}
#define CALL(interface, name) method(#interface, #name, METHOD_CALL)
#define GET(interface, name) method(#interface, #name, METHOD_GET)
#define SET(interface, name) method(#interface, #name, METHOD_SET)

static guint constant(const char *type, const char *name)
{
    gint64 value = 0;
    g_assert_true(constant_find(typelib_find(xpcom_typelib(process.xpcom), type), name, &value));
    return (guint)value;
}

/* A call that must succeed. */
static void ok(Object *self, const Method *called, ...)
{
    g_autoptr(GError) error = NULL;
    va_list args;
    va_start(args, called);
    if (!object_call_va(self, called, &error, args))
        g_error("%s::%s: %s", called->owner->name, called->name, error->message);
    va_end(args);
}

/* A registered machine of that name, unlocked. */
static Object *machine_new(const char *name)
{
    Object *machine = NULL;
    ok(process.root, CALL(IVirtualBox, createMachine), "", name,
       constant("PlatformArchitecture", "x86"), 0u, NULL, "Other", "", "", "", "", &machine);
    g_assert_nonnull(machine);
    ok(process.root, CALL(IVirtualBox, registerMachine), machine);
    return machine;
}

static void machine_delete(Object *machine)
{
    g_autoptr(GPtrArray) media = NULL;
    g_autoptr(Object) progress = NULL;
    ok(machine, CALL(IMachine, unregister), constant("CleanupMode", "DetachAllReturnNone"), &media);
    g_assert_cmpuint(media->len, ==, 0);
    ok(machine, CALL(IMachine, deleteConfig), 0u, NULL, &progress);
    ok(progress, CALL(IProgress, waitForCompletion), -1);
}

static Object *session_new(void)
{
    Object *session = NULL;
    ok(process.client, GET(IVirtualBoxClient, session), &session);
    return session;
}

/* The machine that can be written, while the session has it. */
static Object *machine_lock(Object *machine, Object *session)
{
    Object *writable = NULL;
    ok(machine, CALL(IMachine, lockMachine), session, constant("LockType", "Write"));
    ok(session, GET(ISession, machine), &writable);
    return writable;
}

static void check_interface(const Interface *interface, guint *methods, guint *constant_only)
{
    *methods += interface->n_methods;
    *constant_only += interface->n_methods == 0 && interface->n_constants > 0 ? 1 : 0;
    guint first = interface->n_methods > 0 ? interface->methods[0].slot : 0;
    const Interface *parent = interface->parent;
    while (parent != NULL && parent->n_methods == 0)
        parent = parent->parent;
    if (parent != NULL && interface->n_methods > 0)
        g_assert_cmpuint(first, ==, parent->methods[parent->n_methods - 1].slot + 1);
    for (guint i = 0; i < interface->n_methods; i++) {
        const Method *own = &interface->methods[i];
        g_assert_cmpuint(own->slot, ==, first + i);
        g_assert_nonnull(method_find(interface, own->name, own->kind));
        for (guint j = 0; own->callable && j < own->n_params; j++)
            g_assert_true((own->params[j].tag == TYPE_INTERFACE) ==
                          (own->params[j].interface != NULL));
    }
}

/* 7.2.22 has 469 interfaces, 3,794 methods and 149 enums; others have about as many. */
static void test_typelib(void)
{
    guint n, methods = 0, constant_only = 0;
    const Interface *const *all = typelib_interfaces(xpcom_typelib(process.xpcom), &n);
    for (guint i = 0; i < n; i++)
        check_interface(all[i], &methods, &constant_only);
    g_test_message("%u interfaces, %u methods, %u enums", n, methods, constant_only);
    g_assert_cmpuint(n, >=, 400);
    g_assert_cmpuint(methods, >=, 3000);
    g_assert_cmpuint(constant_only, >=, 100);
    g_assert_cmpstr(GET(IVirtualBox, machines)->signature, ==, ">ao");
    g_assert_cmpstr(CALL(IVirtualBox, getMachineStates)->signature, ==, "ao>au");
    g_assert_cmpstr(CALL(IMachine, getNetworkAdapter)->signature, ==, "u>o");
    g_assert_cmpstr(SET(IMachine, groups)->signature, ==, "as");
    g_assert_cmpstr(GET(INATEngine, redirects)->signature, ==, ">as");
    g_assert_cmpuint(constant("MachineState", "PoweredOff"), ==, 1);
    g_assert_cmpuint(GET(IEvent, type)->slot, ==, 3);
    g_assert_true(typelib_find(xpcom_typelib(process.xpcom), "IMachineStateChangedEvent")->parent ==
                  typelib_find(xpcom_typelib(process.xpcom), "IMachineEvent"));
}

static void test_version(void)
{
    g_autofree char *version = NULL;
    guint number = xpcom_version(process.xpcom);
    g_autofree char *expected =
        g_strdup_printf("%u.%u.%u", number / 1000000, number / 1000 % 1000, number % 1000);
    ok(process.root, GET(IVirtualBox, versionNormalized), &version);
    g_assert_cmpstr(version, ==, expected);
    g_assert_cmpuint(number, >=, 6001000);
}

static void test_error(void)
{
    g_autoptr(GError) error = NULL;
    Object *machine = NULL;
    g_assert_false(
        object_call(process.root, CALL(IVirtualBox, findMachine), &error, "n\303\266pe", &machine));
    g_assert_error(error, XPCOM_ERROR, (gint)VBOX_E_OBJECT_NOT_FOUND);
    g_assert_true(g_str_has_suffix(error->message, "'n\303\266pe'"));
    g_assert_null(machine);
    g_clear_error(&error);
    /* A call without words, right after one with: those may not be repeated. */
    g_autoptr(Object) session = session_new();
    g_autoptr(Object) none =
        object_query(session, typelib_find(xpcom_typelib(process.xpcom), "IMachine"), &error);
    g_assert_null(none);
    g_assert_error(error, XPCOM_ERROR, (gint)NS_ERROR_NO_INTERFACE);
    g_assert_null(strstr(error->message, "n\303\266pe"));
}

#define NAME "xpcom \303\244\303\251 \346\227\245\346\234\254 \360\237\220\225"

static gboolean is_listed(const char *name)
{
    g_autoptr(GPtrArray) machines = NULL;
    gboolean is_found = FALSE;
    ok(process.root, GET(IVirtualBox, machines), &machines);
    for (guint i = 0; i < machines->len; i++) {
        g_autofree char *other = NULL;
        ok(machines->pdata[i], GET(IMachine, name), &other);
        is_found = is_found || g_str_equal(other, name);
    }
    return is_found;
}

static void test_machine(void)
{
    g_assert_false(is_listed(NAME));
    g_autoptr(Object) machine = machine_new(NAME);
    g_assert_true(is_listed(NAME));
    g_autofree char *id = NULL, *same_id = NULL;
    g_autoptr(Object) same = NULL;
    ok(process.root, CALL(IVirtualBox, findMachine), NAME, &same);
    ok(machine, GET(IMachine, id), &id);
    ok(same, GET(IMachine, id), &same_id);
    g_assert_cmpstr(id, ==, same_id);
    /* Objects in, numbers out. */
    Object *const machines[] = {machine, same};
    g_autoptr(GArray) states = NULL;
    ok(process.root, CALL(IVirtualBox, getMachineStates), 2u, machines, &states);
    g_assert_cmpuint(states->len, ==, 2);
    g_assert_cmpuint(g_array_index(states, guint32, 1), ==, constant("MachineState", "PoweredOff"));
    g_autoptr(GError) error = NULL;
    gint64 changed = 0;
    g_assert_true(object_get_number(machine, GET(IMachine, lastStateChange), &changed, &error));
    g_assert_cmpint(changed / 1000, >, 1500000000); /* milliseconds: it was after 2017 */
    g_autoptr(Object) snapshot = NULL;
    ok(machine, GET(IMachine, currentSnapshot), &snapshot);
    g_assert_null(snapshot);
    machine_delete(machine);
    g_assert_false(is_listed(NAME));
}

static void check_settings(Object *machine, const char *text, GBytes *icon)
{
    g_autofree char *description = NULL, *extra = NULL, *missing = NULL;
    g_auto(GStrv) groups = NULL;
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GError) error = NULL;
    gint64 memory = 0, paging = 42;
    ok(machine, GET(IMachine, description), &description);
    ok(machine, CALL(IMachine, getExtraData), "vboxvirt/\303\244", &extra);
    ok(machine, CALL(IMachine, getExtraData), "vboxvirt/none", &missing);
    ok(machine, GET(IMachine, groups), &groups);
    ok(machine, GET(IMachine, icon), &bytes);
    g_assert_cmpstr(description, ==, text);
    g_assert_cmpstr(extra, ==, text);
    g_assert_cmpstr(missing, ==, "");
    g_assert_cmpuint(g_strv_length(groups), ==, 2);
    g_assert_cmpstr(groups[0], ==, "/eins");
    g_assert_cmpstr(groups[1], ==, "/zw\303\266lf");
    g_assert_true(g_bytes_equal(bytes, icon));
    g_assert_true(object_get_number(machine, GET(IMachine, memorySize), &memory, &error));
    g_assert_true(object_get_number(machine, GET(IMachine, pageFusionEnabled), &paging, &error));
    g_assert_cmpint(memory, ==, 77);
    g_assert_cmpint(paging, ==, 0);
}

/* Texts, bytes, arrays and numbers go in and come back as they were. */
static void test_settings(void)
{
    static const char text[] = "line one\nline \"two\" <&> " NAME;
    static const char *const groups[] = {"/eins", "/zw\303\266lf"};
    guint8 pattern[1000];
    for (guint i = 0; i < sizeof pattern; i++)
        pattern[i] = (guint8)(i * 7);
    g_autoptr(GBytes) icon = g_bytes_new(pattern, sizeof pattern);
    g_autoptr(GError) error = NULL;
    g_autoptr(Object) machine = machine_new("xpcom settings");
    g_autoptr(Object) session = session_new();
    Object *writable = machine_lock(machine, session);
    ok(writable, SET(IMachine, description), text);
    ok(writable, CALL(IMachine, setExtraData), "vboxvirt/\303\244", text);
    ok(writable, SET(IMachine, groups), 2u, groups);
    ok(writable, SET(IMachine, icon), (guint)sizeof pattern, pattern);
    g_assert_true(object_set_number(writable, SET(IMachine, memorySize), 77, &error));
    check_settings(writable, text, icon);
    ok(writable, CALL(IMachine, saveSettings));
    object_unref(writable);
    ok(session, CALL(ISession, unlockMachine));
    check_settings(machine, text, icon);
    machine_delete(machine);
}

static gpointer call_thread(gpointer data)
{
    for (guint i = 0; i < 250; i++) {
        g_autoptr(Object) machine = NULL;
        g_autofree char *name = NULL;
        g_autoptr(GError) error = NULL;
        ok(process.root, CALL(IVirtualBox, findMachine), data, &machine);
        ok(machine, GET(IMachine, name), &name);
        g_assert_cmpstr(name, ==, data);
        /* The error belongs to the thread whose call failed. */
        g_autofree char *other = g_strdup_printf("not %s", (const char *)data);
        g_autoptr(Object) none = NULL;
        g_assert_false(
            object_call(process.root, CALL(IVirtualBox, findMachine), &error, other, &none));
        g_assert_nonnull(strstr(error->message, other));
    }
    return NULL;
}

static void test_threads(void)
{
    static const char *const names[] = {"xpcom 0", "xpcom 1", "xpcom 2", "xpcom 3"};
    Object *machines[4];
    GThread *threads[4];
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        machines[i] = machine_new(names[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        threads[i] = g_thread_new(names[i], call_thread, (gpointer)names[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        g_thread_join(threads[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        machine_delete(machines[i]);
        object_unref(machines[i]);
    }
}

static gsize resident_bytes(void)
{
    gulong size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    g_assert_nonnull(file);
    g_assert_cmpint(fscanf(file, "%lu %lu", &size, &resident), ==, 2);
    fclose(file);
    return resident * (gsize)sysconf(_SC_PAGESIZE);
}

/* How often there was something to pump. */
static guint call_and_pump(guint count)
{
    guint pumped = 0;
    for (guint i = 0; i < count; i++) {
        gint64 revision = 0;
        g_autoptr(GError) error = NULL;
        g_assert_true(
            object_get_number(process.root, GET(IVirtualBox, revision), &revision, &error));
        while (g_main_context_iteration(NULL, FALSE))
            pumped++;
    }
    return pumped;
}

/* Unpumped, a call leaves 144 bytes behind: 4 MiB for these. */
static void test_pump(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GSource) source = xpcom_source_new(process.xpcom, &error);
    g_assert_no_error(error);
    g_source_attach(source, NULL);
    g_assert_cmpuint(call_and_pump(2000), >, 0);
    gsize before = resident_bytes();
    guint pumped = call_and_pump(30000);
    gsize after = resident_bytes();
    g_test_message("pumped %u times; %zu KiB, then %zu KiB", pumped, before / 1024, after / 1024);
    g_assert_cmpuint(pumped, >, 0);
    g_assert_false(g_main_context_pending(NULL));
#ifndef WITH_SANITIZER /* whose allocator keeps freed memory for a while */
    g_assert_cmpuint(after, <, before + (2 << 20));
#endif
    g_source_destroy(source);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = xpcom_find(&error);
    process.xpcom = directory != NULL ? xpcom_load(directory, &error) : NULL;
    process.client = process.xpcom != NULL ? xpcom_connect(process.xpcom, &error) : NULL;
    if (process.client == NULL)
        g_error("%s", error->message);
    ok(process.client, GET(IVirtualBoxClient, virtualBox), &process.root);
    g_assert_nonnull(process.root);
    g_test_add_func("/real/typelib", test_typelib);
    g_test_add_func("/real/version", test_version);
    g_test_add_func("/real/error", test_error);
    g_test_add_func("/real/machine", test_machine);
    g_test_add_func("/real/settings", test_settings);
    g_test_add_func("/real/threads", test_threads);
    g_test_add_func("/real/pump", test_pump);
    int status = g_test_run();
    object_unref(process.root);
    object_unref(process.client);
    return status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loading: VirtualBox's C binding, its threads, and its event queue as a GSource.
 *
 * Theory of operation.  VBoxXPCOMC.so is loaded once and never unloaded: its threads and handlers
 * would be left behind.  The thread that loads it is the only one that may start the client side
 * and process the event queue.  Any other thread must register before its first call; xpcom_enter()
 * does that for each call, and a thread's end undoes it.
 *
 * The event queue has an fd that is readable when something waits.  Nobody needs what comes
 * through it, but unprocessed it grows with each call. */
#include <dlfcn.h>
#include <glib-unix.h>
#include <string.h>
#include "base/error.h"
#include "xpcom/binding.h"

#define LIBRARY "VBoxXPCOMC.so"
#define PUMP_ONCE 0      /* ProcessEventQueue: do not wait */
#define PUMP_PROCESSED 0 /* there was something, and perhaps more */
#define PUMP_MOST 64     /* then the other sources have a turn */

/* Where packages install it: VirtualBox's own, Debian's and Ubuntu's, Fedora's and SUSE's. */
static const char *const places[] = {"/opt/VirtualBox", "/usr/lib/virtualbox",
                                     "/usr/lib64/virtualbox"};

static gboolean is_virtualbox(const char *directory)
{
    g_autofree char *library = g_build_filename(directory, LIBRARY, NULL);
    g_autofree char *components = g_build_filename(directory, "components", NULL);
    return g_file_test(library, G_FILE_TEST_IS_REGULAR) &&
           g_file_test(components, G_FILE_TEST_IS_DIR);
}

char *xpcom_find(GError **error)
{
    const char *home = g_getenv("VBOX_APP_HOME");
    if (home != NULL && *home != '\0') {
        if (is_virtualbox(home))
            return g_strdup(home);
        fail(error, VIR_ERR_OPERATION_FAILED,
             "VBOX_APP_HOME says that VirtualBox is in %s, but there is no %s with components/",
             home, LIBRARY);
        return NULL;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        if (is_virtualbox(places[i]))
            return g_strdup(places[i]);
    }
    fail(error, VIR_ERR_OPERATION_FAILED,
         "VirtualBox is not installed: there is no %s in %s, %s or %s; "
         "set VBOX_APP_HOME to its directory",
         LIBRARY, places[0], places[1], places[2]);
    return NULL;
}

Xpcom *xpcom_new(const char *directory, Typelib *typelib, const Functions *functions)
{
    Xpcom *self = g_new0(Xpcom, 1);
    self->directory = g_strdup(directory);
    self->typelib = typelib;
    self->functions = functions;
    self->main = g_thread_ref(g_thread_self());
    self->error_interface = typelib_find(typelib, ERROR_INTERFACE);
    if (self->error_interface != NULL) {
        self->error_text = method_find(self->error_interface, "text", METHOD_GET);
        self->error_next = method_find(self->error_interface, "next", METHOD_GET);
    }
    return self;
}

void xpcom_free(Xpcom *self)
{
    if (self == NULL)
        return;
    g_thread_unref(self->main);
    typelib_free(self->typelib);
    g_free(self->directory);
    g_free(self);
}

/* VirtualBox's function table; its library stays loaded whatever happens. */
static const Functions *load_functions(const char *directory, GError **error)
{
    g_autofree char *path = g_build_filename(directory, LIBRARY, NULL);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fail(error, VIR_ERR_OPERATION_FAILED, "VirtualBox cannot be loaded: %s", dlerror());
        return NULL;
    }
    union { /* ISO C has no cast from an object's address to a function's */
        void *address;
        const Functions *(*call)(unsigned version);
    } get = {.address = dlsym(library, "VBoxGetCAPIFunctions")};
    const Functions *functions = get.address != NULL ? get.call(BINDING_VERSION) : NULL;
    if (functions == NULL || functions->cb < sizeof *functions ||
        functions->uVersion >> 16 != BINDING_VERSION >> 16) {
        fail(error, VIR_ERR_OPERATION_FAILED,
             "%s has no C binding of version %u; install VirtualBox 6.1 or newer", path,
             BINDING_VERSION >> 16);
        return NULL;
    }
    return functions;
}

Xpcom *xpcom_load(const char *directory, GError **error)
{
    g_autoptr(Typelib) typelib = typelib_load(directory, error);
    if (typelib == NULL)
        return NULL;
    /* As VirtualBox's own loader does: where it is, also when that is not where it was built for.
     */
    g_setenv("VBOX_APP_HOME", directory, FALSE);
    const Functions *functions = load_functions(directory, error);
    if (functions == NULL)
        return NULL;
    return xpcom_new(directory, g_steal_pointer(&typelib), functions);
}

const char *xpcom_directory(const Xpcom *self)
{
    return self->directory;
}

const Typelib *xpcom_typelib(const Xpcom *self)
{
    return self->typelib;
}

guint xpcom_version(const Xpcom *self)
{
    return self->functions->GetVersion();
}

static void thread_leave(gpointer data)
{
    const Functions *functions = data;
    functions->ClientThreadUninitialize();
}

static GPrivate thread_functions = G_PRIVATE_INIT(thread_leave);

gboolean xpcom_enter(Xpcom *self, GError **error)
{
    if (g_private_get(&thread_functions) != NULL || g_thread_self() == self->main)
        return TRUE;
    guint32 result = self->functions->ClientThreadInitialize();
    if (RESULT_FAILED(result)) {
        g_set_error(error, XPCOM_ERROR, (gint)result, "VirtualBox refused a thread: %s",
                    xpcom_result_name(result));
        return FALSE;
    }
    g_private_set(&thread_functions, (gpointer)self->functions);
    return TRUE;
}

Object *xpcom_connect(Xpcom *self, GError **error)
{
    g_assert(g_thread_self() == self->main);
    const Interface *interface = typelib_find(self->typelib, CLIENT_INTERFACE);
    if (interface == NULL) {
        fail(error, VIR_ERR_OPERATION_FAILED, "VirtualBox's type library has no %s",
             CLIENT_INTERFACE);
        return NULL;
    }
    guint32 first;
    guint16 second, third;
    const guint8 *iid = interface->iid;
    memcpy(&first, iid, 4);
    memcpy(&second, iid + 4, 2);
    memcpy(&third, iid + 6, 2);
    g_autofree char *text =
        g_strdup_printf("%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", first, second, third,
                        iid[8], iid[9], iid[10], iid[11], iid[12], iid[13], iid[14], iid[15]);
    void *client = NULL;
    guint32 result = self->functions->ClientInitialize(text, &client);
    if (!RESULT_FAILED(result) && client == NULL)
        result = NS_ERROR_ABORT;
    if (RESULT_FAILED(result)) {
        g_set_error(error, XPCOM_ERROR, (gint)result, "VirtualBox's client side did not start: %s",
                    xpcom_result_name(result));
        return NULL;
    }
    return object_new(self, client, interface);
}

typedef struct PumpSource {
    GSource source;
    Xpcom *xpcom;
    gpointer tag;
} PumpSource;

static gboolean pump_check(GSource *source)
{
    PumpSource *self = (PumpSource *)source;
    return g_source_query_unix_fd(source, self->tag) != 0;
}

static gboolean pump_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    PumpSource *self = (PumpSource *)source;
    for (guint i = 0; i < PUMP_MOST; i++) {
        if (self->xpcom->functions->ProcessEventQueue(PUMP_ONCE) != PUMP_PROCESSED)
            break;
    }
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs pump_functions = {.check = pump_check, .dispatch = pump_dispatch};

/* The queue's fd, -1 when it has none.  The method is notxpcom: the fd is its plain result. */
static int queue_fd(Xpcom *self)
{
    const Interface *interface = typelib_find(self->typelib, EVENT_QUEUE_INTERFACE);
    const Method *method =
        interface != NULL ? method_find(interface, "getEventQueueSelectFD", METHOD_CALL) : NULL;
    void *queue = NULL;
    self->functions->GetEventQueue(&queue);
    if (method == NULL || queue == NULL)
        return -1;
    typedef gint32 (*SelectFd)(void *queue);
    const SelectFd *table = *(const SelectFd **)queue;
    return table[method->slot](queue);
}

GSource *xpcom_source_new(Xpcom *self, GError **error)
{
    int fd = queue_fd(self);
    if (fd < 0) {
        fail(error, VIR_ERR_OPERATION_FAILED,
             "VirtualBox's event queue cannot be watched: it has no file descriptor");
        return NULL;
    }
    GSource *source = g_source_new(&pump_functions, sizeof(PumpSource));
    PumpSource *pump = (PumpSource *)source;
    pump->xpcom = self;
    pump->tag = g_source_add_unix_fd(source, fd, G_IO_IN);
    g_source_set_name(source, "VirtualBox's event queue");
    return source;
}

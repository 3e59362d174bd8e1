/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine as a child process: see child.h. */
#include "daemon/child.h"
#include "daemon/output.h"
#include "daemon/watch.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINK_FD 3
#define GROUPS_LIMIT 1024

struct Child {
    const ChildCalls *calls;
    void *data;
    pid_t pid;
    int fd;
    Watch *watch;
    LinkBuffer *input;
    Output output;
    guint busy;    /* inside so many of our own functions that call the owner */
    gboolean over; /* child_free() was called there */
};

/* ---- the process ---- */

typedef struct Identity {
    gid_t groups[GROUPS_LIMIT];
    int count;
    gboolean change; /* we are root, the engine is not */
} Identity;

/* What of our environment an engine may need.  The second list is a person's: only for a daemon
 * that is the same person's. */
static const char *const passed[] = {"G_MESSAGES_DEBUG", "ASAN_OPTIONS", "LSAN_OPTIONS",
                                     "UBSAN_OPTIONS", NULL};
static const char *const passed_to_self[] = {"PATH",
                                             "HOME",
                                             "SHELL",
                                             "TMPDIR",
                                             "XDG_RUNTIME_DIR",
                                             "XDG_CONFIG_HOME",
                                             "DISPLAY",
                                             "XAUTHORITY",
                                             "WAYLAND_DISPLAY",
                                             "PULSE_SERVER",
                                             "LD_LIBRARY_PATH",
                                             "DBUS_SESSION_BUS_ADDRESS",
                                             NULL};

static char **pass(char **environment, const char *const *names)
{
    for (; *names != NULL; names++) {
        const char *value = g_getenv(*names);
        if (value != NULL)
            environment = g_environ_setenv(environment, *names, value, TRUE);
    }
    return environment;
}

/* LOGNAME and USER are a login's, because VirtualBox finds a user's VBoxSVC by them.  The locale is
 * UTF-8, because VirtualBox converts file names by it, and English, because clients print it. */
static char **make_environment(const Options *options)
{
    char **result = g_environ_setenv(NULL, "PATH", "/usr/local/bin:/usr/bin:/bin", TRUE);
    result = g_environ_setenv(result, "HOME", options->home, TRUE);
    result = g_environ_setenv(result, "LC_ALL", "C.UTF-8", TRUE);
    result = pass(result, passed);
    if (!options->system)
        result = pass(result, passed_to_self);
    g_auto(GStrv) names = g_listenv();
    for (char **name = names; *name != NULL; name++) {
        if (g_str_has_prefix(*name, "VBOX"))
            result = g_environ_setenv(result, *name, g_getenv(*name), TRUE);
    }
    result = g_environ_setenv(result, "LOGNAME", options->user, TRUE);
    return g_environ_setenv(result, "USER", options->user, TRUE);
}

static gboolean find_identity(const Options *options, Identity *ret_identity, GError **error)
{
    if (options->user == NULL)
        return fail(error, VIR_ERR_OPERATION_FAILED,
                    "the system daemon does not know whose VirtualBox to serve: set "
                    "VBOXVIRTD_ARGS=\"--user NAME\" in /etc/default/vboxvirtd and restart it");
    ret_identity->change = getuid() == 0;
    ret_identity->count = GROUPS_LIMIT;
    if (ret_identity->change &&
        getgrouplist(options->user, options->gid, ret_identity->groups, &ret_identity->count) < 0)
        return fail(error, VIR_ERR_OPERATION_FAILED, "user %s is in too many groups",
                    options->user);
    if (access(options->engine, X_OK) != 0)
        return fail(error, VIR_ERR_OPERATION_FAILED, "cannot run %s: %s; install vboxvirt whole",
                    options->engine, g_strerror(errno));
    return TRUE;
}

static gboolean take_identity(const Options *options, const Identity *identity)
{
    if (!identity->change)
        return TRUE;
    return setgroups((gsize)identity->count, identity->groups) == 0 && setgid(options->gid) == 0 &&
           setuid(options->uid) == 0;
}

/* Between fork and exec: only what needs no memory. */
static gboolean prepare(int link, int nothing, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    setsid();
    if (link == LINK_FD ? fcntl(link, F_SETFD, 0) != 0 : dup2(link, LINK_FD) < 0)
        return FALSE;
    if (dup2(nothing, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return FALSE;
    /* After the change of user, which resets it.  An engine without daemon is of no use. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        return FALSE;
    return chdir("/") == 0 && sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

static pid_t spawn(const Options *options, int link, GError **error)
{
    Identity identity = {0};
    if (!find_identity(options, &identity, error))
        return -1;
    g_auto(GStrv) environment = make_environment(options);
    char *const arguments[] = {options->engine, (char *)"--link=3", NULL};
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        if (take_identity(options, &identity) && prepare(link, nothing, parent))
            execve(options->engine, arguments, environment);
        _exit(127);
    }
    int reason = errno;
    close(nothing);
    if (pid < 0)
        fail(error, VIR_ERR_SYSTEM_ERROR, "cannot start the engine: %s", g_strerror(reason));
    return pid;
}

void child_become(const Options *options, const char *argument, GError **error)
{
    Identity identity = {0};
    if (!find_identity(options, &identity, error))
        return;
    g_auto(GStrv) environment = make_environment(options);
    char *const arguments[] = {options->engine, (char *)argument, NULL};
    if (take_identity(options, &identity) && chdir("/") == 0)
        execve(options->engine, arguments, environment);
    fail(error, VIR_ERR_SYSTEM_ERROR, "cannot run %s: %s", options->engine, g_strerror(errno));
}

/* ---- the link ---- */

static void update(Child *self)
{
    gboolean empty = output_is_empty(&self->output);
    watch_set(self->watch, empty ? G_IO_IN : G_IO_IN | G_IO_OUT);
}

static void release(Child *self)
{
    watch_free(self->watch);
    close(self->fd);
    link_buffer_free(self->input);
    output_clear(&self->output);
    g_free(self);
}

/* The owner may free the child in any of its calls: between enter() and leave() it only ends. */
static void enter(Child *self)
{
    self->busy++;
}

static void leave(Child *self)
{
    if (--self->busy == 0 && self->over)
        release(self);
}

/* Gives all whole frames that came to the owner.  FALSE: this is the end. */
static gboolean deliver(Child *self)
{
    while (!self->over) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) payload = NULL;
        LinkHeader header;
        if (!link_buffer_next(self->input, &header, &payload, &error)) {
            self->calls->gone(error->message, self->data);
            return FALSE;
        }
        if (payload == NULL)
            return TRUE;
        self->calls->frame(&header, payload, self->data);
    }
    return FALSE;
}

/* FALSE: nothing more is to be had now, or this is the end. */
static gboolean take_input(Child *self)
{
    gsize size;
    guint8 *space = link_buffer_space(self->input, &size);
    gssize length = recv(self->fd, space, size, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return FALSE;
    if (length <= 0) {
        self->calls->gone(length == 0 ? "it closed its end" : g_strerror(errno), self->data);
        return FALSE;
    }
    link_buffer_fill(self->input, (gsize)length);
    return deliver(self);
}

static void child_ready(GIOCondition ready, void *data)
{
    Child *self = data;
    enter(self);
    if (ready & ~G_IO_OUT)
        take_input(self);
    if (!self->over && (ready & G_IO_OUT)) {
        g_autoptr(GError) unused = NULL; /* take_input() learns of the end too */
        if (output_flush(&self->output, self->fd, &unused) && output_is_empty(&self->output))
            self->calls->drained(self->data);
    }
    if (!self->over)
        update(self);
    leave(self);
}

void child_drain(Child *self)
{
    enter(self);
    while (take_input(self))
        ;
    if (!self->over)
        self->calls->gone("it ended", self->data);
    leave(self);
}

Child *child_start(const Options *options, const ChildCalls *calls, void *data, GError **error)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        fail(error, VIR_ERR_SYSTEM_ERROR, "cannot make the link: %s", g_strerror(errno));
        return NULL;
    }
    pid_t pid = spawn(options, pair[1], error);
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return NULL;
    }
    Child *self = g_new0(Child, 1);
    self->calls = calls;
    self->data = data;
    self->pid = pid;
    self->fd = pair[0];
    self->input = link_buffer_new();
    output_init(&self->output);
    self->watch = watch_new(self->fd, G_IO_IN, child_ready, self);
    return self;
}

pid_t child_pid(const Child *self)
{
    return self->pid;
}

void child_send(Child *self, GBytes *frame)
{
    gboolean was_empty = output_is_empty(&self->output);
    output_push(&self->output, OUTPUT_REPLY, frame);
    g_autoptr(GError) unused = NULL; /* take_input() learns of the end too */
    if (!was_empty || output_flush(&self->output, self->fd, &unused))
        update(self);
}

gsize child_waiting(const Child *self)
{
    return output_waiting(&self->output);
}

void child_free(Child *self, gboolean kill_it)
{
    if (self == NULL)
        return;
    if (kill_it)
        kill(self->pid, SIGKILL);
    self->over = TRUE;
    enter(self);
    leave(self);
}

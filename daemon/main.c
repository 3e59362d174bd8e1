/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vboxvirtd: options, log, signals and the main loop. */
#include "daemon/check.h"
#include "daemon/daemon.h"
#include "daemon/watch.h"
#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

typedef struct Main {
    GMainLoop *loop;
    Daemon *daemon;
    int signals;
    Watch *watch;
} Main;

/* ---- log ---- */

/* A daemon that a client started has no stderr; the journal takes its messages then. */
static gboolean is_silent(void)
{
    struct stat status;
    return fstat(STDERR_FILENO, &status) != 0 ||
           (S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3)); /* /dev/null */
}

static GLogWriterOutput write_journal(GLogLevelFlags level, const GLogField *fields, gsize count,
                                      gpointer unused)
{
    if (g_log_writer_default_would_drop(level, "vboxvirtd"))
        return G_LOG_WRITER_HANDLED;
    return g_log_writer_journald(level, fields, count, NULL);
}

/* ---- signals ---- */

static void reap(Main *self)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (WIFSIGNALED(status))
            g_message("the engine (process %d) was ended by signal %d", (gint)pid,
                      WTERMSIG(status));
        else
            g_debug("the engine (process %d) ended with status %d", (gint)pid, WEXITSTATUS(status));
        daemon_child_exited(self->daemon, pid);
    }
}

static void on_signal(GIOCondition ready, void *data)
{
    Main *self = data;
    struct signalfd_siginfo signal;
    while (read(self->signals, &signal, sizeof signal) == (gssize)sizeof signal) {
        switch (signal.ssi_signo) {
        case SIGCHLD:
            reap(self);
            break;
        case SIGHUP: /* a terminal has closed; there is nothing to read again */
            break;
        default:
            g_message("ending by signal %u", signal.ssi_signo);
            sd_notify(0, "STOPPING=1");
            daemon_end(self->daemon);
        }
    }
}

/* Signals come by a descriptor, so that no thread and no handler is needed. */
static gboolean watch_signals(Main *self, GError **error)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    signal(SIGPIPE, SIG_IGN);
    self->signals = -1;
    if (sigprocmask(SIG_SETMASK, &set, NULL) == 0)
        self->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (self->signals < 0)
        return fail(error, VIR_ERR_SYSTEM_ERROR, "cannot watch signals: %s", g_strerror(errno));
    self->watch = watch_new(self->signals, G_IO_IN, on_signal, self);
    return TRUE;
}

/* ---- the loop ---- */

static void on_ended(void *data)
{
    const Main *self = data;
    g_main_loop_quit(self->loop);
}

static gboolean serve(Main *self, const Options *options, GError **error)
{
    gboolean served;
    g_autoptr(Daemon) daemon = daemon_new(options, on_ended, self, &served, error);
    if (daemon == NULL && served) {
        g_debug("another daemon serves already");
        return TRUE;
    }
    if (daemon == NULL)
        return FALSE;
    self->daemon = daemon;
    sd_notify(0, "READY=1");
    g_main_loop_run(self->loop);
    return TRUE;
}

static gboolean run(const Options *options, GError **error)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    Main self = {.loop = loop};
    /* First, so that no signal finds us listening and not yet watching. */
    if (!watch_signals(&self, error))
        return FALSE;
    gboolean ran = serve(&self, options, error);
    watch_free(self.watch);
    close(self.signals);
    return ran;
}

int main(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    gboolean done = FALSE, ran = TRUE;
    umask(077);
    if (!options_parse(&options, argc, argv, &done, &error)) {
        g_printerr("vboxvirtd: %s\n", error->message);
        return 2;
    }
    if (done)
        return 0;
    if (options.check)
        return check_run(&options);
    if (is_silent())
        g_log_set_writer_func(write_journal, NULL, NULL);
    ran = chdir("/") == 0 && run(&options, &error);
    if (!ran)
        g_printerr("vboxvirtd: %s\n", error != NULL ? error->message : "cannot go to /");
    return ran ? 0 : 1;
}

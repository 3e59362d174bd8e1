/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vboxvirt-engine: the process that owns VirtualBox; a child of vboxvirtd, replaced when it dies.
 */
#include <glib-unix.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "domain/active.h"
#include "domain/autodestroy.h"
#include "domain/autostart.h"
#include "domain/domain.h"
#include "domain/changing.h"
#include "domain/domain_event.h"
#include "domain/incomplete.h"
#include "engine/engine.h"
#include "host/check.h"
#include "network/default.h"
#include "network/event.h"
#include "rpc/event.h"
#include "storage/pool_event.h"
#include "vbox/event.h"

void engine_service_gone(const char *why)
{
    g_message("VirtualBox's service has gone: %s", why);
    /* Not exit(): VirtualBox's own end with a lost service aborts (facts/xpcom.md). */
    _exit(3);
}

/* VirtualBox names its IPC socket after LOGNAME: without it a second VBoxSVC would start. */
static void set_login_environment(void)
{
    const struct passwd *user = getpwuid(getuid());
    if (user == NULL)
        return;
    g_setenv("LOGNAME", user->pw_name, FALSE);
    g_setenv("USER", user->pw_name, FALSE);
    g_setenv("HOME", user->pw_dir, FALSE);
}

/* Our threads, VirtualBox's own included, leave signals to the main thread. */
static void block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void on_vbox_event(const VboxEvent *event)
{
    if (event->kind == EVENT_DEAD)
        engine_service_gone(event->value);
    domain_event(event);
    network_event(event);
    pool_event(event);
}

static void send_event(guint32 procedure, const guint8 uuid[UUID_BYTES], const guint8 *body,
                       gsize length)
{
    LinkEvent about = {.procedure = procedure};
    memcpy(about.uuid, uuid, UUID_BYTES);
    link_send_event(&about, body, length);
}

static gpointer restore_thread(gpointer data)
{
    g_autoptr(GBytes) payload = data;
    gsize length;
    const guint8 *bytes = g_bytes_get_data(payload, &length);
    active_restore(bytes, length);
    return NULL;
}

void engine_remembered(GBytes *payload)
{
    g_thread_unref(g_thread_new("restore", restore_thread, g_bytes_ref(payload)));
}

void engine_watched(void)
{
    domain_event_preload();
    network_event_preload();
    pool_event_preload();
}

static void remember(const guint8 *bytes, gsize length)
{
    link_send(LINK_REMEMBER, 0, bytes, length);
}

static void mind(guint64 client, gboolean minds)
{
    guint64 number = minds ? 1 : 0;
    link_send(LINK_MIND, client, &number, sizeof number);
}

/* How it was started. */
typedef struct Start {
    const char *program;
    gint link;
    char *after;
} Start;

static gboolean start(const Start *how, GError **error)
{
    if (!vbox_start(error))
        return FALSE;
    if (how->after == NULL)
        anew_begin(how->program, how->link);
    g_autoptr(GSource) pump = vbox_source_new(error);
    if (pump == NULL)
        return FALSE;
    g_source_attach(pump, NULL);
    g_autoptr(GString) lacking = g_string_new(NULL);
    if (!domain_bind(lacking))
        g_message("a domain's XML cannot use with this VirtualBox:\n%s", lacking->str);
    incomplete_clean_up();
    changing_clean_up();
    network_make_default();
    event_set_sink(send_event);
    active_set_sink(remember);
    autodestroy_set_mind(mind);
    dispatch_start();
    heartbeat_start();
    return event_start(on_vbox_event, error);
}

static int serve(const Start *how)
{
    g_autoptr(GError) error = NULL;
    if (!link_open(how->link, &error)) {
        g_printerr("vboxvirt-engine: %s\n", error->message);
        return 2;
    }
    if (how->after != NULL)
        anew_wait(how->after);
    if (!start(how, &error)) {
        link_send(LINK_FAILED, 0, error->message, strlen(error->message));
        _exit(2);
    }
    guint version = vbox_version();
    g_autofree char *text =
        g_strdup_printf("%u.%u.%u", version / 1000000, version / 1000 % 1000, version % 1000);
    link_send(LINK_HELLO, 0, text, strlen(text));
    autodestroy_clean_up();
    autostart_begin();
    g_main_loop_run(g_main_loop_new(NULL, FALSE));
    return 0;
}

static int check(CheckPart part)
{
    g_autoptr(GError) error = NULL;
    gboolean started = (part & CHECK_USER) != 0 && vbox_start(&error);
    g_autoptr(GString) lacking = g_string_new(NULL);
    if (started)
        (void)domain_bind(lacking);
    g_autofree char *report = host_check_report(part, error, lacking->str);
    fputs(report, stdout);
    fflush(stdout);
    _exit(error == NULL ? 0 : 1);
}

int main(int argc, char **argv)
{
    Start how = {argv[0], -1, NULL};
    g_autofree char *report = NULL;
    CheckPart part = CHECK_ALL;
    GOptionEntry options[] = {
        {"link", 0, 0, G_OPTION_ARG_INT, &how.link, "the daemon's socket", "FD"},
        {"after", 0, 0, G_OPTION_ARG_STRING, &how.after, "begin when this VBoxSVC has ended",
         "PID:START"},
        {"check", 0, 0, G_OPTION_ARG_STRING, &report, "say what works with this VirtualBox",
         "host|user|all"},
        {NULL, 0, 0, 0, NULL, NULL, NULL}};
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;
    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error) ||
        (report != NULL ? !host_check_part(report, &part) : how.link < 0)) {
        g_printerr("vboxvirt-engine is started by vboxvirtd; for yourself run vboxvirtd --check\n");
        return 2;
    }
    block_signals();
    set_login_environment();
    return report != NULL ? check(part) : serve(&how);
}

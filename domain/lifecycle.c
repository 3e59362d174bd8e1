/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lifecycle: see lifecycle.h. */
#include "domain/lifecycle.h"
#include <errno.h>
#include <signal.h>
#include "base/libvirt.h"
#include "domain/autodestroy.h"
#include "domain/build.h"
#include "domain/console.h"
#include "domain/define.h"
#include "domain/start.h"
#include "domain/undefine.h"
#include "rpc/handlers.h"
#include "vbox/machine.h"
#include "vbox/progress.h"
#include "vbox/session.h"

#define KILL_PAUSE (20 * 1000) /* µs between two looks whether a killed process has gone */
#define KILL_TRIES 250
#define GONE_TRIES 250 /* five seconds: the lock goes after two at the most (vbox/session.c) */

static GMutex reboots_lock;
/* Of machines that start again after power off: uuid, as text → with which client it then ends. */
static GHashTable *reboots;

static void reboot_expect(const guint8 uuid[UUID_BYTES], guint64 client)
{
    char text[UUID_STRING];
    uuid_format(uuid, text);
    g_mutex_lock(&reboots_lock);
    if (reboots == NULL)
        reboots = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_hash_table_replace(reboots, g_strdup(text), g_memdup2(&client, sizeof client));
    g_mutex_unlock(&reboots_lock);
}

/* FALSE: it was not expected.  It is not any more. */
static gboolean reboot_take(const guint8 uuid[UUID_BYTES], guint64 *ret_client)
{
    char text[UUID_STRING];
    gpointer key = NULL, client = NULL;
    uuid_format(uuid, text);
    g_mutex_lock(&reboots_lock);
    gboolean expected =
        reboots != NULL && g_hash_table_steal_extended(reboots, text, &key, &client);
    g_mutex_unlock(&reboots_lock);
    *ret_client = expected ? *(guint64 *)client : 0;
    g_free(key);
    g_free(client);
    return expected;
}

static void reboot_forget(const guint8 uuid[UUID_BYTES])
{
    guint64 client;
    (void)reboot_take(uuid, &client);
}

void lifecycle_warn(Entry *entry, const char *what, const GError *failure)
{
    g_autoptr(Arena) arena = arena_new();
    char uuid[UUID_STRING];
    RemoteDomain domain;
    uuid_format(entry_uuid(entry), uuid);
    g_warning("%s of domain '%s': %s", what,
              entry_domain(entry, arena, &domain, NULL) ? domain.name : uuid, failure->message);
}

static gboolean start(Entry *entry, gboolean paused, gboolean as_next, GError **error)
{
    EntryRun run;
    /* The answer must not depend on when the last event comes. */
    registry_forget_run(entry_uuid(entry));
    if (!entry_run(entry, &run, error))
        return FALSE;
    if (run.id >= 0)
        return fail(error, VIR_ERR_OPERATION_INVALID, "domain is already running");
    gint mark = entry_reason_mark(entry);
    gboolean was_saved = machine_state_is_saved(run.state);
    gboolean ok = start_machine(entry_machine(entry), paused, as_next, error);
    registry_forget_run(entry_uuid(entry));
    registry_forget_settings(entry_uuid(entry));
    if (ok)
        entry_set_reason(entry, mark, VIR_DOMAIN_RUNNING,
                         was_saved ? VIR_DOMAIN_RUNNING_RESTORED : VIR_DOMAIN_RUNNING_BOOTED);
    return ok;
}

gboolean lifecycle_start(Entry *entry, gboolean paused, GError **error)
{
    return start(entry, paused, TRUE, error);
}

/* A code that says "unknown flag" would let virsh drop the saved state by itself, and then start
 * without the flag (docs/lifecycle.md). */
static gboolean check_start_flags(guint32 flags, GError **error)
{
    if ((flags & VIR_DOMAIN_START_BYPASS_CACHE) != 0)
        return fail(error, VIR_ERR_OPERATION_UNSUPPORTED,
                    "VirtualBox reads a saved state through the host's cache; start the domain "
                    "without bypass-cache");
    if ((flags & VIR_DOMAIN_START_RESET_NVRAM) != 0)
        return fail(
            error, VIR_ERR_OPERATION_UNSUPPORTED,
            "VirtualBox does not start with a fresh NVRAM; undefine the domain with --nvram "
            "and define it again");
    return TRUE;
}

/* A domain without its saved state boots. */
static gboolean forget_saved_state(Entry *entry, GError **error)
{
    EntryRun run;
    return entry_run(entry, &run, error) &&
           (!machine_state_is_saved(run.state) || undefine_saved_state(entry, error));
}

/* One that cannot be marked would outlive its client. */
static gboolean mark(Entry *entry, guint64 client, GError **error)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GError) failure = NULL;
    RemoteDomain domain;
    if (autodestroy_mark(entry, client, error))
        return TRUE;
    if (!entry_domain(entry, arena, &domain, &failure) || !lifecycle_destroy(&domain, 0, &failure))
        lifecycle_warn(entry, "destroy, because it cannot be marked,", failure);
    return FALSE;
}

/* Starts it for as long as the flags say. */
static gboolean start_for(Call *call, Entry *entry, guint32 flags, gboolean as_next, GError **error)
{
    gboolean paused = (flags & VIR_DOMAIN_START_PAUSED) != 0;
    if ((flags & VIR_DOMAIN_START_AUTODESTROY) == 0)
        return start(entry, paused, as_next, error);
    autodestroy_begin(call->client);
    gboolean ok = start(entry, paused, as_next, error) && mark(entry, call->client, error);
    autodestroy_end();
    return ok;
}

static gboolean create(Call *call, const RemoteDomain *dom, guint32 flags, RemoteDomain *ret_domain,
                       GError **error)
{
    if (!check_start_flags(flags, error))
        return FALSE;
    g_autoptr(Entry) entry = registry_find(dom, error);
    return entry != NULL &&
           ((flags & VIR_DOMAIN_START_FORCE_BOOT) == 0 || forget_saved_state(entry, error)) &&
           start_for(call, entry, flags, TRUE, error) &&
           entry_domain(entry, call->arena, ret_domain, error);
}

gboolean do_domain_create(Call *call, const DomainCreateArgs *args, GError **error)
{
    RemoteDomain domain;
    return create(call, &args->dom, 0, &domain, error);
}

gboolean do_domain_create_with_flags(Call *call, const DomainCreateWithFlagsArgs *args,
                                     DomainCreateWithFlagsRet *ret, GError **error)
{
    return create(call, &args->dom, args->flags, &ret->dom, error);
}

/* A transient domain that does not run does not exist; one that has a definition gets it back. */
static void take_back(Entry *entry)
{
    g_autoptr(GError) failure = NULL;
    EntrySettings settings;
    if (!entry_settings(entry, &settings, &failure) ||
        !(settings.transient ? undefine_machine(entry, NVRAM_AS_MARKED, &failure)
                             : build_next(entry_machine(entry), &failure)))
        lifecycle_warn(entry, "taking back, because it did not start,", failure);
    else if (settings.transient)
        registry_removed(entry_uuid(entry));
}

gboolean do_domain_create_xml(Call *call, const DomainCreateXmlArgs *args, DomainCreateXmlRet *ret,
                              GError **error)
{
    g_autoptr(Entry) entry = domain_define(args->xml_desc, DEFINE_TRANSIENT, error);
    if (entry == NULL)
        return FALSE;
    if (start_for(call, entry, args->flags, FALSE, error))
        return entry_domain(entry, call->arena, &ret->dom, error);
    take_back(entry);
    return FALSE;
}

gboolean do_domain_suspend(Call *call, const DomainSuspendArgs *args, GError **error)
{
    g_autoptr(Entry) entry = registry_find(&args->dom, error);
    EntryRun run;
    if (entry == NULL || !entry_run(entry, &run, error))
        return FALSE;
    /* As QEMU's driver: what stands still already is a success. */
    if (run.domain_state == VIR_DOMAIN_PAUSED)
        return TRUE;
    return console_call(&args->dom, IConsole_pause, error);
}

gboolean do_domain_resume(Call *call, const DomainResumeArgs *args, GError **error)
{
    g_autoptr(Entry) entry = registry_find(&args->dom, error);
    EntryRun run;
    if (entry == NULL || !entry_run(entry, &run, error))
        return FALSE;
    if (run.domain_state == VIR_DOMAIN_RUNNING)
        return fail(error, VIR_ERR_OPERATION_INVALID, "domain is already running");
    gint mark = entry_reason_mark(entry);
    if (!console_call(&args->dom, IConsole_resume, error))
        return FALSE;
    entry_set_reason(entry, mark, VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_UNPAUSED);
    return TRUE;
}

gboolean do_domain_reset(Call *call, const DomainResetArgs *args, GError **error)
{
    return console_call(&args->dom, IConsole_reset, error);
}

/* As QEMU's driver does with both ways named: the one that there is. */
static gboolean check_way(guint32 flags, guint32 agent, GError **error)
{
    return flags != agent ||
           fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED,
                "VirtualBox's guests have no QEMU guest agent: leave --mode agent out, and the "
                "guest's power button is pressed");
}

gboolean do_domain_shutdown_flags(Call *call, const DomainShutdownFlagsArgs *args, GError **error)
{
    if (!check_way(args->flags, VIR_DOMAIN_SHUTDOWN_GUEST_AGENT, error))
        return FALSE;
    reboot_forget(args->dom.uuid);
    return console_call(&args->dom, IConsole_powerButton, error);
}

gboolean do_domain_shutdown(Call *call, const DomainShutdownArgs *args, GError **error)
{
    reboot_forget(args->dom.uuid);
    return console_call(&args->dom, IConsole_powerButton, error);
}

/* VirtualBox has no reboot of its own: the guest shuts down by its power button, and the machine
 * starts again when it has (QEMU's driver does the same). */
gboolean do_domain_reboot(Call *call, const DomainRebootArgs *args, GError **error)
{
    if (!check_way(args->flags, VIR_DOMAIN_REBOOT_GUEST_AGENT, error))
        return FALSE;
    g_autoptr(Entry) entry = registry_find(&args->dom, error);
    if (entry == NULL)
        return FALSE;
    reboot_expect(args->dom.uuid, autodestroy_client(entry));
    if (console_call(&args->dom, IConsole_powerButton, error))
        return TRUE;
    reboot_forget(args->dom.uuid);
    return FALSE;
}

static gboolean power_down(Entry *entry, GError **error)
{
    g_autoptr(Object) progress = NULL;
    g_autoptr(Session) session = session_shared(entry_machine(entry), error);
    return session != NULL &&
           vbox_call(session_console(session), IConsole_powerDown, error, &progress) &&
           progress_wait(progress, error);
}

/* A machine that cannot power down any more: its process ends, and VirtualBox says "aborted". */
static gboolean kill_process(Entry *entry, gint32 pid, GError **error)
{
    if (kill(pid, SIGKILL) < 0 && errno != ESRCH)
        return fail(error, VIR_ERR_SYSTEM_ERROR, "cannot kill process %d: %s", pid,
                    g_strerror(errno));
    for (guint i = 0; i < KILL_TRIES; i++) {
        guint32 state;
        if (!machine_state(entry_machine(entry), &state, error))
            return FALSE;
        if (!machine_state_is_online(state))
            return TRUE;
        g_usleep(KILL_PAUSE);
    }
    return fail(error, VIR_ERR_OPERATION_FAILED,
                "process %d was killed, but VirtualBox still holds its machine to be running", pid);
}

/* TRUE: it does not run any more.  One that somebody else is powering down is waited for. */
static gboolean has_ended(Entry *entry)
{
    guint32 state;
    for (guint i = 0; i < KILL_TRIES && machine_state(entry_machine(entry), &state, NULL); i++) {
        if (!machine_state_is_online(state))
            return TRUE;
        if (state != vbox_enum(MachineState_Stopping))
            return FALSE;
        g_usleep(KILL_PAUSE);
    }
    return FALSE;
}

static gboolean stop_now(Entry *entry, const RemoteDomain *dom, guint32 flags, GError **error)
{
    g_autoptr(GError) failure = NULL;
    EntryRun run;
    registry_forget_run(dom->uuid);
    if (!entry_run(entry, &run, error))
        return FALSE;
    if (run.id < 0)
        return fail(error, VIR_ERR_OPERATION_INVALID, "domain is not running");
    reboot_forget(dom->uuid);
    gint mark = entry_reason_mark(entry);
    gboolean ok = power_down(entry, &failure) || has_ended(entry);
    registry_forget_run(dom->uuid);
    if (ok) {
        entry_set_reason(entry, mark, VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_DESTROYED);
        return TRUE;
    }
    if ((flags & VIR_DOMAIN_DESTROY_GRACEFUL) != 0) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    lifecycle_warn(entry, "destroy in good order", failure);
    ok = kill_process(entry, run.id, error);
    registry_forget_run(dom->uuid);
    return ok;
}

/* A transient domain is gone when it does not run: whoever removes it (follow()), and however long
 * the VM process still has it locked, a client that asks next finds none. */
static void wait_until_gone(const RemoteDomain *dom)
{
    for (guint i = 0; i < GONE_TRIES; i++) {
        g_autoptr(Object) machine = machine_find(dom->uuid, NULL, NULL);
        if (machine == NULL)
            break;
        g_usleep(KILL_PAUSE);
    }
    domain_await_removals(); /* VirtualBox forgets it before its files have gone */
    registry_removed(dom->uuid);
}

/* What the domain is to be next it is when the call returns, so that a definition that comes then
 * is not changed by the one before it.  follow() tells of a failure. */
static void wait_until_next(Entry *entry)
{
    g_autoptr(GError) failure = NULL;
    if (!build_next(entry_machine(entry), &failure))
        g_debug("after the end of a domain: %s", failure->message);
}

gboolean lifecycle_destroy(const RemoteDomain *dom, guint32 flags, GError **error)
{
    EntrySettings settings;
    g_autoptr(Entry) entry = registry_find(dom, error);
    if (entry == NULL || !entry_settings(entry, &settings, error) ||
        !stop_now(entry, dom, flags, error))
        return FALSE;
    if (settings.transient)
        wait_until_gone(dom);
    else
        wait_until_next(entry);
    return TRUE;
}

gboolean do_domain_destroy(Call *call, const DomainDestroyArgs *args, GError **error)
{
    return lifecycle_destroy(&args->dom, 0, error);
}

gboolean do_domain_destroy_flags(Call *call, const DomainDestroyFlagsArgs *args, GError **error)
{
    return lifecycle_destroy(&args->dom, args->flags, error);
}

typedef struct PoweredOff {
    guint8 uuid[UUID_BYTES];
    gboolean is_reboot;
    guint64 client; /* of the reboot */
} PoweredOff;

/* TRUE: it runs again, for the client it ran for. */
static gboolean start_again(Entry *entry, guint64 client)
{
    g_autoptr(GError) error = NULL;
    if (client != 0)
        autodestroy_begin(client);
    gboolean ok =
        lifecycle_start(entry, FALSE, &error) && (client == 0 || mark(entry, client, &error));
    if (client != 0)
        autodestroy_end();
    if (ok)
        return TRUE;
    lifecycle_warn(entry, "start after the reboot", error);
    return FALSE;
}

/* What follows a power off; in a thread of its own, for both may take seconds. */
static gpointer follow(gpointer data)
{
    g_autofree PoweredOff *off = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(Entry) entry = registry_find_by_uuid(off->uuid, &error);
    EntrySettings settings;
    if (entry == NULL) {
        g_message("after a power off: %s", error->message); /* it has gone, and is named there */
        return NULL;
    }
    if (!entry_settings(entry, &settings, &error)) {
        lifecycle_warn(entry, "what follows the power off", error);
        return NULL;
    }
    autodestroy_stopped(entry);
    if (off->is_reboot && start_again(entry, off->client))
        return NULL;
    if (settings.transient && !undefine_machine(entry, NVRAM_AS_MARKED, &error))
        lifecycle_warn(entry, "removal", error);
    else if (!settings.transient && !build_next(entry_machine(entry), &error))
        /* its start will say so again, to somebody */
        lifecycle_warn(entry, "change after the power off", error);
    return NULL;
}

void lifecycle_powered_off(const guint8 uuid[UUID_BYTES], gboolean by_guest)
{
    PoweredOff *off = g_new0(PoweredOff, 1);
    memcpy(off->uuid, uuid, UUID_BYTES);
    /* Whatever else ends the machine, ends the reboot too. */
    off->is_reboot = reboot_take(uuid, &off->client) && by_guest;
    g_thread_unref(g_thread_new("follow", follow, off));
}

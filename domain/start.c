/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Start: see start.h. */
#include "domain/start.h"
#include "domain/build.h"
#include "domain/changing.h"
#include "domain/define.h"
#include "domain/front_end.h"
#include "domain/graphics.h"
#include "domain/nic.h"
#include "domain/notice.h"
#include "domain/start_ports.h"
#include "domain/storage.h"
#include "vbox/machine.h"
#include "vbox/progress.h"
#include "vbox/session.h"

#define TRIES 4
/* µs: for VirtualBox to see that a process has ended. */
#define OLD_PROCESS_PAUSE (G_USEC_PER_SEC / 2)
#define PAUSED_PAUSE (20 * 1000) /* µs between two looks at the machine's state */
#define PAUSED_TRIES 1500        /* half a minute: VirtualBox's own launcher waits as long */

/* By VirtualBox's own launcher.  *ret_launched becomes TRUE when it has begun. */
static gboolean start_running(Object *machine, gboolean *ret_launched, GError **error)
{
    g_autoptr(Object) session = NULL;
    g_autoptr(Object) progress = NULL;
    g_autofree char *front_end = domain_front_end(machine, error);
    if (front_end == NULL || !front_end_check(front_end, error))
        return FALSE;
    g_autoptr(HostClaim) ports = start_ports_claim(machine, error);
    if (ports == NULL)
        return FALSE;
    g_auto(GStrv) environment = graphics_environment(machine, error);
    if (environment == NULL ||
        !vbox_call(vbox_client(), IVirtualBoxClient_get_session, error, &session) ||
        !vbox_call(machine, IMachine_launchVMProcess, error, session, front_end,
                   g_strv_length(environment), environment, &progress))
        return FALSE;
    *ret_launched = TRUE;
    gboolean ok = progress_wait(progress, error);
    if (!ok)
        front_end_explain(front_end, environment, error);
    /* Launching locked the session; a VM that did not come up has unlocked it itself. */
    g_autoptr(GError) unlocked = NULL;
    if (!vbox_call(session, ISession_unlockMachine, &unlocked))
        g_debug("unlocking after the start: %s", unlocked->message);
    return ok;
}

/* Runs it in a session of its own, so that it outlives us as VBoxSVC's own children do. */
static gboolean spawn(const char *program, const char *uuid, char **changes, GError **error)
{
    const char *arguments[] = {"setsid", "--fork",         program, "--startvm",
                               uuid,     "--start-paused", NULL};
    g_autoptr(GError) failure = NULL;
    g_auto(GStrv) environment = g_get_environ();
    for (char **change = changes; *change != NULL; change++) {
        g_auto(GStrv) parts = g_strsplit(*change, "=", 2);
        environment = g_environ_setenv(environment, parts[0], parts[1], TRUE);
    }
    if (g_spawn_sync("/", (char **)arguments, environment,
                     G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                     NULL, NULL, NULL, NULL, NULL, &failure))
        return TRUE;
    return fail(error, VIR_ERR_OPERATION_FAILED, "cannot start %s: %s", program, failure->message);
}

static gboolean start_paused(Object *machine, GError **error)
{
    g_autofree char *front_end = domain_front_end(machine, error);
    if (front_end == NULL || !front_end_check(front_end, error))
        return FALSE;
    g_autofree char *program = front_end_paused(front_end, error);
    g_autofree char *uuid = NULL;
    if (program == NULL || !vbox_call(machine, IMachine_get_id, error, &uuid))
        return FALSE;
    g_autoptr(HostClaim) ports = start_ports_claim(machine, error);
    if (ports == NULL)
        return FALSE;
    g_auto(GStrv) environment = graphics_environment(machine, error);
    if (environment == NULL || !spawn(program, uuid, environment, error))
        return FALSE;
    gboolean seen_online = FALSE;
    for (guint i = 0; i < PAUSED_TRIES; i++) {
        guint32 state;
        if (!machine_state(machine, &state, error))
            return FALSE;
        if (state == vbox_enum(MachineState_Paused))
            return TRUE;
        gboolean online = machine_state_is_online(state);
        if (seen_online && !online)
            break;
        seen_online = seen_online || online;
        g_usleep(PAUSED_PAUSE);
    }
    return fail(error, VIR_ERR_OPERATION_FAILED,
                "the machine did not come up; VBox.log in its folder says why");
}

static gboolean mark_missing(Domain *is, Domain *without, gpointer data, GError **error)
{
    guint8 uuid[UUID_BYTES];
    Mark **mark = data;
    g_assert(uuid_parse(domain_general(is)->uuid, uuid));
    g_autoptr(GPtrArray) notices = notice_between(is, without);
    *mark = changing_start(uuid, notices, error);
    return *mark != NULL;
}

/* Makes it what it is to start as; clients hear of the discs that are gone. */
static gboolean make_next(Object *machine, GError **error)
{
    Mark *mark = NULL;
    gboolean is_good = build_start(machine, mark_missing, &mark, error);
    if (!is_good && mark != NULL)
        mark_fail(mark);
    g_clear_pointer(&mark, mark_free);
    return is_good;
}

/* *ret_ready: it is up to VirtualBox.  *ret_launched: VirtualBox has taken the start on; a failure
 * is then its last word. */
static gboolean try_start(Object *machine, gboolean paused, gboolean as_next, gboolean *ret_ready,
                          gboolean *ret_launched, GError **error)
{
    *ret_launched = FALSE;
    *ret_ready = session_wait_free(machine, error) && (!as_next || make_next(machine, error));
    return *ret_ready &&
           (paused ? start_paused(machine, error) : start_running(machine, ret_launched, error));
}

/* Whether another try can end otherwise.  A machine that has just stopped may be locked once more
 * between two steps, by follow().  A start that fails without a reason met what the VM process
 * before it has left, and VirtualBox has cleaned that up by failing (seen on 7.2.22 after one that
 * was killed while it deleted a snapshot, facts/running.md, and, very rarely, right after a power
 * off). */
static gboolean may_start_now(const GError *failure, gboolean launched, guint tries)
{
    if (launched && tries == 1 && object_failed_silently(failure)) {
        g_usleep(OLD_PROCESS_PAUSE);
        return TRUE;
    }
    return !launched && tries < TRIES &&
           g_error_matches(failure, XPCOM_ERROR, (gint)VBOX_E_INVALID_OBJECT_STATE);
}

/* Of several failures the first is the reason: a transient machine, for one, is gone after it. */
gboolean start_machine(Object *machine, gboolean paused, gboolean as_next, GError **error)
{
    g_autoptr(GError) first = NULL;
    gboolean ready;
    for (guint tries = 1;; tries++) {
        g_autoptr(GError) failure = NULL;
        gboolean launched;
        if (try_start(machine, paused, as_next, &ready, &launched, &failure))
            return TRUE;
        gboolean again = may_start_now(failure, launched, tries);
        if (first == NULL)
            first = g_steal_pointer(&failure);
        if (!again)
            break;
    }
    if (ready) {
        features_explain_start(machine, &first);
        nic_explain_start(machine, &first);
        disk_explain_start(machine, &first);
    }
    g_propagate_error(error, g_steal_pointer(&first));
    return FALSE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* State: see state.h. */
#include "domain/state.h"
#include "base/libvirt.h"
#include "vbox/vbox.h"

/* clang-format off */
static const struct {
    VboxEnum machine;
    gint state, reason;
} states[] = {
    { MachineState_PoweredOff,             VIR_DOMAIN_SHUTOFF,  VIR_DOMAIN_SHUTOFF_UNKNOWN },
    { MachineState_Saved,                  VIR_DOMAIN_SHUTOFF,  VIR_DOMAIN_SHUTOFF_SAVED },
    { MachineState_Teleported,             VIR_DOMAIN_SHUTOFF,  VIR_DOMAIN_SHUTOFF_MIGRATED },
    { MachineState_Aborted,                VIR_DOMAIN_SHUTOFF,  VIR_DOMAIN_SHUTOFF_CRASHED },
    { MachineState_AbortedSaved,           VIR_DOMAIN_SHUTOFF,  VIR_DOMAIN_SHUTOFF_SAVED },
    { MachineState_Running,                VIR_DOMAIN_RUNNING,  VIR_DOMAIN_RUNNING_BOOTED },
    { MachineState_Paused,                 VIR_DOMAIN_PAUSED,   VIR_DOMAIN_PAUSED_USER },
    { MachineState_Stuck,                  VIR_DOMAIN_CRASHED,  VIR_DOMAIN_CRASHED_PANICKED },
    { MachineState_Teleporting,            VIR_DOMAIN_RUNNING,  VIR_DOMAIN_RUNNING_UNKNOWN },
    { MachineState_LiveSnapshotting,       VIR_DOMAIN_RUNNING,  VIR_DOMAIN_RUNNING_UNKNOWN },
    { MachineState_Starting,               VIR_DOMAIN_PAUSED,   VIR_DOMAIN_PAUSED_STARTING_UP },
    { MachineState_Stopping,               VIR_DOMAIN_SHUTDOWN, VIR_DOMAIN_SHUTDOWN_UNKNOWN },
    { MachineState_Saving,                 VIR_DOMAIN_PAUSED,   VIR_DOMAIN_PAUSED_SAVE },
    { MachineState_Restoring,              VIR_DOMAIN_PAUSED,   VIR_DOMAIN_PAUSED_STARTING_UP },
    { MachineState_TeleportingPausedVM,    VIR_DOMAIN_PAUSED,   VIR_DOMAIN_PAUSED_MIGRATION },
    { MachineState_TeleportingIn,          VIR_DOMAIN_PAUSED,   VIR_DOMAIN_PAUSED_MIGRATION },
    { MachineState_DeletingSnapshotOnline, VIR_DOMAIN_RUNNING,  VIR_DOMAIN_RUNNING_UNKNOWN },
    { MachineState_DeletingSnapshotPaused, VIR_DOMAIN_PAUSED,   VIR_DOMAIN_PAUSED_SNAPSHOT },
    { MachineState_OnlineSnapshotting,     VIR_DOMAIN_PAUSED,   VIR_DOMAIN_PAUSED_SNAPSHOT },
    { MachineState_RestoringSnapshot,      VIR_DOMAIN_SHUTOFF,  VIR_DOMAIN_SHUTOFF_FROM_SNAPSHOT },
    { MachineState_DeletingSnapshot,       VIR_DOMAIN_SHUTOFF,  VIR_DOMAIN_SHUTOFF_UNKNOWN },
    { MachineState_SettingUp,              VIR_DOMAIN_SHUTOFF,  VIR_DOMAIN_SHUTOFF_UNKNOWN },
    { MachineState_Snapshotting,           VIR_DOMAIN_SHUTOFF,  VIR_DOMAIN_SHUTOFF_UNKNOWN },
};

#define ANY VBOX_ENUMS     /* whatever it was, but for the rows above it */

/* What a change means to libvirt's clients; the first row that fits.  A change without a row is no
 * event: VirtualBox's own steps in between. */
static const struct {
    VboxEnum before, after;
    guint count;
    StateEvent events[2];
} changes[] = {
    { MachineState_Starting,  MachineState_Running, 1,
        {{ VIR_DOMAIN_EVENT_STARTED, VIR_DOMAIN_EVENT_STARTED_BOOTED }}},
    { MachineState_Restoring, MachineState_Running, 1,
        {{ VIR_DOMAIN_EVENT_STARTED, VIR_DOMAIN_EVENT_STARTED_RESTORED }}},
    { MachineState_TeleportingIn, MachineState_Running, 1,
        {{ VIR_DOMAIN_EVENT_STARTED, VIR_DOMAIN_EVENT_STARTED_MIGRATED }}},
    { MachineState_Paused,    MachineState_Running, 1,
        {{ VIR_DOMAIN_EVENT_RESUMED, VIR_DOMAIN_EVENT_RESUMED_UNPAUSED }}},
    { MachineState_Starting,  MachineState_Paused, 2,
        {{ VIR_DOMAIN_EVENT_STARTED, VIR_DOMAIN_EVENT_STARTED_BOOTED },
         { VIR_DOMAIN_EVENT_SUSPENDED, VIR_DOMAIN_EVENT_SUSPENDED_PAUSED }}},
    { MachineState_Restoring, MachineState_Paused, 2,
        {{ VIR_DOMAIN_EVENT_STARTED, VIR_DOMAIN_EVENT_STARTED_RESTORED },
         { VIR_DOMAIN_EVENT_SUSPENDED, VIR_DOMAIN_EVENT_SUSPENDED_RESTORED }}},
    { MachineState_Running,   MachineState_Paused, 1,
        {{ VIR_DOMAIN_EVENT_SUSPENDED, VIR_DOMAIN_EVENT_SUSPENDED_PAUSED }}},
    { MachineState_Starting,  MachineState_PoweredOff, 1,
        {{ VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_FAILED }}},
    { MachineState_Stopping,  MachineState_PoweredOff, 1,
        {{ VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_DESTROYED }}},
    { MachineState_Saving,    MachineState_Saved, 1,
        {{ VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_SAVED }}},
    { ANY,                    MachineState_Aborted, 1,
        {{ VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_CRASHED }}},
    { ANY,                    MachineState_AbortedSaved, 1,
        {{ VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_CRASHED }}},
    { ANY,                    MachineState_Teleported, 1,
        {{ VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_MIGRATED }}},
    { ANY,                    MachineState_Stuck, 1,
        {{ VIR_DOMAIN_EVENT_CRASHED, VIR_DOMAIN_EVENT_CRASHED_PANICKED }}},
};
/* clang-format on */

gint state_domain(guint32 machine_state, gint *ret_reason)
{
    for (guint i = 0; i < G_N_ELEMENTS(states); i++)
        if (vbox_enum(states[i].machine) == machine_state) {
            *ret_reason = states[i].reason;
            return states[i].state;
        }
    *ret_reason = VIR_DOMAIN_NOSTATE_UNKNOWN;
    return VIR_DOMAIN_NOSTATE;
}

gboolean state_is_start(guint32 machine_state)
{
    gint reason, state = state_domain(machine_state, &reason);
    return state == VIR_DOMAIN_PAUSED && reason == VIR_DOMAIN_PAUSED_STARTING_UP;
}

/* The first change that is heard of a machine does not tell where it came from; of these two there
 * is only one way without steps in between. */
static guint32 likely_before(guint32 after)
{
    if (after == vbox_enum(MachineState_Paused))
        return vbox_enum(MachineState_Running);
    return after == vbox_enum(MachineState_Running) ? vbox_enum(MachineState_Paused) : 0;
}

guint state_events(guint32 before, guint32 after, gboolean by_guest, StateEvent ret_events[2])
{
    if (before == 0)
        before = likely_before(after);
    for (guint i = 0; i < G_N_ELEMENTS(changes); i++) {
        if (vbox_enum(changes[i].after) != after ||
            (changes[i].before != ANY && vbox_enum(changes[i].before) != before))
            continue;
        memcpy(ret_events, changes[i].events, sizeof changes[i].events);
        if (by_guest && ret_events[0].detail == VIR_DOMAIN_EVENT_STOPPED_DESTROYED &&
            ret_events[0].event == VIR_DOMAIN_EVENT_STOPPED)
            ret_events[0].detail = VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN;
        return changes[i].count;
    }
    return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Console: see console.h. */
#include "domain/console.h"
#include "vbox/machine.h"
#include "vbox/session.h"
#include <string.h>

/* clang-format off */
/* States of a machine whose process is there, in which VirtualBox refuses what another state takes. */
static const struct {
    VboxEnum state;
    const char *text;
} states[] = {
    { MachineState_Paused,                 "domain is paused: resume it first" },
    { MachineState_Stuck,                  "domain has crashed (VirtualBox calls it a guru meditation; VBox.log in its folder says why): destroy it and start it again" },
    { MachineState_Starting,               "domain is just starting: try again when it runs" },
    { MachineState_Restoring,              "domain is just starting: try again when it runs" },
    { MachineState_Stopping,               "domain is just stopping: wait until it is shut off" },
    { MachineState_Saving,                 "domain's state is just being saved: wait until it is shut off" },
    { MachineState_Teleporting,            "VirtualBox is just moving the domain to another host: look for it there, or try again when that has failed" },
    { MachineState_TeleportingPausedVM,    "VirtualBox is just moving the domain to another host: look for it there, or try again when that has failed" },
    { MachineState_TeleportingIn,          "domain is just coming from another host: try again when it runs" },
    { MachineState_LiveSnapshotting,       "VirtualBox is just making a snapshot of the domain: try again when that is done" },
    { MachineState_OnlineSnapshotting,     "VirtualBox is just making a snapshot of the domain: try again when that is done" },
    { MachineState_DeletingSnapshotOnline, "VirtualBox is just deleting a snapshot of the domain: try again when that is done" },
    { MachineState_DeletingSnapshotPaused, "VirtualBox is just deleting a snapshot of the domain: try again when that is done" },
};
/* clang-format on */

/* NULL: the state is no reason. */
static const char *state_text(Object *machine)
{
    guint32 state;
    if (!machine_state(machine, &state, NULL))
        return NULL;
    if (!machine_state_is_online(state))
        return "domain is not running";
    for (guint i = 0; i < G_N_ELEMENTS(states); i++)
        if (vbox_enum(states[i].state) == state)
            return states[i].text;
    return NULL;
}

gboolean console_explain(Object *machine, GError **error)
{
    gboolean is_state = g_error_matches(*error, XPCOM_ERROR, (gint)VBOX_E_INVALID_VM_STATE) ||
                        g_error_matches(*error, XPCOM_ERROR, (gint)VBOX_E_INVALID_OBJECT_STATE);
    const char *text = is_state ? state_text(machine) : NULL;
    if (text == NULL)
        return FALSE;
    g_clear_error(error);
    return fail(error, VIR_ERR_OPERATION_INVALID, "%s", text);
}

/* The power button is a device of ACPI. */
static gboolean explain(Object *machine, VboxName name, GError **error)
{
    if (name != IConsole_powerButton ||
        strstr((*error)->message, "VERR_PDM_DEVICE_INSTANCE_NOT_FOUND") == NULL)
        return console_explain(machine, error);
    g_clear_error(error);
    return fail(error, VIR_ERR_OPERATION_INVALID,
                "domain has no power button that its guest could hear, for it is defined without "
                "<features><acpi/></features>: shut the guest down from within, or destroy the "
                "domain, and define it with <acpi/>");
}

gboolean console_call(const RemoteDomain *dom, VboxName name, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Entry) entry = registry_find(dom, error);
    if (entry == NULL)
        return FALSE;
    Object *machine = entry_machine(entry);
    g_autoptr(Session) session = session_shared(machine, &failure);
    gboolean ok = session != NULL && vbox_call(session_console(session), name, &failure);
    registry_forget_run(dom->uuid);
    if (ok)
        return TRUE;
    (void)explain(machine, name, &failure);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

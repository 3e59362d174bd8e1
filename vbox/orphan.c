/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Orphans: see orphan.h. */
#include "vbox/orphan.h"
#include "vbox/machine.h"

gboolean orphan_is(Object *machine)
{
    guint32 holder, state;
    /* Whoever is locking it just now has told its number when the state is "locked". */
    if (!vbox_call(machine, IMachine_get_sessionState, NULL, &state) ||
        state != vbox_enum(SessionState_Locked) ||
        !vbox_call(machine, IMachine_get_sessionPID, NULL, &holder))
        return FALSE;
    Pid pid = pid_now((gint32)holder);
    return !pid_lives(&pid) && vbox_call(machine, IMachine_get_sessionState, NULL, &state) &&
           state == vbox_enum(SessionState_Locked);
}

void orphan_explain(Object *machine, GError **error)
{
    if (error == NULL || *error == NULL || !orphan_is(machine))
        return;
    g_autofree char *name = machine_name(machine, NULL);
    g_clear_error(error);
    fail(error, VIR_ERR_RESOURCE_BUSY,
         "VirtualBox keeps domain '%s' locked for a program that ended while it was locking it, "
         "until its service VBoxSVC ends: close VirtualBox's windows and what else uses it, shut "
         "down the domains that run, and try again",
         name != NULL ? name : "");
}

Object *orphans_find(void)
{
    g_autoptr(GPtrArray) machines = machine_all(NULL);
    g_autoptr(GArray) states = NULL;
    if (machines == NULL || !vbox_call(vbox_root(), IVirtualBox_getMachineStates, NULL,
                                       machines->len, machines->pdata, &states))
        return NULL;
    for (guint i = 0; i < machines->len && i < states->len; i++) {
        guint32 state = g_array_index(states, guint32, i);
        /* as VirtualBox calls one whose program ended */
        gboolean is_aborted = state == vbox_enum(MachineState_Aborted) ||
                              state == vbox_enum(MachineState_AbortedSaved);
        if (is_aborted && orphan_is(machines->pdata[i]))
            return object_ref(machines->pdata[i]);
    }
    return NULL;
}

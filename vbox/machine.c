/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Machine: see machine.h. */
#include "vbox/machine.h"

static gboolean not_found(const GError *failure)
{
    return g_error_matches(failure, XPCOM_ERROR, (gint)VBOX_E_OBJECT_NOT_FOUND);
}

Object *machine_find(const guint8 uuid[UUID_BYTES], const char *name, GError **error)
{
    char text[UUID_STRING];
    uuid_format(uuid, text);
    g_autoptr(GError) failure = NULL;
    Object *machine = NULL;
    if (vbox_call(vbox_root(), IVirtualBox_findMachine, &failure, text, &machine))
        return machine;
    if (!not_found(failure))
        g_propagate_error(error, g_steal_pointer(&failure));
    else if (name != NULL)
        fail(error, VIR_ERR_NO_DOMAIN, "Domain not found: no domain with matching uuid '%s' (%s)",
             text, name);
    else
        fail(error, VIR_ERR_NO_DOMAIN, "Domain not found: no domain with matching uuid '%s'", text);
    return NULL;
}

Object *machine_find_by_name(const char *name, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Object) machine = NULL;
    g_autofree char *found = NULL;
    /* findMachine also takes an id: whoever is named like another's id must not be mistaken. */
    if (vbox_call(vbox_root(), IVirtualBox_findMachine, &failure, name, &machine) &&
        vbox_call(machine, IMachine_get_name, &failure, &found) && g_str_equal(found, name))
        return g_steal_pointer(&machine);
    if (failure != NULL && !not_found(failure))
        g_propagate_error(error, g_steal_pointer(&failure));
    else
        fail(error, VIR_ERR_NO_DOMAIN, "Domain not found: no domain with matching name '%s'", name);
    return NULL;
}

GPtrArray *machine_all(GError **error)
{
    GPtrArray *machines = NULL;
    if (!vbox_call(vbox_root(), IVirtualBox_get_machines, error, &machines))
        return NULL;
    return machines;
}

gboolean machine_uuid(Object *machine, guint8 ret_uuid[UUID_BYTES], GError **error)
{
    g_autofree char *text = NULL;
    if (!vbox_call(machine, IMachine_get_id, error, &text))
        return FALSE;
    if (!uuid_parse(text, ret_uuid))
        return fail(error, VIR_ERR_INTERNAL_ERROR, "VirtualBox gave '%s' as a machine's id", text);
    return TRUE;
}

gboolean machine_state(Object *machine, guint32 *ret_state, GError **error)
{
    return vbox_call(machine, IMachine_get_state, error, ret_state);
}

gboolean machine_state_is_online(guint32 state)
{
    return state >= vbox_enum(MachineState_FirstOnline) &&
           state <= vbox_enum(MachineState_LastOnline);
}

gboolean machine_state_is_saved(guint32 state)
{
    return state == vbox_enum(MachineState_Saved) || state == vbox_enum(MachineState_AbortedSaved);
}

char *extra_data_get(Object *machine, const char *key, GError **error)
{
    char *value = NULL;
    gboolean ok = machine != NULL
                      ? vbox_call(machine, IMachine_getExtraData, error, key, &value)
                      : vbox_call(vbox_root(), IVirtualBox_getExtraData, error, key, &value);
    return ok ? value : NULL;
}

gboolean extra_data_set(Object *machine, const char *key, const char *value, GError **error)
{
    return machine != NULL ? vbox_call(machine, IMachine_setExtraData, error, key, value)
                           : vbox_call(vbox_root(), IVirtualBox_setExtraData, error, key, value);
}

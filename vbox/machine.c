/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Machine: see machine.h. */
#include "vbox/machine.h"
#include <string.h>

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

char *machine_file_of_name(const char *name, GError **error)
{
    char *path = NULL;
    return vbox_call(vbox_root(), IVirtualBox_composeMachineFilename, error, name, NULL, NULL, NULL,
                     &path)
               ? path
               : NULL;
}

char *machine_name_of_file(const char *path)
{
    char *name = g_path_get_basename(path);
    if (g_str_has_suffix(name, ".vbox"))
        name[strlen(name) - strlen(".vbox")] = '\0';
    return name;
}

char *machine_name(Object *machine, GError **error)
{
    gboolean is_accessible;
    g_autofree char *path = NULL;
    char *name = NULL;
    if (!vbox_call(machine, IMachine_get_accessible, error, &is_accessible))
        return NULL;
    if (is_accessible)
        return vbox_call(machine, IMachine_get_name, error, &name) ? name : NULL;
    return vbox_call(machine, IMachine_get_settingsFilePath, error, &path)
               ? machine_name_of_file(path)
               : NULL;
}

char *machine_fault(Object *machine, GError **error)
{
    g_autoptr(Object) fault = NULL;
    g_autofree char *text = NULL;
    if (!vbox_call(machine, IMachine_get_accessError, error, &fault) ||
        (fault != NULL && !vbox_call(fault, IVirtualBoxErrorInfo_get_text, error, &text)))
        return NULL;
    return xpcom_one_line(text != NULL ? text : "");
}

/* Nothing here asks VirtualBox with an error, which would be explained by this again. */
gboolean machine_check_settings(Object *machine, GError **error)
{
    gboolean is_accessible;
    g_autofree char *path = NULL;
    if (!vbox_call(machine, IMachine_get_accessible, NULL, &is_accessible) || is_accessible ||
        !vbox_call(machine, IMachine_get_settingsFilePath, NULL, &path))
        return TRUE;
    g_autofree char *fault = machine_fault(machine, NULL);
    return fail(error, VIR_ERR_OPERATION_INVALID,
                "VirtualBox cannot read this domain's settings, %s: %s; mend or restore that file "
                "and try again, or undefine the domain",
                path, fault != NULL && *fault != '\0' ? fault : "it does not say why");
}

void machine_explain(Object *machine, GError **error)
{
    g_autoptr(GError) reason = NULL;
    if (error == NULL || !g_error_matches(*error, XPCOM_ERROR, (gint)E_ACCESSDENIED) ||
        machine_check_settings(machine, &reason))
        return;
    g_clear_error(error);
    g_propagate_error(error, g_steal_pointer(&reason));
}

GPtrArray *machine_all_inaccessible(GError **error)
{
    g_autoptr(GPtrArray) machines = machine_all(error);
    g_autoptr(GArray) states = NULL;
    if (machines == NULL)
        return NULL;
    /* Their state is 0.  One that is just going away may spoil the list of all: then each is asked.
     */
    if (!vbox_call(vbox_root(), IVirtualBox_getMachineStates, NULL, machines->len, machines->pdata,
                   &states))
        states = NULL;
    GPtrArray *found = g_ptr_array_new_with_free_func((GDestroyNotify)object_unref);
    for (guint i = 0; i < machines->len; i++) {
        gboolean is_accessible;
        if (states != NULL && i < states->len && g_array_index(states, guint32, i) != 0)
            continue;
        if (vbox_call(machines->pdata[i], IMachine_get_accessible, NULL, &is_accessible) &&
            !is_accessible)
            g_ptr_array_add(found, object_ref(machines->pdata[i]));
    }
    return found;
}

/* VirtualBox finds no inaccessible machine by its name.  *ret_machine NULL: none has it. */
static gboolean find_inaccessible(const char *name, Object **ret_machine, GError **error)
{
    g_autoptr(GPtrArray) machines = machine_all_inaccessible(error);
    *ret_machine = NULL;
    if (machines == NULL)
        return FALSE;
    for (guint i = 0; i < machines->len && *ret_machine == NULL; i++) {
        g_autofree char *has = machine_name(machines->pdata[i], NULL);
        if (g_strcmp0(has, name) == 0)
            *ret_machine = object_ref(machines->pdata[i]);
    }
    return TRUE;
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
    if (failure != NULL && !not_found(failure)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    g_clear_pointer(&machine, object_unref);
    if (!find_inaccessible(name, &machine, error))
        return NULL;
    if (machine == NULL)
        fail(error, VIR_ERR_NO_DOMAIN, "Domain not found: no domain with matching name '%s'", name);
    return g_steal_pointer(&machine);
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

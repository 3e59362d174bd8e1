/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Machines of the property-bag VirtualBox: made, registered, locked, saved, removed. */
#include <string.h>
#include "tests/unit/versions/virtualbox.h"
#include "vbox/vbox.h"

static GPtrArray *machines(void)
{
    return bag_list(virtualbox.root, "Machines");
}

/* What a new machine has that is not nothing. */
static void fill_machine(Bag *machine)
{
    Bag *graphics = bag_new("IGraphicsAdapter", machine);
    bag_set_number(graphics, "monitorCount", 1);
    bag_set_object(machine, "graphicsAdapter", graphics);
    for (guint i = 0; i < 8; i++) {
        Bag *adapter = bag_new("INetworkAdapter", machine);
        g_autofree char *address = g_strdup_printf("080027FF00%02X", i);
        g_autofree char *key = g_strdup_printf("NetworkAdapter(%u)", i);
        bag_set_text(adapter, "MACAddress", address);
        bag_set_object(machine, key, adapter);
    }
    bag_set_number(machine, "accessible", TRUE);
    bag_set_text(machine, "Groups", "/");
    bag_set_number(machine, "state", vbox_enum(MachineState_PoweredOff));
}

/* The platform's architecture, since 7.1, is one more parameter; the flags say the uuid. */
static guint32 create_machine(BagCall *call)
{
    gboolean has_platform = call->method->n_params == 10;
    guint next = has_platform ? 4 : 3;
    g_autofree char *name = call_text(call, 1), *type = call_text(call, next);
    g_autofree char *flags = call_text(call, next + 1);
    Bag *machine = bag_new("IMachine", NULL);
    if (has_platform) {
        Bag *platform = bag_new("IPlatform", machine);
        bag_set_number(platform, "architecture", call_number(call, 2));
        bag_set_object(machine, "platform", platform);
    }
    fill_machine(machine);
    bag_set_text(machine, "name", name);
    bag_set_text(machine, "OSTypeId", type);
    bag_set_text(machine, "id", flags + strlen("UUID="));
    call_return_object(call, call->method->n_params - 1, machine);
    return FAKE_OK;
}

static guint32 register_machine(BagCall *call)
{
    Bag *machine = call_object(call, 0);
    machine->is_frozen = TRUE;
    g_ptr_array_add(machines(), machine);
    return FAKE_OK;
}

static guint32 find_machine(BagCall *call)
{
    g_autofree char *text = call_text(call, 0);
    Bag *machine = bag_find(machines(), "id", text);
    if (machine == NULL)
        machine = bag_find(machines(), "name", text);
    if (machine == NULL)
        return VBOX_E_OBJECT_NOT_FOUND;
    call_return_object(call, 1, machine);
    return FAKE_OK;
}

static guint32 unregister(BagCall *call)
{
    g_autoptr(GPtrArray) media = g_ptr_array_new();
    GPtrArray *attachments = bag_list(call->self, "MediumAttachments");
    if (!g_ptr_array_remove(machines(), call->self))
        return VBOX_E_INVALID_OBJECT_STATE;
    for (guint i = 0; i < attachments->len; i++) {
        Bag *medium = bag_object(g_ptr_array_index(attachments, i), "medium");
        if (medium != NULL)
            g_ptr_array_add(media, medium);
    }
    call_return_objects(call, 1, media);
    return FAKE_OK;
}

/* The settings files that there are, by their machines. */
static GPtrArray *settings_files(void)
{
    return bag_list(virtualbox.root, "SettingsFiles");
}

static guint32 delete_config(BagCall *call)
{
    if (g_ptr_array_find(machines(), call->self, NULL))
        return VBOX_E_INVALID_OBJECT_STATE;
    g_ptr_array_remove(settings_files(), call->self);
    Bag *progress = bag_new("IProgress", NULL);
    bag_set_number(progress, "completed", TRUE);
    call_return_object(call, 1, progress);
    return FAKE_OK;
}

static guint32 nothing(BagCall *call)
{
    return FAKE_OK;
}

/* --- sessions ------------------------------------------------------------------------------ */

/* There is one session at a time. */
static Bag *session(void)
{
    return bag_object(virtualbox.client, "session");
}

static gboolean is_locked(Bag *machine)
{
    return bag_object(session(), "machine") != NULL && bag_object(session(), "original") == machine;
}

static guint32 session_state(BagCall *call)
{
    call_return_number(
        call, 0, vbox_enum(is_locked(call->self) ? SessionState_Locked : SessionState_Unlocked));
    return FAKE_OK;
}

/* A session's machine is a copy of the one that it was opened for. */
static guint32 lock_machine(BagCall *call)
{
    if (is_locked(call->self))
        return VBOX_E_INVALID_OBJECT_STATE;
    Bag *copy = bag_new("IMachine", NULL);
    bag_assign(copy, call->self);
    bag_set_object(session(), "machine", copy);
    bag_set_object(session(), "original", call->self);
    return FAKE_OK;
}

static guint32 unlock_machine(BagCall *call)
{
    bag_set_object(call->self, "machine", NULL);
    return FAKE_OK;
}

/* Only what a session has changed, or what is new, has something to save. */
static void save(Bag *machine)
{
    if (bag_object(session(), "machine") == machine)
        bag_assign(bag_object(session(), "original"), machine);
    else if (!g_ptr_array_find(settings_files(), machine, NULL))
        g_ptr_array_add(settings_files(), machine);
}

static guint32 save_settings(BagCall *call)
{
    save(call->self);
    return FAKE_OK;
}

/* It saves all that the session has changed so far, as VirtualBox does. */
static guint32 set_extra_data(BagCall *call)
{
    g_autofree char *key = call_text(call, 0), *value = call_text(call, 1);
    g_autofree char *cell = g_strdup_printf("ExtraData(%s)", key);
    bag_set_text(call->self, cell, value);
    if (call->self != virtualbox.root)
        save(call->self);
    return FAKE_OK;
}

static guint32 extra_data_keys(BagCall *call)
{
    g_autoptr(GPtrArray) names = bag_names(call->self, "ExtraData(");
    call_return_texts(call, 0, names);
    return FAKE_OK;
}

/* clang-format off */
const Behaviour machine_behaviours[] = {
    { "IVirtualBox",       "createMachine",              create_machine, FALSE },
    { "IVirtualBox",       "registerMachine",            register_machine, FALSE },
    { "IVirtualBox",       "findMachine",                find_machine, FALSE },
    { "IVirtualBox",       "setExtraData",               set_extra_data, FALSE },
    { "IVirtualBox",       "getExtraDataKeys",           extra_data_keys, FALSE },
    { "IMachine",          "unregister",                 unregister, FALSE },
    { "IMachine",          "deleteConfig",               delete_config, FALSE },
    { "IMachine",          "lockMachine",                lock_machine, FALSE },
    { "ISession",          "unlockMachine",              unlock_machine, FALSE },
    { "IMachine",          "sessionState",               session_state, FALSE },
    { "IMachine",          "saveSettings",               save_settings, FALSE },
    { "IMachine",          "setExtraData",               set_extra_data, FALSE },
    { "IMachine",          "getExtraDataKeys",           extra_data_keys, FALSE },
    { "IProgress",         "waitForCompletion",          nothing, FALSE },
    {NULL}
};
/* clang-format on */

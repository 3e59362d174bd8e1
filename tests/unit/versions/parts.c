/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parts of the property-bag VirtualBox's machines that calls add and remove, and images. */
#include "tests/unit/versions/virtualbox.h"
#include "vbox/vbox.h"

/* --- lists of a machine that are changed by calls ------------------------------------------- */

/* A new part, in a list and in the call's result. */
static Bag *add(BagCall *call, const char *list, const char *interface)
{
    Bag *part = bag_new(interface, call->self);
    g_autofree char *name = call_text(call, 0);
    bag_set_text(part, "name", name);
    g_ptr_array_add(bag_list(call->self, list), part);
    return part;
}

static guint32 remove_named(BagCall *call, const char *list)
{
    g_autofree char *name = call_text(call, 0);
    Bag *part = bag_find(bag_list(call->self, list), "name", name);
    return part != NULL && g_ptr_array_remove(bag_list(call->self, list), part)
               ? FAKE_OK
               : VBOX_E_OBJECT_NOT_FOUND;
}

static guint32 add_storage_controller(BagCall *call)
{
    Bag *controller = add(call, "StorageControllers", "IStorageController");
    bag_set_number(controller, "bus", call_number(call, 1));
    bag_set_number(controller, "portCount", 1);
    call_return_object(call, 2, controller);
    return FAKE_OK;
}

static guint32 remove_storage_controller(BagCall *call)
{
    g_autofree char *name = call_text(call, 0);
    return bag_find(bag_list(call->self, "MediumAttachments"), "controller", name) != NULL
               ? VBOX_E_OBJECT_IN_USE
               : remove_named(call, "StorageControllers");
}

static guint32 find_storage_controller(BagCall *call)
{
    g_autofree char *name = call_text(call, 0);
    Bag *controller = bag_find(bag_list(call->self, "StorageControllers"), "name", name);
    if (controller == NULL)
        return VBOX_E_OBJECT_NOT_FOUND;
    call_return_object(call, 1, controller);
    return FAKE_OK;
}

static guint32 add_usb_controller(BagCall *call)
{
    Bag *controller = add(call, "USBControllers", "IUSBController");
    bag_set_number(controller, "type", call_number(call, 1));
    call_return_object(call, 2, controller);
    return FAKE_OK;
}

static guint32 remove_usb_controller(BagCall *call)
{
    return remove_named(call, "USBControllers");
}

static guint32 create_shared_folder(BagCall *call)
{
    Bag *folder = add(call, "SharedFolders", "ISharedFolder");
    g_autofree char *path = call_text(call, 1), *mount_point = call_text(call, 4);
    bag_set_text(folder, "hostPath", path);
    bag_set_number(folder, "writable", call_number(call, 2));
    bag_set_number(folder, "autoMount", call_number(call, 3));
    bag_set_text(folder, "autoMountPoint", mount_point);
    return FAKE_OK;
}

static guint32 remove_shared_folder(BagCall *call)
{
    return remove_named(call, "SharedFolders");
}

static guint32 create_filter(BagCall *call)
{
    g_autofree char *name = call_text(call, 0);
    Bag *filter = bag_new("IUSBDeviceFilter", call->self);
    bag_set_text(filter, "name", name);
    call_return_object(call, 1, filter);
    return FAKE_OK;
}

static guint32 insert_filter(BagCall *call)
{
    g_ptr_array_insert(bag_list(call->self, "DeviceFilters"), (gint)call_number(call, 0),
                       call_object(call, 1));
    return FAKE_OK;
}

static guint32 remove_filter(BagCall *call)
{
    guint position = (guint)call_number(call, 0);
    GPtrArray *filters = bag_list(call->self, "DeviceFilters");
    if (position >= filters->len)
        return VBOX_E_OBJECT_NOT_FOUND;
    call_return_object(call, 1, g_ptr_array_remove_index(filters, position));
    return FAKE_OK;
}

/* --- processors ------------------------------------------------------------------------------ */

static guint32 plug(BagCall *call, gboolean is_in)
{
    g_autofree char *key = g_strdup_printf("CPUStatus(%u)", (guint)call_number(call, 0));
    bag_set_number(call->self, key, is_in);
    return FAKE_OK;
}

static guint32 plug_cpu(BagCall *call)
{
    return plug(call, TRUE);
}

static guint32 unplug_cpu(BagCall *call)
{
    return plug(call, FALSE);
}

/* Whatever architecture and name is asked for, it is the one profile that there is. */
static guint32 cpu_profiles(BagCall *call)
{
    call_return_objects(call, 2, bag_list(call->self, "CPUProfiles"));
    return FAKE_OK;
}

/* --- images -------------------------------------------------------------------------------- */

static const char *media_key(guint32 device_type)
{
    return device_type == vbox_enum(DeviceType_DVD)      ? "DVDImages"
           : device_type == vbox_enum(DeviceType_Floppy) ? "FloppyImages"
                                                         : "HardDisks";
}

static guint32 open_medium(BagCall *call)
{
    g_autofree char *location = call_text(call, 0), *id = g_uuid_string_random();
    guint32 device_type = (guint32)call_number(call, 1);
    GPtrArray *media = bag_list(virtualbox.root, media_key(device_type));
    Bag *medium = bag_find(media, "location", location);
    if (medium == NULL) {
        medium = bag_new("IMedium", NULL);
        bag_set_text(medium, "location", location);
        bag_set_text(medium, "id", id);
        bag_set_number(medium, "deviceType", device_type);
        bag_set_text(medium, "format", g_str_has_suffix(location, ".vdi") ? "VDI" : "RAW");
        g_ptr_array_add(media, medium);
    }
    call_return_object(call, 4, medium);
    return FAKE_OK;
}

/* The ids of the machines that have an image. */
static GPtrArray *machines_of(Bag *medium)
{
    GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
    GPtrArray *machines = bag_list(virtualbox.root, "Machines");
    for (guint i = 0; i < machines->len; i++) {
        Bag *machine = g_ptr_array_index(machines, i);
        GPtrArray *attachments = bag_list(machine, "MediumAttachments");
        for (guint j = 0; j < attachments->len; j++)
            if (bag_object(g_ptr_array_index(attachments, j), "medium") == medium)
                g_ptr_array_add(ids, g_strdup(bag_text(machine, "id")));
    }
    return ids;
}

/* No image here stands on another one. */
static guint32 get_base(BagCall *call)
{
    call_return_object(call, 0, call->self);
    return FAKE_OK;
}

static guint32 machine_ids(BagCall *call)
{
    g_autoptr(GPtrArray) ids = machines_of(call->self);
    call_return_texts(call, 0, ids);
    return FAKE_OK;
}

static guint32 close_medium(BagCall *call)
{
    g_autoptr(GPtrArray) ids = machines_of(call->self);
    const char *key = media_key((guint32)bag_number(call->self, "deviceType"));
    if (ids->len > 0)
        return VBOX_E_OBJECT_IN_USE;
    return g_ptr_array_remove(bag_list(virtualbox.root, key), call->self) ? FAKE_OK
                                                                          : VBOX_E_OBJECT_NOT_FOUND;
}

/* The attachment at the place that a call's first parameters name; NULL: none. */
static Bag *attachment_at(BagCall *call)
{
    g_autofree char *controller = call_text(call, 0);
    GPtrArray *attachments = bag_list(call->self, "MediumAttachments");
    for (guint i = 0; i < attachments->len; i++) {
        Bag *each = g_ptr_array_index(attachments, i);
        if (g_str_equal(bag_text(each, "controller"), controller) &&
            bag_number(each, "port") == call_number(call, 1) &&
            bag_number(each, "device") == call_number(call, 2))
            return each;
    }
    return NULL;
}

static guint32 attachments_of(BagCall *call)
{
    g_autofree char *controller = call_text(call, 0);
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    GPtrArray *attachments = bag_list(call->self, "MediumAttachments");
    for (guint i = 0; i < attachments->len; i++)
        if (g_str_equal(bag_text(attachments->pdata[i], "controller"), controller))
            g_ptr_array_add(found, attachments->pdata[i]);
    call_return_objects(call, 1, found);
    return FAKE_OK;
}

static guint32 get_attachment(BagCall *call)
{
    Bag *attachment = attachment_at(call);
    call_return_object(call, 3, attachment);
    return attachment == NULL ? VBOX_E_OBJECT_NOT_FOUND : FAKE_OK;
}

static guint32 attach(BagCall *call, Bag *medium)
{
    g_autofree char *controller = call_text(call, 0);
    if (attachment_at(call) != NULL)
        return VBOX_E_OBJECT_IN_USE;
    Bag *attachment = bag_new("IMediumAttachment", call->self);
    bag_set_text(attachment, "controller", controller);
    bag_set_number(attachment, "port", call_number(call, 1));
    bag_set_number(attachment, "device", call_number(call, 2));
    bag_set_number(attachment, "type", call_number(call, 3));
    bag_set_object(attachment, "medium", medium);
    g_ptr_array_add(bag_list(call->self, "MediumAttachments"), attachment);
    return FAKE_OK;
}

static guint32 attach_device(BagCall *call)
{
    return attach(call, call_object(call, 4));
}

static guint32 attach_empty(BagCall *call)
{
    return attach(call, NULL);
}

static guint32 detach_device(BagCall *call)
{
    Bag *attachment = attachment_at(call);
    if (attachment == NULL)
        return VBOX_E_OBJECT_NOT_FOUND;
    g_ptr_array_remove(bag_list(call->self, "MediumAttachments"), attachment);
    return FAKE_OK;
}

static guint32 mount_medium(BagCall *call)
{
    Bag *attachment = attachment_at(call);
    if (attachment == NULL)
        return VBOX_E_OBJECT_NOT_FOUND;
    bag_set_object(attachment, "medium", call_object(call, 3));
    return FAKE_OK;
}

static guint32 get_medium(BagCall *call)
{
    Bag *attachment = attachment_at(call);
    if (attachment == NULL)
        return VBOX_E_OBJECT_NOT_FOUND;
    call_return_object(call, 3, bag_object(attachment, "medium"));
    return FAKE_OK;
}

/* --- network adapters ----------------------------------------------------------------------- */

/* "NAME,1,,2222,,22", as VirtualBox lists them. */
static guint32 add_redirect(BagCall *call)
{
    g_autofree char *name = call_text(call, 0), *host = call_text(call, 2);
    g_autofree char *guest = call_text(call, 4), *key = g_strdup_printf("Redirect(%s)", name);
    g_autofree char *text =
        g_strdup_printf("%s,%u,%s,%u,%s,%u", name, (guint)call_number(call, 1), host,
                        (guint)call_number(call, 3), guest, (guint)call_number(call, 5));
    bag_set_text(call->self, key, text);
    return FAKE_OK;
}

static guint32 remove_redirect(BagCall *call)
{
    g_autofree char *name = call_text(call, 0), *key = g_strdup_printf("Redirect(%s)", name);
    return g_hash_table_remove(call->self->cells, key) ? FAKE_OK : VBOX_E_OBJECT_NOT_FOUND;
}

/* The texts of the cells that begin so. */
static GPtrArray *texts_of(Bag *bag, const char *prefix)
{
    g_autoptr(GPtrArray) keys = bag_keys(bag, prefix);
    GPtrArray *texts = g_ptr_array_new();
    for (guint i = 0; i < keys->len; i++) {
        g_autofree char *key = g_strconcat(prefix, keys->pdata[i], NULL);
        g_ptr_array_add(texts, (char *)bag_text(bag, key));
    }
    return texts;
}

static guint32 get_redirects(BagCall *call)
{
    g_autoptr(GPtrArray) texts = texts_of(call->self, "Redirect(");
    call_return_texts(call, 0, texts);
    return FAKE_OK;
}

static guint32 get_properties(BagCall *call)
{
    g_autoptr(GPtrArray) names = bag_names(call->self, "Property(");
    g_autoptr(GPtrArray) values = texts_of(call->self, "Property(");
    call_return_texts(call, 1, names);
    call_return_texts(call, 2, values);
    return FAKE_OK;
}

/* --- where a machine's file is, if there were one --------------------------------------------- */

static guint32 compose_file_name(BagCall *call)
{
    g_autofree char *name = call_text(call, 0);
    g_autofree char *path = g_strdup_printf("/machines/%s/%s.vbox", name, name);
    call_return_text(call, 4, path);
    return FAKE_OK;
}

/* --- 3D, whose two names do not match -------------------------------------------------------- */

static guint32 is_feature_enabled(BagCall *call)
{
    call_return_number(call, 1, bag_number(call->self, "accelerate3DEnabled"));
    return FAKE_OK;
}

static guint32 set_feature(BagCall *call)
{
    bag_set_number(call->self, "accelerate3DEnabled", call_number(call, 1));
    return FAKE_OK;
}

/* clang-format off */
const Behaviour part_behaviours[] = {
    { "IVirtualBox",       "openMedium",                 open_medium, FALSE },
    { "IVirtualBox",       "composeMachineFilename",     compose_file_name, FALSE },
    { "IMachine",          "addStorageController",       add_storage_controller, TRUE },
    { "IMachine",          "removeStorageController",    remove_storage_controller, TRUE },
    { "IMachine",          "getStorageControllerByName", find_storage_controller, FALSE },
    { "IMachine",          "addUSBController",           add_usb_controller, TRUE },
    { "IMachine",          "removeUSBController",        remove_usb_controller, TRUE },
    { "IMachine",          "createSharedFolder",         create_shared_folder, TRUE },
    { "IMachine",          "removeSharedFolder",         remove_shared_folder, TRUE },
    { "ISystemProperties", "getCPUProfiles",             cpu_profiles, FALSE },
    { "IMachine",          "hotPlugCPU",                 plug_cpu, TRUE },
    { "IMachine",          "hotUnplugCPU",               unplug_cpu, TRUE },
    { "IMachine",          "attachDevice",               attach_device, TRUE },
    { "IMachine",          "attachDeviceWithoutMedium",  attach_empty, TRUE },
    { "IMachine",          "detachDevice",               detach_device, TRUE },
    { "IMachine",          "mountMedium",                mount_medium, TRUE },
    { "IMachine",          "getMedium",                  get_medium, FALSE },
    { "IMachine",          "getMediumAttachment",        get_attachment, FALSE },
    { "IMachine",          "getMediumAttachmentsOfController", attachments_of, FALSE },
    { "IUSBDeviceFilters", "createDeviceFilter",         create_filter, TRUE },
    { "IUSBDeviceFilters", "insertDeviceFilter",         insert_filter, TRUE },
    { "IUSBDeviceFilters", "removeDeviceFilter",         remove_filter, TRUE },
    { "IMedium",           "close",                      close_medium, FALSE },
    { "IMedium",           "base",                       get_base, FALSE },
    { "IMedium",           "getMachineIds",              machine_ids, FALSE },
    { "INetworkAdapter",   "getProperties",              get_properties, FALSE },
    { "INATEngine",        "getRedirects",               get_redirects, FALSE },
    { "INATEngine",        "addRedirect",                add_redirect, TRUE },
    { "INATEngine",        "removeRedirect",             remove_redirect, TRUE },
    { "IGraphicsAdapter",  "isFeatureEnabled",           is_feature_enabled, FALSE },
    { "IGraphicsAdapter",  "setFeature",                 set_feature, TRUE },
    {NULL}
};
/* clang-format on */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <disk>: hard disks, CD-ROM and floppy drives, and what is in them. */
#include "domain/bandwidth.h"
#include "domain/device.h"
#include "domain/medium.h"
#include "domain/storage.h"
#include <string.h>

/* clang-format off */
static const Word types[] = { { "file" }, END };
static const Word policies[] = { { "mandatory" }, { "requisite" }, { "optional" }, END };

/* The formats that libvirt has a word for. */
static const Word formats[] = {
    { "vdi", "VDI" }, { "vmdk", "VMDK" }, { "vpc", "VHD" }, { "vhd", "VHD" }, { "qcow2", "QCOW2" },
    { "qcow", "QCOW" }, { "qed", "QED" }, { "dmg", "DMG" }, { "raw", "RAW" }, { "iso", "RAW" }, END };

static const Word caches[] = { { "default" }, { "none" }, { "writeback" }, END };
static const Word discards[] = { { "unmap" }, { "ignore" }, END };
static const Word solid[] = { { "1" }, END };
static const Word types_said[] = { { "writethrough" }, { "multi-attach" }, END };

static const Word buses[] = {
    { "ide" }, { "sata" }, { "scsi" }, { "fdc" }, { "usb" }, { "nvme" }, END };

#define DRIVE "a disk has its place on a controller, an address of type='drive'; leave it out"
#define LIMIT "it limits bytes, and of both directions: <total_bytes_sec>"

static gboolean get_file(MapContext *context, Object *attachment, const Field *field,
                         Value *ret_value, GError **error);
static gboolean get_format(MapContext *context, Object *attachment, const Field *field,
                           Value *ret_value, GError **error);
static gboolean get_type(MapContext *context, Object *attachment, const Field *field,
                         Value *ret_value, GError **error);
static gboolean get_group(MapContext *context, Object *attachment, const Field *field,
                          Value *ret_value, GError **error);

static const Field fields[] = {
    F("@type",               Disk, type,            NULL,              WORD(types, NULL), FALLBACK("file")),
    F("@device",             Disk, device,          "type",            WORD(disk_devices, "DeviceType"), KEY, FALLBACK("disk")),
    F("driver/@name",        Disk, driver_name,     NULL,              STR, KEEP),
    F("driver/@type",        Disk, format,          "medium.format",   WORD(formats, NULL), HOT, HOOK(get_format, NULL, 0)),
    F("driver/@cache",       Disk, cache,           NULL,              WORD(caches, NULL), KEEP),
    F("driver/@error_policy", Disk, error_policy,   NULL,              STR, KEEP),
    F("driver/@rerror_policy", Disk, rerror_policy, NULL,              STR, KEEP),
    F("driver/@io",          Disk, io,              NULL,              STR, KEEP),
    F("driver/@discard",     Disk, discard_word,    NULL,              WORD(discards, NULL), FALLBACK("ignore"), QUIET),
    F(NULL,                  Disk, discard,         "discard",         YESNO),
    F("driver/@detect_zeroes", Disk, detect_zeroes, NULL,              STR, KEEP),
    F("driver/@queues",      Disk, queues,          NULL,              STR, KEEP),
    F("source/@file",        Disk, file,            "medium.location", STR, HOT, OR_NONE, HOOK(get_file, NULL, 0)),
    F("source/@startupPolicy", Disk, startup,       NULL,              WORD(policies, NULL), KEEP, FALLBACK("mandatory"), QUIET),
    REFUSE("target[bus=virtio]", "it has no virtio disks; say bus='sata', or bus='scsi' and a controller of model='virtio-scsi'"),
    F("target/@dev",         Disk, dev,             NULL,              STR, KEEP, REQUIRED, IDENTITY),
    F("target/@bus",         Disk, bus,             NULL,              WORD(buses, NULL), IDENTITY),
    F("target/@rotation_rate", Disk, rotation,      NULL,              WORD(solid, NULL)),
    F(NULL,                  Disk, solid,           "nonRotational",   YESNO),
    F("iotune/total_bytes_sec", Disk, limit,        NULL,              NUMBER(1, G_MAXINT64)),
    F("vbox:bandwidthGroup/@name", Disk, group_said, NULL,             STR),
    F(NULL,                  Disk, group,           "bandwidthGroup",  STR, FALLBACK(""), HOOK(get_group, NULL, 0)),
    F("readonly",            Disk, readonly,        NULL,              PRESENT),
    F("shareable",           Disk, shareable,       NULL,              PRESENT),
    F("transient",           Disk, transient,       NULL,              PRESENT),
    F("vbox:medium/@type",   Disk, type_said,       NULL,              WORD(types_said, NULL)),
    F(NULL,                  Disk, medium_type,     "medium.type",     WORD(disk_medium_types, "MediumType"), HOOK(get_type, NULL, 0)),
    F("vbox:attachment/@hotPluggable", Disk, hot_said, NULL,           YESNO),
    F(NULL,                  Disk, hot,             "hotPluggable",    YESNO),
    F("vbox:attachment/@passthrough", Disk, passthrough, "passthrough", YESNO, FALLBACK("no"), QUIET, WHEN("cdrom")),
    F("alias/@name",         Disk, alias,           NULL,              ALIAS, KEEP),
    REFUSE("address[type=pci]", DRIVE),
    REFUSE("address[type=ccw]", DRIVE),
    REFUSE("address[type=virtio-mmio]", DRIVE),
    REFUSE("address[type=usb]", DRIVE),
    FIXED("address/@type", "drive"),
    F("address/@controller", Disk, controller,      NULL,              NUMBER(0, DISK_PLACE_MAX)),
    F("address/@bus",        Disk, address_bus,     NULL,              NUMBER(0, 1)),
    F("address/@target",     Disk, target,          NULL,              NUMBER(0, DISK_PLACE_MAX)),
    F("address/@unit",       Disk, unit,            NULL,              NUMBER(0, DISK_PLACE_MAX)),
    F(NULL,                  Disk, controller_name, "controller",      STR),
    F(NULL,                  Disk, port,            "port",            NUMBER(0, 0)),
    F(NULL,                  Disk, lun,             "device",          NUMBER(0, 0)),
    F("boot/@order",         Disk, boot_order,      NULL,              NUMBER(1, G_MAXINT32), KEEP),
    IGNORE("source/@index",  "libvirt's own number of an active disk"),
    IGNORE("backingStore",   "VirtualBox keeps it in the image itself"),
    IGNORE("target/@tray",   "a tray that the guest opened is no setting"),
    REFUSE("target/@removable", "it is of QEMU's USB disks; see <vbox:attachment hotPluggable='yes'/>"),
    REFUSE("transient/@shareBacking", "see <vbox:medium type='multi-attach'/>"),
    REFUSE("source/@dev",    "make an image of it (VBoxManage createmedium --variant RawDisk), and give that file", BLANK),
    REFUSE("iotune/read_bytes_sec", LIMIT, BLANK),
    REFUSE("iotune/write_bytes_sec", LIMIT, BLANK),
    REFUSE("iotune/total_iops_sec", LIMIT, BLANK),
    REFUSE("iotune/read_iops_sec", LIMIT, BLANK),
    REFUSE("iotune/write_iops_sec", LIMIT, BLANK),
    REFUSE("iotune/group_name", "say <vbox:bandwidthGroup>", BLANK),
    REFUSE("source/seclabel", "it labels no files of the host"),
    REFUSE("source/encryption", ""),
    REFUSE("encryption",     ""),
    REFUSE("auth",           ""),
    REFUSE("throttlefilters", ""),
    REFUSE("serial",         "", BLANK),
    REFUSE("wwn",            "", BLANK),
    REFUSE("vendor",         "", BLANK),
    REFUSE("product",        "", BLANK),
    REFUSE("geometry",       ""),
    REFUSE("blockio",        ""),
    REFUSE("mirror",         ""),
    REFUSE("@snapshot",      ""),
    REFUSE("@sgio",          ""),
    REFUSE("@rawio",         ""),
    END };
/* clang-format on */

/* --- from the XML -------------------------------------------------------------------------- */

static gboolean check_readonly(Disk *self, GError **error)
{
    if (self->readonly == SWITCH_YES && g_str_equal(self->device, "disk"))
        return device_refuse(&self->item, "readonly", error,
                             "VirtualBox has no read-only hard disks; <transient/> forgets at the "
                             "next start what was written");
    if (g_str_equal(self->device, "cdrom"))
        self->readonly = SWITCH_YES;
    return TRUE;
}

/* What libvirt checks too: a hard disk is always needed, as VirtualBox does not start without. */
static gboolean check_policy(const Disk *self, GError **error)
{
    return !g_str_equal(self->device, "disk") || g_str_equal(self->startup, "mandatory") ||
           device_refuse(&self->item, "source/@startupPolicy", error,
                         "it is for drives; a machine does not start without its hard disks");
}

gboolean disk_is_optional(const Disk *self)
{
    return !g_str_equal(self->device, "disk") && g_strcmp0(self->startup, "optional") == 0;
}

/* What a machine may do with an image is a property of the image. */
static gboolean plan_medium_type(Disk *self, GError **error)
{
    gboolean is_disk = g_str_equal(self->device, "disk");
    guint said = (self->shareable == SWITCH_YES) + (self->transient == SWITCH_YES) +
                 (self->type_said != NULL);
    const char *path = self->transient == SWITCH_YES   ? "transient"
                       : self->shareable == SWITCH_YES ? "shareable"
                                                       : "vbox:medium";
    if (said > 1)
        return device_refuse(&self->item, path, error,
                             "an image is shareable, transient or of another type: one of them");
    if (said > 0 && !is_disk)
        return device_refuse(&self->item, path, error, "it is a property of hard disks");
    if (!is_disk)
        self->medium_type = self->readonly == SWITCH_YES ? "readonly" : "writethrough";
    else
        self->medium_type = self->shareable == SWITCH_YES   ? "shareable"
                            : self->transient == SWITCH_YES ? "immutable"
                            : self->type_said != NULL       ? self->type_said
                                                            : "normal";
    return TRUE;
}

static gboolean check_file(Disk *self, GError **error)
{
    if (self->file != NULL && *self->file == '\0')
        g_clear_pointer(&self->file, g_free);
    if (self->file == NULL && g_str_equal(self->device, "disk"))
        return device_refuse(&self->item, NULL, error, "missing source information for device %s",
                             self->dev);
    if (self->file != NULL && !g_path_is_absolute(self->file))
        return device_refuse(&self->item, "source/@file", error, "'%s' is not an absolute path",
                             self->file);
    return TRUE;
}

/* The host's cache is a property of the controller, in VirtualBox.  The controller says it itself
 * where a dump of the machine would: what is to be next is shown alike. */
static gboolean plan_cache(Disk *self, Controller *controller, GError **error)
{
    if (self->cache == NULL || g_str_equal(self->cache, "default"))
        return TRUE;
    Switch wanted = g_str_equal(self->cache, "writeback") ? SWITCH_YES : SWITCH_NO;
    gboolean is_said = controller->cache_said != SWITCH_ABSENT || controller->is_cache_of_disks;
    if (is_said && controller->cache != wanted)
        return device_refuse(&self->item, "driver/@cache", error,
                             "all disks of a controller share the host's cache or none");
    controller->is_cache_of_disks = TRUE;
    controller->cache = wanted;
    if (wanted != controller_default_cache(controller))
        controller->cache_said = wanted;
    return TRUE;
}

/* On USB all are, on others but SATA none is, whatever VirtualBox's settings file says of one: it
 * changes only those on SATA. */
static gboolean plan_hot(Disk *self, GError **error)
{
    if (g_str_equal(self->bus, "sata")) {
        self->hot = self->hot_said == SWITCH_YES ? SWITCH_YES : SWITCH_NO;
        return TRUE;
    }
    Switch is = g_str_equal(self->bus, "usb") ? SWITCH_YES : SWITCH_NO;
    return self->hot_said == SWITCH_ABSENT || self->hot_said == is ||
           device_refuse(&self->item, "vbox:attachment/@hotPluggable", error,
                         "a disk can be the one or the other with bus='sata' only; with bus='usb' "
                         "it always can come and go");
}

static gboolean plan_settings(Model *model, Disk *self, GError **error)
{
    self->discard = g_strcmp0(self->discard_word, "unmap") == 0 ? SWITCH_YES : SWITCH_NO;
    self->solid = self->rotation != NULL ? SWITCH_YES : SWITCH_NO;
    if (!plan_hot(self, error))
        return FALSE;
    if (self->group_said == NULL)
        return TRUE;
    if (self->limit != NUMBER_ABSENT)
        return device_refuse(&self->item, "vbox:bandwidthGroup/@name", error,
                             "<iotune> is a group of the disk's own");
    return bandwidth_check(model, &self->item, "vbox:bandwidthGroup/@name", self->group_said,
                           "disk", error);
}

static gboolean check(Model *model, Item *item, GError **error)
{
    Disk *self = (Disk *)item;
    if (!disk_place(model, self, error) || !check_file(self, error) || !check_policy(self, error) ||
        !check_readonly(self, error) || !plan_medium_type(self, error) ||
        !plan_settings(model, self, error))
        return FALSE;
    Controller *controller = controller_find(model, self->bus, self->controller);
    if (controller == NULL)
        controller = controller_imply(model, self->bus, self->controller);
    if (controller->ports_said != NUMBER_ABSENT && self->port >= controller->ports_said)
        return device_refuse(item, NULL, error, "its controller has only %u ports",
                             (guint)controller->ports_said);
    return plan_cache(self, controller, error);
}

/* --- from VirtualBox ----------------------------------------------------------------------- */

/* An image in whose place VirtualBox attaches another one, for what is written, is shown itself. */
static gboolean get_file(MapContext *context, Object *attachment, const Field *field,
                         Value *ret_value, GError **error)
{
    g_autoptr(Object) medium = NULL;
    ret_value->is_text = TRUE;
    return vbox_call(attachment, IMediumAttachment_get_medium, error, &medium) &&
           (medium == NULL || medium_shown_file(medium, &ret_value->text, error));
}

static gboolean get_format(MapContext *context, Object *attachment, const Field *field,
                           Value *ret_value, GError **error)
{
    g_autoptr(Object) medium = NULL;
    if (!vbox_call(attachment, IMediumAttachment_get_medium, error, &medium))
        return FALSE;
    ret_value->is_absent = medium == NULL;
    ret_value->is_text = TRUE;
    return medium == NULL || medium_shown_format(medium, &ret_value->text, error);
}

static gboolean get_type(MapContext *context, Object *attachment, const Field *field,
                         Value *ret_value, GError **error)
{
    g_autoptr(Object) medium = NULL;
    guint32 type = 0;
    if (!vbox_call(attachment, IMediumAttachment_get_medium, error, &medium) ||
        (medium != NULL && !medium_base_type(medium, &type, error)))
        return FALSE;
    ret_value->is_absent = medium == NULL;
    ret_value->number = type;
    return TRUE;
}

static gboolean get_group(MapContext *context, Object *attachment, const Field *field,
                          Value *ret_value, GError **error)
{
    g_autoptr(Object) group = NULL;
    ret_value->is_text = TRUE;
    return vbox_call(attachment, IMediumAttachment_get_bandwidthGroup, error, &group) &&
           bandwidth_name(group, &ret_value->text, error);
}

static gboolean read_controller(MapContext *context, const Controller *controller, GError **error)
{
    g_autoptr(GPtrArray) objects = NULL;
    if (!vbox_call(map_machine(context), IMachine_getMediumAttachmentsOfController, error,
                   controller->name, &objects))
        return FALSE;
    for (guint i = 0; i < objects->len; i++) {
        Disk *self = model_add(map_model(context), &domain_disk_element);
        if (!map_read_item(context, &self->item, g_ptr_array_index(objects, i), error))
            return FALSE;
    }
    return TRUE;
}

/* By controllers, as the settings file has them: until VBoxSVC reads that again, the list of all
 * is in the order in which they were attached. */
static gboolean read_all(MapContext *context, GPtrArray *items, GError **error)
{
    GPtrArray *controllers = model_items(map_model(context), &domain_controller_element);
    for (guint i = 0; i < controllers->len; i++)
        if (!read_controller(context, controllers->pdata[i], error))
            return FALSE;
    return TRUE;
}

static void finish_type(Disk *self)
{
    const char *type = self->medium_type == NULL ? "normal" : self->medium_type;
    gboolean is_disk = g_strcmp0(self->device, "disk") == 0;
    gboolean is_readonly =
        g_strcmp0(self->device, "cdrom") == 0 || (!is_disk && g_str_equal(type, "readonly"));
    self->readonly = is_readonly ? SWITCH_YES : SWITCH_NO;
    self->shareable = is_disk && g_str_equal(type, "shareable") ? SWITCH_YES : SWITCH_NO;
    self->transient = is_disk && g_str_equal(type, "immutable") ? SWITCH_YES : SWITCH_NO;
    for (const Word *word = types_said; is_disk && word->word != NULL; word++)
        if (g_str_equal(word->word, type))
            self->type_said = word->word;
}

/* What was kept must still be true.  Of a controller that the XML does not show, its disks say it.
 */
static void finish_cache(Disk *self, const Controller *controller)
{
    if (self->cache != NULL && !g_str_equal(self->cache, "default") &&
        g_str_equal(self->cache, "writeback") != (controller->cache == SWITCH_YES))
        self->cache = NULL;
    if (controller->item.is_hidden && controller->cache == SWITCH_YES)
        self->cache = "writeback";
}

static void finish_settings(MapContext *context, Disk *self, Controller *controller)
{
    self->type = types[0].word;
    self->discard_word = self->discard == SWITCH_YES ? "unmap" : "ignore";
    self->rotation = self->solid == SWITCH_YES ? solid[0].word : NULL;
    if (!g_str_equal(self->bus, "sata"))
        self->hot = SWITCH_ABSENT;
    self->hot_said = self->hot == SWITCH_YES ? SWITCH_YES : SWITCH_ABSENT;
    finish_cache(self, controller);
    g_autofree char *own = disk_own_group(self);
    self->limit = bandwidth_own(map_model(context), self->group, own, 1);
    if (self->limit == NUMBER_ABSENT && self->group != NULL && *self->group != '\0')
        device_set_text(&self->group_said, self->group);
    /* As many ports as its disks need go without saying. */
    if (controller->ports_said == self->port + 1)
        controller->ports_said = NUMBER_ABSENT;
}

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    Disk *self = (Disk *)item;
    Controller *controller = controller_find_by_name(map_model(context), self->controller_name);
    if (controller == NULL)
        return fail(error, VIR_ERR_INTERNAL_ERROR, "a disk stands on '%s', which is no controller",
                    self->controller_name);
    gboolean has_ports =
        !g_str_equal(controller->type, "ide") && !g_str_equal(controller->type, "fdc");
    self->bus = controller->type;
    self->controller = controller->index;
    self->address_bus = has_ports ? 0 : self->port;
    self->target = 0;
    self->unit = has_ports ? self->port : self->lun;
    if (self->file == NULL)
        self->startup = NULL;
    finish_type(self);
    finish_settings(context, self, controller);
    disk_name(map_model(context), self);
    return TRUE;
}

static char *group_name(const Item *item)
{
    const Disk *self = (const Disk *)item;
    return g_strdup_printf("disk %s %" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, self->controller_name,
                           self->port, self->lun);
}

static void clear(Item *item)
{
    Disk *self = (Disk *)item;
    g_free(self->attached_file);
    object_unref(self->medium);
}

const Element domain_disk_element = {
    .path = "devices/disk",
    .interface = "IMediumAttachment",
    .serves = "IMediumAttachment.medium",
    .about =
        "A disk stands on a controller: where, says its `<address>`, else its target name "
        "(`hdc` is IDE 1:0, `sdb` port 1). Without a bus, the name says it as with libvirt: "
        "hd ide, sd scsi, fd fdc, nvme nvme. `<driver type>` must be the image's own format; "
        "`cache` is the controller's (`none`, `writeback`), and other hints of `<driver>` are kept "
        "without effect. `startupPolicy` is for drives: a machine whose disc is gone does not "
        "start "
        "when it is `mandatory` or `requisite`; with `optional` it starts with an empty drive, and "
        "has the disc again when it starts after the file came back. `<shareable/>` (of images "
        "with fixed size), `<transient/>` (VirtualBox's "
        "Immutable: what was written is gone at the next start) and `<vbox:medium type>` are "
        "properties of the image, in all machines that have it: while another one has it, they "
        "cannot change. An image that a machine no longer "
        "has is also removed from VirtualBox's list "
        "of media, unless another one has it; no file is ever removed. CD-ROMs are always "
        "`readonly`; for a floppy it is a property of the image, in all machines that have it.",
    .size = sizeof(Disk),
    .hot = TRUE,
    .fields = fields,
    .late = LATE,
    .check = check,
    .look = disk_look,
    .prepare = disk_prepare,
    .apply = disk_apply,
    .read = read_all,
    .finish = finish,
    .name = group_name,
    .clear = clear,
};

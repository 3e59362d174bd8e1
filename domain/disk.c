/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <disk>: hard disks, CD-ROM and floppy drives, and what is in them. */
#include "domain/limits.h"
#include "domain/medium.h"
#include "domain/storage.h"
#include <string.h>

/* The numbers that an address can say. */
#define PLACE_MAX 255

/* clang-format off */
static const Word devices[] = {
    { "disk", "HardDisk" }, { "cdrom", "DVD" }, { "floppy", "Floppy" }, END };

static const Word medium_types[] = {
    { "Readonly", "Readonly" }, { "Writethrough", "Writethrough" }, END };

static const Word buses[] = {
    { "ide" }, { "sata" }, { "scsi" }, { "fdc" }, { "usb" }, { "nvme" }, END };

static const Field fields[] = {
    FIXED("@type", "file"),
    F("@device",             Disk, device,          "type",            WORD(devices, "DeviceType"), KEY, FALLBACK("disk")),
    F("driver",              Disk, driver,          NULL,              SUBTREE, KEEP),
    F("source/@file",        Disk, file,            "medium.location", STR, HOT, OR_NONE),
    F("target/@dev",         Disk, dev,             NULL,              STR, KEEP, REQUIRED, IDENTITY),
    F("target/@bus",         Disk, bus,             NULL,              WORD(buses, NULL), IDENTITY),
    F("readonly",            Disk, readonly,        NULL,              PRESENT),
    F(NULL,                  Disk, medium_type,     "medium.type",     WORD(medium_types, "MediumType"), WHEN("floppy")),
    F("alias/@name",         Disk, alias,           NULL,              STR, KEEP),
    FIXED("address/@type", "drive"),
    F("address/@controller", Disk, controller,      NULL,              NUMBER(0, PLACE_MAX)),
    F("address/@bus",        Disk, address_bus,     NULL,              NUMBER(0, 1)),
    F("address/@target",     Disk, target,          NULL,              NUMBER(0, PLACE_MAX)),
    F("address/@unit",       Disk, unit,            NULL,              NUMBER(0, PLACE_MAX)),
    F(NULL,                  Disk, controller_name, "controller",      STR),
    F(NULL,                  Disk, port,            "port",            NUMBER(0, 0)),
    F(NULL,                  Disk, lun,             "device",          NUMBER(0, 0)),
    IGNORE("source/@index",  "libvirt's own number of an active disk"),
    IGNORE("backingStore",   "VirtualBox keeps it in the image itself"),
    IGNORE("target/@tray",   "a tray that the guest opened is no setting"),
    REFUSE("source/@startupPolicy", "a disk must be there"),
    REFUSE("source/@dev",    "give a file"),
    REFUSE("source/encryption", ""),
    REFUSE("encryption",     ""),
    REFUSE("auth",           ""),
    F("boot/@order",         Disk, boot_order,      NULL,              NUMBER(1, G_MAXINT32), KEEP),
    REFUSE("shareable",      ""),
    REFUSE("transient",      ""),
    REFUSE("iotune",         ""),
    REFUSE("throttlefilters", ""),
    REFUSE("serial",         ""),
    REFUSE("wwn",            ""),
    REFUSE("vendor",         ""),
    REFUSE("product",        ""),
    REFUSE("geometry",       ""),
    REFUSE("blockio",        ""),
    REFUSE("mirror",         ""),
    REFUSE("@snapshot",      ""),
    REFUSE("@sgio",          ""),
    REFUSE("@rawio",         ""),
    END };

/* A target's prefix and the bus that it stands for, as libvirt infers it. */
static const struct { const char *prefix, *bus; } prefixes[] = {
    { "fd", "fdc" }, { "hd", "ide" }, { "sd", "scsi" }, { "nvme", "nvme" } };
/* clang-format on */

/* --- target names -------------------------------------------------------------------------- */

/* "sda" is 0, "sdz" 25, "sdaa" 26; -1: no such name. */
static gint64 letters_number(const char *letters)
{
    gint64 number = 0;
    if (*letters == '\0' || strlen(letters) > 4)
        return -1;
    for (; *letters != '\0'; letters++) {
        if (!g_ascii_islower(*letters))
            return -1;
        number = number * 26 + (*letters - 'a' + 1);
    }
    return number - 1;
}

static char *number_letters(gint64 number)
{
    GString *letters = g_string_new(NULL);
    for (; number >= 0; number = number / 26 - 1)
        g_string_prepend_c(letters, (char)('a' + number % 26));
    return g_string_free(letters, FALSE);
}

/* Which place a target name stands for: the number of the disk on its bus.  nvme1n2 is the second
 * of controller 1. */
static gboolean target_place(const char *dev, gint64 *ret_controller, gint64 *ret_number)
{
    gint64 controller = 0;
    *ret_controller = 0;
    if (g_str_has_prefix(dev, "nvme")) {
        char *rest = NULL;
        controller = (gint64)g_ascii_strtoull(dev + 4, &rest, 10);
        *ret_controller = controller;
        *ret_number = *rest == 'n' ? g_ascii_strtoll(rest + 1, NULL, 10) - 1 : -1;
    } else {
        *ret_number = strlen(dev) > 2 ? letters_number(dev + 2) : -1;
    }
    return *ret_number >= 0 && *ret_number <= PLACE_MAX && controller <= PLACE_MAX;
}

/* As libvirt's schema has it, so that a dump is valid. */
static gboolean is_target(const char *dev)
{
    return g_regex_match_simple("^((fd|hd|sd|vd|xvd|ubd)[a-zA-Z0-9_]+|nvme[0-9]+n[0-9]+)$", dev,
                                G_REGEX_DOLLAR_ENDONLY, 0);
}

static char *place_target(const Disk *self, gint64 number)
{
    if (g_str_equal(self->bus, "nvme"))
        return g_strdup_printf("nvme%" G_GINT64_FORMAT "n%" G_GINT64_FORMAT, self->controller,
                               self->port + 1);
    const char *prefix = "sd";
    for (guint i = 0; i < G_N_ELEMENTS(prefixes); i++)
        if (g_str_equal(prefixes[i].bus, self->bus))
            prefix = prefixes[i].prefix;
    g_autofree char *letters = number_letters(number);
    return g_strconcat(prefix, letters, NULL);
}

/* Which disk of its bus it is, by its place; the other way round from fill_address(). */
static gint64 place_number(const Disk *self)
{
    if (g_str_equal(self->bus, "ide"))
        return self->controller * 4 + self->port * 2 + self->lun;
    if (g_str_equal(self->bus, "fdc"))
        return self->controller * 2 + self->lun;
    return self->port;
}

/* --- from the XML -------------------------------------------------------------------------- */

static gboolean fail_at(const Disk *self, const char *path, GError **error, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
static gboolean fail_at(const Disk *self, const char *path, GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *where =
        item_path(&self->item, path == NULL ? NULL : element_field(self->item.element, path));
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s: %s", where, what);
}

static gboolean infer_bus(Disk *self, GError **error)
{
    if (!is_target(self->dev))
        return fail_at(self, "target/@dev", error,
                       "'%s' is no name of a disk, like hda, sdb, fda or nvme0n1", self->dev);
    for (guint i = 0; i < G_N_ELEMENTS(prefixes) && self->bus == NULL; i++)
        if (g_str_has_prefix(self->dev, prefixes[i].prefix))
            self->bus = prefixes[i].bus;
    if (self->bus == NULL)
        return fail_at(self, "target/@dev", error,
                       "'%s' names no bus; say bus='sata', ide, scsi, fdc, usb or nvme", self->dev);
    gboolean is_floppy = g_str_equal(self->device, "floppy");
    if (is_floppy != g_str_equal(self->bus, "fdc"))
        return fail_at(self, "target/@bus", error, "a %s cannot stand on bus '%s'", self->device,
                       self->bus);
    return TRUE;
}

/* An address that is not given follows from the target's name. */
static gboolean fill_address(Disk *self, GError **error)
{
    gint64 controller, number;
    gboolean has_ports = !g_str_equal(self->bus, "ide") && !g_str_equal(self->bus, "fdc");
    if (self->controller == NUMBER_ABSENT && self->unit == NUMBER_ABSENT) {
        if (!target_place(self->dev, &controller, &number))
            return fail_at(self, "target/@dev", error,
                           "'%s' stands for no place; give an <address>", self->dev);
        gint64 per_controller = has_ports ? G_MAXINT64 : (g_str_equal(self->bus, "ide") ? 4 : 2);
        self->controller = controller + number / per_controller;
        number %= per_controller;
        self->address_bus = g_str_equal(self->bus, "ide") ? number / 2 : 0;
        self->unit = has_ports ? number : number % 2;
    }
    if (self->controller == NUMBER_ABSENT)
        self->controller = 0;
    if (self->address_bus == NUMBER_ABSENT)
        self->address_bus = 0;
    if (self->target == NUMBER_ABSENT)
        self->target = 0;
    if (self->unit == NUMBER_ABSENT)
        self->unit = 0;
    /* On SCSI some write the number as target, some as unit: one of them is 0. */
    if (self->target != 0 && self->unit != 0)
        return fail_at(self, "address/@target", error,
                       "VirtualBox's controllers have one number a disk; leave target='0'");
    self->port = has_ports ? self->unit + self->target : self->address_bus;
    self->lun = has_ports ? 0 : self->unit;
    if ((has_ports && self->address_bus != 0) || (!has_ports && self->lun > 1))
        return fail_at(self, "address/@unit", error, "there is no such place on bus '%s'",
                       self->bus);
    return TRUE;
}

static gboolean check_place(Model *model, const Disk *self, GError **error)
{
    GPtrArray *disks = model_items(model, self->item.element);
    for (guint i = 0; i < disks->len; i++) {
        const Disk *other = g_ptr_array_index(disks, i);
        if (other == self)
            break;
        if (g_str_equal(other->bus, self->bus) && other->controller == self->controller &&
            other->port == self->port && other->lun == self->lun)
            return fail_at(self, "target/@dev", error,
                           "'%s' stands where '%s' stands; give one of them an <address>",
                           self->dev, other->dev);
    }
    return TRUE;
}

static gboolean check(Model *model, Item *item, GError **error)
{
    Disk *self = (Disk *)item;
    gboolean is_cdrom = g_str_equal(self->device, "cdrom");
    if (!infer_bus(self, error) || !fill_address(self, error) || !check_place(model, self, error))
        return FALSE;
    if (self->file != NULL && *self->file == '\0')
        g_clear_pointer(&self->file, g_free);
    if (self->file == NULL && g_str_equal(self->device, "disk"))
        return fail_at(self, NULL, error, "missing source information for device %s", self->dev);
    if (self->file != NULL && !g_path_is_absolute(self->file))
        return fail_at(self, "source/@file", error, "'%s' is not an absolute path", self->file);
    if (self->readonly == SWITCH_YES && g_str_equal(self->device, "disk"))
        return fail_at(self, "readonly", error, "VirtualBox has no read-only hard disks");
    if (is_cdrom)
        self->readonly = SWITCH_YES;
    self->medium_type = self->readonly == SWITCH_YES ? "Readonly" : "Writethrough";
    if (controller_find(model, self->bus, self->controller) == NULL)
        controller_imply(model, self->bus, self->controller);
    return TRUE;
}

/* --- from VirtualBox ----------------------------------------------------------------------- */

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

static gboolean is_target_taken(const GPtrArray *disks, const Disk *self, const char *dev)
{
    for (guint i = 0; i < disks->len; i++) {
        const Disk *other = g_ptr_array_index(disks, i);
        if (other != self && g_strcmp0(other->dev, dev) == 0)
            return TRUE;
    }
    return FALSE;
}

/* A kept name stays; else the place makes one that no other has. */
static void name_target(Model *model, Disk *self)
{
    GPtrArray *disks = model_items(model, self->item.element);
    if (self->dev != NULL && is_target(self->dev))
        return;
    g_clear_pointer(&self->dev, g_free);
    for (gint64 number = place_number(self); self->dev == NULL; number++) {
        g_autofree char *dev = place_target(self, number);
        if (!is_target_taken(disks, self, dev) || g_str_equal(self->bus, "nvme"))
            self->dev = g_steal_pointer(&dev);
    }
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
    gboolean is_readonly =
        g_strcmp0(self->device, "cdrom") == 0 || g_strcmp0(self->medium_type, "Readonly") == 0;
    self->readonly = is_readonly ? SWITCH_YES : SWITCH_NO;
    name_target(map_model(context), self);
    return TRUE;
}

static char *group_name(const Item *item)
{
    const Disk *self = (const Disk *)item;
    return g_strdup_printf("disk %s %" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, self->controller_name,
                           self->port, self->lun);
}

/* --- preparing ----------------------------------------------------------------------------- */

static guint32 device_type(const Disk *self)
{
    guint32 number = 0;
    for (const Word *word = devices; word->word != NULL; word++)
        if (g_str_equal(word->word, self->device))
            g_assert(vbox_enum_find("DeviceType", word->constant, &number));
    return number;
}

/* What the machine has attached where the disk is to be; NULL without an error: nothing. */
static gboolean attached_file(MapContext *context, const Disk *self, char **ret_file,
                              GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Object) medium = NULL;
    *ret_file = NULL;
    if (map_machine(context) == NULL)
        return TRUE;
    if (!vbox_call(map_machine(context), IMachine_getMedium, &failure, self->controller_name,
                   (gint)self->port, (gint)self->lun, &medium)) {
        if (g_error_matches(failure, XPCOM_ERROR, (gint)VBOX_E_OBJECT_NOT_FOUND))
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    return medium == NULL || vbox_call(medium, IMedium_get_location, error, ret_file);
}

static gboolean check_port(const Disk *self, const Controller *controller, GError **error)
{
    guint count = 0;
    if (!limits_ports(controller->bus, &count, error))
        return FALSE;
    if (self->port < count)
        return TRUE;
    return fail_at(self, NULL, error, "VirtualBox has places for %u disks on bus '%s'", count,
                   self->bus);
}

/* VirtualBox attaches only what is there; but what it has, it keeps, there or not.  What is new is
 * opened now: once an image was attached, VirtualBox (7.2) holds it even when the change that
 * attached it is discarded. */
static gboolean prepare_one(MapContext *context, Disk *self, GError **error)
{
    Controller *controller = controller_find(map_model(context), self->bus, self->controller);
    g_autofree char *attached = NULL;
    self->controller_name = g_strdup(controller->name);
    if (!check_port(self, controller, error) ||
        (controller->exists && !attached_file(context, self, &attached, error)))
        return FALSE;
    if (self->file == NULL || g_strcmp0(attached, self->file) == 0)
        return TRUE;
    if (!g_file_test(self->file, G_FILE_TEST_EXISTS))
        return fail_at(self, "source/@file", error,
                       "'%s' does not exist, and VirtualBox attaches only what is there",
                       self->file);
    self->medium = medium_open(context, self->file, device_type(self), error);
    return self->medium != NULL;
}

static gboolean fail_item(const Disk *self, GError **error)
{
    if ((*error)->domain == VIR_ERROR)
        return FALSE;
    g_autofree char *path = item_path(&self->item, NULL);
    g_prefix_error(error, "%s: ", path);
    return FALSE;
}

/* VirtualBox refuses an image's second place when the first is attached already, and keeps that. */
static gboolean check_image(const GPtrArray *items, const Disk *self, GError **error)
{
    if (self->file == NULL || !g_str_equal(self->device, "disk"))
        return TRUE;
    for (guint i = 0; g_ptr_array_index(items, i) != self; i++) {
        const Disk *other = g_ptr_array_index(items, i);
        if (g_strcmp0(other->file, self->file) == 0 && g_str_equal(other->device, "disk"))
            return fail_at(self, "source/@file", error, "'%s' is the image of '%s' already",
                           self->file, other->dev);
    }
    return TRUE;
}

static gboolean prepare(MapContext *context, GPtrArray *items, GError **error)
{
    for (guint i = 0; i < items->len; i++) {
        Disk *self = g_ptr_array_index(items, i);
        if (!check_image(items, self, error) || !prepare_one(context, self, error))
            return fail_item(self, error);
    }
    return TRUE;
}

/* --- applying ------------------------------------------------------------------------------ */

typedef struct Attachment {
    Object *medium; /* NULL: an empty drive */
    char *controller, *file;
    gint32 port, lun;
    guint32 type;
} Attachment;

static void attachment_clear(Attachment *self)
{
    object_unref(self->medium);
    g_free(self->controller);
    g_free(self->file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Attachment, attachment_clear)

static gboolean attachment_read(Object *object, Attachment *ret, GError **error)
{
    return vbox_call(object, IMediumAttachment_get_controller, error, &ret->controller) &&
           vbox_call(object, IMediumAttachment_get_port, error, &ret->port) &&
           vbox_call(object, IMediumAttachment_get_device, error, &ret->lun) &&
           vbox_call(object, IMediumAttachment_get_type, error, &ret->type) &&
           vbox_call(object, IMediumAttachment_get_medium, error, &ret->medium) &&
           (ret->medium == NULL || vbox_call(ret->medium, IMedium_get_location, error, &ret->file));
}

/* The disk that an attachment is already, at least as a drive. */
static Disk *disk_of(Domain *domain, const Attachment *attachment)
{
    GPtrArray *disks = model_items(domain, &domain_disk_element);
    for (guint i = 0; i < disks->len; i++) {
        Disk *disk = g_ptr_array_index(disks, i);
        gboolean is_here = g_strcmp0(disk->controller_name, attachment->controller) == 0 &&
                           disk->port == attachment->port && disk->lun == attachment->lun;
        gboolean can_stay =
            !g_str_equal(disk->device, "disk") || g_strcmp0(disk->file, attachment->file) == 0;
        if (is_here && can_stay && device_type(disk) == attachment->type)
            return disk;
    }
    return NULL;
}

static void forget_medium(gpointer medium)
{
    medium_forget(medium);
}

static gboolean is_wanted(MapContext *context, const char *file)
{
    GPtrArray *disks = model_items(map_model(context), &domain_disk_element);
    for (guint i = 0; i < disks->len; i++)
        if (g_strcmp0(((const Disk *)g_ptr_array_index(disks, i))->file, file) == 0)
            return TRUE;
    return FALSE;
}

/* A drive that stays, or a place that becomes free.  What goes from one drive to another is taken
 * out first: VirtualBox (7.2) would count it as used nowhere. */
static gboolean detach_other(MapContext *context, Attachment *attachment, GError **error)
{
    Object *machine = map_machine(context);
    Disk *disk = disk_of(map_model(context), attachment);
    gboolean is_changed = disk == NULL || g_strcmp0(disk->file, attachment->file) != 0;
    gboolean moves = is_changed && attachment->file != NULL && is_wanted(context, attachment->file);
    if (is_changed && attachment->medium != NULL && !moves)
        map_on_success(context, forget_medium, object_ref(attachment->medium),
                       (GDestroyNotify)object_unref);
    if (disk == NULL)
        return vbox_call(machine, IMachine_detachDevice, error, attachment->controller,
                         attachment->port, attachment->lun);
    disk->is_attached = TRUE;
    if (moves)
        return vbox_call(machine, IMachine_mountMedium, error, attachment->controller,
                         attachment->port, attachment->lun, NULL, TRUE);
    disk->attached_file = g_steal_pointer(&attachment->file);
    return TRUE;
}

gboolean disk_detach_others(MapContext *context, GError **error)
{
    g_autoptr(GPtrArray) objects = NULL;
    if (!vbox_call(map_machine(context), IMachine_get_mediumAttachments, error, &objects))
        return FALSE;
    for (guint i = 0; i < objects->len; i++) {
        g_auto(Attachment) attachment = {0};
        if (!attachment_read(g_ptr_array_index(objects, i), &attachment, error) ||
            !detach_other(context, &attachment, error))
            return FALSE;
    }
    return TRUE;
}

/* SATA and others have as many ports as were asked for, up to a limit. */
static gboolean ensure_port(MapContext *context, const Disk *self, GError **error)
{
    g_autoptr(Object) controller = NULL;
    guint32 count;
    if (!vbox_call(map_machine(context), IMachine_getStorageControllerByName, error,
                   self->controller_name, &controller) ||
        !vbox_call(controller, IStorageController_get_portCount, error, &count))
        return FALSE;
    return self->port < count ||
           vbox_call(controller, IStorageController_set_portCount, error, (guint)self->port + 1);
}

/* Which of them is read-only, a floppy image knows itself. */
static gboolean set_medium_type(MapContext *context, const Disk *self, GError **error)
{
    g_autoptr(Object) medium = NULL;
    if (self->file == NULL || !g_str_equal(self->device, "floppy"))
        return TRUE;
    guint32 type = 0;
    g_assert(vbox_enum_find("MediumType", self->medium_type, &type));
    return vbox_call(map_machine(context), IMachine_getMedium, error, self->controller_name,
                     (gint)self->port, (gint)self->lun, &medium) &&
           medium_set_type(context, medium, type, error);
}

static gboolean attach(MapContext *context, const Disk *self, GError **error)
{
    Object *machine = map_machine(context);
    if (self->is_attached && g_strcmp0(self->file, self->attached_file) == 0)
        return TRUE;
    guint32 type = device_type(self);
    gint port = (gint)self->port, lun = (gint)self->lun;
    if (self->is_attached)
        return vbox_call(machine, IMachine_mountMedium, error, self->controller_name, port, lun,
                         self->medium, map_data(context, DISK_FORCE) != NULL);
    if (!ensure_port(context, self, error))
        return FALSE;
    if (self->medium == NULL)
        return vbox_call(machine, IMachine_attachDeviceWithoutMedium, error, self->controller_name,
                         port, lun, type);
    return vbox_call(machine, IMachine_attachDevice, error, self->controller_name, port, lun, type,
                     self->medium);
}

static gboolean apply(MapContext *context, GPtrArray *items, GError **error)
{
    for (guint i = 0; i < items->len; i++) {
        const Disk *self = g_ptr_array_index(items, i);
        if (!attach(context, self, error) || !set_medium_type(context, self, error))
            return fail_item(self, error);
    }
    return TRUE;
}

static void clear(Item *item)
{
    g_free(((Disk *)item)->attached_file);
}

const Element domain_disk_element = {
    .path = "devices/disk",
    .interface = "IMediumAttachment",
    .about =
        "A disk stands on a controller: where, says its `<address>`, else its target name "
        "(`hdc` is IDE 1:0, `sdb` port 1). Without a bus, the name says it as with libvirt: "
        "hd ide, sd scsi, fd fdc, nvme nvme. The format is the file's own, whatever `<driver>` "
        "says. An image that a machine no longer has is also removed from VirtualBox's list "
        "of media, unless another one has it; no file is ever removed. CD-ROMs are always "
        "`readonly`; for a floppy it is a property of the image, in all machines that have it.",
    .size = sizeof(Disk),
    .hot = TRUE,
    .fields = fields,
    .late = TRUE,
    .check = check,
    .prepare = prepare,
    .apply = apply,
    .read = read_all,
    .finish = finish,
    .name = group_name,
    .clear = clear,
};

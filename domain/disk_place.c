/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disk, its place: target names, addresses, and which of them follows from which. */
#include "domain/device.h"
#include "domain/storage.h"
#include <string.h>

/* clang-format off */
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
    return *ret_number >= 0 && *ret_number <= DISK_PLACE_MAX && controller <= DISK_PLACE_MAX;
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

static gboolean infer_bus(Disk *self, GError **error)
{
    if (!is_target(self->dev))
        return device_refuse(&self->item, "target/@dev", error,
                             "'%s' is no name of a disk, like hda, sdb, fda or nvme0n1", self->dev);
    for (guint i = 0; i < G_N_ELEMENTS(prefixes) && self->bus == NULL; i++)
        if (g_str_has_prefix(self->dev, prefixes[i].prefix))
            self->bus = prefixes[i].bus;
    if (self->bus == NULL)
        return device_refuse(&self->item, "target/@dev", error,
                             "'%s' names no bus; say bus='sata', ide, scsi, fdc, usb or nvme",
                             self->dev);
    gboolean is_floppy = g_str_equal(self->device, "floppy");
    if (is_floppy != g_str_equal(self->bus, "fdc"))
        return device_refuse(&self->item, "target/@bus", error, "a %s cannot stand on bus '%s'",
                             self->device, self->bus);
    return TRUE;
}

/* An address that is not given follows from the target's name. */
static gboolean fill_address(Disk *self, GError **error)
{
    gint64 controller, number;
    gboolean has_ports = !g_str_equal(self->bus, "ide") && !g_str_equal(self->bus, "fdc");
    if (self->controller == NUMBER_ABSENT && self->unit == NUMBER_ABSENT) {
        if (!target_place(self->dev, &controller, &number))
            return device_refuse(&self->item, "target/@dev", error,
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
        return device_refuse(&self->item, "address/@target", error,
                             "VirtualBox's controllers have one number a disk; leave target='0'");
    self->port = has_ports ? self->unit + self->target : self->address_bus;
    self->lun = has_ports ? 0 : self->unit;
    if ((has_ports && self->address_bus != 0) || (!has_ports && self->lun > 1))
        return device_refuse(&self->item, "address/@unit", error,
                             "there is no such place on bus '%s'", self->bus);
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
            return device_refuse(&self->item, "target/@dev", error,
                                 "'%s' stands where '%s' stands; give one of them an <address>",
                                 self->dev, other->dev);
    }
    return TRUE;
}

gboolean disk_place(Model *model, Disk *self, GError **error)
{
    return infer_bus(self, error) && fill_address(self, error) && check_place(model, self, error);
}

/* --- from VirtualBox ----------------------------------------------------------------------- */

static gboolean is_target_taken(const GPtrArray *disks, const Disk *self, const char *dev)
{
    for (guint i = 0; i < disks->len; i++) {
        const Disk *other = g_ptr_array_index(disks, i);
        if (other != self && g_strcmp0(other->dev, dev) == 0)
            return TRUE;
    }
    return FALSE;
}

void disk_name(Model *model, Disk *self)
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

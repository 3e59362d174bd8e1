/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Storage: what <controller> and <disk> share.
 *
 * The XML knows a controller by type and index, VirtualBox by a name.  A disk stands on one, at a
 * port and (IDE, floppy) a device of it.  The last is what its <address> says, or else its target
 * name. */
#pragma once
#include "domain/domain.h"

typedef struct Controller {
    Item item;
    const char *type; /* "ide", "sata", "scsi", "fdc", "nvme"; hidden: "usb" */
    gint64 index;
    const char *model, *bus; /* the XML's word, VirtualBox's StorageBus */
    char *name;              /* VirtualBox's; NULL until prepare */
    char *alias, *address, *driver;
    gboolean exists; /* the machine has one of that name */
} Controller;

typedef struct Disk {
    Item item;
    const char *device, *bus;
    char *file, *dev, *driver, *alias;
    Switch readonly;
    gint64 boot_order;                            /* domain/boot.h */
    gint64 controller, address_bus, target, unit; /* <address> */
    char *controller_name;                        /* VirtualBox's side */
    const char *medium_type;                      /* of floppies: a MediumType */
    gint64 port, lun;
    Object *medium;       /* that is to be attached; borrowed */
    gboolean is_attached; /* its place has a device of its type already, with: */
    char *attached_file;  /* NULL: nothing in it */
} Disk;

/* Of a context's data: not NULL when media may be taken out of drives that the guest has locked. */
#define DISK_FORCE "disk-force"

/* NULL: there is none. */
Controller *controller_find(Domain *domain, const char *type, gint64 index);
Controller *controller_find_by_name(Domain *domain, const char *name);

/* One that a disk needs, though the XML has none such: libvirt adds it without a word. */
Controller *controller_imply(Domain *domain, const char *type, gint64 index);

/* Detaches everything that is not to stay where it is, and notes in the disks what does stay. */
gboolean disk_detach_others(MapContext *context, GError **error) G_GNUC_WARN_UNUSED_RESULT;

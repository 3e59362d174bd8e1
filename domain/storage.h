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
    Switch cache_said, cache;   /* the host's; what the XML says of it, what VirtualBox has */
    gboolean is_cache_of_disks; /* a disk of it has said which */
    gint64 ports_said, ports;
    Switch bootable;
    gboolean exists; /* the machine has one of that name */
} Controller;

typedef struct Disk {
    Item item;
    const char *type, *device, *bus;
    char *file, *dev, *alias;
    char *driver_name, *io, *error_policy, *rerror_policy, *detect_zeroes, *queues; /* advice */
    const char *format, *cache, *discard_word, *rotation, *startup;
    Switch readonly, shareable, transient;
    const char *type_said;                        /* a medium's type that libvirt has no word for */
    gint64 boot_order;                            /* domain/boot.h */
    gint64 controller, address_bus, target, unit; /* <address> */
    gint64 limit;                                 /* bytes a second, of its own group */
    char *group_said, *group;                     /* of bandwidth: the XML's side, VirtualBox's */
    Switch hot_said;
    char *controller_name;   /* VirtualBox's side */
    const char *medium_type; /* a word of disk_medium_types */
    gint64 port, lun;
    Switch discard, solid, hot, passthrough;
    gboolean stays;       /* the machine has its file there already */
    Object *medium;       /* that is to be attached */
    gboolean is_attached; /* its place has a device of its type already, with: */
    char *attached_file;  /* NULL: nothing in it */
} Disk;

/* The numbers that an address can say. */
#define DISK_PLACE_MAX 255

/* Of a context's data: not NULL when media may be taken out of drives that the guest has locked. */
#define DISK_FORCE "disk-force"

/* Of a context's data: not NULL when an optional file is not there, and its drive is to be empty.
 */
#define DISK_AWAITED "disk-awaited"

/* Whether the machine starts without the file in its drive (domain/disk.c). */
gboolean disk_is_optional(const Disk *self);

/* Whether VirtualBox makes such a controller with the host's cache, which goes without saying. */
Switch controller_default_cache(const Controller *self);

/* NULL: there is none. */
Controller *controller_find(Domain *domain, const char *type, gint64 index);
Controller *controller_find_by_name(Domain *domain, const char *name);

/* One that a disk needs, though the XML has none such: libvirt adds it without a word. */
Controller *controller_imply(Domain *domain, const char *type, gint64 index);

/* --- domain/disk_place.c -------------------------------------------------------------------- */

/* Bus and address, by what the XML has of them; refuses a place that there is not, or twice. */
gboolean disk_place(Domain *domain, Disk *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A kept name stays; else the place makes one that no other has. */
void disk_name(Domain *domain, Disk *self);

/* --- domain/disk_attach.c ------------------------------------------------------------------- */

extern const Word disk_devices[], disk_medium_types[];

/* Of a disk's element. */
gboolean disk_look(MapContext *context, Item *item, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean disk_prepare(MapContext *context, GPtrArray *items,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean disk_apply(MapContext *context, GPtrArray *items,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The name of the group of bandwidth that a disk has of its own.  Owned by the caller. */
char *disk_own_group(const Disk *self);

/* Detaches everything that is not to stay where it is, and notes in the disks what does stay. */
gboolean disk_detach_others(MapContext *context, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes the disks of the machine out of a group of bandwidth. */
gboolean disk_leave_group(MapContext *context, const char *name,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- domain/disk_type.c --------------------------------------------------------------------- */

/* Of a context's data: not NULL when a type changes.  What fails then may have been saved in part.
 */
#define DISK_RETYPES "disk-retypes"

/* The MediumType that a definition asks for. */
guint32 disk_type_number(const Disk *self);

/* Whether the disk's medium can get that type; refuses what another machine, a snapshot or what the
 * guest wrote is against.  attached: the image of differences that VirtualBox has attached in its
 * place; NULL: none. */
gboolean disk_type_prepare(MapContext *context, Disk *self, Object *attached,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives a hard disk that is not attached (any more) its type. */
gboolean disk_type_apply(MapContext *context, const Disk *self,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- domain/disk_start.c -------------------------------------------------------------------- */

/* Before a start: refuses one whose drives have files that are gone, or cannot be read, unless all
 * of these are optional: then *ret_without is the machine without them.  NULL: all are there.
 * (VirtualBox (7.2) itself refuses such a start once, and starts with an empty drive the next
 * time.) */
gboolean disk_check_start(Object *machine, Domain **ret_without,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A machine did not start: if that is because of an image (that is gone, may not be read, or is in
 * use), failure says so, and by whom. */
void disk_explain_start(Object *machine, GError **failure);

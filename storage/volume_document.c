/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <volume>: libvirt's XML of a volume, from a Volume and to what it asks for. */
#include "storage/permissions.h"
#include "storage/volume.h"

typedef struct VolumeItem {
    Item item;
    const char *type, *format;
    char *name, *key, *path;
    char *atime, *mtime, *ctime;
    char *backing;
    gint64 capacity, allocation, physical;
    Switch source, backing_store;
    Permissions permissions;
} VolumeItem;

static const Word types[] = {{"file"}, END};

const Word volume_formats[] = {{"raw", NULL},  {"vdi", "VDI"},   {"vmdk", "VMDK"},
                               {"vpc", "VHD"}, {"qcow", "QCOW"}, END};

#define NO_LAYERS "it makes images on top of others for snapshots only"
#define NO_QCOW_OPTIONS "it does not choose how an image is written"

/* The key, the path and the times are libvirt's to tell, so a dump may be defined again. */
static const Field volume_fields[] = {
    F("@type", VolumeItem, type, NULL, WORD(types, NULL), FALLBACK("file"), BLANK),
    F("name", VolumeItem, name, NULL, STR, REQUIRED),
    F("key", VolumeItem, key, NULL, STR, LIVE),
    F("source", VolumeItem, source, NULL, PRESENT),
    F("capacity", VolumeItem, capacity, NULL, BYTES, FILLED),
    F("allocation", VolumeItem, allocation, NULL, BYTES),
    F("physical", VolumeItem, physical, NULL, BYTES, LIVE),
    F("target/path", VolumeItem, path, NULL, STR, LIVE),
    REFUSE("target/format[type=qcow2]", "it does not write qcow2 images: say <format type='vdi'/>"),
    F("target/format/@type", VolumeItem, format, NULL, WORD(volume_formats, NULL), FALLBACK("raw"),
      BLANK),
    PERMISSIONS_ROWS(VolumeItem),
    F("target/timestamps/atime", VolumeItem, atime, NULL, STR, LIVE),
    F("target/timestamps/mtime", VolumeItem, mtime, NULL, STR, LIVE),
    F("target/timestamps/ctime", VolumeItem, ctime, NULL, STR, LIVE),
    IGNORE("target/timestamps/btime", "no file is as old as the XML says"),
    REFUSE("target/encryption", "vboxvirt does not encrypt images yet"),
    REFUSE("target/compat", NO_QCOW_OPTIONS),
    REFUSE("target/clusterSize", NO_QCOW_OPTIONS),
    REFUSE("target/features/lazy_refcounts", NO_QCOW_OPTIONS),
    REFUSE("target/features/extended_l2", NO_QCOW_OPTIONS),
    REFUSE("target/nocow", NO_QCOW_OPTIONS),
    F("backingStore", VolumeItem, backing_store, NULL, PRESENT),
    F("backingStore/path", VolumeItem, backing, NULL, STR),
    IGNORE("backingStore/format", "the file says its own"),
    IGNORE("backingStore/permissions", "the file has its own"),
    IGNORE("backingStore/timestamps", "the file has its own"),
    {0},
};

static gboolean check_backing(const VolumeItem *item, GError **error)
{
    return item->backing_store != SWITCH_YES ||
           fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "/volume/backingStore is not supported by VirtualBox: " NO_LAYERS);
}

/* A copy has its source's. */
static gboolean check_capacity(const VolumeItem *item, gboolean is_copy, GError **error)
{
    return is_copy || item->capacity != NUMBER_ABSENT || item->item.is_incomplete ||
           fail(error, VIR_ERR_XML_ERROR, "missing /volume/capacity");
}

static const Element volume_element = {
    .path = "",
    .about = "An image in a pool's folder.",
    .size = sizeof(VolumeItem),
    .fields = volume_fields,
    .single = TRUE,
};

static const Element *const elements[] = {&volume_element, NULL};
static const Schema schema = {.root = "volume", .elements = elements};

void volume_wish_clear(VolumeWish *self)
{
    g_clear_pointer(&self->name, g_free);
}

gboolean volume_parse(const char *xml, gboolean is_copy, VolumeWish *ret_wish, Refusals *refusals,
                      GError **error)
{
    g_autoptr(Model) model = map_parse_all(&schema, xml, refusals, error);
    if (model == NULL)
        return FALSE;
    GError *reason = NULL;
    VolumeItem *item = model_first(model, &volume_element);
    *ret_wish = (VolumeWish){
        .format = item->format, .capacity = item->capacity, .allocation = item->allocation};
    refusals_note(refusals, check_backing(item, &reason), &reason);
    refusals_note(refusals, item->name == NULL || volume_check_name(item->name, &reason), &reason);
    refusals_note(refusals, check_capacity(item, is_copy, &reason), &reason);
    /* the file is not there yet: it will be the user's */
    refusals_note(
        refusals,
        permissions_check(&item->permissions, &item->item, NULL, &ret_wish->mode, &reason),
        &reason);
    ret_wish->name = g_steal_pointer(&item->name);
    return TRUE;
}

static char *format_time(const struct timespec *time)
{
    return g_strdup_printf("%" G_GINT64_FORMAT ".%09ld", (gint64)time->tv_sec, time->tv_nsec);
}

/* A relative one is beside the image. */
static char *backing_path(const Volume *volume)
{
    g_autofree char *folder = g_path_get_dirname(volume->path);
    return g_canonicalize_filename(volume->image.backing, folder);
}

char *volume_format(const Volume *self, GError **error)
{
    g_autoptr(Model) model = model_new(&schema);
    VolumeItem *item = model_add(model, &volume_element);
    item->type = types[0].word;
    item->name = g_strdup(self->name);
    item->key = g_strdup(self->path);
    item->path = g_strdup(self->path);
    item->source = SWITCH_YES;
    item->capacity = (gint64)self->image.capacity;
    item->allocation = (gint64)volume_allocation(self);
    item->physical = self->file.st_size;
    item->format = self->image.format;
    item->atime = format_time(&self->file.st_atim);
    item->mtime = format_time(&self->file.st_mtim);
    item->ctime = format_time(&self->file.st_ctim);
    if (self->image.backing != NULL)
        item->backing = backing_path(self);
    if (!permissions_read(&item->permissions, self->path))
        g_debug("the volume '%s' has just gone", self->path);
    return map_format(model, MAP_ACTIVE, error);
}

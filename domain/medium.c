/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Medium: see medium.h. */
#include "domain/medium.h"
#include "domain/domain.h"
#include "domain/hidden.h"
#include "storage/flat.h"
#include "storage/foreign.h"
#include "storage/image.h"
#include "storage/opening.h"
#include "vbox/progress.h"

typedef struct Opened {
    Object *medium;
    char *file;        /* NULL: the operation has done with it */
    GPtrArray *before; /* what the list had when the operation began */
} Opened;

static void opened_free(gpointer data)
{
    Opened *self = data;
    if (self->file != NULL && opening_end(self->file, FALSE))
        medium_forget(self->medium);
    object_unref(self->medium);
    g_free(self->file);
    g_ptr_array_unref(self->before);
    g_free(self);
}

static char *medium_id(Object *medium)
{
    char *id = NULL;
    return vbox_call(medium, IMedium_get_id, NULL, &id) ? id : NULL;
}

/* VirtualBox does not say whether it opened an image anew: compare with the list of before. */
static gboolean is_new(const Opened *self)
{
    g_autofree char *id = medium_id(self->medium);
    for (guint i = 0; i < self->before->len; i++) {
        g_autofree char *other = medium_id(g_ptr_array_index(self->before, i));
        if (g_strcmp0(id, other) == 0)
            return FALSE;
    }
    return TRUE;
}

static void opened_undo(gpointer data)
{
    Opened *self = data;
    g_autofree char *file = g_steal_pointer(&self->file);
    if (opening_end(file, is_new(self)))
        medium_forget(self->medium);
}

/* VirtualBox's list for a type of device, as it was when the operation first asked. */
static GPtrArray *list_before(MapContext *context, guint32 device_type, GError **error)
{
    static const struct {
        VboxEnum type;
        VboxName getter;
        const char *key;
    } lists[] = {
        {DeviceType_HardDisk, IVirtualBox_get_hardDisks, "hard-disks"},
        {DeviceType_DVD, IVirtualBox_get_DVDImages, "dvd-images"},
        {DeviceType_Floppy, IVirtualBox_get_floppyImages, "floppy-images"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        if (vbox_enum(lists[i].type) != device_type)
            continue;
        GPtrArray *list = map_data(context, lists[i].key);
        if (list == NULL && vbox_call(vbox_root(), lists[i].getter, error, &list))
            map_set_data(context, lists[i].key, list, (GDestroyNotify)g_ptr_array_unref);
        return list;
    }
    g_error("%u is no type of device that has images", device_type);
}

/* An ISO image can be a disk as well. */
static gboolean is_raw(const Image *image)
{
    return g_str_equal(image->format, "raw") || g_str_equal(image->format, "iso");
}

gboolean medium_looks_raw(const char *file)
{
    static const char *const others[] = {".vdi", ".vmdk", ".vhd", ".vhdx", ".qcow", ".qcow2",
                                         ".qed", ".hdd",  ".dmg", ".iso",  NULL};
    g_auto(Image) image = {0};
    g_autofree char *name = g_ascii_strdown(file, -1);
    for (guint i = 0; others[i] != NULL; i++)
        if (g_str_has_suffix(name, others[i]))
            return FALSE;
    return image_read(file, &image, NULL) && g_str_equal(image.format, "raw");
}

/* What VirtualBox says of a raw image does not help. */
static void explain(const char *file, guint32 device_type, GError **error)
{
    g_auto(Image) image = {0};
    if (device_type != vbox_enum(DeviceType_HardDisk) || !image_read(file, &image, NULL) ||
        !is_raw(&image))
        return;
    g_clear_error(error);
    fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
         "'%s' is a raw image: if it is to be a hard disk, say <driver type='raw'/>", file);
}

/* A hidden machine is the picture of another one, and never runs. */
gboolean medium_admit(MapContext *context, const char *file, GError **error)
{
    guint8 uuid[UUID_BYTES];
    char id[UUID_STRING] = "";
    const General *general = domain_general(map_model(context));
    if (general->uuid != NULL && uuid_parse(general->uuid, uuid))
        uuid_format(uuid, id);
    return foreign_admit(file, *id != '\0' && hidden_has(uuid) ? NULL : id, error);
}

Object *medium_open(MapContext *context, const char *file, guint32 device_type, GError **error)
{
    gboolean is_dvd = device_type == vbox_enum(DeviceType_DVD);
    if (device_type == vbox_enum(DeviceType_HardDisk) && !medium_admit(context, file, error))
        return NULL;
    guint32 access = vbox_enum(is_dvd ? AccessMode_ReadOnly : AccessMode_ReadWrite);
    Object *medium = NULL;
    opening_begin(file); /* first: what the list has then is not closed before it is opened */
    GPtrArray *before = list_before(context, device_type, error);
    gboolean is_open = before != NULL && vbox_call(vbox_root(), IVirtualBox_openMedium, error, file,
                                                   device_type, access, FALSE, &medium);
    if (!is_open) {
        (void)opening_end(file, FALSE);
        explain(file, device_type, error);
        return NULL;
    }
    Opened *opened = g_new(Opened, 1);
    *opened = (Opened){medium, g_strdup(file), g_ptr_array_ref(before)};
    map_on_failure(context, opened_undo, opened, opened_free);
    return medium;
}

Object *medium_open_raw(MapContext *context, const char *file, GError **error)
{
    g_auto(Image) image = {0};
    gboolean is_new;
    if (!image_read(file, &image, error))
        return NULL;
    if (!is_raw(&image)) {
        fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "the image '%s' is %s, not 'raw'", file,
             image.format);
        return NULL;
    }
    g_autofree char *descriptor = flat_describe(file, &is_new, error);
    if (descriptor == NULL)
        return NULL;
    Object *medium = medium_open(context, descriptor, vbox_enum(DeviceType_HardDisk), error);
    if (medium == NULL && is_new)
        flat_forget(file);
    return medium;
}

gboolean medium_base_type(Object *medium, guint32 *ret_type, GError **error)
{
    g_autoptr(Object) base = NULL;
    return vbox_call(medium, IMedium_get_base, error, &base) &&
           vbox_call(base, IMedium_get_type, error, ret_type);
}

gboolean medium_shown(Object *medium, Object **ret_shown, GError **error)
{
    g_autoptr(Object) parent = NULL, above = NULL;
    guint32 type;
    if (!medium_base_type(medium, &type, error))
        return FALSE;
    if (type == vbox_enum(MediumType_Immutable) || type == vbox_enum(MediumType_MultiAttach)) {
        if (!vbox_call(medium, IMedium_get_parent, error, &parent) ||
            (parent != NULL && !vbox_call(parent, IMedium_get_parent, error, &above)))
            return FALSE;
    }
    /* What is further from the base belongs to snapshots. */
    *ret_shown = object_ref(parent != NULL && above == NULL ? parent : medium);
    return TRUE;
}

gboolean medium_shown_file(Object *medium, char **ret_file, GError **error)
{
    g_autoptr(Object) shown = NULL;
    return medium_shown(medium, &shown, error) && flat_location(shown, ret_file, error);
}

gboolean medium_shown_format(Object *medium, char **ret_format, GError **error)
{
    g_autoptr(Object) shown = NULL;
    return medium_shown(medium, &shown, error) && flat_format(shown, ret_format, error);
}

static void close_unused(Object *medium)
{
    g_auto(GStrv) machines = NULL;
    g_autoptr(GError) failure = NULL;
    g_autofree char *file = NULL;
    if (!vbox_call(medium, IMedium_get_machineIds, &failure, &machines) ||
        !flat_location(medium, &file, &failure)) {
        g_debug("a medium is gone already: %s", failure->message);
        return;
    }
    /* Another image may stand on it (a snapshot's): VirtualBox refuses then, rightly. */
    if (g_strv_length(machines) > 0)
        return;
    if (opening_close(medium, &failure))
        flat_forget(file);
    else
        g_debug("a medium stays in VirtualBox's list: %s", failure->message);
}

gboolean medium_is_blank(Object *medium)
{
    g_autofree char *file = NULL;
    g_auto(Image) image = {0};
    return vbox_call(medium, IMedium_get_location, NULL, &file) && image_read(file, &image, NULL) &&
           image.is_blank;
}

void medium_forget_written(Object *medium)
{
    g_autoptr(Object) progress = NULL;
    g_autoptr(GError) failure = NULL;
    if (!vbox_call(medium, IMedium_deleteStorage, &failure, &progress) ||
        !progress_wait(progress, &failure))
        g_debug("an image of differences stays: %s", failure->message);
}

void medium_forget(Object *medium)
{
    g_autoptr(Object) shown = NULL;
    g_autofree char *id = medium_id(medium);
    guint32 type;
    if (medium_shown(medium, &shown, NULL)) {
        g_autofree char *other = medium_id(shown);
        gboolean is_own = g_strcmp0(id, other) != 0;
        /* What a transient disk's machine wrote would be emptied at the next start. */
        if (is_own && medium_base_type(medium, &type, NULL) &&
            (type == vbox_enum(MediumType_Immutable) || medium_is_blank(medium)))
            medium_forget_written(medium);
        else
            close_unused(medium);
        if (is_own)
            close_unused(shown);
    }
}

typedef struct Typed {
    Object *medium;
    guint32 type; /* that it had */
} Typed;

static void typed_free(gpointer data)
{
    object_unref(((Typed *)data)->medium);
    g_free(data);
}

static void typed_undo(gpointer data)
{
    const Typed *self = data;
    g_autoptr(GError) failure = NULL;
    if (!vbox_call(self->medium, IMedium_set_type, &failure, self->type))
        g_debug("a medium keeps its new type: %s", failure->message);
}

gboolean medium_set_type(MapContext *context, Object *medium, guint32 type, GError **error)
{
    guint32 before;
    if (!vbox_call(medium, IMedium_get_type, error, &before))
        return FALSE;
    if (before == type)
        return TRUE;
    if (!vbox_call(medium, IMedium_set_type, error, type))
        return FALSE;
    Typed *typed = g_new(Typed, 1);
    *typed = (Typed){object_ref(medium), before};
    map_on_failure(context, typed_undo, typed, typed_free);
    return TRUE;
}

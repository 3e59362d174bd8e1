/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Medium: see medium.h. */
#include "domain/medium.h"

typedef struct Opened {
    Object *medium;
    GPtrArray *before; /* what the list had when the operation began */
} Opened;

static void opened_free(gpointer data)
{
    Opened *self = data;
    object_unref(self->medium);
    g_ptr_array_unref(self->before);
    g_free(self);
}

static char *medium_id(Object *medium)
{
    char *id = NULL;
    return vbox_call(medium, IMedium_get_id, NULL, &id) ? id : NULL;
}

/* VirtualBox does not say whether it opened an image anew: compare with the list of before. */
static void opened_undo(gpointer data)
{
    Opened *self = data;
    g_autofree char *id = medium_id(self->medium);
    for (guint i = 0; i < self->before->len; i++) {
        g_autofree char *other = medium_id(g_ptr_array_index(self->before, i));
        if (g_strcmp0(id, other) == 0)
            return;
    }
    medium_forget(self->medium);
}

void medium_forget(Object *medium)
{
    g_auto(GStrv) machines = NULL;
    g_autoptr(GError) failure = NULL;
    if (!vbox_call(medium, IMedium_get_machineIds, &failure, &machines)) {
        g_debug("a medium is gone already: %s", failure->message);
        return;
    }
    /* Another image may stand on it (a snapshot's): VirtualBox refuses then, rightly. */
    if (g_strv_length(machines) == 0 && !vbox_call(medium, IMedium_close, &failure))
        g_debug("a medium stays in VirtualBox's list: %s", failure->message);
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

Object *medium_open(MapContext *context, const char *file, guint32 device_type, GError **error)
{
    GPtrArray *before = list_before(context, device_type, error);
    if (before == NULL)
        return NULL;
    gboolean is_dvd = device_type == vbox_enum(DeviceType_DVD);
    guint32 access = vbox_enum(is_dvd ? AccessMode_ReadOnly : AccessMode_ReadWrite);
    Object *medium = NULL;
    if (!vbox_call(vbox_root(), IVirtualBox_openMedium, error, file, device_type, access, FALSE,
                   &medium))
        return NULL;
    Opened *opened = g_new(Opened, 1);
    *opened = (Opened){medium, g_ptr_array_ref(before)};
    map_on_failure(context, opened_undo, opened, opened_free);
    return medium;
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Foreign: see foreign.h. */
#include "storage/foreign.h"
#include "storage/known.h"
#include "storage/opening.h"

#define CONVERT "`qemu-img convert -O vdi`"

/* The first that is true is told. */
static const struct {
    guint trait;
    const char *why;
} faults[] = {
    {IMAGE_UNREAD, "which VirtualBox does not read"},
    {IMAGE_ON_ANOTHER, "which has only what differs from another file, and VirtualBox takes no "
                       "notice of that one"},
    {IMAGE_SNAPSHOTS, "with snapshots in it, which VirtualBox does not read"},
    {IMAGE_ENCRYPTED, "that is encrypted, which VirtualBox does not read"},
    {IMAGE_FEATURES, "with features that VirtualBox does not know (zstd, extended L2 entries, data "
                     "in another file)"},
    {IMAGE_SHORT, "whose file ends before its first table does, as QEMU's does while nothing is "
                  "written to it, and VirtualBox does not read that"},
};

gboolean foreign_check_read(const char *path, const Image *image, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(faults); i++)
        if ((image->traits & faults[i].trait) != 0)
            return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                        "'%s' is an image in format %s %s: make a VDI image of it by " CONVERT,
                        path, image->title, faults[i].why);
    return TRUE;
}

gboolean foreign_check_write(const char *path, const Image *image, GError **error)
{
    if (!foreign_check_read(path, image, error))
        return FALSE;
    gboolean is_qcow2 = g_str_equal(image->format, "qcow2");
    return (!is_qcow2 && (image->traits & IMAGE_MIXED) == 0) ||
           fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "'%s' is an image in format %s, which VirtualBox damages when it writes: make a "
                "VDI image of it by `virsh vol-create-from`, or by " CONVERT,
                path, image->title);
}

static gboolean has_parent(Object *medium, gboolean *ret_has, GError **error)
{
    g_autoptr(Object) parent = NULL;
    if (!vbox_call(medium, IMedium_get_parent, error, &parent))
        return FALSE;
    *ret_has = parent != NULL;
    return TRUE;
}

/* VirtualBox makes up a uuid for an image that has none when it opens it for reading only, and then
 * neither snapshots nor copies it; what nobody has is closed, to be opened for writing. */
static gboolean forget_made_up(Object *medium, const Image *image, char **users, GError **error)
{
    return (image->traits & IMAGE_NO_UUID) == 0 || *users != NULL || opening_close(medium, error);
}

gboolean foreign_admit(const char *path, const char *machine_id, GError **error)
{
    g_auto(Image) image = {0};
    g_autoptr(Object) medium = NULL;
    g_autoptr(GError) fault = NULL;
    g_auto(GStrv) users = NULL;
    gboolean is_child = FALSE;
    if (!image_read(path, &image, error))
        return FALSE;
    if (foreign_check_write(path, &image, &fault) && (image.traits & IMAGE_NO_UUID) == 0)
        return TRUE;
    if (!known_find(path, &medium, error) ||
        (medium != NULL && (!has_parent(medium, &is_child, error) ||
                            !vbox_call(medium, IMedium_get_machineIds, error, &users))))
        return FALSE;
    if (fault == NULL)
        return medium == NULL || forget_made_up(medium, &image, users, error);
    gboolean stays =
        medium != NULL && *users != NULL &&
        (machine_id == NULL || g_strv_contains((const char *const *)users, machine_id));
    if (!is_child && !stays)
        g_propagate_error(error, g_steal_pointer(&fault));
    return is_child || stays;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Volume make: see volume_make.h.
 *
 * VirtualBox makes its own formats; afterwards its lists are as before.  Raw images are ours to
 * make: VirtualBox makes full ones only. */
#include "storage/volume_make.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/libvirt.h"
#include "storage/claim.h"
#include "storage/flat.h"
#include "storage/known.h"
#include "storage/raw.h"
#include "vbox/progress.h"

#define SECTOR 512
#define RAW "RAW" /* VirtualBox's id of the format */

/* An image that VirtualBox opened for one call is closed at its end: not under another's feet. */
static GMutex borrowing;

/* VirtualBox's id of a format that we name; NULL: it is raw. */
static const char *format_id(const char *word)
{
    for (const Word *format = volume_formats; format->word != NULL; format++)
        if (g_str_equal(format->word, word))
            return format->constant;
    return NULL;
}

static gboolean is_raw(const char *format)
{
    return g_str_equal(format, "raw");
}

/* --- a new file ---------------------------------------------------------------------------------
 */

static guint64 whole_sectors(gint64 bytes)
{
    return ((guint64)bytes + SECTOR - 1) / SECTOR * SECTOR;
}

/* All of it is to be taken from the disk at once. */
static gboolean is_full(const VolumeWish *wish)
{
    return wish->allocation != NUMBER_ABSENT && wish->allocation >= wish->capacity;
}

/* A medium of a file that is not there yet. */
static Object *new_medium(const char *path, const char *id, GError **error)
{
    g_autoptr(Object) medium = NULL;
    g_autofree char *location = NULL;
    if (!vbox_call(vbox_root(), IVirtualBox_createMedium, error, id, path,
                   vbox_enum(AccessMode_ReadWrite), vbox_enum(DeviceType_HardDisk), &medium) ||
        !vbox_call(medium, IMedium_get_location, error, &location))
        return NULL;
    if (g_str_equal(location, path))
        return g_steal_pointer(&medium);
    g_autofree char *name = g_path_get_basename(location);
    fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
         "/volume/name: VirtualBox would call such an image '%s': give the volume that name", name);
    return NULL;
}

/* Waits for a job that makes the file; then the medium leaves VirtualBox's lists. */
static gboolean finish(Object *medium, Object *progress, GError **error)
{
    if (!progress_wait(progress, error))
        return FALSE;
    known_forget(medium);
    return TRUE;
}

static guint32 variant_of(const VolumeWish *wish, const char *id)
{
    return vbox_enum(is_full(wish) || g_str_equal(id, RAW) ? MediumVariant_Fixed
                                                           : MediumVariant_Standard);
}

static gboolean make_by_virtualbox(const char *path, const VolumeWish *wish, GError **error)
{
    const char *id = format_id(wish->format);
    guint32 variant = variant_of(wish, id);
    g_autoptr(Object) progress = NULL;
    g_autoptr(Object) medium = new_medium(path, id, error);
    return medium != NULL &&
           vbox_call(medium, IMedium_createBaseStorage, error,
                     (gint64)whole_sectors(wish->capacity), 1u, &variant, &progress) &&
           finish(medium, progress, error);
}

/* What the wish says besides, of the file that is there now. */
static gboolean set_mode(const char *path, const VolumeWish *wish, GError **error)
{
    return wish->mode == NUMBER_ABSENT || chmod(path, (mode_t)wish->mode) == 0 ||
           fail(error, VIR_ERR_SYSTEM_ERROR, "cannot set the permissions of '%s': %s", path,
                g_strerror(errno));
}

/* The path of a volume that is not there yet. */
static char *new_path(const Pool *pool, const char *name, GError **error)
{
    struct stat file;
    if (!pool_check_folder(pool, error))
        return NULL;
    g_autofree char *path = g_build_filename(pool->path, name, NULL);
    if (lstat(path, &file) < 0)
        return g_steal_pointer(&path);
    fail(error, VIR_ERR_STORAGE_VOL_EXIST, "storage volume '%s' exists already in pool '%s'", name,
         pool->name);
    return NULL;
}

/* A half of it must not stay; VirtualBox has usually removed it. */
static Volume *complete(const Pool *pool, const char *path, const VolumeWish *wish,
                        gboolean is_made, GError **error)
{
    if (is_made && set_mode(path, wish, error))
        return volume_find(pool, wish->name, error);
    if (unlink(path) < 0 && errno != ENOENT)
        g_warning("'%s' cannot be removed again: %s", path, g_strerror(errno));
    return NULL;
}

/* What the XML asks for; returns the path that it is to have. */
static char *take_wish(const Pool *pool, const char *xml, gboolean is_copy, VolumeWish *ret_wish,
                       GError **error)
{
    g_autoptr(Refusals) refusals = refusals_new();
    g_autofree char *path = NULL;
    GError *reason = NULL;
    if (!volume_parse(xml, is_copy, ret_wish, refusals, error))
        return NULL;
    if (ret_wish->name != NULL)
        path = new_path(pool, ret_wish->name, &reason);
    refusals_note(refusals, reason == NULL, &reason);
    return refusals_tell(refusals, error) ? g_steal_pointer(&path) : NULL;
}

Volume *volume_create(const Pool *pool, const char *xml, GError **error)
{
    g_auto(VolumeWish) wish = {0};
    g_autofree char *path = take_wish(pool, xml, FALSE, &wish, error);
    if (path == NULL)
        return NULL;
    gboolean is_made =
        is_raw(wish.format)
            ? raw_create(path, whole_sectors(wish.capacity),
                         wish.allocation != NUMBER_ABSENT ? (guint64)wish.allocation : 0, error)
            : make_by_virtualbox(path, &wish, error);
    return complete(pool, path, &wish, is_made, error);
}

/* --- a copy -------------------------------------------------------------------------------------
 */

/* VirtualBox says that it did: only the file, read again, tells. */
static gboolean resize_medium(Object *medium, guint64 capacity, GError **error)
{
    g_autoptr(Object) progress = NULL;
    guint32 state;
    gint64 is;
    if (!vbox_call(medium, IMedium_resize, error, (gint64)capacity, &progress) ||
        !progress_wait(progress, error) ||
        !vbox_call(medium, IMedium_refreshState, error, &state) ||
        !vbox_call(medium, IMedium_get_logicalSize, error, &is))
        return FALSE;
    return (guint64)is == capacity || fail(error, VIR_ERR_OPERATION_FAILED,
                                           "VirtualBox resized the image to %" G_GINT64_FORMAT
                                           " bytes, not to %" G_GUINT64_FORMAT,
                                           is, capacity);
}

/* Beyond the size of the image below it, nothing of an image can be read or written; and one that
 * stands on another keeps its size when that one grows. */
static gboolean check_alone(Object *medium, GError **error)
{
    g_autoptr(Object) parent = NULL;
    g_autoptr(GPtrArray) children = NULL;
    if (!vbox_call(medium, IMedium_get_parent, error, &parent) ||
        !vbox_call(medium, IMedium_get_children, error, &children))
        return FALSE;
    return (parent == NULL && children->len == 0) ||
           fail(error, VIR_ERR_OPERATION_INVALID,
                "VirtualBox resizes an image that stands on another, or has another on it, as with "
                "snapshots, so that the guest does not see it, or loses data: delete the "
                "snapshots first, or clone the volume");
}

/* VirtualBox (7.2) gives a VMDK image that grows with its content the new size in its header, but
 * not in its description, and then goes by that. */
static gboolean check_resize(const char *format, gboolean is_flat, GError **error)
{
    return !g_str_equal(format, "vmdk") || is_flat ||
           fail(error, VIR_ERR_OPERATION_UNSUPPORTED,
                "VirtualBox does not resize such VMDK images truly: clone it to format vdi");
}

static gboolean clone_by_virtualbox(const char *path, const VolumeWish *wish, const Volume *source,
                                    GError **error)
{
    const char *id = is_raw(wish->format) ? RAW : format_id(wish->format);
    guint32 variant = variant_of(wish, id);
    guint64 capacity = wish->capacity != NUMBER_ABSENT ? whole_sectors(wish->capacity) : 0;
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&borrowing);
    g_auto(Loan) loan = {0};
    g_autoptr(Object) progress = NULL;
    LoanUse use = is_raw(source->image.format) ? LOAN_READ_RAW : LOAN_READ;
    gboolean grows = capacity > source->image.capacity;
    if (grows && !check_resize(wish->format, is_full(wish), error))
        return FALSE;
    g_autoptr(Object) medium = new_medium(path, id, error);
    if (medium == NULL || !known_borrow(source->path, use, &loan, error) ||
        !vbox_call(loan.medium, IMedium_cloneTo, error, medium, 1u, &variant, NULL, &progress) ||
        !progress_wait(progress, error))
        return FALSE;
    gboolean is_good = !grows || resize_medium(medium, capacity, error);
    known_forget(medium);
    return is_good;
}

/* What a guest writes meanwhile would be in the copy in part. */
static gboolean check_source(const Volume *source, GError **error)
{
    g_autoptr(Object) medium = NULL;
    return known_find(source->path, &medium, error) &&
           (medium == NULL ||
            known_check_free(medium, FALSE, VIR_ERR_OPERATION_INVALID, DETACH, error));
}

static gboolean copy(const char *path, const VolumeWish *wish, const Volume *source, GError **error)
{
    if (!is_raw(source->image.format) || !is_raw(wish->format))
        return clone_by_virtualbox(path, wish, source, error);
    return check_source(source, error) &&
           raw_copy(source->path, path,
                    wish->capacity != NUMBER_ABSENT ? (guint64)wish->capacity : 0, error);
}

Volume *volume_clone(const Pool *pool, const char *xml, Volume *source, GError **error)
{
    g_auto(VolumeWish) wish = {0};
    g_autofree char *path = take_wish(pool, xml, TRUE, &wish, error);
    if (path == NULL || !volume_read(source, error))
        return NULL;
    return complete(pool, path, &wish, copy(path, &wish, source, error), error);
}

/* --- changing ----------------------------------------------------------------------
 */

static gboolean check_unknown(const char *path, GError **error)
{
    g_autoptr(Object) medium = NULL;
    if (!known_find(path, &medium, error))
        return FALSE;
    if (medium == NULL)
        return TRUE;
    g_autofree char *users = known_others(medium, NULL);
    gboolean is_used = *users != '\0';
    return fail(error, VIR_ERR_OPERATION_INVALID,
                "%s%s has '%s' open, and VirtualBox does not notice when a raw image changes its "
                "size: detach it first",
                is_used ? "domain " : "VirtualBox", users, path);
}

gboolean volume_resize(Volume *self, guint64 capacity, guint32 flags, GError **error)
{
    gboolean allocates = (flags & VIR_STORAGE_VOL_RESIZE_ALLOCATE) != 0;
    if (!volume_read(self, error))
        return FALSE;
    if (allocates && !is_raw(self->image.format))
        return fail(error, VIR_ERR_OPERATION_UNSUPPORTED,
                    "what is added to an image in format %s cannot be taken from the disk at once: "
                    "resize it without --allocate",
                    self->image.format);
    if (capacity < self->image.capacity && (flags & VIR_STORAGE_VOL_RESIZE_SHRINK) == 0)
        return fail(error, VIR_ERR_INVALID_ARG,
                    "Can't shrink capacity below current capacity unless shrink flag explicitly "
                    "specified");
    if (!claim_check(self, error))
        return FALSE;
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&borrowing);
    if (!is_raw(self->image.format)) {
        g_auto(Loan) loan = {0};
        gboolean is_flat = self->image.extents != NULL && !self->image.has_sparse_extents;
        return check_resize(self->image.format, is_flat, error) &&
               known_borrow(self->path, LOAN_WRITE, &loan, error) &&
               check_alone(loan.medium, error) &&
               resize_medium(loan.medium, whole_sectors((gint64)capacity), error);
    }
    if (!check_unknown(self->path, error))
        return FALSE;
    flat_forget(self->path); /* it says the old size */
    return raw_resize(self->path, capacity, allocates, error);
}

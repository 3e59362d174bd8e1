/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Volume: a file in a pool's folder.  Its key is its path. */
#pragma once
#include <sys/stat.h>
#include "storage/image.h"
#include "storage/pool.h"

typedef struct Volume {
    char *pool, *name, *path;
    struct stat file;
    Image image; /* when volume_read() was called */
} Volume;

void volume_free(Volume *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Volume, volume_free)

/* The names of all, sorted: the regular files that can be read, and whose names XML can hold.
 * VIR_ERR_SYSTEM_ERROR when there is no folder.  Free the array. */
GPtrArray *volume_names(const Pool *pool, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One.  VIR_ERR_NO_STORAGE_VOL with libvirt's words when there is none. */
Volume *volume_find(const Pool *pool, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* By its path, in any pool that is started.  what is the word for the message: "path", "key". */
Volume *volume_find_by_path(const char *path, const char *what,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a name can be a volume's: VIR_ERR_XML_ERROR. */
gboolean volume_check_name(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads what the image says of itself. */
gboolean volume_read(Volume *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Bytes on the disk. */
guint64 volume_allocation(const Volume *self);

/* Its XML; after volume_read(). */
char *volume_format(const Volume *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What an XML asks for. */
typedef struct VolumeWish {
    char *name;
    const char *format;          /* one that can be made; never NULL */
    gint64 capacity, allocation; /* bytes, NUMBER_ABSENT */
    gint64 mode;                 /* NUMBER_ABSENT */
} VolumeWish;
void volume_wish_clear(VolumeWish *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VolumeWish, volume_wish_clear)

/* Of a document that is refused as much as is known: name and format may be NULL then.  is_copy: it
 * need not say its capacity.  FALSE: it is not well-formed. */
gboolean volume_parse(const char *xml, gboolean is_copy, VolumeWish *ret_wish, Refusals *refusals,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The words of the formats that can be made, "raw" first; ends with a NULL word.  The constant is
 * VirtualBox's id of the format, NULL: it has none for hard disks. */
extern const Word volume_formats[];

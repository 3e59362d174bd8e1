/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Image: what a disk image says of itself, read from its first and last bytes.
 *
 * VirtualBox tells it only of images that are in its lists, and asking it for others puts them
 * there. */
#pragma once
#include "base/error.h"

/* What image_parse() looks at: the volume descriptor of an ISO image begins at 32 KiB. */
#define IMAGE_HEAD (40 * 1024)
#define IMAGE_TAIL 512 /* a VHD's footer */

typedef struct Image {
    const char *format;   /* libvirt's word; "unknown": one that libvirt has no word for */
    guint64 capacity;     /* bytes that a guest sees */
    char *backing;        /* the file that it stands on, as it is written there; NULL: none */
    gboolean has_extents; /* the data are in other files, which it names */
} Image;

void image_clear(Image *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Image, image_clear)

/* VIR_ERR_SYSTEM_ERROR when the file cannot be read. */
gboolean image_read(const char *path, Image *ret_image, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same of bytes: a file of size bytes begins with head, at most IMAGE_HEAD, and ends with tail,
 * IMAGE_TAIL bytes, or none when it is smaller. */
void image_parse(const guint8 *head, gsize length, const guint8 *tail, guint64 size,
                 Image *ret_image);

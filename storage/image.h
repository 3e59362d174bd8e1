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

/* What VirtualBox may not see (foreign.h). */
typedef enum ImageTrait {
    IMAGE_ON_ANOTHER = 1 << 0, /* it has only what differs from another file */
    IMAGE_SNAPSHOTS = 1 << 1,  /* in the file itself */
    IMAGE_ENCRYPTED = 1 << 2,  /* by QEMU */
    IMAGE_FEATURES = 1 << 3,   /* of QEMU's, without which it is read wrongly */
    IMAGE_MIXED = 1 << 4,      /* other data where VirtualBox writes the end of a table */
    IMAGE_NO_UUID = 1 << 5,    /* VirtualBox wants one, and writes it when it may */
    IMAGE_UNREAD = 1 << 6,     /* a format that VirtualBox does not read, or not as what it is */
    IMAGE_SHORT = 1 << 7,      /* it ends before its first table does, whose rest is zeros */
} ImageTrait;

typedef struct Image {
    const char *format; /* libvirt's word; "unknown": one that libvirt has no word for */
    const char *title;  /* what people call it */
    guint64 capacity;   /* bytes that a guest sees */
    char *backing;      /* the file that it stands on, as it is written there; NULL: none */
    GPtrArray *extents; /* the data are in other files, which it names (char *); NULL: in this */
    gboolean has_sparse_extents; /* which grow with their content */
    gboolean is_blank;           /* surely no block of it was ever written */
    guint traits;                /* of ImageTrait */
    struct {
        guint64 offset, length, end; /* bytes in the file; VirtualBox writes until end */
    } table;                         /* the first one of a QCOW image */
} Image;

void image_clear(Image *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Image, image_clear)

/* VIR_ERR_SYSTEM_ERROR when the file cannot be read. */
gboolean image_read(const char *path, Image *ret_image, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same of bytes, but IMAGE_MIXED: a file of size bytes begins with head, at most IMAGE_HEAD,
 * and ends with tail, IMAGE_TAIL bytes, or none when it is smaller. */
void image_parse(const guint8 *head, gsize length, const guint8 *tail, guint64 size,
                 Image *ret_image);

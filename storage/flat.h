/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Flat: raw images as hard disks.
 *
 * VirtualBox takes no raw image as a hard disk, but a VMDK image whose one extent is that file
 * (measured on 7.2.22: a machine boots from it).  Such a descriptor is a few lines of text; it
 * stands beside the image, "disk.img.vmdk" of "disk.img", as long as VirtualBox has it in its list
 * of media, and users see the image alone. */
#pragma once
#include "vbox/vbox.h"

/* The raw image that a descriptor of ours is of; NULL: the file is none.  Owned by the caller. */
char *flat_image(const char *path);

/* Writes the descriptor of a raw image, unless it is there (*ret_is_new FALSE); its path, owned by
 * the caller.  VIR_ERR_CONFIG_UNSUPPORTED when VirtualBox could not use it. */
char *flat_describe(const char *image, gboolean *ret_is_new,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes what flat_image() takes for the descriptor of an image that is not there; its path, owned
 * by the caller.  NULL: it could not be written, and the log says why. */
char *flat_stand_in(const char *image);

/* Removes the descriptor of an image, if it has one; the image stays. */
void flat_forget(const char *image);

/* The file of a medium: the image of a descriptor. */
gboolean flat_location(Object *medium, char **ret_file, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The id of its format, as VirtualBox writes them, but "RAW" of a descriptor's, and "QCOW2" of what
 * VirtualBox calls "QCOW" as well. */
gboolean flat_format(Object *medium, char **ret_format, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Foreign: images of other programs that VirtualBox harms, or reads as something else.
 *
 * VirtualBox (7.2) says S_OK of them.  What it writes into a qcow2 image is lost or breaks it, and
 * that begins when it opens the file for writing; it takes no notice of a backing file; it reads a
 * newer Parallels disk as the bytes of its container.  So we look first, by ourselves. */
#pragma once
#include "storage/image.h"
#include "vbox/vbox.h"

/* Whether VirtualBox reads all of an image: VIR_ERR_CONFIG_UNSUPPORTED, which says what does. */
gboolean foreign_check_read(const char *path, const Image *image,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether it may also open it for writing. */
gboolean foreign_check_write(const char *path, const Image *image,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What must be so before a hard disk's image is opened that a machine is to have.  What VirtualBox
 * has in its list with another image below it, or as that of a machine with this id, stays; a NULL
 * id is any machine's. */
gboolean foreign_admit(const char *path, const char *machine_id,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Volume make: creating, copying, resizing and deleting images. */
#pragma once
#include "storage/volume.h"

/* A new image in the pool's folder.  A failure leaves no file. */
Volume *volume_create(const Pool *pool, const char *xml, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A copy of another volume, in a format that may be another, and never smaller.  VirtualBox gives
 * it a UUID of its own. */
Volume *volume_clone(const Pool *pool, const char *xml, Volume *source,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* To so many bytes; flags are VIR_STORAGE_VOL_RESIZE_*, of which DELTA means nothing here. */
gboolean volume_resize(Volume *self, guint64 capacity, guint32 flags,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes the file, and takes it from the domains that are off.  VIR_ERR_OPERATION_INVALID when one
 * that runs, or has a saved state, or a snapshot has it; then, and when the file cannot be removed,
 * nothing has changed.  In volume_delete.c. */
gboolean volume_delete(Volume *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Raw images: files of a size.  Errors are VIR_ERR_SYSTEM_ERROR. */
#pragma once
#include "base/error.h"

/* A new one, of which allocation bytes are taken from the disk at once. */
gboolean raw_create(const char *path, guint64 size, guint64 allocation,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A new one with another's content, of at least so many bytes; holes stay holes. */
gboolean raw_copy(const char *from, const char *path, guint64 size,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* allocates: what is added is taken from the disk at once.  A failure leaves the size. */
gboolean raw_resize(const char *path, guint64 size, gboolean allocates,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

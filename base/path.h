/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Path: why a file of the host's cannot be used. */
#pragma once
#include <glib.h>

/* Why this user cannot use a file or folder: that it does not exist, or what the user may not do,
 * with which folder above it when that is it; half a sentence.  wanted: R_OK, W_OK, X_OK, or F_OK
 * alone, as access(2) has them.  NULL: nothing is in the way.  Owned by the caller. */
char *path_problem(const char *path, gint wanted);

/* Whether both are the same entry of the same folder, by whatever links they come to the folder:
 * what stands there, if anything does, is not followed. */
gboolean path_is_same(const char *one, const char *other);

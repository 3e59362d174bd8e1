/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reader: one .xpt file's bytes into interfaces.  Private to xpcom/. */
#pragma once
#include "xpcom/typelib.h"

/* More parameters than this make a method not callable; VirtualBox's own have at most 20. */
#define METHOD_PARAMS_MAX 32

/* The interface of that name, made (undefined and empty) when there is none yet.  The name is
 * kept, not copied. */
Interface *typelib_declare(Typelib *self, const char *name);

/* Reads a file into self's interfaces.  data must outlive self: names point into it. */
gboolean reader_read(Typelib *self, const guint8 *data, gsize length,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

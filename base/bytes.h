/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes: looking into a file's bytes that nobody vouches for. */
#pragma once
#include <glib.h>

typedef struct Bytes {
    const guint8 *data;
    gsize length;
} Bytes;

/* Whether count bytes stand at offset; any numbers. */
static inline gboolean bytes_has(Bytes self, gsize offset, gsize count)
{
    return self.data != NULL && offset <= self.length && count <= self.length - offset;
}

gboolean bytes_has_text(Bytes self, gsize offset, const char *text);

/* The number of width bytes, at most 8, at offset; 0 when they are not there. */
guint64 bytes_little(Bytes self, gsize offset, gsize width);
guint64 bytes_big(Bytes self, gsize offset, gsize width);

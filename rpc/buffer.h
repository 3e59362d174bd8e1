/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What came from a socket and is not yet a whole message.  Memory follows the bytes that came,
 * never a length that they claim; an empty buffer of a big message gives it back. */
#pragma once
#include <glib.h>

typedef struct Buffer {
    guint8 *data;
    gsize start, end, capacity;
} Buffer; /* zeroed: empty */

void buffer_clear(Buffer *self);

/* Room to read into (at least 4 KiB), then how much of it was filled. */
guint8 *buffer_space(Buffer *self, gsize *ret_size);
void buffer_fill(Buffer *self, gsize length);

static inline const guint8 *buffer_bytes(const Buffer *self)
{
    return self->data + self->start;
}
static inline gsize buffer_length(const Buffer *self)
{
    return self->end - self->start;
}

/* Forgets the first length bytes. */
void buffer_drop(Buffer *self, gsize length);

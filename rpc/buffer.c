/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A growing buffer between a socket and its messages: see buffer.h. */
#include "rpc/buffer.h"
#include <string.h>

#define LEAST_SPACE 4096u
#define FIRST_CAPACITY 16384u
#define KEPT_CAPACITY 65536u /* an empty buffer keeps at most this */

void buffer_clear(Buffer *self)
{
    g_free(self->data);
    *self = (Buffer){0};
}

guint8 *buffer_space(Buffer *self, gsize *ret_size)
{
    if (self->capacity - self->end < LEAST_SPACE) {
        gsize length = buffer_length(self);
        if (length <= self->capacity / 2 && self->start >= LEAST_SPACE) {
            memmove(self->data, self->data + self->start, length);
            self->start = 0;
            self->end = length;
        } else {
            self->capacity = MAX(FIRST_CAPACITY, self->capacity * 2);
            self->data = g_realloc(self->data, self->capacity);
        }
    }
    *ret_size = self->capacity - self->end;
    return self->data + self->end;
}

void buffer_fill(Buffer *self, gsize length)
{
    g_assert(length <= self->capacity - self->end);
    self->end += length;
}

void buffer_drop(Buffer *self, gsize length)
{
    g_assert(length <= buffer_length(self));
    self->start += length;
    if (self->start < self->end)
        return;
    self->start = self->end = 0;
    if (self->capacity > KEPT_CAPACITY)
        buffer_clear(self);
}

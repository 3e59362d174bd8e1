/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames of the link: see link.h. */
#include "rpc/link.h"
#include <stddef.h>
#include <string.h>
#include "base/error.h"
#include "rpc/buffer.h"

static GByteArray *frame_begin(LinkKind kind, guint64 client, gsize expected)
{
    LinkHeader header = {.kind = kind, .client = client};
    GByteArray *frame = g_byte_array_sized_new((guint)(sizeof header + expected));
    return g_byte_array_append(frame, (const guint8 *)&header, sizeof header);
}

static GBytes *frame_end(GByteArray *frame)
{
    g_assert(frame->len <= LINK_LIMIT);
    guint32 length = frame->len;
    memcpy(frame->data + offsetof(LinkHeader, length), &length, sizeof length);
    return g_byte_array_free_to_bytes(frame);
}

GBytes *link_frame(LinkKind kind, guint64 client, gconstpointer payload, gsize length)
{
    g_assert(length <= LINK_LIMIT - sizeof(LinkHeader));
    GByteArray *frame = frame_begin(kind, client, length);
    if (length > 0)
        g_byte_array_append(frame, payload, (guint)length);
    return frame_end(frame);
}

GBytes *link_frame_u64(LinkKind kind, guint64 client, guint64 value)
{
    return link_frame(kind, client, &value, sizeof value);
}

GBytes *link_frame_event(const LinkEvent *event, const guint8 *body, gsize length)
{
    GByteArray *frame = frame_begin(LINK_EVENT, 0, sizeof *event + length);
    g_byte_array_append(frame, (const guint8 *)event, sizeof *event);
    g_byte_array_append(frame, body, (guint)length);
    return frame_end(frame);
}

gboolean link_read_u64(GBytes *payload, guint64 *ret_value, GError **error)
{
    gsize length;
    const guint8 *data = g_bytes_get_data(payload, &length);
    if (length != sizeof *ret_value)
        return fail(error, VIR_ERR_RPC,
                    "A frame of the link has %" G_GSIZE_FORMAT " bytes instead of a number",
                    length);
    memcpy(ret_value, data, sizeof *ret_value);
    return TRUE;
}

gboolean link_read_event(GBytes *payload, LinkEvent *ret_event, const guint8 **ret_content,
                         gsize *ret_length, GError **error)
{
    gsize length;
    const guint8 *data = g_bytes_get_data(payload, &length);
    if (length < sizeof *ret_event)
        return fail(error, VIR_ERR_RPC, "An event on the link has only %" G_GSIZE_FORMAT " bytes",
                    length);
    memcpy(ret_event, data, sizeof *ret_event);
    *ret_content = data + sizeof *ret_event;
    *ret_length = length - sizeof *ret_event;
    return TRUE;
}

/* ---- from bytes to frames ---- */

struct LinkBuffer {
    Buffer buffer;
};

LinkBuffer *link_buffer_new(void)
{
    return g_new0(LinkBuffer, 1);
}

void link_buffer_free(LinkBuffer *self)
{
    if (!self)
        return;
    buffer_clear(&self->buffer);
    g_free(self);
}

guint8 *link_buffer_space(LinkBuffer *self, gsize *ret_size)
{
    return buffer_space(&self->buffer, ret_size);
}

void link_buffer_fill(LinkBuffer *self, gsize length)
{
    buffer_fill(&self->buffer, length);
}

gboolean link_buffer_next(LinkBuffer *self, LinkHeader *ret_header, GBytes **ret_payload,
                          GError **error)
{
    *ret_payload = NULL;
    const guint8 *data = buffer_bytes(&self->buffer);
    gsize length = buffer_length(&self->buffer);
    if (length < sizeof *ret_header)
        return TRUE;
    memcpy(ret_header, data, sizeof *ret_header);
    if (ret_header->length < sizeof *ret_header || ret_header->length > LINK_LIMIT)
        return fail(error, VIR_ERR_RPC, "A frame of the link cannot have %u bytes",
                    ret_header->length);
    if (length < ret_header->length)
        return TRUE;
    *ret_payload = g_bytes_new(data + sizeof *ret_header, ret_header->length - sizeof *ret_header);
    buffer_drop(&self->buffer, ret_header->length);
    return TRUE;
}

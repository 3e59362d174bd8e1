/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages: see message.h. */
#include "rpc/message.h"
#include <string.h>
#include "base/error.h"
#include "rpc/buffer.h"
#include "rpc/procedure.h"
#include "rpc/remote.h"

#define PROTOCOL_VERSION 1      /* of all programs that we speak */
#define FDS_LIMIT 32u           /* VIR_NET_MESSAGE_NUM_FDS_MAX */
#define ERROR_TEXT_LIMIT 65536u /* ours: keeps an error reply small */
#define ERROR_LEVEL 2           /* VIR_ERR_ERROR */

static guint32 get_u32(const guint8 *data)
{
    guint32 value;
    memcpy(&value, data, 4);
    return GUINT32_FROM_BE(value);
}

static void put_u32(guint8 *data, guint32 value)
{
    value = GUINT32_TO_BE(value);
    memcpy(data, &value, 4);
}

static gboolean check_length(guint32 length, GError **error)
{
    if (length < MESSAGE_HEADER || length > MESSAGE_LIMIT)
        return fail(error, VIR_ERR_RPC, "A message of %u bytes cannot be: %u to %u are allowed",
                    length, MESSAGE_HEADER, MESSAGE_LIMIT);
    return TRUE;
}

gboolean message_header_read(const guint8 *data, MessageHeader *ret_header, GError **error)
{
    *ret_header = (MessageHeader){
        .length = get_u32(data),
        .program = get_u32(data + 4),
        .version = get_u32(data + 8),
        .procedure = get_u32(data + 12),
        .type = get_u32(data + 16),
        .serial = get_u32(data + 20),
        .status = get_u32(data + 24),
    };
    return check_length(ret_header->length, error);
}

static gboolean has_fds(guint32 type)
{
    return type == MESSAGE_CALL_FDS || type == MESSAGE_REPLY_FDS;
}

const guint8 *message_payload(GBytes *message, gsize *ret_length)
{
    gsize length;
    const guint8 *data = g_bytes_get_data(message, &length);
    gsize head = MESSAGE_HEADER + (has_fds(get_u32(data + 16)) ? 4 : 0);
    *ret_length = length - head;
    return data + head;
}

GByteArray *message_begin(const MessageHeader *header)
{
    GByteArray *message = g_byte_array_sized_new(256);
    g_byte_array_set_size(message, MESSAGE_HEADER);
    put_u32(message->data, 0);
    put_u32(message->data + 4, header->program);
    put_u32(message->data + 8, header->version);
    put_u32(message->data + 12, header->procedure);
    put_u32(message->data + 16, header->type);
    put_u32(message->data + 20, header->serial);
    put_u32(message->data + 24, header->status);
    return message;
}

GBytes *message_end(GByteArray *message)
{
    g_assert(message->len >= MESSAGE_HEADER && message->len <= MESSAGE_LIMIT);
    put_u32(message->data, message->len);
    return g_byte_array_free_to_bytes(message);
}

GBytes *message_reply(const MessageHeader *call, const XdrStruct *type, const void *ret,
                      GError **error)
{
    MessageHeader header = *call;
    header.type = MESSAGE_REPLY;
    header.status = STATUS_OK;
    g_autoptr(GByteArray) message = message_begin(&header);
    if (!xdr_encode(type, ret, message, error))
        return NULL;
    return message_end(g_steal_pointer(&message));
}

GBytes *message_error(const MessageHeader *call, const GError *error, gint error_domain)
{
    g_autofree char *text = g_strndup(error->message, ERROR_TEXT_LIMIT);
    RemoteError content = {
        .code = error->domain == VIR_ERROR ? error->code : VIR_ERR_INTERNAL_ERROR,
        .domain = error_domain,
        .message = text,
        .level = ERROR_LEVEL,
        .int1 = -1,
        .int2 = -1,
    };
    gboolean stream = call->type == MESSAGE_STREAM || call->type == MESSAGE_STREAM_HOLE;
    MessageHeader header = *call;
    header.type = stream ? MESSAGE_STREAM : MESSAGE_REPLY;
    header.status = STATUS_ERROR;
    GByteArray *message = message_begin(&header);
    g_autoptr(GError) unexpected = NULL;
    if (!xdr_encode(&remote_error_xdr, &content, message, &unexpected))
        g_error("%s", unexpected->message); /* all members are within their limits */
    return message_end(message);
}

GBytes *message_event(guint32 procedure, const gint32 *callback_id, const guint8 *content,
                      gsize length)
{
    MessageHeader header = {
        .program = REMOTE_PROGRAM,
        .version = PROTOCOL_VERSION,
        .procedure = procedure,
        .type = MESSAGE_EVENT,
    };
    GByteArray *message = message_begin(&header);
    if (callback_id) {
        guint8 id[4];
        put_u32(id, (guint32)*callback_id);
        g_byte_array_append(message, id, sizeof id);
    }
    g_byte_array_append(message, content, (guint)length);
    return message_end(message);
}

GBytes *message_stream(const MessageHeader *call, MessageStatus status, const void *data,
                       gsize length)
{
    g_assert(length <= MESSAGE_STREAM_CHUNK);
    MessageHeader header = *call;
    header.type = MESSAGE_STREAM;
    header.status = status;
    GByteArray *message = message_begin(&header);
    g_byte_array_append(message, data, (guint)length);
    return message_end(message);
}

GBytes *message_keepalive(KeepaliveProcedure procedure)
{
    MessageHeader header = {
        .program = KEEPALIVE_PROGRAM,
        .version = PROTOCOL_VERSION,
        .procedure = procedure,
        .type = MESSAGE_EVENT,
    };
    return message_end(message_begin(&header));
}

/* ---- from bytes to messages ---- */

struct MessageBuffer {
    Buffer buffer;
};

MessageBuffer *message_buffer_new(void)
{
    return g_new0(MessageBuffer, 1);
}

void message_buffer_free(MessageBuffer *self)
{
    if (!self)
        return;
    buffer_clear(&self->buffer);
    g_free(self);
}

guint8 *message_buffer_space(MessageBuffer *self, gsize *ret_size)
{
    return buffer_space(&self->buffer, ret_size);
}

void message_buffer_fill(MessageBuffer *self, gsize length)
{
    buffer_fill(&self->buffer, length);
}

/* How many single bytes follow a message to carry its file descriptors. */
static gboolean count_fds(const MessageHeader *header, const guint8 *data, gsize *ret_count,
                          GError **error)
{
    *ret_count = 0;
    if (!has_fds(header->type))
        return TRUE;
    if (header->length < MESSAGE_HEADER + 4)
        return fail(error, VIR_ERR_RPC, "A message with file descriptors does not say how many");
    *ret_count = get_u32(data + MESSAGE_HEADER);
    if (*ret_count > FDS_LIMIT)
        return fail(error, VIR_ERR_RPC, "A message has more than %u file descriptors", FDS_LIMIT);
    return TRUE;
}

gboolean message_buffer_next(MessageBuffer *self, MessageHeader *ret_header, GBytes **ret_message,
                             GError **error)
{
    *ret_message = NULL;
    const guint8 *data = buffer_bytes(&self->buffer);
    gsize length = buffer_length(&self->buffer), fds;
    if (length < 4)
        return TRUE;
    if (!check_length(get_u32(data), error))
        return FALSE;
    if (length < MESSAGE_HEADER)
        return TRUE;
    if (!message_header_read(data, ret_header, error))
        return FALSE;
    if (length < ret_header->length)
        return TRUE;
    if (!count_fds(ret_header, data, &fds, error))
        return FALSE;
    if (length < ret_header->length + fds)
        return TRUE;
    *ret_message = g_bytes_new(data, ret_header->length);
    buffer_drop(&self->buffer, ret_header->length + fds);
    return TRUE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages: the frame around each call, reply, event and stream packet. */
#pragma once
#include <gio/gio.h>
#include "rpc/xdr.h"

#define MESSAGE_HEADER 28           /* bytes: the length word and six more */
#define MESSAGE_LIMIT 33554436u     /* VIR_NET_MESSAGE_MAX (32 MiB) and its length word */
#define MESSAGE_STREAM_CHUNK 262120 /* what libvirt's clients put into one stream packet */

typedef enum MessageType {
    MESSAGE_CALL = 0,
    MESSAGE_REPLY = 1,
    MESSAGE_EVENT = 2,
    MESSAGE_STREAM = 3,
    MESSAGE_CALL_FDS = 4,
    MESSAGE_REPLY_FDS = 5,
    MESSAGE_STREAM_HOLE = 6,
} MessageType;

typedef enum MessageStatus { STATUS_OK = 0, STATUS_ERROR = 1, STATUS_CONTINUE = 2 } MessageStatus;

typedef struct MessageHeader {
    guint32 length; /* of the whole message, this word included */
    guint32 program, version, procedure, type, serial, status;
} MessageHeader;

/* Reads the header of a message of at least MESSAGE_HEADER bytes; refuses an impossible length
 * (VIR_ERR_RPC): the connection must then be dropped. */
gboolean message_header_read(const guint8 *data, MessageHeader *ret_header,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What follows the header of a whole message, and the count of file descriptors if it has some. */
const guint8 *message_payload(GBytes *message, gsize *ret_length);

/* Starts a message: header with length 0.  Append the payload, then message_end() sets it. */
GByteArray *message_begin(const MessageHeader *header);
GBytes *message_end(GByteArray *message); /* takes the array over */

/* A whole reply to the call: *ret as its type (NULL: no results) says.  Fails when ret is over the
 * spec's limits. */
GBytes *message_reply(const MessageHeader *call, const XdrStruct *type, const void *ret,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A whole error reply to the call in header: type REPLY (or STREAM for a stream packet), status
 * ERROR, payload the remote error struct.  The code is error->code when its domain is VIR_ERROR,
 * else VIR_ERR_INTERNAL_ERROR; level 2; error_domain is libvirt's VIR_FROM_…. */
GBytes *message_error(const MessageHeader *call, const GError *error, gint error_domain);

/* A whole event.  content is its XDR without the callback id; callback_id NULL: an old event,
 * which has none. */
GBytes *message_event(guint32 procedure, const gint32 *callback_id, const guint8 *content,
                      gsize length);

/* A packet of the call's stream: CONTINUE with data (none: the end of the data), or OK to confirm
 * that the stream has ended.  At most MESSAGE_STREAM_CHUNK bytes. */
GBytes *message_stream(const MessageHeader *call, MessageStatus status, const void *data,
                       gsize length);

typedef enum KeepaliveProcedure { KEEPALIVE_PING = 1, KEEPALIVE_PONG = 2 } KeepaliveProcedure;

GBytes *message_keepalive(KeepaliveProcedure procedure);

/* Makes whole messages of what a socket gives: read into message_buffer_space(), say how much with
 * message_buffer_fill(), then take messages until there is none. */
typedef struct MessageBuffer MessageBuffer;
MessageBuffer *message_buffer_new(void);
void message_buffer_free(MessageBuffer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MessageBuffer, message_buffer_free)

guint8 *message_buffer_space(MessageBuffer *self, gsize *ret_size);
void message_buffer_fill(MessageBuffer *self, gsize length);

/* The next message and its header; *ret_message NULL: more bytes are needed.  A message with file
 * descriptors is complete when the single bytes that carry them have come too; they are left out.
 * Fails on what no libvirt client sends (VIR_ERR_RPC): the connection must then be dropped. */
gboolean message_buffer_next(MessageBuffer *self, MessageHeader *ret_header, GBytes **ret_message,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

#define VIR_FROM_RPC 7
#define VIR_FROM_VBOX 25 /* our handlers: VIR_FROM_VBOX of libvirt's virErrorDomain */

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
gboolean message_header_read(const guint8 *data, MessageHeader *ret_header, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Starts a message: header with length 0.  Append the payload, then message_end() sets it. */
GByteArray *message_begin(const MessageHeader *header);
GBytes *message_end(GByteArray *message); /* takes the array over */

/* A whole error reply to the call in header: type REPLY (or STREAM for a stream packet), status
 * ERROR, payload the remote error struct.  The code is error->code when its domain is VIR_ERROR,
 * else VIR_ERR_INTERNAL_ERROR; level 2; error_domain is libvirt's VIR_FROM_…. */
GBytes *message_error(const MessageHeader *call, const GError *error, gint error_domain);

#define VIR_FROM_RPC 7
#define VIR_FROM_VBOX 25 /* our handlers: VIR_FROM_VBOX of libvirt's virErrorDomain */

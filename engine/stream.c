/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stream: sends data after a reply, no faster than the client takes it.
 *
 * Theory of operation.  A stream has the serial of the call that began it.  Chunks go out until
 * LINK_STREAM_WINDOW bytes of one client wait in the daemon; the daemon's LINK_CREDIT lets more
 * follow.  An empty chunk is the end of the data; the client then finishes with status OK, or
 * aborts with status ERROR, and gets an OK for either. */
#include "engine/engine.h"

typedef struct Stream {
    guint64 client;
    MessageHeader call;
    GBytes *data;
    gsize sent;
    gboolean ended; /* the empty chunk went out */
} Stream;

static GMutex streams_lock;
static GQueue streams = G_QUEUE_INIT;
static GHashTable *waiting; /* client → bytes in the daemon that are not written out */

static void stream_free(Stream *stream)
{
    g_bytes_unref(stream->data);
    g_free(stream);
}

static guint64 *waiting_of(guint64 client)
{
    if (waiting == NULL)
        waiting = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    guint64 *bytes = g_hash_table_lookup(waiting, &client);
    if (bytes == NULL) {
        bytes = g_new0(guint64, 1);
        g_hash_table_insert(waiting, g_memdup2(&client, sizeof client), bytes);
    }
    return bytes;
}

/* Sends what the window lets out; the lock is held, so chunks stay in order. */
static void stream_pump(Stream *stream)
{
    gsize length;
    const guint8 *data = g_bytes_get_data(stream->data, &length);
    guint64 *bytes = waiting_of(stream->client);
    while (!stream->ended && *bytes < LINK_STREAM_WINDOW) {
        gsize chunk = MIN(length - stream->sent, MESSAGE_STREAM_CHUNK);
        link_send_message(stream->client, message_stream(&stream->call, STATUS_CONTINUE,
                                                         data + stream->sent, chunk));
        stream->sent += chunk;
        *bytes += chunk;
        stream->ended = chunk == 0;
    }
}

void stream_start(const Call *call, GBytes *reply, GBytes *data)
{
    Stream *stream = g_new0(Stream, 1);
    stream->client = call->client;
    stream->call = (MessageHeader){.program = REMOTE_PROGRAM,
                                   .version = 1,
                                   .procedure = call->procedure->number,
                                   .serial = call->serial};
    stream->data = g_bytes_ref(data);
    /* One step: a client that has the reply may abort at once. */
    g_mutex_lock(&streams_lock);
    link_send_message(call->client, reply);
    g_queue_push_tail(&streams, stream);
    stream_pump(stream);
    g_mutex_unlock(&streams_lock);
}

void stream_packet(guint64 client, const MessageHeader *header)
{
    gboolean found = FALSE;
    g_mutex_lock(&streams_lock);
    for (GList *at = streams.head; at != NULL && !found; at = at->next) {
        Stream *stream = at->data;
        found = stream->client == client && stream->call.serial == header->serial;
        if (found && header->status != STATUS_CONTINUE) {
            stream_free(stream);
            g_queue_delete_link(&streams, at);
            break;
        }
    }
    g_mutex_unlock(&streams_lock);
    if (!found) {
        g_autoptr(GError) error = NULL;
        fail(&error, VIR_ERR_RPC, "no stream with serial %u", header->serial);
        link_send_message(client, message_error(header, error, VIR_FROM_RPC));
    } else if (header->status != STATUS_CONTINUE) {
        link_send_message(client, message_stream(header, STATUS_OK, NULL, 0));
    }
}

void stream_credit(guint64 client, guint64 bytes)
{
    g_mutex_lock(&streams_lock);
    guint64 *outstanding = waiting_of(client);
    *outstanding -= MIN(*outstanding, bytes);
    for (GList *at = streams.head; at != NULL; at = at->next)
        if (((Stream *)at->data)->client == client)
            stream_pump(at->data);
    g_mutex_unlock(&streams_lock);
}

void stream_client_gone(guint64 client)
{
    g_mutex_lock(&streams_lock);
    for (GList *at = streams.head, *next; at != NULL; at = next) {
        next = at->next;
        if (((Stream *)at->data)->client == client) {
            stream_free(at->data);
            g_queue_delete_link(&streams, at);
        }
    }
    if (waiting != NULL)
        g_hash_table_remove(waiting, &client);
    g_mutex_unlock(&streams_lock);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The link: the socketpair between daemon and engine, and the frames on it.
 *
 * A frame is u32 length (all of it), u32 kind, u64 client, in host byte order (both ends are one
 * build on one machine), then a payload.  libvirt's messages travel in it whole and unchanged. */
#pragma once
#include <glib.h>

typedef enum LinkKind {
    /* daemon → engine */
    LINK_CALL = 1, /* client's message, already checked: a call, or a packet of its stream */
    LINK_GONE,     /* the client has left: drop its streams and answers; no payload */
    LINK_CREDIT,   /* u64 bytes of this client's stream data that went out */
    LINK_PING,     /* u64 cookie; answered after a real VirtualBox call */
    LINK_WATCH,    /* u64: how many event subscriptions all clients have; 0: none */
    LINK_STOP,     /* end in good order */
    LINK_CACHE,    /* the last LINK_REMEMBER of the engine before this one, sent first */
    LINK_LEFT,     /* the client that an engine minds (LINK_MIND) has left; no payload */
    /* engine → daemon */
    LINK_HELLO = 64, /* engine is ready for calls; payload: VirtualBox's version, a string */
    LINK_MESSAGE,    /* a message for the client, to be sent as it is */
    LINK_EVENT,      /* to all who subscribed: LinkEvent, then XDR without the callback id */
    LINK_PONG,       /* u64 cookie */
    LINK_REMEMBER,   /* opaque bytes that the daemon hands to the next engine (LINK_CACHE) */
    LINK_BUSY,       /* u64: jobs that run now; an engine with jobs is not idle */
    LINK_FAILED,     /* the engine could not start VirtualBox; payload: the sentence for users */
    LINK_MIND, /* u64 1: the client's end matters, this engine and the next ones are told of it
                  by LINK_LEFT; 0: it does no more */
} LinkKind;

typedef struct LinkHeader {
    guint32 length, kind;
    guint64 client;
} LinkHeader;

/* What an event is about, so that the daemon can match subscriptions without decoding it. */
typedef struct LinkEvent {
    guint32 procedure; /* REMOTE_PROC_…: the form with a callback id */
    guint8 uuid[16];   /* of the domain or network */
} LinkEvent;

#define LINK_LIMIT (33554436u + 64) /* the longest message and its frame */
/* Stream data that may wait in the daemon for a slow client; then the engine pauses. */
#define LINK_STREAM_WINDOW (4u << 20)

/* A whole frame. */
GBytes *link_frame(LinkKind kind, guint64 client, gconstpointer payload, gsize length);
GBytes *link_frame_u64(LinkKind kind, guint64 client, guint64 value);

/* A LINK_EVENT: body is XDR without the callback id, as event.h's sink gets it. */
GBytes *link_frame_event(const LinkEvent *event, const guint8 *body, gsize length);

/* Read a payload of that form.  *ret_content points into the payload.  Errors: VIR_ERR_RPC. */
gboolean link_read_u64(GBytes *payload, guint64 *ret_value,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean link_read_event(GBytes *payload, LinkEvent *ret_event, const guint8 **ret_content,
                         gsize *ret_length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes whole frames of what the socket gives; used like MessageBuffer (rpc/message.h). */
typedef struct LinkBuffer LinkBuffer;
LinkBuffer *link_buffer_new(void);
void link_buffer_free(LinkBuffer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LinkBuffer, link_buffer_free)

guint8 *link_buffer_space(LinkBuffer *self, gsize *ret_size);
void link_buffer_fill(LinkBuffer *self, gsize length);
gboolean link_buffer_next(LinkBuffer *self, LinkHeader *ret_header, GBytes **ret_payload,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

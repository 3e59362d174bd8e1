/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pending: the calls and streams of a client that the engine owes an answer, and what waits. */
#pragma once
#include "rpc/message.h"
#include "rpc/procedure.h"

#define PENDING_CALLS 5    /* of a client at once, as libvirt's daemons have it; others wait */
#define PENDING_STREAMS 16 /* of a client at once */

/* ---- calls that are over the limit, and keep their order ---- */

typedef struct HeldMessage {
    MessageHeader header;
    GBytes *message;
} HeldMessage;

typedef struct Held {
    GQueue messages;
    gsize bytes;
} Held;

void held_push(Held *self, const MessageHeader *header, GBytes *message);
/* NULL: nothing is held.  The message is the caller's. */
GBytes *held_pop(Held *self, MessageHeader *ret_header);
void held_clear(Held *self);

/* ---- calls and streams that the engine has ---- */

typedef struct PendingItem {
    MessageHeader header; /* of the call; with type STREAM: of a stream */
    gboolean sent;        /* an engine has it; else it waits for one */
} PendingItem;

typedef struct Pending {
    GArray *items;
    guint calls, streams;
} Pending;

void pending_init(Pending *self);
void pending_clear(Pending *self);

gboolean pending_is_full(const Pending *self);
void pending_add(Pending *self, const MessageHeader *call, gboolean sent);

/* May the client send this stream packet? */
gboolean pending_has_stream(const Pending *self, const MessageHeader *packet);

/* The engine answers: takes the call, or the stream at its end, off the list; the answer to a call
 * that starts a stream makes it one.  FALSE: nothing of that kind is pending. */
gboolean pending_answer(Pending *self, const MessageHeader *answer);

/* All of them have gone to an engine now. */
void pending_sent(Pending *self);

/* Takes one off that is lost: any, or only what was sent.  FALSE: there is none (any more). */
gboolean pending_take_lost(Pending *self, gboolean sent_only, MessageHeader *ret_header);

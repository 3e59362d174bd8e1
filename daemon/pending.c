/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pending: see pending.h. */
#include "daemon/pending.h"

/* ---- held ---- */

void held_push(Held *self, const MessageHeader *header, GBytes *message)
{
    HeldMessage *held = g_new(HeldMessage, 1);
    *held = (HeldMessage){*header, g_bytes_ref(message)};
    g_queue_push_tail(&self->messages, held);
    self->bytes += header->length;
}

GBytes *held_pop(Held *self, MessageHeader *ret_header)
{
    g_autofree HeldMessage *held = g_queue_pop_head(&self->messages);
    if (held == NULL)
        return NULL;
    *ret_header = held->header;
    self->bytes -= held->header.length;
    return held->message;
}

void held_clear(Held *self)
{
    MessageHeader unused;
    for (GBytes *message; (message = held_pop(self, &unused)) != NULL;)
        g_bytes_unref(message);
}

/* ---- pending ---- */

void pending_init(Pending *self)
{
    *self = (Pending){.items = g_array_new(FALSE, FALSE, sizeof(PendingItem))};
}

void pending_clear(Pending *self)
{
    g_array_unref(self->items);
    *self = (Pending){0};
}

gboolean pending_is_full(const Pending *self)
{
    return self->calls >= PENDING_CALLS;
}

void pending_add(Pending *self, const MessageHeader *call, gboolean sent)
{
    PendingItem item = {.header = *call, .sent = sent};
    item.header.type = MESSAGE_CALL;
    g_array_append_val(self->items, item);
    self->calls++;
}

static PendingItem *item_at(const Pending *self, guint i)
{
    gpointer items = self->items->data;
    return (PendingItem *)items + i;
}

static PendingItem *find(const Pending *self, MessageType type, const MessageHeader *header)
{
    for (guint i = 0; i < self->items->len; i++) {
        PendingItem *item = item_at(self, i);
        if (item->header.type == type && item->header.serial == header->serial &&
            item->header.procedure == header->procedure)
            return item;
    }
    return NULL;
}

static void take_off(Pending *self, PendingItem *item)
{
    guint *count = item->header.type == MESSAGE_STREAM ? &self->streams : &self->calls;
    (*count)--;
    g_array_remove_index(self->items, (guint)(item - item_at(self, 0)));
}

gboolean pending_has_stream(const Pending *self, const MessageHeader *packet)
{
    return find(self, MESSAGE_STREAM, packet) != NULL;
}

static gboolean answer_call(Pending *self, const MessageHeader *answer)
{
    PendingItem *call = find(self, MESSAGE_CALL, answer);
    if (call == NULL)
        return FALSE;
    const Procedure *procedure = procedure_find(answer->procedure);
    if (answer->status != STATUS_OK || procedure->stream == STREAM_NONE) {
        take_off(self, call);
        return TRUE;
    }
    call->header.type = MESSAGE_STREAM;
    self->calls--;
    self->streams++;
    return TRUE;
}

gboolean pending_answer(Pending *self, const MessageHeader *answer)
{
    if (answer->type == MESSAGE_REPLY)
        return answer_call(self, answer);
    PendingItem *stream = find(self, MESSAGE_STREAM, answer);
    if (stream != NULL && answer->status != STATUS_CONTINUE)
        take_off(self, stream);
    return stream != NULL;
}

void pending_sent(Pending *self)
{
    for (guint i = 0; i < self->items->len; i++)
        item_at(self, i)->sent = TRUE;
}

gboolean pending_take_lost(Pending *self, gboolean sent_only, MessageHeader *ret_header)
{
    for (guint i = 0; i < self->items->len; i++) {
        PendingItem *item = item_at(self, i);
        if (sent_only && !item->sent)
            continue;
        *ret_header = item->header;
        take_off(self, item);
        return TRUE;
    }
    return FALSE;
}

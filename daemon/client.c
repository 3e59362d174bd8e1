/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A client: see client.h.
 *
 * Theory of operation.  Whatever a client sends is read only while little is owed to it: while its
 * answers are not piling up unread, few of its calls wait behind the limit, and the engine keeps
 * up.  Otherwise its socket fills and it must wait: that bounds memory without dropping anybody.
 * Events are what it cannot be made to wait for, so a client that lets them pile up is dropped.
 *
 * A client ends by client_drop() only, at any depth; the daemon frees it from the main loop. */
#include "daemon/client.h"
#include "daemon/dispatch.h"
#include "daemon/watch.h"
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* Memory for a client: */
#define REPLY_BYTES (1u << 20)  /* answers unread; then no more calls are taken */
#define EVENT_BYTES (4u << 20)  /* events unread, some 8000; then the client is dropped */
#define HELD_BYTES (256u << 10) /* calls behind the limit, so that pings behind them are seen */

static void update(Client *self);

/* No call is taken now, neither a new one nor one that waits behind the limit. */
static gboolean is_stuck(const Client *self)
{
    return self->dead || self->closing || self->output.waiting[OUTPUT_REPLY] > REPLY_BYTES ||
           self->calls->is_congested(self->data);
}

static gboolean is_paused(const Client *self)
{
    return is_stuck(self) || self->held.bytes > HELD_BYTES;
}

gboolean client_is_read(const Client *self)
{
    return !is_paused(self);
}

/* ---- output ---- */

static void flush(Client *self)
{
    g_autoptr(GError) error = NULL;
    if (self->dead)
        return;
    if (!output_flush(&self->output, self->fd, &error)) {
        client_drop(self, NULL);
        return;
    }
    gsize bytes = output_take_stream_out(&self->output);
    if (bytes > 0)
        self->calls->credit(self, bytes);
    if (self->closing && output_is_empty(&self->output))
        client_drop(self, NULL);
}

void client_send(Client *self, OutputKind kind, GBytes *message)
{
    if (self->dead)
        return;
    if (kind == OUTPUT_EVENT && self->output.waiting[OUTPUT_EVENT] > EVENT_BYTES) {
        client_drop(self, "does not read its events");
        return;
    }
    gboolean was_empty = output_is_empty(&self->output);
    output_push(&self->output, kind, message);
    if (was_empty)
        flush(self);
    update(self);
}

void client_send_error(Client *self, const MessageHeader *call, const GError *error)
{
    gboolean protocol = g_error_matches(error, VIR_ERROR, VIR_ERR_RPC);
    g_autoptr(GBytes) reply = message_error(call, error, protocol ? VIR_FROM_RPC : VIR_FROM_VBOX);
    client_send(self, call->type == MESSAGE_STREAM ? OUTPUT_STREAM : OUTPUT_REPLY, reply);
}

void client_drop(Client *self, const char *format, ...)
{
    if (self->dead)
        return;
    self->dead = TRUE;
    if (format != NULL) {
        va_list arguments;
        va_start(arguments, format);
        g_autofree char *reason = g_strdup_vprintf(format, arguments);
        va_end(arguments);
        g_message("client %" G_GUINT64_FORMAT " (process %d) is dropped: it %s", self->id,
                  (gint)self->pid, reason);
    }
    update(self);
    self->calls->changed(self);
}

/* ---- input ---- */

/* The next message that may be dispatched now; calls over the limit are held on the way.  NULL:
 * there is none. */
static GBytes *next_message(Client *self, MessageHeader *ret_header)
{
    if (self->held.bytes > 0 && !pending_is_full(&self->pending) && !is_stuck(self))
        return held_pop(&self->held, ret_header);
    while (!is_paused(self)) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) message = NULL;
        if (!message_buffer_next(self->input, ret_header, &message, &error))
            client_drop(self, "speaks no libvirt protocol: %s", error->message);
        if (message == NULL)
            return NULL;
        self->keepalive.heard = TRUE;
        if (!pending_is_full(&self->pending) || !dispatch_must_wait(ret_header))
            return g_steal_pointer(&message);
        held_push(&self->held, ret_header, message);
    }
    return NULL;
}

void client_pump(Client *self)
{
    MessageHeader header;
    for (GBytes *message; (message = next_message(self, &header)) != NULL;) {
        if (!self->dead && !self->closing)
            dispatch(self, &header, message);
        g_bytes_unref(message);
    }
    update(self);
}

static void take_input(Client *self)
{
    gsize size;
    guint8 *space = message_buffer_space(self->input, &size);
    gssize length = recv(self->fd, space, size, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (length <= 0) {
        client_drop(self, NULL);
        return;
    }
    message_buffer_fill(self->input, (gsize)length);
    client_pump(self);
}

static void client_ready(GIOCondition ready, void *data)
{
    Client *self = data;
    if (self->dead)
        return;
    if (ready & G_IO_IN)
        take_input(self);
    else if (ready & ~G_IO_OUT)
        client_drop(self, NULL);
    if (ready & G_IO_OUT) {
        flush(self);
        client_pump(self);
    }
}

static void update(Client *self)
{
    if (self->dead) {
        g_clear_pointer(&self->watch, watch_free);
        return;
    }
    guint wanted = is_paused(self) ? 0 : G_IO_IN;
    if (!output_is_empty(&self->output))
        wanted |= G_IO_OUT;
    watch_set(self->watch, wanted);
}

/* ---- the engine's side ---- */

void client_engine_message(Client *self, GBytes *message)
{
    g_autoptr(GError) error = NULL;
    MessageHeader header;
    gsize length;
    const guint8 *data = g_bytes_get_data(message, &length);
    if (self->dead)
        return;
    if (length < MESSAGE_HEADER || !message_header_read(data, &header, &error) ||
        header.length != length) {
        g_warning("the engine sent a message that is none");
        return;
    }
    /* As after a stream that the client ended twice. */
    if (!pending_answer(&self->pending, &header)) {
        g_debug("the engine sent an answer that nobody waits for");
        return;
    }
    client_send(self, header.type == MESSAGE_REPLY ? OUTPUT_REPLY : OUTPUT_STREAM, message);
    client_pump(self);
}

void client_engine_sent(Client *self)
{
    pending_sent(&self->pending);
}

void client_engine_lost(Client *self, gboolean sent_only, const GError *error)
{
    MessageHeader header;
    while (pending_take_lost(&self->pending, sent_only, &header))
        client_send_error(self, &header, error);
    client_pump(self);
}

void client_event(Client *self, const LinkEvent *event, const guint8 *body, gsize length)
{
    for (guint i = 0; i < self->subscriptions.items->len && !self->dead; i++) {
        const Subscription *item = subscription_at(&self->subscriptions, i);
        g_autoptr(GBytes) message = subscription_message(item, event, body, length);
        if (message != NULL)
            client_send(self, OUTPUT_EVENT, message);
    }
}

/* ---- life ---- */

Client *client_new(const ClientCalls *calls, void *data, int fd, guint64 id)
{
    Client *self = g_new0(Client, 1);
    self->calls = calls;
    self->data = data;
    self->fd = fd;
    self->id = id;
    self->input = message_buffer_new();
    output_init(&self->output);
    pending_init(&self->pending);
    subscriptions_init(&self->subscriptions);
    self->watch = watch_new(fd, G_IO_IN, client_ready, self);
    return self;
}

void client_free(Client *self)
{
    keepalive_stop(self);
    watch_free(self->watch);
    close(self->fd);
    message_buffer_free(self->input);
    output_clear(&self->output);
    held_clear(&self->held);
    pending_clear(&self->pending);
    subscriptions_clear(&self->subscriptions);
    g_free(self->uri);
    g_free(self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine's end of the link: frames in on the main thread, frames out from any thread. */
#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>
#include "domain/autodestroy.h"
#include "engine/engine.h"

static gint link_fd = -1;
static GMutex send_lock; /* frames of two threads must not mix */
static LinkBuffer *received;

/* Nobody is left to work for. */
static G_NORETURN void daemon_gone(void)
{
    _exit(0);
}

static void send_all(const guint8 *data, gsize length)
{
    while (length > 0) {
        gssize sent = send(link_fd, data, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            daemon_gone();
        data += sent;
        length -= (gsize)sent;
    }
}

static void send_frame(GBytes *frame)
{
    gsize length;
    const guint8 *data = g_bytes_get_data(frame, &length);
    g_mutex_lock(&send_lock);
    send_all(data, length);
    g_mutex_unlock(&send_lock);
    g_bytes_unref(frame);
}

void link_send(guint32 kind, guint64 client, const void *payload, gsize length)
{
    send_frame(link_frame((LinkKind)kind, client, payload, length));
}

void link_send_message(guint64 client, GBytes *message)
{
    gsize length;
    const void *data = g_bytes_get_data(message, &length);
    link_send(LINK_MESSAGE, client, data, length);
    g_bytes_unref(message);
}

void link_send_number(guint32 kind, guint64 number)
{
    send_frame(link_frame_u64((LinkKind)kind, 0, number));
}

void link_send_event(const LinkEvent *about, const guint8 *body, gsize length)
{
    send_frame(link_frame_event(about, body, length));
}

static void frame_number(const LinkHeader *header, GBytes *payload)
{
    g_autoptr(GError) error = NULL;
    guint64 number;
    if (!link_read_u64(payload, &number, &error)) {
        g_warning("a frame of the daemon: %s", error->message);
        return;
    }
    if (header->kind == LINK_PING)
        heartbeat_ping(number);
    else if (header->kind == LINK_CREDIT)
        stream_credit(header->client, number);
    else if (header->kind == LINK_WATCH && number > 0)
        engine_watched();
}

/* In a thread: what has begun may need the main thread. */
static gpointer stop(gpointer data)
{
    autodestroy_wait();
    daemon_gone();
}

static void frame(const LinkHeader *header, GBytes *payload)
{
    gsize length;
    const guint8 *data = g_bytes_get_data(payload, &length);
    switch (header->kind) {
    case LINK_CALL:
        dispatch_message(header->client, data, length);
        break;
    case LINK_GONE:
        stream_client_gone(header->client);
        break;
    case LINK_CREDIT:
    case LINK_PING:
    case LINK_WATCH:
        frame_number(header, payload);
        break;
    case LINK_STOP:
        g_thread_unref(g_thread_new("stop", stop, NULL));
        break;
    case LINK_LEFT:
        autodestroy_client_left(header->client);
        break;
    case LINK_CACHE:
        engine_remembered(payload);
        break;
    default:
        g_warning("the daemon sent a frame of kind %u, which we do not know", header->kind);
        break;
    }
}

static gboolean readable(gint fd, GIOCondition condition, gpointer data)
{
    gsize size;
    guint8 *space = link_buffer_space(received, &size);
    gssize length = recv(fd, space, size, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return G_SOURCE_CONTINUE;
    if (length <= 0)
        daemon_gone();
    link_buffer_fill(received, (gsize)length);
    for (;;) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) payload = NULL;
        LinkHeader header;
        if (!link_buffer_next(received, &header, &payload, &error))
            g_error("the daemon's link is broken: %s", error->message);
        if (payload == NULL)
            return G_SOURCE_CONTINUE;
        frame(&header, payload);
    }
}

gboolean link_open(gint fd, GError **error)
{
    int type;
    socklen_t size = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_STREAM)
        return fail(error, VIR_ERR_SYSTEM_ERROR, "descriptor %d is not the daemon's socket", fd);
    link_fd = fd;
    received = link_buffer_new();
    g_unix_fd_add(fd, G_IO_IN, readable, NULL);
    return TRUE;
}

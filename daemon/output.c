/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Output queues: see output.h. */
#include "daemon/output.h"
#include "rpc/message.h"
#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* What a small message takes besides its bytes, so that limits hold for many small ones too. */
#define ENTRY_BYTES 384

typedef struct Entry {
    OutputKind kind;
    GBytes *bytes;
} Entry;

static void entry_free(gpointer data)
{
    Entry *self = data;
    g_bytes_unref(self->bytes);
    g_free(self);
}

void output_init(Output *self)
{
    *self = (Output){.entries = G_QUEUE_INIT};
}

void output_clear(Output *self)
{
    g_queue_clear_full(&self->entries, entry_free);
    output_init(self);
}

void output_push(Output *self, OutputKind kind, GBytes *bytes)
{
    Entry *entry = g_new(Entry, 1);
    *entry = (Entry){.kind = kind, .bytes = g_bytes_ref(bytes)};
    g_queue_push_tail(&self->entries, entry);
    self->waiting[kind] += g_bytes_get_size(bytes) + ENTRY_BYTES;
}

/* Up to a handful of entries for one system call. */
static gsize gather(const Output *self, struct iovec *parts, gsize limit)
{
    gsize count = 0;
    for (const GList *each = self->entries.head; each != NULL && count < limit; each = each->next) {
        const Entry *entry = each->data;
        gsize size;
        const guint8 *data = g_bytes_get_data(entry->bytes, &size);
        gsize skip = count == 0 ? self->head_done : 0;
        parts[count++] = (struct iovec){(void *)(data + skip), size - skip};
    }
    return count;
}

static void advance(Output *self, gsize written)
{
    self->head_done += written;
    for (Entry *head; (head = g_queue_peek_head(&self->entries)) != NULL;) {
        gsize size = g_bytes_get_size(head->bytes);
        if (self->head_done < size)
            return;
        self->head_done -= size;
        self->waiting[head->kind] -= size + ENTRY_BYTES;
        if (head->kind == OUTPUT_STREAM)
            self->stream_out += size - MIN(size, MESSAGE_HEADER);
        entry_free(g_queue_pop_head(&self->entries));
    }
}

gboolean output_flush(Output *self, int fd, GError **error)
{
    while (!output_is_empty(self)) {
        struct iovec parts[16];
        struct msghdr message = {.msg_iov = parts};
        message.msg_iovlen = gather(self, parts, G_N_ELEMENTS(parts));
        gssize written = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0 && errno == EAGAIN)
            return TRUE;
        if (written < 0)
            return fail(error, VIR_ERR_SYSTEM_ERROR, "cannot write: %s", g_strerror(errno));
        advance(self, (gsize)written);
    }
    return TRUE;
}

gboolean output_is_empty(const Output *self)
{
    return self->entries.length == 0;
}

gsize output_waiting(const Output *self)
{
    gsize sum = 0;
    for (gsize i = 0; i < OUTPUT_KINDS; i++)
        sum += self->waiting[i];
    return sum;
}

gsize output_take_stream_out(Output *self)
{
    gsize bytes = self->stream_out;
    self->stream_out = 0;
    return bytes;
}

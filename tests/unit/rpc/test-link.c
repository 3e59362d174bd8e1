/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tests of the link's frames. */
#include <string.h>
#include "base/error.h"
#include "rpc/event.h"
#include "rpc/link.h"
#include "rpc/message.h"

static void feed(LinkBuffer *buffer, const void *data, gsize length)
{
    const guint8 *bytes = data;
    while (length > 0) {
        gsize room;
        guint8 *space = link_buffer_space(buffer, &room);
        gsize part = MIN(room, length);
        memcpy(space, bytes, part);
        link_buffer_fill(buffer, part);
        bytes += part;
        length -= part;
    }
}

static GBytes *take(LinkBuffer *buffer, LinkHeader *ret_header)
{
    g_autoptr(GError) error = NULL;
    GBytes *payload;
    gboolean done = link_buffer_next(buffer, ret_header, &payload, &error);
    g_assert_no_error(error);
    g_assert_true(done);
    return payload;
}

static void test_frames(void)
{
    g_autoptr(LinkBuffer) buffer = link_buffer_new();
    g_autoptr(GBytes) gone = link_frame(LINK_GONE, 7, NULL, 0);
    g_autoptr(GBytes) ping = link_frame_u64(LINK_PING, 0, G_GUINT64_CONSTANT(0x123456789abcdef0));
    g_autoptr(GBytes) hello = link_frame(LINK_HELLO, 0, "7.2.22", 6);
    GBytes *frames[] = {gone, ping, hello};
    LinkHeader header;
    guint seen = 0;
    for (guint i = 0; i < G_N_ELEMENTS(frames); i++) {
        const guint8 *data = g_bytes_get_data(frames[i], NULL);
        for (gsize j = 0; j < g_bytes_get_size(frames[i]); j++) {
            g_assert_null(take(buffer, &header));
            feed(buffer, data + j, 1);
        }
        g_autoptr(GBytes) payload = take(buffer, &header);
        g_assert_nonnull(payload);
        g_assert_cmpuint(header.length, ==, g_bytes_get_size(frames[i]));
        g_assert_cmpmem(g_bytes_get_data(payload, NULL), g_bytes_get_size(payload),
                        data + sizeof header, g_bytes_get_size(frames[i]) - sizeof header);
        seen++;
    }
    g_assert_cmpuint(seen, ==, 3);
    g_assert_cmpuint(header.kind, ==, LINK_HELLO);
}

static void test_numbers(void)
{
    g_autoptr(LinkBuffer) buffer = link_buffer_new();
    g_autoptr(GBytes) frame = link_frame_u64(LINK_CREDIT, 42, 1000000);
    g_autoptr(GError) error = NULL;
    LinkHeader header;
    guint64 value;
    feed(buffer, g_bytes_get_data(frame, NULL), g_bytes_get_size(frame));
    g_autoptr(GBytes) payload = take(buffer, &header);
    g_assert_cmpuint(header.client, ==, 42);
    g_assert_true(link_read_u64(payload, &value, &error));
    g_assert_cmpuint(value, ==, 1000000);
    g_autoptr(GBytes) less = g_bytes_new_from_bytes(payload, 0, 7);
    g_assert_false(link_read_u64(less, &value, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_RPC);
}

static GBytes *emitted; /* what the sink framed last */

static void frame_event(guint32 procedure, const guint8 uuid[UUID_BYTES], const guint8 *body,
                        gsize length)
{
    LinkEvent event = {.procedure = procedure};
    memcpy(event.uuid, uuid, UUID_BYTES);
    emitted = link_frame_event(&event, body, length);
}

/* From event_emit() through a frame to the message of one client. */
static void test_event(void)
{
    g_autoptr(LinkBuffer) buffer = link_buffer_new();
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GError) error = NULL;
    char name[] = "box";
    DomainEventCallbackLifecycleMsg sent = {.msg = {.dom = {name, {1, 2, 3}, 9}, .event = 2}};
    event_set_sink(frame_event);
    event_emit(REMOTE_PROC_DOMAIN_EVENT_CALLBACK_LIFECYCLE, sent.msg.dom.uuid, &sent);
    event_set_sink(NULL);
    g_autoptr(GBytes) frame = emitted;
    feed(buffer, g_bytes_get_data(frame, NULL), g_bytes_get_size(frame));

    LinkHeader header;
    LinkEvent event;
    const guint8 *content;
    gsize length;
    g_autoptr(GBytes) payload = take(buffer, &header);
    g_assert_cmpuint(header.kind, ==, LINK_EVENT);
    g_assert_true(link_read_event(payload, &event, &content, &length, &error));
    g_assert_cmpuint(event.procedure, ==, REMOTE_PROC_DOMAIN_EVENT_CALLBACK_LIFECYCLE);
    g_assert_cmpmem(event.uuid, 16, sent.msg.dom.uuid, 16);

    const gint32 id = 77;
    g_autoptr(GBytes) message = message_event(event.procedure, &id, content, length);
    DomainEventCallbackLifecycleMsg got;
    content = message_payload(message, &length);
    g_assert_true(
        xdr_decode(procedure_find(event.procedure)->ret, content, length, &got, arena, &error));
    g_assert_cmpint(got.callbackID, ==, 77);
    g_assert_cmpstr(got.msg.dom.name, ==, "box");
    g_assert_cmpint(got.msg.event, ==, 2);

    g_autoptr(GBytes) less = g_bytes_new_from_bytes(payload, 0, 19);
    g_assert_false(link_read_event(less, &event, &content, &length, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_RPC);
}

static void assert_broken(guint32 length)
{
    g_autoptr(LinkBuffer) buffer = link_buffer_new();
    g_autoptr(GError) error = NULL;
    LinkHeader header = {.length = length, .kind = LINK_CALL};
    GBytes *payload;
    feed(buffer, &header, sizeof header);
    g_assert_false(link_buffer_next(buffer, &header, &payload, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_RPC);
}

static void test_lengths(void)
{
    assert_broken(0);
    assert_broken(15);
    assert_broken(LINK_LIMIT + 1);
    assert_broken(G_MAXUINT32);
    /* The longest message fits. */
    g_autofree guint8 *message = g_malloc0(MESSAGE_LIMIT);
    g_autoptr(LinkBuffer) buffer = link_buffer_new();
    g_autoptr(GBytes) frame = link_frame(LINK_CALL, 1, message, MESSAGE_LIMIT);
    LinkHeader header;
    feed(buffer, g_bytes_get_data(frame, NULL), g_bytes_get_size(frame));
    g_autoptr(GBytes) payload = take(buffer, &header);
    g_assert_cmpuint(g_bytes_get_size(payload), ==, MESSAGE_LIMIT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/link/frames", test_frames);
    g_test_add_func("/link/numbers", test_numbers);
    g_test_add_func("/link/event", test_event);
    g_test_add_func("/link/lengths", test_lengths);
    return g_test_run();
}

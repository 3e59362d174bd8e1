/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tests of messages: headers, what stock programs sent, replies, errors, events, the buffer. */
#include <string.h>
#include "base/error.h"
#include "rpc/message.h"
#include "rpc/remote.h"

static GBytes *from_hex(const char *hex)
{
    gsize length = strlen(hex) / 2;
    guint8 *bytes = g_malloc(length);
    for (gsize i = 0; i < length; i++)
        bytes[i] =
            (guint8)(g_ascii_xdigit_value(hex[2 * i]) << 4 | g_ascii_xdigit_value(hex[2 * i + 1]));
    return g_bytes_new_take(bytes, length);
}

static void assert_is_hex(GBytes *message, const char *hex)
{
    g_autoptr(GBytes) expected = from_hex(hex);
    g_assert_cmpmem(g_bytes_get_data(message, NULL), g_bytes_get_size(message),
                    g_bytes_get_data(expected, NULL), g_bytes_get_size(expected));
}

static MessageHeader header_of(GBytes *message)
{
    g_autoptr(GError) error = NULL;
    MessageHeader header;
    gboolean done = message_header_read(g_bytes_get_data(message, NULL), &header, &error);
    g_assert_no_error(error);
    g_assert_true(done);
    g_assert_cmpuint(header.length, ==, g_bytes_get_size(message));
    return header;
}

/* What the payload of a message of the remote program is. */
static const XdrStruct *content_of(const MessageHeader *header)
{
    const Procedure *procedure = procedure_find(header->procedure);
    g_assert_nonnull(procedure);
    if (header->status == STATUS_ERROR)
        return &remote_error_xdr;
    return header->type == MESSAGE_CALL ? procedure->args : procedure->ret;
}

static void decode(GBytes *message, void *out, Arena *arena)
{
    g_autoptr(GError) error = NULL;
    MessageHeader header = header_of(message);
    gsize length;
    const guint8 *payload = message_payload(message, &length);
    gboolean done = xdr_decode(content_of(&header), payload, length, out, arena, &error);
    g_assert_no_error(error);
    g_assert_true(done);
}

/* Decodes and makes again a message that a stock program sent. */
static void check_captured(const char *hex)
{
    g_autoptr(GBytes) message = from_hex(hex);
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GError) error = NULL;
    MessageHeader header = header_of(message);
    GByteArray *made = message_begin(&header);
    if (header.program == REMOTE_PROGRAM && header.type != MESSAGE_STREAM) {
        const XdrStruct *type = content_of(&header);
        void *content = arena_alloc(arena, type ? xdr_size(type) : 0);
        decode(message, content, arena);
        g_assert_true(xdr_encode(type, content, made, &error));
    } else {
        gsize length;
        const guint8 *payload = message_payload(message, &length);
        g_byte_array_append(made, payload, (guint)length);
    }
    g_autoptr(GBytes) again = message_end(made);
    assert_is_hex(again, hex);
}

static void test_captured(void)
{
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "captured.txt", NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    guint count = 0;
    for (char **line = lines; *line; line++) {
        if (**line != '>' && **line != '<')
            continue;
        check_captured(*line + 2);
        count++;
    }
    g_assert_cmpuint(count, >, 100);
}

/* ---- messages of stock programs, and what they say ---- */

#define TEST_UUID "\x66\x95\xeb\x01\xf6\xa4\x83\x04\x79\xaa\x97\xf2\x50\x2e\x19\x3f"

static void assert_is_test(const RemoteDomain *domain)
{
    g_assert_cmpstr(domain->name, ==, "test");
    g_assert_cmpmem(domain->uuid, 16, TEST_UUID, 16);
    g_assert_cmpint(domain->id, ==, 1);
}

static void test_golden_calls(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GBytes) open = from_hex("00000038200080860000000100000001000000000000000200000000"
                                      "000000010000000f746573743a2f2f2f64656661756c740000000000");
    ConnectOpenArgs open_args;
    decode(open, &open_args, arena);
    g_assert_cmpuint(header_of(open).procedure, ==, REMOTE_PROC_CONNECT_OPEN);
    g_assert_cmpuint(header_of(open).serial, ==, 2);
    g_assert_cmpstr(open_args.name, ==, "test:///default");
    g_assert_cmpuint(open_args.flags, ==, 0);

    g_autoptr(GBytes) dump = from_hex(
        "0000003c20008086000000010000000e000000000000000d0000000000000004746573746695eb01f6a4830479"
        "aa97f2502e193f0000000100000003");
    DomainGetXmlDescArgs dump_args;
    decode(dump, &dump_args, arena);
    assert_is_test(&dump_args.dom);
    g_assert_cmpuint(dump_args.flags, ==, 3);
    g_assert_cmpuint(procedure_flags(procedure_find(REMOTE_PROC_DOMAIN_GET_XML_DESC), &dump_args),
                     ==, 3);
}

static void test_golden_replies(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GBytes) info = from_hex("0000003c200080860000000100000010000000010000000e00000000"
                                      "000000010000000000800000000000000020000000000002"
                                      "18ea747fbabdc318");
    DomainGetInfoRet info_ret;
    decode(info, &info_ret, arena);
    g_assert_cmpuint(info_ret.state, ==, 1);
    g_assert_cmpuint(info_ret.maxMem, ==, 8388608);
    g_assert_cmpuint(info_ret.memory, ==, 2097152);
    g_assert_cmpuint(info_ret.nrVirtCpu, ==, 2);
    g_assert_cmpuint(info_ret.cpuTime, ==, 0x18ea747fbabdc318);

    g_autoptr(GBytes) list = from_hex(
        "00000040200080860000000100000111000000010000000a0000000000000001000000047465737466"
        "95eb01f6a4830479aa97f2502e193f0000000100000001");
    ConnectListAllDomainsRet list_ret;
    decode(list, &list_ret, arena);
    g_assert_cmpuint(list_ret.ret, ==, 1);
    g_assert_cmpuint(list_ret.domains_len, ==, 1);
    assert_is_test(&list_ret.domains[0]);

    g_autoptr(GBytes) stats = from_hex(
        "000000702000808600000001000001580000000100000028000000000000000100000004746573746695eb01f6"
        "a4830479aa97f2502e193f00000001000000020000000b73746174652e73746174650000000001000000010000"
        "000c73746174652e726561736f6e0000000100000000");
    ConnectGetAllDomainStatsRet stats_ret;
    decode(stats, &stats_ret, arena);
    g_assert_cmpuint(stats_ret.retStats_len, ==, 1);
    const RemoteDomainStatsRecord *record = &stats_ret.retStats[0];
    assert_is_test(&record->dom);
    g_assert_cmpuint(record->params_len, ==, 2);
    g_assert_cmpstr(record->params[0].field, ==, "state.state");
    g_assert_cmpint(record->params[0].value.type, ==, 1);
    g_assert_cmpint(record->params[0].value.i, ==, 1);
    g_assert_cmpstr(record->params[1].field, ==, "state.reason");
}

static void test_golden_error(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GBytes) message = from_hex(
        "000000702000808600000001000000170000000100000072000000010000002a0000000c0000000100000010"
        "446f6d61696e206e6f7420666f756e6400000002000000000000000100000010446f6d61696e206e6f742066"
        "6f756e640000000000000000ffffffffffffffff00000000");
    RemoteError content;
    decode(message, &content, arena);
    g_assert_cmpint(content.code, ==, VIR_ERR_NO_DOMAIN);
    g_assert_cmpint(content.domain, ==, 12);
    g_assert_cmpstr(content.message, ==, "Domain not found");
    g_assert_cmpint(content.level, ==, 2);
    g_assert_null(content.dom);
    g_assert_cmpstr(content.str1, ==, "Domain not found");
    g_assert_null(content.str2);
    g_assert_cmpint(content.int1, ==, -1);
    g_assert_cmpint(content.int2, ==, -1);
    g_assert_null(content.net);
}

static void test_golden_event(void)
{
    /* libvirtd numbers its events 1, we number ours 0; clients do not look. */
    static const char hex[] = "0000004420008086000000010000013e0000000200000000000000000000000000"
                              "000004746573746695eb01f6a4830479aa97f2502e193f00000001"
                              "0000000300000000";
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GBytes) message = from_hex(hex);
    DomainEventCallbackLifecycleMsg event;
    decode(message, &event, arena);
    g_assert_cmpint(event.callbackID, ==, 0);
    assert_is_test(&event.msg.dom);
    g_assert_cmpint(event.msg.event, ==, 3);
    g_assert_cmpint(event.msg.detail, ==, 0);

    gsize length;
    const guint8 *payload = message_payload(message, &length);
    const gint32 id = 0;
    g_autoptr(GBytes) made =
        message_event(REMOTE_PROC_DOMAIN_EVENT_CALLBACK_LIFECYCLE, &id, payload + 4, length - 4);
    assert_is_hex(made, hex);
    /* The old event is the same without the callback id. */
    g_autoptr(GBytes) old =
        message_event(REMOTE_PROC_DOMAIN_EVENT_LIFECYCLE, NULL, payload + 4, length - 4);
    DomainEventLifecycleMsg old_event;
    decode(old, &old_event, arena);
    assert_is_test(&old_event.dom);
    g_assert_cmpint(old_event.event, ==, 3);
}

/* ---- messages that we make ---- */

static const MessageHeader call = {
    .program = REMOTE_PROGRAM,
    .version = 1,
    .procedure = REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME,
    .type = MESSAGE_CALL,
    .serial = 12,
};

static void test_reply(void)
{
    g_autoptr(GError) error = NULL;
    char name[] = "test";
    DomainLookupByNameRet ret = {.dom = {.name = name, .id = 1}};
    const XdrStruct *type = procedure_find(call.procedure)->ret;
    memcpy(ret.dom.uuid, TEST_UUID, 16);
    g_autoptr(GBytes) reply = message_reply(&call, type, &ret, &error);
    g_assert_no_error(error);
    assert_is_hex(reply, "00000038200080860000000100000017000000010000000c00000000"
                         "00000004746573746695eb01f6a4830479aa97f2502e193f00000001");
    g_autoptr(GBytes) empty = message_reply(&call, NULL, NULL, &error);
    assert_is_hex(empty, "0000001c200080860000000100000017000000010000000c00000000");
    ret.dom.name = NULL;
    g_assert_null(message_reply(&call, type, &ret, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_RPC);
}

static void test_error(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GError) ours = g_error_new_literal(VIR_ERROR, VIR_ERR_NO_DOMAIN, "none");
    g_autoptr(GError) foreign = g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_IO, "disk");
    g_autofree char *text = g_strnfill(5000000, 'x');
    g_autoptr(GError) longer = g_error_new_literal(VIR_ERROR, VIR_ERR_XML_ERROR, text);
    RemoteError content;

    g_autoptr(GBytes) message = message_error(&call, ours, VIR_FROM_VBOX);
    assert_is_hex(message, "00000050200080860000000100000017000000010000000c00000001"
                           "0000002a000000190000000100000004"
                           "6e6f6e65"
                           "0000000200000000"
                           "000000000000000000000000"
                           "ffffffffffffffff"
                           "00000000");
    g_autoptr(GBytes) other = message_error(&call, foreign, VIR_FROM_RPC);
    decode(other, &content, arena);
    g_assert_cmpint(content.code, ==, VIR_ERR_INTERNAL_ERROR);
    g_assert_cmpint(content.domain, ==, VIR_FROM_RPC);
    g_assert_cmpstr(content.message, ==, "disk");
    g_autoptr(GBytes) cut = message_error(&call, longer, VIR_FROM_VBOX);
    decode(cut, &content, arena);
    g_assert_cmpuint(strlen(content.message), ==, 65536);

    MessageHeader packet = call;
    packet.type = MESSAGE_STREAM;
    packet.status = STATUS_CONTINUE;
    g_autoptr(GBytes) stream = message_error(&packet, ours, VIR_FROM_VBOX);
    g_assert_cmpuint(header_of(stream).type, ==, MESSAGE_STREAM);
    g_assert_cmpuint(header_of(stream).status, ==, STATUS_ERROR);
    g_assert_cmpuint(header_of(stream).serial, ==, call.serial);
}

static void test_stream(void)
{
    g_autoptr(GBytes) data = message_stream(&call, STATUS_CONTINUE, "abcde", 5);
    assert_is_hex(data, "00000021200080860000000100000017000000030000000c00000002"
                        "6162636465");
    g_autoptr(GBytes) end = message_stream(&call, STATUS_CONTINUE, NULL, 0);
    assert_is_hex(end, "0000001c200080860000000100000017000000030000000c00000002");
}

static void test_keepalive(void)
{
    g_autoptr(GBytes) ping = message_keepalive(KEEPALIVE_PING);
    assert_is_hex(ping, "0000001c6b6565700000000100000001000000020000000000000000");
}

/* ---- the buffer ---- */

static void feed(MessageBuffer *buffer, const guint8 *data, gsize length)
{
    while (length > 0) {
        gsize room;
        guint8 *space = message_buffer_space(buffer, &room);
        g_assert_cmpuint(room, >=, 4096);
        gsize part = MIN(room, length);
        memcpy(space, data, part);
        message_buffer_fill(buffer, part);
        data += part;
        length -= part;
    }
}

/* The next message, or NULL. */
static GBytes *take(MessageBuffer *buffer)
{
    g_autoptr(GError) error = NULL;
    MessageHeader header;
    GBytes *message;
    gboolean done = message_buffer_next(buffer, &header, &message, &error);
    g_assert_no_error(error);
    g_assert_true(done);
    return message;
}

static GBytes *make_message(gsize payload, guint32 serial)
{
    MessageHeader header = call;
    header.serial = serial;
    GByteArray *message = message_begin(&header);
    g_byte_array_set_size(message, (guint)(MESSAGE_HEADER + payload));
    for (gsize i = 0; i < payload; i++)
        message->data[MESSAGE_HEADER + i] = (guint8)(i * 7 + serial);
    return message_end(message);
}

static void test_buffer_bytes(void)
{
    g_autoptr(MessageBuffer) buffer = message_buffer_new();
    g_autoptr(GBytes) message = make_message(100, 3);
    const guint8 *data = g_bytes_get_data(message, NULL);
    for (gint round = 0; round < 3; round++) {
        for (gsize i = 0; i < g_bytes_get_size(message); i++) {
            g_assert_null(take(buffer));
            feed(buffer, data + i, 1);
        }
        g_autoptr(GBytes) taken = take(buffer);
        g_assert_true(g_bytes_equal(taken, message));
    }
    g_assert_null(take(buffer));
}

/* Any sizes of messages in any sizes of pieces. */
static void test_buffer_pieces(void)
{
    g_autoptr(MessageBuffer) buffer = message_buffer_new();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    for (guint i = 0; i < 300; i++) {
        gsize size = (gsize)g_test_rand_int_range(0, i % 20 ? 300 : 300000);
        GBytes *message = make_message(size, i);
        g_ptr_array_add(messages, message);
        g_byte_array_append(bytes, g_bytes_get_data(message, NULL),
                            (guint)g_bytes_get_size(message));
    }
    guint seen = 0;
    for (gsize at = 0; at < bytes->len;) {
        gsize piece = (gsize)g_test_rand_int_range(1, g_test_rand_bit() ? 50 : 70000);
        piece = MIN(piece, bytes->len - at);
        feed(buffer, bytes->data + at, piece);
        at += piece;
        GBytes *message;
        while ((message = take(buffer))) {
            g_assert_true(g_bytes_equal(message, g_ptr_array_index(messages, seen)));
            g_bytes_unref(message);
            seen++;
        }
    }
    g_assert_cmpuint(seen, ==, messages->len);
}

/* The single bytes that carry file descriptors belong to the message before them. */
static void test_buffer_fds(void)
{
    g_autoptr(MessageBuffer) buffer = message_buffer_new();
    MessageHeader header = call;
    header.type = MESSAGE_CALL_FDS;
    GByteArray *made = message_begin(&header);
    g_byte_array_append(made, (const guint8 *)"\0\0\0\2tail", 8);
    g_autoptr(GBytes) message = message_end(made);
    g_autoptr(GBytes) next = make_message(4, 1);
    feed(buffer, g_bytes_get_data(message, NULL), g_bytes_get_size(message));
    g_assert_null(take(buffer));
    feed(buffer, (const guint8 *)"\0", 1);
    g_assert_null(take(buffer));
    feed(buffer, (const guint8 *)"\0", 1);
    feed(buffer, g_bytes_get_data(next, NULL), g_bytes_get_size(next));
    g_autoptr(GBytes) first = take(buffer);
    g_assert_true(g_bytes_equal(first, message));
    gsize length;
    const guint8 *payload = message_payload(first, &length);
    g_assert_cmpmem(payload, length, "tail", 4);
    g_autoptr(GBytes) second = take(buffer);
    g_assert_true(g_bytes_equal(second, next));
}

static void assert_dropped(const char *hex)
{
    g_autoptr(MessageBuffer) buffer = message_buffer_new();
    g_autoptr(GBytes) bytes = from_hex(hex);
    g_autoptr(GError) error = NULL;
    MessageHeader header;
    GBytes *message;
    feed(buffer, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    g_assert_false(message_buffer_next(buffer, &header, &message, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_RPC);
    g_assert_null(message);
}

static void test_buffer_hostile(void)
{
    assert_dropped("0000001b"); /* shorter than a header: known after four bytes */
    assert_dropped("00000000");
    assert_dropped("02000005"); /* one more than the longest */
    assert_dropped("ffffffff");
    /* 33 file descriptors, and none where some must be */
    assert_dropped("0000002020008086000000010000001700000004000000000000000000000021");
    assert_dropped("0000001c20008086000000010000001700000004000000000000000000000021");
}

/* A claim of 32 MiB takes no memory before its bytes come. */
static void test_buffer_claim(void)
{
    g_autoptr(MessageBuffer) buffer = message_buffer_new();
    g_autoptr(GBytes) bytes =
        from_hex("0200000420008086000000010000001700000000000000000000000000");
    gsize room;
    feed(buffer, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    g_assert_null(take(buffer));
    message_buffer_space(buffer, &room);
    g_assert_cmpuint(room, <=, 65536);
}

static void test_header_limits(void)
{
    MessageHeader header;
    guint8 data[MESSAGE_HEADER] = {0, 0, 0, 27};
    g_assert_false(message_header_read(data, &header, NULL));
    data[3] = 28;
    g_assert_true(message_header_read(data, &header, NULL));
    data[0] = 2; /* MESSAGE_LIMIT is 0x02000004 */
    data[3] = 4;
    g_assert_true(message_header_read(data, &header, NULL));
    data[3] = 5;
    g_assert_false(message_header_read(data, &header, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/message/captured", test_captured);
    g_test_add_func("/message/golden-calls", test_golden_calls);
    g_test_add_func("/message/golden-replies", test_golden_replies);
    g_test_add_func("/message/golden-error", test_golden_error);
    g_test_add_func("/message/golden-event", test_golden_event);
    g_test_add_func("/message/reply", test_reply);
    g_test_add_func("/message/error", test_error);
    g_test_add_func("/message/stream", test_stream);
    g_test_add_func("/message/keepalive", test_keepalive);
    g_test_add_func("/message/buffer-bytes", test_buffer_bytes);
    g_test_add_func("/message/buffer-pieces", test_buffer_pieces);
    g_test_add_func("/message/buffer-fds", test_buffer_fds);
    g_test_add_func("/message/buffer-hostile", test_buffer_hostile);
    g_test_add_func("/message/buffer-claim", test_buffer_claim);
    g_test_add_func("/message/header-limits", test_header_limits);
    return g_test_run();
}

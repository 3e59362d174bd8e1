/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fuzzer of what a client sends: bytes become messages, messages the arguments of any procedure
 * (and its results, which the codec reads by the same rules). */
#include <string.h>
#include "rpc/message.h"
#include "rpc/remote.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize length);

static GByteArray *encode(const XdrStruct *type, const void *value)
{
    g_autoptr(GError) error = NULL;
    GByteArray *bytes = g_byte_array_new();
    if (!xdr_encode(type, value, bytes, &error))
        g_error("what was decoded cannot be encoded: %s", error->message);
    return bytes;
}

static void *decode(const XdrStruct *type, const guint8 *data, gsize length, Arena *arena)
{
    void *value = arena_alloc(arena, type ? xdr_size(type) : 0);
    return xdr_decode(type, data, length, value, arena, NULL) ? value : NULL;
}

/* What is accepted has one encoding, no longer than it was, which decodes to itself. */
static void check_content(const XdrStruct *type, const guint8 *data, gsize length)
{
    g_autoptr(Arena) arena = arena_new();
    void *value = decode(type, data, length, arena);
    if (!value || !type)
        return;
    g_autoptr(GByteArray) once = encode(type, value);
    g_assert_cmpuint(once->len, <=, length);
    void *again = decode(type, once->data, once->len, arena);
    g_assert_nonnull(again);
    g_autoptr(GByteArray) twice = encode(type, again);
    g_assert_cmpmem(once->data, once->len, twice->data, twice->len);
}

static void check_message(const MessageHeader *header, GBytes *message)
{
    gsize length;
    const guint8 *payload = message_payload(message, &length);
    g_assert_cmpuint(g_bytes_get_size(message), ==, header->length);
    const Procedure *procedure = procedure_find(header->procedure);
    if (!procedure)
        return;
    g_autoptr(Arena) arena = arena_new();
    void *args = decode(procedure->args, payload, length, arena);
    if (args) {
        gboolean allowed = procedure_check_flags(procedure, args, NULL);
        g_assert_true(allowed || procedure->flags_offset >= 0);
        allowed = procedure_check_read_only(procedure, args, NULL);
        g_assert_true(procedure->read_only || !allowed);
    }
    check_content(procedure->args, payload, length);
    check_content(procedure->ret, payload, length);
}

/* The first byte of the input says how many bytes come at once. */
int LLVMFuzzerTestOneInput(const guint8 *data, gsize length)
{
    if (length < 1)
        return 0;
    g_autoptr(MessageBuffer) buffer = message_buffer_new();
    const gsize piece = data[0] + 1u;
    for (gsize at = 1; at < length;) {
        gsize room;
        guint8 *space = message_buffer_space(buffer, &room);
        gsize part = MIN(MIN(piece, room), length - at);
        memcpy(space, data + at, part);
        message_buffer_fill(buffer, part);
        at += part;
        for (;;) {
            MessageHeader header;
            GBytes *message;
            if (!message_buffer_next(buffer, &header, &message, NULL))
                return 0;
            if (!message)
                break;
            check_message(&header, message);
            g_bytes_unref(message);
        }
    }
    return 0;
}

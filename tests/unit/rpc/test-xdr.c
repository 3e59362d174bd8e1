/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tests of the codec: all procedures there and back, and what it must refuse. */
#include <string.h>
#include "base/error.h"
#include "rpc/message.h"
#include "rpc/remote.h"
#include "tests/unit/rpc/values.h"

#define ROUNDS 20

static GByteArray *encode(const XdrStruct *type, const void *value)
{
    g_autoptr(GError) error = NULL;
    GByteArray *bytes = g_byte_array_new();
    gboolean done = xdr_encode(type, value, bytes, &error);
    g_assert_no_error(error);
    g_assert_true(done);
    return bytes;
}

static const XdrStruct *args_of(RemoteProcedure number)
{
    return procedure_find(number)->args;
}

/* Decodes bytes as the procedure's arguments, which must fail with a message that has this text. */
static void assert_refused(RemoteProcedure number, const guint8 *data, gsize length,
                           const char *text)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GError) error = NULL;
    void *out = arena_alloc(arena, xdr_size(args_of(number)));
    g_assert_false(xdr_decode(args_of(number), data, length, out, arena, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_RPC);
    g_assert_nonnull(strstr(error->message, text));
}

/* Encoding a value and decoding it gives the same bytes again, and so the same value. */
static void check_round_trip(const XdrStruct *type)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) first = encode(type, random_value(type, arena));
    void *copy = arena_alloc(arena, xdr_size(type));
    gboolean done = xdr_decode(type, first->data, first->len, copy, arena, &error);
    g_assert_no_error(error);
    g_assert_true(done);
    g_autoptr(GByteArray) second = encode(type, copy);
    g_assert_cmpmem(first->data, first->len, second->data, second->len);
    g_assert_cmpuint(first->len, >=, type->wire_min);
}

/* Every prefix of a value is refused; what follows a value is not looked at. */
static void check_truncation(const XdrStruct *type)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GByteArray) bytes = encode(type, random_value(type, arena));
    void *copy = arena_alloc(arena, xdr_size(type));
    for (guint length = 0; length < bytes->len; length++) {
        /* A copy of exactly that many bytes, so that a sanitizer sees each byte too far. */
        g_autofree guint8 *part = g_memdup2(bytes->data, length);
        g_autoptr(GError) error = NULL;
        g_assert_false(xdr_decode(type, part, length, copy, arena, &error));
        g_assert_error(error, VIR_ERROR, VIR_ERR_RPC);
    }
    guint length = bytes->len;
    g_byte_array_append(bytes, (const guint8 *)"more", 4);
    g_assert_true(xdr_decode(type, bytes->data, bytes->len, copy, arena, NULL));
    g_autoptr(GByteArray) again = encode(type, copy);
    g_assert_cmpmem(bytes->data, length, again->data, again->len);
}

static void for_all_types(void (*check)(const XdrStruct *type))
{
    for (guint32 number = 1; number <= REMOTE_PROC_LAST; number++) {
        const Procedure *procedure = procedure_find(number);
        if (procedure->args)
            check(procedure->args);
        if (procedure->ret)
            check(procedure->ret);
    }
    check(&remote_error_xdr);
    check(&remote_net_stream_hole_xdr);
}

static void test_round_trips(void)
{
    for (gint i = 0; i < ROUNDS; i++)
        for_all_types(check_round_trip);
}

static void test_truncation(void)
{
    for_all_types(check_truncation);
}

/* Flipping any bit of a valid message must not crash, and what is then accepted has a value. */
static void check_bit_flips(const XdrStruct *type)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GByteArray) bytes = encode(type, random_value(type, arena));
    for (guint bit = 0; bit < bytes->len * 8; bit++) {
        g_autoptr(Arena) scratch = arena_new();
        bytes->data[bit / 8] ^= (guint8)(1u << bit % 8);
        void *copy = arena_alloc(scratch, xdr_size(type));
        if (xdr_decode(type, bytes->data, bytes->len, copy, scratch, NULL)) {
            g_autoptr(GByteArray) again = encode(type, copy);
            g_assert_cmpuint(again->len, <=, bytes->len);
        }
        bytes->data[bit / 8] ^= (guint8)(1u << bit % 8);
    }
}

static void test_bit_flips(void)
{
    for_all_types(check_bit_flips);
}

static void test_hostile_counts(void)
{
    static const guint8 all[] = {0xff, 0xff, 0xff, 0xff, 'x', 'x', 'x', 'x'};
    static const guint8 string_limit[] = {0x00, 0x40, 0x00, 0x00, 'x', 'x', 'x', 'x'};
    static const guint8 string_over[] = {0x00, 0x40, 0x00, 0x01, 'x', 'x', 'x', 'x'};
    /* CONNECT_GET_ALL_DOMAIN_STATS begins with an array of at most 16384 domains, of 24 bytes at
     * least each. */
    static const guint8 domains[] = {0x00, 0x00, 0x40, 0x00, 0, 0, 0, 1, 'x', 0, 0, 0};
    static const guint8 domains_over[] = {0x00, 0x00, 0x40, 0x01, 0, 0, 0, 1, 'x', 0, 0, 0};
    assert_refused(REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME, all, sizeof all, "name is longer");
    assert_refused(REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME, string_limit, sizeof string_limit,
                   "name ends too early");
    assert_refused(REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME, string_over, sizeof string_over,
                   "name is longer");
    assert_refused(REMOTE_PROC_CONNECT_GET_ALL_DOMAIN_STATS, all, sizeof all, "doms has more");
    assert_refused(REMOTE_PROC_CONNECT_GET_ALL_DOMAIN_STATS, domains, sizeof domains,
                   "doms ends too early");
    assert_refused(REMOTE_PROC_CONNECT_GET_ALL_DOMAIN_STATS, domains_over, sizeof domains_over,
                   "doms has more");
}

static void test_optional(void)
{
    /* CONNECT_OPEN: name:str? flags:u32 */
    static const guint8 absent[] = {0, 0, 0, 0, 0, 0, 0, 1};
    /* what go-libvirt writes, and other values that are not 0 */
    static const guint8 markers[][4] = {
        {0, 0, 0, 1}, {1, 0, 0, 0}, {0, 0, 0, 5}, {255, 255, 255, 255}};
    g_autoptr(Arena) arena = arena_new();
    ConnectOpenArgs args;
    g_assert_true(
        xdr_decode(args_of(REMOTE_PROC_CONNECT_OPEN), absent, sizeof absent, &args, arena, NULL));
    g_assert_null(args.name);
    g_assert_cmpuint(args.flags, ==, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(markers); i++) {
        guint8 present[] = {0, 0, 0, 0, 0, 0, 0, 1, 'u', 0, 0, 0, 0, 0, 0, 2};
        memcpy(present, markers[i], 4);
        g_assert_true(xdr_decode(args_of(REMOTE_PROC_CONNECT_OPEN), present, sizeof present, &args,
                                 arena, NULL));
        g_assert_cmpstr(args.name, ==, "u");
        g_assert_cmpuint(args.flags, ==, 2);
    }
}

static void test_strings(void)
{
    static const struct {
        guint8 bytes[8];
        const char *text;
    } cases[] = {
        {{0, 0, 0, 3, 'a', 'b', 'c', 0}, "abc"}, {{0, 0, 0, 3, 'a', 'b', 'c', 1}, "abc"},
        {{0, 0, 0, 4, 'a', 'b', 'c', 0}, "abc"}, {{0, 0, 0, 3, 'a', 0, 'b', 0}, "a"},
        {{0, 0, 0, 1, 0, 0, 0, 0}, ""},          {{0, 0, 0, 0}, ""},
    };
    static const guint8 no_padding[] = {0, 0, 0, 3, 'a', 'b', 'c'};
    const XdrStruct *type = args_of(REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME);
    g_autoptr(Arena) arena = arena_new();
    DomainLookupByNameArgs args;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_true(xdr_decode(type, cases[i].bytes, 8, &args, arena, NULL));
        g_assert_cmpstr(args.name, ==, cases[i].text);
    }
    assert_refused(REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME, no_padding, sizeof no_padding,
                   "ends too early");
}

static void test_unions(void)
{
    /* CONNECT_SET_IDENTITY: params:typed_param<20> flags:u32; one parameter named "p" */
    guint8 data[] = {0, 0, 0, 1, 0, 0, 0, 1, 'p', 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 42, 0, 0, 0, 0};
    const guint type_at = 15;
    g_autoptr(Arena) arena = arena_new();
    ConnectSetIdentityArgs args;
    g_assert_true(xdr_decode(args_of(REMOTE_PROC_CONNECT_SET_IDENTITY), data, sizeof data, &args,
                             arena, NULL));
    g_assert_cmpuint(args.params_len, ==, 1);
    g_assert_cmpstr(args.params[0].field, ==, "p");
    g_assert_cmpint(args.params[0].value.type, ==, 1);
    g_assert_cmpint(args.params[0].value.i, ==, 42);
    data[type_at] = 0;
    assert_refused(REMOTE_PROC_CONNECT_SET_IDENTITY, data, sizeof data, "unknown type");
    data[type_at] = 8;
    assert_refused(REMOTE_PROC_CONNECT_SET_IDENTITY, data, sizeof data, "unknown type");
}

static void test_small_numbers(void)
{
    const XdrStruct *type = procedure_find(REMOTE_PROC_DOMAIN_GET_INFO)->ret;
    g_autoptr(Arena) arena = arena_new();
    DomainGetInfoRet info = {.state = 255, .nrVirtCpu = 65535}, copy;
    g_autoptr(GByteArray) bytes = encode(type, &info);
    g_assert_cmpuint(bytes->len, ==, 32);
    g_assert_true(xdr_decode(type, bytes->data, bytes->len, &copy, arena, NULL));
    g_assert_cmpuint(copy.state, ==, 255);
    g_assert_cmpuint(copy.nrVirtCpu, ==, 65535);
    bytes->data[2] = 1; /* state = 511 */
    g_assert_false(xdr_decode(type, bytes->data, bytes->len, &copy, arena, NULL));

    type = procedure_find(REMOTE_PROC_STORAGE_VOL_GET_INFO)->ret;
    StorageVolGetInfoRet volume = {.type = -3}, volume_copy;
    g_autoptr(GByteArray) other = encode(type, &volume);
    g_assert_cmpmem(other->data, 4, "\xff\xff\xff\xfd", 4);
    g_assert_true(xdr_decode(type, other->data, other->len, &volume_copy, arena, NULL));
    g_assert_cmpint(volume_copy.type, ==, -3);
}

static void assert_not_encoded(const XdrStruct *type, const void *value, const char *text)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    g_byte_array_append(bytes, (const guint8 *)"kept", 4);
    g_assert_false(xdr_encode(type, value, bytes, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_RPC);
    g_assert_nonnull(strstr(error->message, text));
    g_assert_cmpmem(bytes->data, bytes->len, "kept", 4);
}

static void test_encode_limits(void)
{
    const XdrStruct *xml = procedure_find(REMOTE_PROC_DOMAIN_GET_XML_DESC)->ret;
    const XdrStruct *names = procedure_find(REMOTE_PROC_CONNECT_LIST_DEFINED_DOMAINS)->ret;
    g_autofree char *text = g_strnfill(4194305, 'x');
    DomainGetXmlDescRet ret = {.xml = text};
    assert_not_encoded(xml, &ret, "DomainGetXmlDescRet.xml is longer");
    text[4194304] = '\0';
    g_autoptr(GByteArray) longest = encode(xml, &ret);
    g_assert_cmpuint(longest->len, ==, 4194308);
    ret.xml = NULL;
    assert_not_encoded(xml, &ret, "is missing");

    g_autofree char **list = g_new(char *, 16385);
    for (gint i = 0; i < 16385; i++)
        list[i] = text;
    ConnectListDefinedDomainsRet many = {.names_len = 16385, .names = list};
    assert_not_encoded(names, &many, "names has more");
    many.names_len = 9; /* 36 MiB: each string may be sent, but no client takes the message */
    assert_not_encoded(names, &many, "longer than the 33554436 bytes");
    many.names = NULL;
    assert_not_encoded(names, &many, "is missing");
}

static void test_no_arguments(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_assert_true(xdr_encode(NULL, NULL, bytes, NULL));
    g_assert_cmpuint(bytes->len, ==, 0);
    g_assert_true(xdr_decode(NULL, NULL, 0, NULL, NULL, NULL));
    g_assert_true(xdr_decode(NULL, (const guint8 *)"more", 4, NULL, NULL, NULL));
}

static void test_arena(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_assert_null(arena_strdup(arena, NULL));
    g_assert_null(arena_take(arena, NULL));
    char *taken = g_strdup("taken");
    g_assert_true(arena_take(arena, taken) == taken);
    g_assert_cmpstr(arena_strndup(arena, "abcdef", 3), ==, "abc");
    for (gint i = 0; i < 2000; i++) {
        gsize size = (gsize)g_test_rand_int_range(0, i % 50 ? 200 : 100000);
        guint8 *memory = arena_alloc(arena, size);
        g_assert_cmpuint((gsize)memory % 16, ==, 0);
        for (gsize j = 0; j < size; j++)
            g_assert_cmpuint(memory[j], ==, 0);
        memset(memory, 0xff, size);
    }
    g_assert_cmpstr(taken, ==, "taken");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xdr/round-trips", test_round_trips);
    g_test_add_func("/xdr/truncation", test_truncation);
    g_test_add_func("/xdr/bit-flips", test_bit_flips);
    g_test_add_func("/xdr/hostile-counts", test_hostile_counts);
    g_test_add_func("/xdr/optional", test_optional);
    g_test_add_func("/xdr/strings", test_strings);
    g_test_add_func("/xdr/unions", test_unions);
    g_test_add_func("/xdr/small-numbers", test_small_numbers);
    g_test_add_func("/xdr/encode-limits", test_encode_limits);
    g_test_add_func("/xdr/no-arguments", test_no_arguments);
    g_test_add_func("/xdr/arena", test_arena);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The C end of crosscheck.py.  Without arguments: a random value of each type, as lines
 * "value PROCEDURE args|ret HEX".  With "decode": reads such lines, decodes, encodes and prints
 * again. */
#include <stdio.h>
#include <string.h>
#include "rpc/remote.h"
#include "tests/unit/rpc/values.h"

#define ROUNDS 5

static void print_line(const char *name, const char *half, const XdrStruct *type, const void *value)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    if (!xdr_encode(type, value, bytes, &error))
        g_error("%s %s: %s", name, half, error->message);
    printf("value %s %s ", name, half);
    for (guint i = 0; i < bytes->len; i++)
        printf("%02x", bytes->data[i]);
    puts("");
}

static void print_random(const char *name, const char *half, const XdrStruct *type)
{
    g_autoptr(Arena) arena = arena_new();
    for (gint i = 0; type && i < ROUNDS; i++)
        print_line(name, half, type, random_value(type, arena));
}

static void test_encode(void)
{
    for (guint32 number = 1; number <= REMOTE_PROC_LAST; number++) {
        const Procedure *procedure = procedure_find(number);
        print_random(procedure->name, "args", procedure->args);
        print_random(procedure->name, "ret", procedure->ret);
    }
}

static void again(const char *name, const char *half, const char *hex)
{
    const Procedure *procedure = procedure_find_by_name(name);
    g_assert_nonnull(procedure);
    const XdrStruct *type = strcmp(half, "args") == 0 ? procedure->args : procedure->ret;
    gsize length = strlen(hex) / 2;
    g_autofree guint8 *data = g_malloc(length + 1);
    for (gsize i = 0; i < length; i++)
        data[i] =
            (guint8)(g_ascii_xdigit_value(hex[2 * i]) << 4 | g_ascii_xdigit_value(hex[2 * i + 1]));
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GError) error = NULL;
    void *value = arena_alloc(arena, xdr_size(type));
    if (!xdr_decode(type, data, length, value, arena, &error))
        g_error("%s %s: %s", name, half, error->message);
    print_line(name, half, type, value);
}

static void test_decode(void)
{
    g_autoptr(GIOChannel) input = g_io_channel_unix_new(0);
    char *line;
    while (g_io_channel_read_line(input, &line, NULL, NULL, NULL) == G_IO_STATUS_NORMAL) {
        g_auto(GStrv) words = g_strsplit(g_strchomp(line), " ", 4);
        g_free(line);
        again(words[1], words[2], words[3]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (argc > 1 && strcmp(argv[1], "decode") == 0)
        test_decode();
    else
        test_encode();
    return 0;
}

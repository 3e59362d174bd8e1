/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NVRAM files that were made here, whole and broken; those of VirtualBox are in tests/domain. */
#include <string.h>
#include "vbox/nvram.h"

#define STORE_AT 72     /* as long as VirtualBox's header is */
#define STORE_SIZE 1000 /* with room behind the variables */
#define WHOLE 0x3f
#define LEAVING 0x3e
#define DELETED 0x3c

static void put(GByteArray *bytes, guint32 number, guint width)
{
    for (guint i = 0; i < width; i++) {
        guint8 byte = (guint8)(number >> 8 * i);
        g_byte_array_append(bytes, &byte, 1);
    }
}

static void fill(GByteArray *bytes, guint8 byte, guint length)
{
    while (bytes->len < length)
        g_byte_array_append(bytes, &byte, 1);
}

static GByteArray *volume(void)
{
    GByteArray *bytes = g_byte_array_new();
    fill(bytes, 0, 40);
    g_byte_array_append(bytes, (const guint8 *)"_FVH", 4);
    put(bytes, 0, 4);
    put(bytes, STORE_AT, 2);
    fill(bytes, 0, STORE_AT + 16);
    put(bytes, STORE_SIZE, 4);
    fill(bytes, 0, STORE_AT + 28);
    return bytes;
}

static void variable(GByteArray *bytes, const char *name, guint8 state, gint value)
{
    gsize length = strlen(name) + 1;
    put(bytes, 0x55aa, 2);
    put(bytes, state, 2);
    fill(bytes, 0, bytes->len + 32);
    put(bytes, (guint32)(2 * length), 4);
    put(bytes, 1, 4);
    fill(bytes, 0xee, bytes->len + 16);
    for (gsize i = 0; i < length; i++)
        put(bytes, (guchar)name[i], 2);
    put(bytes, (guint32)value, 1);
    while ((bytes->len - STORE_AT) % 4 != 0)
        put(bytes, 0xff, 1);
}

static GByteArray *finished(GByteArray *bytes)
{
    fill(bytes, 0xff, STORE_AT + STORE_SIZE);
    return bytes;
}

static void tar_entry(GByteArray *tar, const char *name, const GByteArray *content)
{
    guint start = tar->len;
    g_autofree char *size = g_strdup_printf("%011o", content->len);
    g_byte_array_append(tar, (const guint8 *)name, (guint)strlen(name));
    fill(tar, 0, start + 124);
    g_byte_array_append(tar, (const guint8 *)size, 12);
    fill(tar, 0, start + 257);
    g_byte_array_append(tar, (const guint8 *)"ustar  ", 8);
    fill(tar, 0, start + 512);
    g_byte_array_append(tar, content->data, content->len);
    fill(tar, 0, (tar->len + 511) / 512 * 512);
}

static void assert_says(const GByteArray *bytes, gboolean has_platform_key, gboolean secure_boot)
{
    Nvram nvram;
    g_assert_true(nvram_parse(bytes->data, bytes->len, &nvram));
    g_assert_cmpint(nvram.has_platform_key, ==, has_platform_key);
    g_assert_cmpint(nvram.secure_boot, ==, secure_boot);
}

static void test_variables(void)
{
    static const struct {
        guint8 key;  /* state of PK; 0: it has none */
        gint enable; /* value of SecureBootEnable; -1: it has none */
        gboolean has_platform_key, secure_boot;
    } cases[] = {
        {0, -1, FALSE, FALSE},      {0, 1, FALSE, FALSE},    {WHOLE, -1, TRUE, TRUE},
        {WHOLE, 1, TRUE, TRUE},     {WHOLE, 0, TRUE, FALSE}, {LEAVING, 1, TRUE, TRUE},
        {DELETED, 1, FALSE, FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = volume();
        variable(bytes, "PKDefault", WHOLE, 1);
        variable(bytes, "SecureBootEnable", DELETED, 1);
        if (cases[i].enable >= 0)
            variable(bytes, "SecureBootEnable", WHOLE, cases[i].enable);
        if (cases[i].key != 0)
            variable(bytes, "PK", cases[i].key, 9);
        assert_says(finished(bytes), cases[i].has_platform_key, cases[i].secure_boot);
    }
}

static GByteArray *archive(void)
{
    GByteArray *tar = g_byte_array_new();
    g_autoptr(GByteArray) other = g_byte_array_new(), bytes = volume();
    fill(other, 7, 700);
    variable(bytes, "PK", WHOLE, 9);
    tar_entry(tar, "TpmEmuTpms/permall", other);
    tar_entry(tar, "efi/nvram", finished(bytes));
    fill(tar, 0, tar->len + 1024);
    return tar;
}

static void test_archive(void)
{
    g_autoptr(GByteArray) tar = archive(), other = g_byte_array_new(), empty = g_byte_array_new();
    Nvram nvram;
    assert_says(tar, TRUE, TRUE);
    fill(other, 7, 700);
    tar_entry(empty, "TpmEmuTpms/permall", other);
    g_assert_false(nvram_parse(empty->data, empty->len, &nvram));
}

/* Each length from a block of its own, so that a sanitizer sees a byte too far. */
static void test_cut(void)
{
    g_autoptr(GByteArray) tar = archive();
    for (guint length = 0; length < tar->len; length++) {
        g_autofree guint8 *bytes = g_memdup2(tar->data, length);
        Nvram nvram;
        if (!nvram_parse(bytes, length, &nvram))
            g_assert_false(nvram.has_platform_key || nvram.secure_boot);
    }
}

static void test_sizes_that_lie(void)
{
    g_autoptr(GByteArray) bytes = volume();
    guint sizes = bytes->len + 36;
    variable(bytes, "db", WHOLE, 1);
    variable(bytes, "PK", WHOLE, 9);
    memset(bytes->data + sizes, 0xff, 8);
    assert_says(finished(bytes), FALSE, FALSE);
    memset(bytes->data + STORE_AT + 16, 0xff, 4);
    Nvram nvram;
    g_assert_false(nvram_parse(bytes->data, bytes->len, &nvram));
    g_assert_false(nvram_read("/nowhere", &nvram));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvram/variables", test_variables);
    g_test_add_func("/nvram/archive", test_archive);
    g_test_add_func("/nvram/cut", test_cut);
    g_test_add_func("/nvram/sizes that lie", test_sizes_that_lie);
    return g_test_run();
}

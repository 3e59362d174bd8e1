/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Images: headers that lie, or end too early; the true ones are in tests/storage. */
#include <string.h>
#include "storage/image.h"

#define SIZE 40000

static guint8 bytes[IMAGE_HEAD];

static void put(gsize offset, const void *data, gsize length)
{
    memcpy(bytes + offset, data, length);
}

static void begin(const char *magic)
{
    memset(bytes, 0, sizeof bytes);
    put(0, magic, strlen(magic));
}

static void check(gsize length, const char *format, guint64 capacity, const char *backing)
{
    g_auto(Image) image = {0};
    /* of exact size: sanitizers see what reads behind it */
    g_autofree guint8 *head = g_memdup2(bytes, length);
    image_parse(head, length, NULL, SIZE, &image);
    g_assert_cmpstr(image.format, ==, format);
    g_assert_cmpuint(image.capacity, ==, capacity);
    g_assert_cmpstr(image.backing, ==, backing);
}

static void test_short(void)
{
    static const char *const magics[] = {"QFI\xfb",  "QED",      "KDMV",
                                         "conectix", "vhdxfile", "# Disk DescriptorFile"};
    for (guint i = 0; i < G_N_ELEMENTS(magics); i++) {
        begin(magics[i]);
        for (gsize length = 0; length < 600; length++) {
            g_auto(Image) image = {0};
            g_autofree guint8 *head = g_memdup2(bytes, length);
            image_parse(head, length, NULL, SIZE, &image);
            g_assert_nonnull(image.format);
        }
    }
}

static void test_qcow(void)
{
    begin("QFI\xfb");
    put(4, "\0\0\0\3", 4);
    put(24, "\0\0\0\0\0\1\0\0", 8);
    check(IMAGE_HEAD, "qcow2", 65536, NULL);
    put(8, "\0\0\0\0\0\0\2\0", 8);
    put(16, "\0\0\0\5", 4);
    put(512, "a.img", 5);
    check(IMAGE_HEAD, "qcow2", 65536, "a.img");
    check(516, "qcow2", 65536, NULL);
    put(514, "\n", 1);
    check(IMAGE_HEAD, "qcow2", 65536, NULL);
    put(514, "\xff", 1);
    check(IMAGE_HEAD, "qcow2", 65536, NULL);
    put(16, "\xff\xff\xff\xff", 4);
    check(IMAGE_HEAD, "qcow2", 65536, NULL);
    put(24, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    check(IMAGE_HEAD, "qcow2", G_MAXINT64, NULL);
}

static void test_vmdk(void)
{
    begin("# Disk DescriptorFile\nversion=1\nparentFileNameHint=\"b.vmdk\"\n"
          "RW 20 FLAT \"x\" 0\nRDONLY 10 ZERO\nNOACCESS 2 ZERO\n"
          "RW 99999999999999999999 FLAT \"y\" 0\n");
    check(IMAGE_HEAD, "vmdk", 32 * 512, "b.vmdk");
    begin("# Disk DescriptorFile\nparentFileNameHint=\"");
    check(strlen((char *)bytes), "vmdk", 0, NULL);
    begin("KDMV");
    put(12, "\4", 1);
    check(IMAGE_HEAD, "vmdk", 4 * 512, NULL);
    put(28, "\xff\xff\xff\xff\xff\xff\xff\xff", 8); /* the description, far behind the end */
    put(36, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    check(IMAGE_HEAD, "vmdk", 4 * 512, NULL);
    put(28, "\1\0\0\0\0\0\0\0", 8);
    put(36, "\1\0\0\0\0\0\0\0", 8);
    put(512, "RW 6 SPARSE \"x\"\n", 16);
    check(IMAGE_HEAD, "vmdk", 6 * 512, NULL); /* VirtualBox goes by it */
}

static guint traits(void)
{
    g_auto(Image) image = {0};
    image_parse(bytes, sizeof bytes, NULL, SIZE, &image);
    return image.traits;
}

static void test_traits_of_qcow(void)
{
    begin("QFI\xfb");
    put(4, "\0\0\0\3", 4);
    g_assert_cmpuint(traits(), ==, 0);
    put(72, "\0\0\0\0\0\0\0\1", 8); /* not closed */
    g_assert_cmpuint(traits(), ==, 0);
    put(72, "\0\0\0\0\0\0\0\10", 8);
    g_assert_cmpuint(traits(), ==, IMAGE_FEATURES);
    put(7, "\2", 1); /* version 2 has none */
    g_assert_cmpuint(traits(), ==, 0);
    put(8, "\0\0\0\0\0\0\2\0", 8);
    put(35, "\1", 1);
    put(63, "\1", 1);
    g_assert_cmpuint(traits(), ==, IMAGE_ON_ANOTHER | IMAGE_ENCRYPTED | IMAGE_SNAPSHOTS);
    put(7, "\1", 1);
    put(39, "\2", 1);
    g_assert_cmpuint(traits(), ==, IMAGE_ON_ANOTHER | IMAGE_ENCRYPTED);
}

static void test_table_of_qcow(void)
{
    g_auto(Image) image = {0};
    begin("QFI\xfb");
    put(4, "\0\0\0\1", 4);
    put(24, "\0\0\0\0\100\0\0\0", 8); /* 1 GiB; clusters of 4 KiB, 512 of them to a table */
    put(32, "\x0c\x09", 2);
    put(47, "0", 1);
    image_parse(bytes, sizeof bytes, NULL, SIZE, &image);
    g_assert_cmpuint(image.table.offset, ==, 48);
    g_assert_cmpuint(image.table.length, ==, 4096);
    g_assert_cmpuint(image.table.end, ==, 48 + 4096);
    image_parse(bytes, sizeof bytes, NULL, 48 + 4096, &image);
    g_assert_cmpuint(image.traits, ==, 0);
    image_parse(bytes, sizeof bytes, NULL, 48 + 4095, &image);
    g_assert_cmpuint(image.traits, ==, IMAGE_SHORT);
    put(24, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10);
    put(40, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    image_parse(bytes, sizeof bytes, NULL, SIZE, &image);
    g_assert_cmpuint(image.table.end, >, image.table.offset);
}

static void test_traits_of_others(void)
{
    begin("QED");
    g_assert_cmpuint(traits(), ==, 0);
    put(16, "\3", 1);
    g_assert_cmpuint(traits(), ==, IMAGE_ON_ANOTHER);
    begin("# Disk DescriptorFile\nparentCID=ffffffff\nddb.uuid.image=\"1\"\n"
          "ddb.uuid.parent=\"00000000-0000-0000-0000-000000000000\"\n");
    g_assert_cmpuint(traits(), ==, 0);
    begin("# Disk DescriptorFile\nparentCID=12345678\n");
    g_assert_cmpuint(traits(), ==, IMAGE_ON_ANOTHER | IMAGE_NO_UUID);
    begin("# Disk DescriptorFile\nparentCID=12345678\nddb.uuid.image=\"1\"\n"
          "ddb.uuid.parent=\"2\"\n"); /* VirtualBox finds that one */
    g_assert_cmpuint(traits(), ==, 0);
    begin("WithouFreSpacExt");
    g_assert_cmpuint(traits(), ==, IMAGE_UNREAD);
    begin("WithoutFreeSpace");
    put(36, "\2\0\0\0\1", 5); /* the size has four bytes in the older ones */
    g_assert_cmpuint(traits(), ==, 0);
    check(IMAGE_HEAD, "unknown", 1024, NULL);
    begin("vhdxfile");
    g_assert_cmpuint(traits(), ==, IMAGE_UNREAD);
}

static void test_extents(void)
{
    g_auto(Image) image = {0};
    begin("# Disk DescriptorFile\nRW 20 FLAT \"a b-flat.vmdk\" 0\nRW 10 ZERO\nRW 2 FLAT \"\" 0\n"
          "RW 4 SPARSE \"c\n");
    image_parse(bytes, sizeof bytes, NULL, SIZE, &image);
    g_assert_cmpuint(image.extents->len, ==, 1);
    g_assert_cmpstr(image.extents->pdata[0], ==, "a b-flat.vmdk");
    g_assert_true(image.has_sparse_extents);
}

static void test_vdi_and_others(void)
{
    begin("anything");
    put(0x40, "\x7f\x10\xda\xbe\1\0\1\0", 8);
    put(0x170, "\0\0\1", 3);
    check(IMAGE_HEAD, "vdi", 65536, NULL);
    put(0x44, "\1\0\0\0", 4);
    check(IMAGE_HEAD, "vdi", SIZE, NULL);
    begin("vhdxfile");
    check(IMAGE_HEAD, "unknown", SIZE, NULL);
    begin("x");
    put(32769, "CD001", 5);
    check(IMAGE_HEAD, "iso", SIZE, NULL);
    check(32773, "raw", SIZE, NULL);
    check(0, "raw", SIZE, NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/image/short", test_short);
    g_test_add_func("/image/qcow", test_qcow);
    g_test_add_func("/image/vmdk", test_vmdk);
    g_test_add_func("/image/traits-of-qcow", test_traits_of_qcow);
    g_test_add_func("/image/table-of-qcow", test_table_of_qcow);
    g_test_add_func("/image/traits-of-others", test_traits_of_others);
    g_test_add_func("/image/extents", test_extents);
    g_test_add_func("/image/vdi-and-others", test_vdi_and_others);
    return g_test_run();
}

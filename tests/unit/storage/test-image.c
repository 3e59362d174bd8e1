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
    g_test_add_func("/image/vdi-and-others", test_vdi_and_others);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The capabilities document, of a made host; tests/host validates the real one by the schema. */
#include <libxml/xpath.h>
#include <string.h>
#include "host/capabilities.h"
#include "tests/unit/host/tree.h"

static double count(xmlDoc *document, const char *expression)
{
    xmlXPathContext *context = xmlXPathNewContext(document);
    xmlXPathObject *result = xmlXPathEvalExpression(BAD_CAST expression, context);
    g_assert_nonnull(result);
    double number = xmlXPathCastToNumber(result);
    xmlXPathFreeObject(result);
    xmlXPathFreeContext(context);
    return number;
}

static void test_format(void)
{
    char *root = tree_new();
    tree_write(root, "/proc/meminfo", "MemTotal: 42 kB\nMemFree: 1 kB\n");
    tree_write(root, "/sys/devices/system/cpu/present", "0-3\n");
    tree_write(root, "/sys/devices/system/cpu/online", "0-2\n");
    tree_write(root, "/etc/machine-id", "00112233445566778899aabbccddeeff\n");
    g_autoptr(GError) error = NULL;
    g_autoptr(Topology) topology = topology_read(root, &error);
    g_assert_no_error(error);
    char *machines[] = {(char *)"piix3", (char *)"ich9", NULL};
    PlatformArch wide = {.name = "x86_64", .wordsize = 64, .is_x86 = TRUE, .machines = machines};
    PlatformArch arm = {.name = "aarch64", .wordsize = 64, .machines = machines};
    g_autoptr(GPtrArray) arches = g_ptr_array_new();
    g_ptr_array_add(arches, &wide);
    g_ptr_array_add(arches, &arm);
    guint8 uuid[UUID_BYTES];
    g_assert_true(host_uuid(root, uuid));
    g_autofree char *xml = capabilities_format(uuid, "Intel", topology, arches, "/opt/a&b", 32);
    xmlDoc *document = xmlReadMemory(xml, (int)strlen(xml), NULL, NULL, XML_PARSE_NONET);
    g_assert_nonnull(document);
    g_assert_cmpfloat(count(document, "count(/capabilities/guest)"), ==, 2);
    g_assert_cmpfloat(count(document, "count(//cell/cpus/cpu)"), ==, 3);
    g_assert_cmpfloat(count(document, "number(//cell/cpus/@num)"), ==, 3);
    g_assert_cmpfloat(count(document, "number(//cell/memory)"), ==, 42);
    g_assert_cmpfloat(count(document, "count(//arch/machine[@maxCpus='32'])"), ==, 4);
    g_assert_cmpfloat(count(document, "count(//emulator[.='/opt/a&b'])"), ==, 2);
    g_assert_cmpfloat(count(document, "count(//features/acpi)"), ==, 1);
    g_assert_cmpfloat(count(document, "count(//host/uuid)"), ==, 1);
    g_assert_cmpfloat(count(document, "count(//host/cpu/vendor[.='Intel'])"), ==, 1);
    xmlFreeDoc(document);
    tree_free(root);
}

static void test_uuid(void)
{
    char *root = tree_new();
    guint8 first[UUID_BYTES], second[UUID_BYTES];
    g_assert_false(host_uuid(root, first));
    tree_write(root, "/etc/machine-id", "00112233445566778899aabbccddeeff\n");
    g_assert_true(host_uuid(root, first));
    g_assert_true(host_uuid(root, second));
    g_assert_cmpmem(first, UUID_BYTES, second, UUID_BYTES);
    tree_write(root, "/sys/class/dmi/id/product_uuid", "11111111-2222-3333-4444-555555555555\n");
    g_assert_true(host_uuid(root, second));
    g_assert_cmpuint(second[0], ==, 0x11);
    tree_free(root);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/capabilities/format", test_format);
    g_test_add_func("/capabilities/uuid", test_uuid);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses, the allowed ranges and derived UUIDs. */
#include "base/address.h"
#include "base/uuid.h"
#include "tests/unit/host/tree.h"
#include "vbox/ranges.h"

static Address parse(const char *text)
{
    Address address;
    g_assert_true(address_parse(text, &address));
    return address;
}

static void assert_text(Address address, const char *text)
{
    g_autofree char *formatted = address_format(&address);
    g_assert_cmpstr(formatted, ==, text);
}

static void test_parse(void)
{
    static const char *const bad[] = {"",     "1.2.3",    "1.2.3.256",  "1.2.3.4/24",
                                      "host", "1.2.3.4 ", "fe80::1%lo", ":",
                                      "1:2",  "::1.2.3"};
    Address address;
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(address_parse(bad[i], &address));
    assert_text(parse("192.168.56.1"), "192.168.56.1");
    assert_text(parse("FD00:0:0::1"), "fd00::1");
}

static void test_networks(void)
{
    Address a = parse("192.168.59.77"), n = parse("192.168.56.1"), six = parse("fd00:1:2:3::9");
    assert_text(address_first(&a, 21), "192.168.56.0");
    assert_text(address_last(&a, 21), "192.168.63.255");
    assert_text(address_first(&a, 32), "192.168.59.77");
    assert_text(address_last(&a, 0), "255.255.255.255");
    assert_text(address_first(&six, 47), "fd00:1:2::");
    g_assert_true(address_in(&a, &n, 21));
    g_assert_false(address_in(&a, &n, 24));
    g_assert_true(address_in(&a, &n, 0));
    g_assert_false(address_in(&six, &n, 0));
    Address end = parse("10.0.255.255"), start = parse("10.1.0.0");
    assert_text(address_step(&end, 1), "10.1.0.0");
    assert_text(address_step(&start, -1), "10.0.255.255");
    g_assert_cmpint(address_compare(&end, &start), <, 0);
}

static void test_unicast(void)
{
    static const char *const bad[] = {"0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255",
                                      "::",      "::1",       "ff02::1"};
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        Address address = parse(bad[i]);
        g_assert_false(address_is_unicast(&address));
    }
    Address good = parse("10.0.0.1"), six = parse("fe80::1");
    g_assert_true(address_is_unicast(&good));
    g_assert_true(address_is_unicast(&six));
}

static void test_masks(void)
{
    guint prefix;
    for (guint i = 0; i <= 32; i++) {
        g_autofree char *mask = address_mask_of_prefix(i);
        g_assert_true(address_prefix_of_mask(mask, &prefix));
        g_assert_cmpuint(prefix, ==, i);
    }
    g_assert_false(address_prefix_of_mask("255.0.255.0", &prefix));
    g_assert_false(address_prefix_of_mask("ffff::", &prefix));
    g_assert_false(address_prefix_of_mask("24", &prefix));
}

static gboolean allowed(const char *file, const char *address, guint prefix)
{
    Address parsed = parse(address);
    return ranges_allow(file, &parsed, prefix);
}

static void test_ranges(void)
{
    char *root = tree_new();
    g_autofree char *file = g_strconcat(root, "/networks.conf", NULL);
    gboolean is_default;
    g_assert_true(allowed(file, "192.168.63.1", 24));
    g_assert_false(allowed(file, "192.168.64.1", 24));
    g_assert_false(allowed(file, "192.168.56.1", 20));
    g_assert_true(allowed(file, "fe80::1", 64));
    g_assert_false(allowed(file, "fd00::1", 64));
    tree_write(root, "/networks.conf",
               "# * 1.0.0.0/8\n\n*\t10.0.0.0/8 bad 172.16.0.0/33\n"
               "  * 2001:db8::/32\n*3.0.0.0/8\n");
    g_assert_true(allowed(file, "10.9.0.1", 24));
    g_assert_false(allowed(file, "192.168.56.1", 24));
    g_assert_false(allowed(file, "1.0.0.1", 24));
    g_assert_false(allowed(file, "3.0.0.1", 24));
    g_assert_false(allowed(file, "172.16.0.1", 24));
    g_assert_true(allowed(file, "2001:db8:5::1", 64));
    g_autofree char *list = ranges_list(file, &is_default);
    g_assert_cmpstr(list, ==, "10.0.0.0/8, 2001:db8::/32");
    g_assert_false(is_default);
    tree_free(root);
}

static void test_derived_uuids(void)
{
    guint8 uuid[UUID_BYTES];
    char text[UUID_STRING];
    uuid_derive("network host-only vboxnet0", uuid);
    uuid_format(uuid, text);
    /* Not to change, ever: computed once with Python's uuid.uuid5() in our namespace. */
    g_assert_cmpstr(text, ==, "d831842f-26b7-5c37-9cb6-a4f04a838f22");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/address/parse", test_parse);
    g_test_add_func("/address/networks", test_networks);
    g_test_add_func("/address/unicast", test_unicast);
    g_test_add_func("/address/masks", test_masks);
    g_test_add_func("/ranges", test_ranges);
    g_test_add_func("/uuid/derived", test_derived_uuids);
    return g_test_run();
}

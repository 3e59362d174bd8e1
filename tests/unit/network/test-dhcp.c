/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The DHCP server's own address, and what a range may be. */
#include "base/error.h"
#include "network/dhcp.h"

static Address parse(const char *text)
{
    Address address = {0};
    g_assert_true(*text == '\0' || address_parse(text, &address));
    return address;
}

static Dhcp *make(const char *first, const char *last, const char *const *hosts)
{
    Dhcp *dhcp = dhcp_new();
    dhcp->first = parse(first);
    dhcp->last = parse(last);
    for (guint i = 0; hosts != NULL && hosts[i] != NULL; i++) {
        DhcpHost *host = dhcp_host_new();
        host->mac = g_strdup_printf("08:00:27:00:00:%02x", i);
        host->address = parse(hosts[i]);
        g_ptr_array_add(dhcp->hosts, host);
    }
    return dhcp;
}

static void test_choice(void)
{
    const struct {
        const char *host; /* the adapter's */
        guint prefix;
        const char *old, *first, *last;
        const char *hosts[5];
        const char *chosen; /* NULL: none is left */
    } cases[] = {
        {"192.168.56.1", 24, "", "192.168.56.100", "192.168.56.200", {NULL}, "192.168.56.99"},
        {"192.168.56.1",
         24,
         "192.168.56.7",
         "192.168.56.100",
         "192.168.56.200",
         {NULL},
         "192.168.56.7"},
        {"192.168.56.1",
         24,
         "192.168.56.1",
         "192.168.56.2",
         "192.168.56.200",
         {NULL},
         "192.168.56.201"},
        {"192.168.56.1",
         24,
         "10.0.0.1",
         "192.168.56.2",
         "192.168.56.253",
         {"192.168.56.254"},
         "192.168.56.253"},
        {"192.168.56.1", 24, "", "192.168.56.2", "192.168.56.254", {NULL}, "192.168.56.254"},
        {"192.168.56.1",
         24,
         "",
         "192.168.56.2",
         "192.168.56.254",
         {"192.168.56.254", "192.168.56.253"},
         "192.168.56.252"},
        {"192.168.56.100", 24, "", "192.168.56.101", "192.168.56.254", {NULL}, "192.168.56.1"},
        {"10.0.0.1", 30, "", "10.0.0.2", "10.0.0.2", {NULL}, "10.0.0.2"},
        {"10.0.0.1", 30, "", "10.0.0.2", "10.0.0.2", {"10.0.0.2"}, NULL},
        {"10.0.0.1", 29, "", "10.0.0.2", "10.0.0.3", {"10.0.0.4", "10.0.0.5"}, "10.0.0.6"},
        {"10.0.0.1", 8, "", "10.0.0.2", "10.255.255.254", {NULL}, "10.255.255.254"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Dhcp) dhcp = make(cases[i].first, cases[i].last, cases[i].hosts);
        AdapterIp ip = {parse(cases[i].host), cases[i].prefix};
        dhcp->address = parse(cases[i].old);
        gboolean found = dhcp_choose_address(dhcp, &ip);
        g_autofree char *text = found ? address_format(&dhcp->address) : NULL;
        g_assert_cmpstr(text, ==, cases[i].chosen);
    }
}

static void test_check(void)
{
    const struct {
        const char *first, *last;
        const char *hosts[3];
        gboolean good;
    } cases[] = {
        {"192.168.56.100", "192.168.56.200", {NULL}, TRUE},
        {"192.168.56.100", "192.168.56.100", {NULL}, TRUE},
        {"192.168.56.2", "192.168.56.254", {"192.168.56.10"}, TRUE},
        {"192.168.56.200", "192.168.56.100", {NULL}, FALSE},
        {"192.168.57.100", "192.168.57.200", {NULL}, FALSE},
        {"192.168.56.100", "192.168.56.255", {NULL}, FALSE},
        {"192.168.56.0", "192.168.56.10", {NULL}, FALSE},
        {"192.168.56.1", "192.168.56.10", {NULL}, TRUE},
        {"192.168.56.100", "192.168.56.200", {"192.168.57.5"}, FALSE},
        {"192.168.56.100", "192.168.56.200", {"192.168.56.1"}, FALSE},
        {"192.168.56.100", "192.168.56.200", {"192.168.56.5", "192.168.56.5"}, FALSE},
    };
    AdapterIp ip = {parse("192.168.56.1"), 24};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Dhcp) dhcp = make(cases[i].first, cases[i].last, cases[i].hosts);
        g_autoptr(GError) error = NULL;
        g_assert_true(dhcp_check(dhcp, &ip, NULL, &error) == cases[i].good);
        g_assert_true((error == NULL) == cases[i].good);
    }
}

static void test_same_mac(void)
{
    const char *const hosts[] = {"192.168.56.5", "192.168.56.6", NULL};
    g_autoptr(Dhcp) dhcp = make("192.168.56.100", "192.168.56.200", hosts);
    DhcpHost *second = dhcp->hosts->pdata[1];
    second->mac[16] = '0';
    AdapterIp ip = {parse("192.168.56.1"), 24};
    g_autoptr(GError) error = NULL;
    g_assert_false(dhcp_check(dhcp, &ip, NULL, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_XML_ERROR);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dhcp/choice", test_choice);
    g_test_add_func("/dhcp/check", test_check);
    g_test_add_func("/dhcp/same-mac", test_same_mac);
    return g_test_run();
}

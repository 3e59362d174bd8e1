/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interfaces, of a made /sys: what a test bed's kernel may lack.  tests/host has the real ones. */
#include "host/interface.h"
#include "tests/unit/host/tree.h"

typedef struct Wire {
    const char *name, *attribute, *text;
} Wire;

static const Wire wires[] = {
    {"eth0", "operstate", "up\n"},
    {"eth0", "address", "52:54:00:00:00:01\n"},
    {"eth0", "mtu", "1500\n"},
    {"eth0", "speed", "1000\n"},
    {"lo", "operstate", "unknown\n"},
    {"lo", "speed", "-1\n"},
    {"br0", "operstate", "down\n"},
    {"br0", "mtu", "9000\n"},
    {"br0", "bridge/stp_state", "1\n"},
    {"br0", "bridge/forward_delay", "1500\n"},
    {"br0", "brif/vnet0/port_no", "1\n"},
    {"br0", "brif/eth1/port_no", "2\n"},
    {"eth1", "operstate", "down\n"},
    {"eth1", "address", "52:54:00:00:00:02\n"},
    {"eth1", "brport/state", "3\n"},
    {"vnet0", "operstate", "up\n"},
    {"vnet0", "tun_flags", "0x1002\n"},
    {"bond0", "operstate", "up\n"},
    {"bond0", "bonding/mode", "active-backup 1\n"},
    {"bond0", "bonding/miimon", "100\n"},
    {"bond0", "bonding/use_carrier", "1\n"},
    {"bond0", "bonding/slaves", "eth2 eth3\n"},
    {"eth2", "operstate", "up\n"},
    {"eth3", "operstate", "up\n"},
    {"bond1", "operstate", "up\n"},
    {"bond1", "bonding/mode", "balance-rr 0\n"},
    {"bond1", "bonding/arp_interval", "50\n"},
    {"bond1", "bonding/arp_ip_target", "192.0.2.1 192.0.2.2\n"},
    {"bond1", "bonding/arp_validate", "all 3\n"},
    {"eth0.7", "operstate", "up\n"},
    {"a&b", "operstate", "dormant\n"},
};

static char *host(void)
{
    char *root = tree_new();
    for (guint i = 0; i < G_N_ELEMENTS(wires); i++) {
        g_autofree char *path =
            g_strdup_printf("/sys/class/net/%s/%s", wires[i].name, wires[i].attribute);
        tree_write(root, path, wires[i].text);
    }
    tree_write(root, "/sys/class/net/bonding_masters", "bond0\n");
    tree_write(root, "/proc/net/vlan/eth0.7",
               "eth0.7  VID: 7\t REORDER_HDR: 1  dev->priv_flags: 1021\nDevice: eth0\n");
    return root;
}

static void test_names(void)
{
    char *root = host();
    g_auto(GStrv) names = interface_names(root);
    g_autofree char *list = g_strjoinv(" ", names);
    g_assert_cmpstr(list, ==, "a&b bond0 bond1 br0 eth0 eth0.7 eth2 eth3 lo");
    g_assert_true(interface_exists(root, "eth1") && interface_exists(root, "vnet0"));
    const char *const none[] = {"", ".", "..", "eth9", "bonding_masters", "../net/eth0"};
    for (guint i = 0; i < G_N_ELEMENTS(none); i++)
        g_assert_false(interface_exists(root, none[i]));
    g_assert_true(interface_is_up(root, "eth0"));
    g_assert_false(interface_is_up(root, "lo") || interface_is_up(root, "br0"));
    tree_free(root);
}

static void check(const char *root, const char *name, const char *expected)
{
    g_autofree char *xml = interface_format(root, name);
    g_assert_cmpstr(xml, ==, expected);
}

static void test_documents(void)
{
    char *root = host();
    check(root, "eth0",
          "<interface type='ethernet' name='eth0'>\n"
          "  <mtu size='1500'/>\n"
          "  <link speed='1000' state='up'/>\n"
          "  <mac address='52:54:00:00:00:01'/>\n"
          "</interface>\n");
    check(root, "lo",
          "<interface type='ethernet' name='lo'>\n  <link state='unknown'/>\n</interface>\n");
    check(root, "a&b",
          "<interface type='ethernet' name='a&amp;b'>\n  <link state='dormant'/>\n</interface>\n");
    check(root, "br0",
          "<interface type='bridge' name='br0'>\n"
          "  <mtu size='9000'/>\n"
          "  <bridge stp='on' delay='1500'>\n"
          "    <interface type='ethernet' name='eth1'>\n"
          "      <link state='down'/>\n"
          "      <mac address='52:54:00:00:00:02'/>\n"
          "    </interface>\n"
          "  </bridge>\n"
          "</interface>\n");
    check(root, "bond0",
          "<interface type='bond' name='bond0'>\n"
          "  <link state='up'/>\n"
          "  <bond mode='active-backup'>\n"
          "    <miimon freq='100' downdelay='0' updelay='0' carrier='netif'/>\n"
          "    <interface type='ethernet' name='eth2'>\n"
          "      <link state='up'/>\n"
          "    </interface>\n"
          "    <interface type='ethernet' name='eth3'>\n"
          "      <link state='up'/>\n"
          "    </interface>\n"
          "  </bond>\n"
          "</interface>\n");
    check(root, "bond1",
          "<interface type='bond' name='bond1'>\n"
          "  <link state='up'/>\n"
          "  <bond mode='balance-rr'>\n"
          "    <arpmon interval='50' target='192.0.2.1' validate='all'/>\n"
          "  </bond>\n"
          "</interface>\n");
    check(root, "eth0.7",
          "<interface type='vlan' name='eth0.7'>\n"
          "  <link state='up'/>\n"
          "  <vlan tag='7'>\n"
          "    <interface name='eth0'/>\n"
          "  </vlan>\n"
          "</interface>\n");
    tree_free(root);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/host/interface/names", test_names);
    g_test_add_func("/host/interface/documents", test_documents);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Routes of the host that a network would take, and what is said when no adapter can be made. */
#include <glib/gstdio.h>
#include <string.h>
#include "network/clash.h"

/* As proc(5) has it; the addresses are in the machine's order, which is network order here and on
 * whatever runs VirtualBox. */
static const char table[] =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
    "eth0\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
    "eth0\t0002A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
    "tun0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n"
    "vboxnet3\t0038A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
    "odd\n";

static void test_routes(void)
{
    const struct {
        const char *address, *own;
        guint prefix;
        const char *found;
    } cases[] = {
        {"192.168.2.1", NULL, 24, "eth0"},
        {"192.168.2.1", NULL, 25, NULL},
        {"192.168.2.1", NULL, 16, NULL},
        {"192.168.3.1", NULL, 24, NULL},
        {"10.1.2.3", NULL, 8, "tun0"},
        {"10.1.2.3", NULL, 24, NULL},
        {"192.168.56.1", NULL, 24, "vboxnet3"},
        {"192.168.56.1", "vboxnet3", 24, NULL},
        {"fd00::1", NULL, 64, NULL},
    };
    g_autofree char *file = NULL;
    gint descriptor = g_file_open_tmp("route-XXXXXX", &file, NULL);
    g_assert_cmpint(descriptor, >=, 0);
    g_assert_true(g_close(descriptor, NULL));
    g_assert_true(g_file_set_contents(file, table, -1, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        AdapterIp ip = {.prefix = cases[i].prefix};
        g_assert_true(address_parse(cases[i].address, &ip.address));
        g_autofree char *found = clash_find_route(file, cases[i].own, &ip);
        g_assert_cmpstr(found, ==, cases[i].found);
    }
    g_assert_cmpint(g_unlink(file), ==, 0);
    AdapterIp ip = {.prefix = 24};
    g_assert_true(address_parse("192.168.2.1", &ip.address));
    g_assert_null(clash_find_route(file, NULL, &ip));
}

static void test_no_driver(void)
{
    g_autoptr(GError) missing = NULL, other = NULL;
    g_assert_false(adapter_explain_create("VBoxNetAdpCtl: Error while adding new interface: failed "
                                          "to open /dev/vboxnetctl: No such file or directory",
                                          &missing));
    g_assert_error(missing, VIR_ERROR, VIR_ERR_OPERATION_FAILED);
    g_assert_nonnull(strstr(missing->message, "`modprobe vboxnetadp`"));
    g_assert_nonnull(strstr(missing->message, "No such file or directory"));
    g_assert_false(
        adapter_explain_create("VBoxNetAdpCtl: ioctl failed for /dev/vboxnetctl", &other));
    g_assert_null(strstr(other->message, "modprobe"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/clash/routes", test_routes);
    g_test_add_func("/clash/no-driver", test_no_driver);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is said of a routed network on a host that forwards nothing. */
#include <glib/gstdio.h>
#include <string.h>
#include "network/forward.h"

static char *make_switch(const char *folder, const char *name, const char *text)
{
    char *path = g_build_filename(folder, name, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

static void test_switches(void)
{
    const struct {
        const char *mode, *v4, *v6;
        gboolean has_v6;
        const char *said; /* NULL: it is good */
    } cases[] = {
        {NULL, "0\n", "0\n", TRUE, NULL},
        {"open", "0\n", "0\n", TRUE, NULL},
        {"route", "1\n", "0\n", FALSE, NULL},
        {"route", "1\n", "1\n", TRUE, NULL},
        {"route", "0\n", "1\n", FALSE, "sysctl -w net.ipv4.ip_forward=1"},
        {"route", "1\n", "0\n", TRUE, "sysctl -w net.ipv6.conf.all.forwarding=1"},
        {"route", "", "1\n", TRUE, "sysctl -w net.ipv4.ip_forward=1"},
    };
    g_autofree char *folder = g_dir_make_tmp("forward-XXXXXX", NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *v4 = make_switch(folder, "4", cases[i].v4);
        g_autofree char *v6 = make_switch(folder, "6", cases[i].v6);
        g_autoptr(Network) network = network_new();
        g_autoptr(GError) error = NULL;
        network->forward = g_strdup(cases[i].mode);
        network->v6.address.family = cases[i].has_v6 ? AF_INET6 : 0;
        gboolean good = forward_check(network, v4, v6, &error);
        g_assert_true(good == (cases[i].said == NULL));
        if (!good)
            g_assert_nonnull(strstr(error->message, cases[i].said));
        g_remove(v4);
        g_remove(v6);
    }
    g_rmdir(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/forward/switches", test_switches);
    return g_test_run();
}

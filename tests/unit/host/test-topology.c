/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's topology, on made trees of /sys. */
#include "host/topology.h"
#include "tests/unit/host/tree.h"

static void write_cpu(const char *root, guint id, guint socket, guint core, const char *siblings)
{
    const struct {
        const char *name;
        guint value;
    } files[] = {{"physical_package_id", socket}, {"core_id", core}, {"die_id", 0}};
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path =
            g_strdup_printf("/sys/devices/system/cpu/cpu%u/topology/%s", id, files[i].name);
        g_autofree char *text = g_strdup_printf("%u\n", files[i].value);
        tree_write(root, path, text);
    }
    g_autofree char *path =
        g_strdup_printf("/sys/devices/system/cpu/cpu%u/topology/thread_siblings_list", id);
    tree_write(root, path, siblings);
}

static void write_node(const char *root, guint id, const char *cpus)
{
    g_autofree char *list = g_strdup_printf("/sys/devices/system/node/node%u/cpulist", id);
    g_autofree char *memory = g_strdup_printf("/sys/devices/system/node/node%u/meminfo", id);
    g_autofree char *text =
        g_strdup_printf("Node %u MemTotal:  %u kB\nNode %u MemFree: 7 kB\n", id, 1000 + id, id);
    tree_write(root, list, cpus);
    tree_write(root, memory, text);
}

/* Two nodes, each a socket of two cores of two threads. */
static char *big_host(const char *online)
{
    char *root = tree_new();
    tree_write(root, "/proc/cpuinfo", "processor\t: 0\ncpu MHz\t\t: 2596.122\ncpu MHz\t: 3\n");
    tree_write(root, "/sys/devices/system/cpu/present", "0-7\n");
    tree_write(root, "/sys/devices/system/cpu/online", online);
    tree_write(root, "/sys/devices/system/node/online", "0-1\n");
    for (guint i = 0; i < 8; i++) {
        g_autofree char *siblings = g_strdup_printf("%u,%u\n", i % 4, i % 4 + 4);
        write_cpu(root, i, i / 2 % 2, i % 2, siblings);
    }
    write_node(root, 0, "0-1,4-5\n");
    write_node(root, 1, "2-3,6-7\n");
    return root;
}

static void test_full(void)
{
    char *root = big_host("0-7\n");
    g_autoptr(GError) error = NULL;
    g_autoptr(Topology) topology = topology_read(root, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(topology->mhz, ==, 2596);
    TopologyShape shape = topology_shape(topology);
    g_assert_cmpuint(shape.online, ==, 8);
    g_assert_cmpuint(shape.cells, ==, 2);
    g_assert_cmpuint(shape.sockets, ==, 1);
    g_assert_cmpuint(shape.cores, ==, 2);
    g_assert_cmpuint(shape.threads, ==, 2);
    g_assert_cmpuint(g_array_index(topology->cells, TopologyCell, 1).memory, ==, 1001);
    g_assert_cmpuint(g_array_index(topology->cells, TopologyCell, 1).free, ==, 7);
    const TopologyCpu *cpu = &g_array_index(topology->cpus, TopologyCpu, 6);
    g_assert_cmpuint(cpu->cell, ==, 1);
    g_assert_cmpstr(cpu->siblings, ==, "2,6");
    tree_free(root);
}

static void test_offline(void)
{
    char *root = big_host("0-6\n");
    g_autoptr(GError) error = NULL;
    g_autoptr(Topology) topology = topology_read(root, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(topology_shape(topology).online, ==, 7);
    g_assert_false(g_array_index(topology->cpus, TopologyCpu, 7).online);
    tree_free(root);
}

/* Cores that are not alike: the product would lie, so all is one socket. */
static void test_uneven(void)
{
    char *root = big_host("0-7\n");
    write_cpu(root, 7, 1, 5, "7");
    g_autoptr(GError) error = NULL;
    g_autoptr(Topology) topology = topology_read(root, &error);
    g_assert_no_error(error);
    TopologyShape shape = topology_shape(topology);
    g_assert_cmpuint(shape.cells, ==, 1);
    g_assert_cmpuint(shape.sockets, ==, 1);
    g_assert_cmpuint(shape.cores, ==, 8);
    g_assert_cmpuint(shape.threads, ==, 1);
    tree_free(root);
}

static void test_bare(void)
{
    char *root = tree_new();
    tree_write(root, "/proc/meminfo", "MemTotal: 42 kB\nMemFree: 1 kB\n");
    tree_write(root, "/sys/devices/system/cpu/present", "0-1\n");
    tree_write(root, "/sys/devices/system/cpu/online", "0-1\n");
    g_autoptr(GError) error = NULL;
    g_autoptr(Topology) topology = topology_read(root, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(topology->cells->len, ==, 1);
    g_assert_cmpuint(g_array_index(topology->cells, TopologyCell, 0).memory, ==, 42);
    g_assert_cmpuint(topology_shape(topology).cores, ==, 2);
    g_assert_cmpuint(topology->mhz, ==, 0);
    tree_free(root);
}

static void test_nothing(void)
{
    char *root = tree_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(Topology) topology = topology_read(root, &error);
    g_assert_null(topology);
    g_assert_error(error, VIR_ERROR, VIR_ERR_SYSTEM_ERROR);
    tree_free(root);
}

static void test_lists(void)
{
    const struct {
        const char *list;
        gint length; /* -1: refused */
    } cases[] = {{"", 0},     {"0", 1},        {"0-3,8,10-11\n", 7}, {"3-1", -1},
                 {"1,", -1},  {"-1", -1},      {"1-", -1},           {"a", -1},
                 {"1 2", -1}, {"1-99999", -1}, {"99999", -1}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GArray) list = topology_list_parse(cases[i].list, &error);
        if (cases[i].length < 0)
            g_assert_error(error, VIR_ERROR, VIR_ERR_INTERNAL_ERROR);
        else
            g_assert_cmpint((gint)list->len, ==, cases[i].length);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/topology/full", test_full);
    g_test_add_func("/topology/offline", test_offline);
    g_test_add_func("/topology/uneven", test_uneven);
    g_test_add_func("/topology/bare", test_bare);
    g_test_add_func("/topology/nothing", test_nothing);
    g_test_add_func("/topology/lists", test_lists);
    return g_test_run();
}

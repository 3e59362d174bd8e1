/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory and processor time, on made files. */
#include <unistd.h>
#include "host/meminfo.h"
#include "tests/unit/host/tree.h"

static void test_memory(void)
{
    char *root = tree_new();
    tree_write(root, "/m",
               "MemTotal:       100 kB\nMemFree:  20 kB\nBuffers: 3 kB\nCached: 40 kB\n"
               "SwapCached: 7 kB\n");
    g_autofree char *path = g_strconcat(root, "/m", NULL);
    g_autoptr(GError) error = NULL;
    Meminfo memory;
    g_assert_true(meminfo_read(path, &memory, &error));
    g_assert_cmpuint(memory.total, ==, 100);
    g_assert_cmpuint(memory.free, ==, 20);
    g_assert_cmpuint(memory.buffers, ==, 3);
    g_assert_cmpuint(memory.cached, ==, 40);
    tree_write(root, "/m", "nonsense\n");
    g_assert_false(meminfo_read(path, &memory, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_SYSTEM_ERROR);
    tree_free(root);
}

static void test_time(void)
{
    char *root = tree_new();
    tree_write(root, "/s",
               "cpu  10 2 3 40 5 6 7 8 9 0\ncpu0 1 1 1 1 1 1 1 0 0 0\n"
               "cpu10 9 0 0 0 0 0 0 0 0 0\nintr 1\n");
    g_autofree char *path = g_strconcat(root, "/s", NULL);
    g_autoptr(GError) error = NULL;
    guint64 tick = 1000000000u / (guint64)sysconf(_SC_CLK_TCK);
    CpuTime time;
    g_assert_true(cpu_time_read(path, -1, &time, &error));
    g_assert_cmpuint(time.user, ==, 12 * tick);
    g_assert_cmpuint(time.kernel, ==, 16 * tick);
    g_assert_cmpuint(time.idle, ==, 40 * tick);
    g_assert_cmpuint(time.iowait, ==, 5 * tick);
    g_assert_true(cpu_time_read(path, 10, &time, &error));
    g_assert_cmpuint(time.user, ==, 9 * tick);
    g_assert_false(cpu_time_read(path, 1, &time, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_INVALID_ARG);
    tree_free(root);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/meminfo/memory", test_memory);
    g_test_add_func("/meminfo/time", test_time);
    return g_test_run();
}

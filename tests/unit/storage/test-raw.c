/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Raw images: copies that keep holes, and failures. */
#include <glib/gstdio.h>
#include "storage/raw.h"

#define MIB (1 << 20)

static char *folder;

static void test_copy(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *from = g_build_filename(folder, "a", NULL);
    g_autofree char *to = g_build_filename(folder, "b", NULL);
    g_autofree char *before = NULL, *after = NULL;
    gsize length = 0;
    g_assert_true(raw_create(from, MIB, 0, &error));
    g_assert_false(raw_create(from, 1, 0, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_SYSTEM_ERROR);
    g_clear_error(&error);
    FILE *file = fopen(from, "r+");
    g_assert_true(file != NULL && fseek(file, 500000, SEEK_SET) == 0 && fputs("data", file) >= 0);
    g_assert_cmpint(fclose(file), ==, 0);
    g_assert_true(raw_copy(from, to, 2 * MIB, &error));
    g_assert_true(g_file_get_contents(from, &before, NULL, NULL));
    g_assert_true(g_file_get_contents(to, &after, &length, NULL));
    g_assert_cmpuint(length, ==, 2 * MIB);
    g_assert_cmpmem(before, MIB, after, MIB);
    GStatBuf facts;
    g_assert_cmpint(g_stat(to, &facts), ==, 0);
    g_assert_cmpint(facts.st_blocks * 512, <, MIB);
    g_assert_true(raw_resize(to, 5, FALSE, &error));
    g_assert_false(raw_copy("/nowhere", from, 0, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_SYSTEM_ERROR);
    g_remove(from);
    g_remove(to);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("raw-XXXXXX", NULL);
    g_test_add_func("/raw/copy", test_copy);
    int status = g_test_run();
    g_rmdir(folder);
    g_free(folder);
    return status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A tree of files: see tree.h. */
#include "tests/unit/host/tree.h"
#include <glib/gstdio.h>

char *tree_new(void)
{
    g_autoptr(GError) error = NULL;
    char *root = g_dir_make_tmp("vboxvirt-XXXXXX", &error);
    g_assert_no_error(error);
    return root;
}

void tree_write(const char *root, const char *path, const char *text)
{
    g_autofree char *full = g_strconcat(root, path, NULL);
    g_autofree char *folder = g_path_get_dirname(full);
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    g_file_set_contents(full, text, -1, &error);
    g_assert_no_error(error);
}

static void remove_all(const char *path)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *below = g_build_filename(path, name, NULL);
        remove_all(below);
    }
    if (dir != NULL)
        g_dir_close(dir);
    g_assert_cmpint(g_remove(path), ==, 0);
}

void tree_free(char *root)
{
    remove_all(root);
    g_free(root);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text: see text.h. */
#include "host/text.h"
#include <stdarg.h>
#include <string.h>

char *host_text(const char *root, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *name = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *path = g_strconcat(root, name, NULL);
    char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? g_strstrip(text) : NULL;
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char **host_folder(const char *root, const char *path)
{
    g_autofree char *whole = g_strconcat(root, path, NULL);
    g_autoptr(GDir) folder = g_dir_open(whole, 0, NULL);
    GPtrArray *names = g_ptr_array_new();
    const char *name;
    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL)
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, by_name);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

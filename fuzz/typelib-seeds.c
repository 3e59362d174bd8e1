/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes the seeds of the type library's fuzzer into a folder: fuzz-typelib-seeds FOLDER. */
#include <stdio.h>
#include "tests/unit/xpcom/samples.h"

static gboolean write_seed(const char *folder, const char *name, GBytes *first, GBytes *second)
{
    g_autoptr(GByteArray) seed = g_byte_array_new();
    gsize length = g_bytes_get_size(first);
    g_byte_array_append(seed, (guint8[]){(guint8)(length >> 8), (guint8)length}, 2);
    g_byte_array_append(seed, g_bytes_get_data(first, NULL), (guint)length);
    if (second != NULL)
        g_byte_array_append(seed, g_bytes_get_data(second, NULL), (guint)g_bytes_get_size(second));
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GError) error = NULL;
    if (g_file_set_contents(path, (const char *)seed->data, seed->len, &error))
        return TRUE;
    fprintf(stderr, "fuzz-typelib-seeds: %s\n", error->message);
    return FALSE;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: fuzz-typelib-seeds FOLDER\n");
        return 2;
    }
    g_autoptr(GBytes) whole = sample_whole();
    g_autoptr(GBytes) part = sample_part();
    g_autoptr(GBytes) cycle = sample_cycle();
    gboolean is_done = write_seed(argv[1], "whole", whole, NULL) &&
                       write_seed(argv[1], "whole-part", whole, part) &&
                       write_seed(argv[1], "part-whole", part, whole) &&
                       write_seed(argv[1], "cycle", cycle, NULL);
    return is_done ? 0 : 1;
}

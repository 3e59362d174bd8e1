/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A tree of files that stands for / in tests of what reads /proc and /sys. */
#pragma once
#include <glib.h>

/* A new empty folder. */
char *tree_new(void);
/* Writes a file, and makes the folders above it; path starts with "/". */
void tree_write(const char *root, const char *path, const char *text);
/* Removes it all and frees root. */
void tree_free(char *root);

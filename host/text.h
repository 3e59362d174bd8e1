/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text: the kernel's small text files. */
#pragma once
#include <glib.h>

/* A file below root ("" is the host; tests have their own) without white space at its ends; NULL:
 * there is none, or the kernel does not answer.  Owned by the caller. */
char *host_text(const char *root, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The names in such a folder, sorted; none when there is no such folder. */
char **host_folder(const char *root, const char *path);

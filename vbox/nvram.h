/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nvram: what a machine's NVRAM file says of secure boot.
 *
 * VirtualBox tells it too, but reading the variables there crashes its service, and with it every
 * machine that runs, when a session of that machine ends at the same moment: the session that ends
 * frees what the reader reads (measured on 7.2.22: dumps and definitions right after a stop). */
#pragma once
#include "base/error.h"

typedef struct Nvram {
    gboolean has_platform_key; /* FALSE: the firmware is in setup mode */
    gboolean secure_boot;      /* it checks what it starts */
} Nvram;

/* FALSE: there is no file yet, or none that we understand, as an encrypted one is. */
gboolean nvram_read(const char *path, Nvram *ret_nvram) G_GNUC_WARN_UNUSED_RESULT;

/* The same of the file's bytes, any bytes. */
gboolean nvram_parse(const guint8 *data, gsize length, Nvram *ret_nvram) G_GNUC_WARN_UNUSED_RESULT;

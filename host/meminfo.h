/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory and processor time of the host, from the kernel's text files. */
#pragma once
#include "base/error.h"

typedef struct Meminfo {
    guint64 total, free, buffers, cached; /* KiB */
} Meminfo;

/* Reads /proc/meminfo or a node's meminfo. */
gboolean meminfo_read(const char *path, Meminfo *ret, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct CpuTime {
    guint64 kernel, user, idle, iowait; /* ns since boot */
} CpuTime;

/* Reads one line of /proc/stat: cpu -1 is the sum of all.  VIR_ERR_INVALID_ARG: it has none such.
 */
gboolean cpu_time_read(const char *path, gint cpu, CpuTime *ret,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

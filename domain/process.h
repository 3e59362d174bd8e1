/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Process: what the kernel says of a machine's VM process (proc(5)). */
#pragma once
#include "base/error.h"

typedef struct ProcessTimes {
    guint64 user, system; /* nanoseconds */
    gint32 processor;     /* of the host's, the last it ran on */
} ProcessTimes;

/* Of a process, or with a thread of one thread.  FALSE: it has gone; all is 0 then. */
gboolean process_times(gint32 pid, gint32 thread, ProcessTimes *ret_times);

/* Its memory that is not swapped out, KiB; 0: it has gone. */
guint64 process_rss(gint32 pid);

/* The threads that run a machine's processors, by their numbers; 0: there is none such.  A GArray
 * of gint32 of that many. */
GArray *process_vcpus(gint32 pid, guint count);

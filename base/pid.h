/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pid: a process, told from a later one with its number (proc(5)). */
#pragma once
#include <glib.h>

typedef struct Pid {
    gint32 number;
    guint64 start; /* in the kernel's clock ticks since boot; 0: it cannot be seen, or has gone */
} Pid;

/* The one that has this number now. */
Pid pid_now(gint32 number);

gboolean pid_same(const Pid *a, const Pid *b);

/* Whether it is still there; another user's is, though little can be seen of it.  One that has
 * ended, and that nobody has waited for, is not; no more is one whose number is none. */
gboolean pid_lives(const Pid *self);

/* "NUMBER:START", owned by the caller; and back, FALSE: it is not that. */
char *pid_format(const Pid *self);
gboolean pid_parse(const char *text, Pid *ret_pid) G_GNUC_WARN_UNUSED_RESULT;

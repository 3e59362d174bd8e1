/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pid: see pid.h. */
#include "base/pid.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* FALSE: it cannot be seen. */
static gboolean read_stat(gint32 number, char *ret_state, guint64 *ret_start)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", number);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return FALSE;
    /* The name in parentheses may hold anything; what follows it may not. */
    const char *fields = strrchr(text, ')');
    return fields != NULL &&
           sscanf(fields,
                  ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
                  "%" G_GUINT64_FORMAT,
                  ret_state, ret_start) == 2;
}

Pid pid_now(gint32 number)
{
    Pid self = {number, 0};
    char state;
    if (!read_stat(number, &state, &self.start))
        self.start = 0;
    return self;
}

gboolean pid_same(const Pid *a, const Pid *b)
{
    return a->number == b->number && a->start == b->start;
}

gboolean pid_lives(const Pid *self)
{
    char state;
    guint64 start;
    if (self->number <= 0 || (kill(self->number, 0) < 0 && errno != EPERM))
        return FALSE;
    if (!read_stat(self->number, &state, &start))
        return TRUE;
    return state != 'Z' && state != 'X' && (self->start == 0 || start == self->start);
}

char *pid_format(const Pid *self)
{
    return g_strdup_printf("%d:%" G_GUINT64_FORMAT, self->number, self->start);
}

gboolean pid_parse(const char *text, Pid *ret_pid)
{
    gint end = 0;
    return sscanf(text, "%d:%" G_GUINT64_FORMAT "%n", &ret_pid->number, &ret_pid->start, &end) ==
               2 &&
           text[end] == '\0';
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Process: see process.h. */
#include "domain/process.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* VirtualBox's emulation threads: "EMT-0", or "EMT" when there is but one (before 7). */
#define VCPU_THREAD "EMT"

gboolean process_times(gint32 pid, gint32 thread, ProcessTimes *ret_times)
{
    g_autofree char *path = thread != 0 ? g_strdup_printf("/proc/%d/task/%d/stat", pid, thread)
                                        : g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *text = NULL;
    unsigned long user = 0, system = 0;
    *ret_times = (ProcessTimes){0};
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return FALSE;
    /* The name in parentheses may hold anything; what follows it may not. */
    const char *fields = strrchr(text, ')');
    if (fields == NULL ||
        sscanf(fields,
               ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %*d %*d %*u "
               "%*u %*d %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*d %d",
               &user, &system, &ret_times->processor) < 2)
        return FALSE;
    guint64 tick = 1000000000u / (guint64)sysconf(_SC_CLK_TCK);
    ret_times->user = user * tick;
    ret_times->system = system * tick;
    return TRUE;
}

guint64 process_rss(gint32 pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status", pid);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    const char *line = strstr(text, "\nVmRSS:");
    return line == NULL ? 0 : g_ascii_strtoull(line + strlen("\nVmRSS:"), NULL, 10);
}

/* The processor that a thread of that name runs; -1: none. */
static gint64 vcpu_of(const char *name)
{
    if (!g_str_has_prefix(name, VCPU_THREAD))
        return -1;
    const char *number = name + strlen(VCPU_THREAD);
    if (*number == '\0')
        return 0;
    return *number == '-' && g_ascii_isdigit(number[1])
               ? (gint64)g_ascii_strtoull(number + 1, NULL, 10)
               : -1;
}

GArray *process_vcpus(gint32 pid, guint count)
{
    GArray *threads = g_array_sized_new(FALSE, TRUE, sizeof(gint32), count);
    g_array_set_size(threads, count);
    g_autofree char *path = g_strdup_printf("/proc/%d/task", pid);
    g_autoptr(GDir) tasks = g_dir_open(path, 0, NULL);
    for (const char *task; tasks != NULL && (task = g_dir_read_name(tasks)) != NULL;) {
        g_autofree char *file = g_build_filename(path, task, "comm", NULL);
        g_autofree char *name = NULL;
        if (!g_file_get_contents(file, &name, NULL, NULL))
            continue;
        gint64 vcpu = vcpu_of(g_strchomp(name));
        if (vcpu >= 0 && vcpu < count)
            g_array_index(threads, gint32, vcpu) = (gint32)g_ascii_strtoll(task, NULL, 10);
    }
    return threads;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rescue: see rescue.h. */
#include "daemon/rescue.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

typedef struct Process {
    pid_t pid;
    uid_t user;
    char name[32];
    char state; /* T: stopped by a signal; t: by a debugger; Z: dead */
} Process;

/* VirtualBox before 7.1 has a second one, for the messages between processes. */
static const char *const services[] = {"VBoxSVC", "VBoxXPCOMIPCD", NULL};
static const char *const machines[] = {"VBoxHeadless", "VirtualBoxVM", "VBoxSDL", NULL};

/* The value of a line "Key:\tvalue" in /proc/PID/status. */
static const char *find_line(const char *text, const char *key)
{
    const char *line = strstr(text, key);
    return line != NULL ? line + strlen(key) : "";
}

/* Another container's process is not ours, even if its user has the same number.  What we may not
 * read counts as ours: careful in rescue_end(), harmless in rescue_wake(). */
static gboolean is_near(pid_t pid)
{
    char ours[64] = "", theirs[64] = "", path[64];
    g_snprintf(path, sizeof path, "/proc/%d/ns/pid", (gint)pid);
    if (readlink(path, theirs, sizeof theirs - 1) < 0)
        return TRUE;
    return readlink("/proc/self/ns/pid", ours, sizeof ours - 1) < 0 || strcmp(ours, theirs) == 0;
}

static gboolean read_process(const char *folder, Process *ret_process)
{
    *ret_process = (Process){.pid = (pid_t)g_ascii_strtoll(folder, NULL, 10)};
    if (ret_process->pid <= 0)
        return FALSE;
    g_autofree char *path = g_build_filename("/proc", folder, "status", NULL);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return FALSE;
    const char *name = find_line(text, "Name:\t");
    g_strlcpy(ret_process->name, name, MIN(sizeof ret_process->name, strcspn(name, "\n") + 1));
    ret_process->state = *find_line(text, "\nState:\t");
    ret_process->user = (uid_t)g_ascii_strtoull(find_line(text, "\nUid:\t"), NULL, 10);
    return is_near(ret_process->pid);
}

/* Every living process of the user that has one of the names. */
static GArray *find_processes(uid_t user, const char *const *names)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(Process));
    g_autoptr(GDir) folder = g_dir_open("/proc", 0, NULL);
    Process process;
    for (const char *name; folder != NULL && (name = g_dir_read_name(folder)) != NULL;) {
        if (g_ascii_isdigit(*name) && read_process(name, &process) && process.user == user &&
            process.state != 'Z' && g_strv_contains(names, process.name))
            g_array_append_val(found, process);
    }
    return found;
}

static const Process *process_at(const GArray *found, guint i)
{
    gpointer processes = found->data;
    return (const Process *)processes + i;
}

guint rescue_wake(uid_t user)
{
    g_autoptr(GArray) found = find_processes(user, services);
    guint woken = 0;
    for (guint i = 0; i < found->len; i++) {
        const Process *each = process_at(found, i);
        if (each->state != 'T' || kill(each->pid, SIGCONT) != 0)
            continue;
        g_warning("%s (process %d) was stopped by a signal: told it to go on", each->name,
                  (gint)each->pid);
        woken++;
    }
    return woken;
}

gboolean rescue_is_stopped(pid_t pid)
{
    char folder[16];
    Process process;
    g_snprintf(folder, sizeof folder, "%d", (gint)pid);
    return read_process(folder, &process) && process.state == 'T';
}

gboolean rescue_end(uid_t user, GError **error)
{
    g_autoptr(GArray) running = find_processes(user, machines);
    g_autoptr(GArray) found = find_processes(user, services);
    if (found->len == 0)
        return TRUE;
    if (running->len > 0)
        return fail(error, VIR_ERR_OPERATION_FAILED,
                    "%s (process %d) hangs; it is not ended by force, because %u machines run: "
                    "shut them down from within, then end it",
                    process_at(found, 0)->name, (gint)process_at(found, 0)->pid, running->len);
    for (guint i = 0; i < found->len; i++) {
        const Process *each = process_at(found, i);
        g_warning("%s (process %d) answers nobody and no machine runs: ended it", each->name,
                  (gint)each->pid);
        kill(each->pid, SIGKILL);
    }
    return TRUE;
}

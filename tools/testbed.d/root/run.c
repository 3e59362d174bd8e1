/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs one command of `testbed exec` and ends it, with its children, when the caller is gone.
 *
 * Theory of operation
 *
 * The caller (nsenter, outside) is the parent. It may be killed in a way that
 * it cannot handle; the kernel then sends SIGTERM here. The command and all
 * that it started in its session are asked to end, and killed two seconds
 * later. What has left the session is a daemon (VBoxSVC, vboxvirtd): other
 * commands may use it, it lives on until the instance goes down.
 *
 * To know its descendants even when their parents have ended, this process is
 * their "subreaper": orphans become its children.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_PROCESSES = 4096,
    PATIENCE_MS = 2000,
    STEP_MS = 20,
};

typedef struct {
    pid_t pid;
    pid_t parent;
    pid_t session;
    bool ours;
} Process;

static Process processes[MAX_PROCESSES];

static bool process_read(const char *pid, Process *ret_process)
{
    char path[300];
    char line[512];

    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t length = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[length] = '\0';

    /* "PID (NAME) STATE PARENT GROUP SESSION …": the name may hold anything, a parenthesis too */
    const char *rest = strrchr(line, ')');
    char state;
    if (!rest ||
        sscanf(rest, ") %c %d %*d %d", &state, &ret_process->parent, &ret_process->session) != 3)
        return false;
    ret_process->pid = atoi(pid);
    ret_process->ours = false;
    return state != 'Z';
}

static int processes_read(void)
{
    int count = 0;
    struct dirent *entry;
    DIR *folder = opendir("/proc");

    if (!folder)
        return 0;
    while (count < MAX_PROCESSES && (entry = readdir(folder))) {
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
            process_read(entry->d_name, &processes[count]))
            count++;
    }
    closedir(folder);
    return count;
}

/* Marks the children of what is marked until there is nothing new. */
static void mark_descendants(int count, pid_t root)
{
    bool again = true;

    while (again) {
        again = false;
        for (int i = 0; i < count; i++) {
            if (processes[i].ours)
                continue;
            bool ours = processes[i].parent == root;
            for (int j = 0; j < count && !ours; j++)
                ours = processes[j].ours && processes[j].pid == processes[i].parent;
            processes[i].ours = ours;
            again |= ours;
        }
    }
}

/* Returns how many there were. */
static int signal_descendants(int number)
{
    pid_t session = getsid(0);
    int count = processes_read();
    int signalled = 0;

    mark_descendants(count, getpid());
    for (int i = 0; i < count; i++) {
        if (processes[i].ours && processes[i].session == session) {
            kill(processes[i].pid, number);
            signalled++;
        }
    }
    return signalled;
}

static void end_all(void)
{
    const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};

    signal_descendants(SIGTERM);
    for (int waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
        if (signal_descendants(0) == 0)
            return;
        nanosleep(&step, NULL);
    }
    while (signal_descendants(SIGKILL) > 0)
        nanosleep(&step, NULL);
}

static void leave_like(int status)
{
    if (WIFEXITED(status))
        exit(WEXITSTATUS(status));
    exit(128 + WTERMSIG(status));
}

/* After ^C the command may have ended before what it started: the same signal reached all, but some
 * ignore it. */
static bool was_interrupted(const sigset_t *signals)
{
    const struct timespec now = {0};
    bool interrupted = false;
    int number;

    while ((number = sigtimedwait(signals, NULL, &now)) > 0)
        interrupted |= number != SIGCHLD;
    return interrupted;
}

/* Collects children until the command itself has ended or the caller has gone. */
static void supervise(pid_t command, const sigset_t *signals)
{
    bool interrupted = false;

    for (;;) {
        int status;
        pid_t ended = waitpid(-1, &status, WNOHANG);
        if (ended == command) {
            if (was_interrupted(signals) || interrupted)
                end_all();
            leave_like(status);
        }
        if (ended > 0)
            continue;
        int number = sigwaitinfo(signals, NULL);
        if (number == SIGTERM || number == SIGHUP) {
            end_all();
            exit(128 + number);
        }
        interrupted |= number == SIGINT || number == SIGQUIT;
    }
}

int main(int argc, char **argv)
{
    sigset_t signals;
    sigset_t before;

    if (argc < 2)
        return 2;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigaddset(
        &signals,
        SIGINT); /* ^C reaches the command too, which may go on: how it ends is how this ends */
    sigaddset(&signals, SIGQUIT);
    sigprocmask(SIG_BLOCK, &signals, &before);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_PDEATHSIG, SIGTERM);

    pid_t command = fork();
    if (command == 0) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        execvp(argv[1], argv + 1);
        perror(argv[1]);
        _exit(127);
    }
    if (command < 0) {
        perror("fork");
        return 126;
    }
    supervise(command, &signals);
}

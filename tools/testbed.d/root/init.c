/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Process 1 of a PID namespace: collects orphans, and ends with the command that it was given, or
 * never.
 *
 * Killing it ends every process of the namespace. It handles no signal, and
 * the kernel keeps from process 1 what it does not handle.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int run(char **command)
{
    int status = 0;
    pid_t ended;

    pid_t child = fork();
    if (child == 0) {
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    do {
        ended = waitpid(-1, &status, 0);
    } while (ended != child && (ended > 0 || errno == EINTR));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return run(argv + 1);

    /* ignored, the kernel collects the dead by itself */
    signal(SIGCHLD, SIG_IGN);
    for (;;)
        pause();
}

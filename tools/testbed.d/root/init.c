/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Process 1 of a test bed instance: collects the orphans. Killing it ends every process of the instance. */
#include <signal.h>
#include <unistd.h>

int main(void)
{
    /* with SIGCHLD ignored the kernel collects them by itself; signals from inside the instance do nothing to process 1 */
    signal(SIGCHLD, SIG_IGN);
    for (;;)
        pause();
}

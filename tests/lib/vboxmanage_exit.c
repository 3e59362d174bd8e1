/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Preloaded into VBoxManage, so that it ends when its work is done.
 *
 * About one VBoxManage in a hundred sleeps ten seconds at its very end: RTReqPoolRelease() signals
 * a worker thread that is just about to reset that signal and to wait for ten seconds (7.2.22, seen
 * with gdb).  Here long waits of threads other than the main one are short: they look for work
 * again, and then see that there will be none. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#define LONG_WAIT 5   /* seconds */
#define SHORT_WAIT 50 /* milliseconds */

static void shorten(clockid_t clock, struct timespec *until)
{
    struct timespec now;
    clock_gettime(clock, &now);
    /* The other clock's times are years away. */
    if (until->tv_sec - now.tv_sec < LONG_WAIT || until->tv_sec - now.tv_sec > 1000000)
        return;
    *until = now;
    until->tv_nsec += SHORT_WAIT * 1000000L;
    until->tv_sec += until->tv_nsec / 1000000000;
    until->tv_nsec %= 1000000000;
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                           const struct timespec *until)
{
    static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    struct timespec limit = *until;
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    if (gettid() != getpid()) {
        shorten(CLOCK_REALTIME, &limit);
        shorten(CLOCK_MONOTONIC, &limit);
    }
    return real(cond, mutex, &limit);
}

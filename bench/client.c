/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Times calls of libvirt's client library: bench-client URI DOMAIN MEASUREMENT COUNT [CLIENTS]
 *
 * MEASUREMENT is a call of the table below: COUNT calls one after the other, prints their median
 * and 99th percentile in microseconds.  Or throughput: CLIENTS connections, each in a thread of its
 * own, ask for a domain's info for COUNT milliseconds; prints calls per second. */
#include <glib.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WARM_UP 50 /* calls that are not counted: the server fills its caches */

typedef struct Target {
    const char *uri, *name;
    virConnectPtr connection;
    virDomainPtr domain;
} Target;

static G_NORETURN void die(const char *what)
{
    fprintf(stderr, "bench-client: %s: %s\n", what, virGetLastErrorMessage());
    exit(1);
}

static void target_open(Target *self)
{
    self->connection = virConnectOpen(self->uri);
    if (self->connection == NULL)
        die("virConnectOpen");
    self->domain = virDomainLookupByName(self->connection, self->name);
    if (self->domain == NULL)
        die("virDomainLookupByName");
}

static void target_close(Target *self)
{
    virDomainFree(self->domain);
    virConnectClose(self->connection);
}

/* The calls ---------------------------------------------------------------------------------- */

static int get_lib_version(Target *target)
{
    unsigned long version;
    return virConnectGetLibVersion(target->connection, &version);
}

static int get_info(Target *target)
{
    virDomainInfo info;
    return virDomainGetInfo(target->domain, &info);
}

static int get_xml(Target *target)
{
    char *xml = virDomainGetXMLDesc(target->domain, 0);
    free(xml);
    return xml != NULL ? 0 : -1;
}

static int list_all(Target *target)
{
    virDomainPtr *domains = NULL;
    int count = virConnectListAllDomains(target->connection, &domains, 0);
    for (int i = 0; i < count; i++)
        virDomainFree(domains[i]);
    free(domains);
    return count;
}

static int open_close(Target *target)
{
    virConnectPtr connection = virConnectOpen(target->uri);
    return connection != NULL ? virConnectClose(connection) : -1;
}

static const struct {
    const char *name;
    int (*call)(Target *target);
} calls[] = {
    {"lib-version", get_lib_version}, {"get-info", get_info},     {"get-xml", get_xml},
    {"list-all", list_all},           {"open-close", open_close},
};

static int compare(const void *a, const void *b)
{
    gint64 one = *(const gint64 *)a, other = *(const gint64 *)b;
    return one < other ? -1 : one > other;
}

static void measure(Target *target, int (*call)(Target *), guint count)
{
    g_autofree gint64 *times = g_new(gint64, count);
    struct timespec begin, end;
    for (guint i = 0; i < MIN(count, WARM_UP); i++)
        if (call(target) < 0)
            die("the call");
    for (guint i = 0; i < count; i++) {
        clock_gettime(CLOCK_MONOTONIC, &begin);
        if (call(target) < 0)
            die("the call");
        clock_gettime(CLOCK_MONOTONIC, &end);
        times[i] = (end.tv_sec - begin.tv_sec) * 1000000000 + (end.tv_nsec - begin.tv_nsec);
    }
    qsort(times, count, sizeof *times, compare);
    size_t middle = count / 2, late = count * 99 / 100;
    printf("%.1f %.1f\n", (double)times[middle] / 1000, (double)times[late] / 1000);
}

/* Throughput --------------------------------------------------------------------------------- */

typedef struct Crowd {
    const Target *target;
    gint waiting; /* atomic: clients that are not connected yet */
    gint ended;   /* atomic */
    guint64 calls;
    GMutex lock; /* of calls */
} Crowd;

static gpointer ask(gpointer data)
{
    Crowd *crowd = data;
    Target mine = *crowd->target;
    guint64 count = 0;
    target_open(&mine);
    g_atomic_int_add(&crowd->waiting, -1);
    while (g_atomic_int_get(&crowd->waiting) > 0)
        g_usleep(1000);
    for (; !g_atomic_int_get(&crowd->ended); count++)
        if (get_info(&mine) < 0)
            die("virDomainGetInfo");
    target_close(&mine);
    g_mutex_lock(&crowd->lock);
    crowd->calls += count;
    g_mutex_unlock(&crowd->lock);
    return NULL;
}

static void throughput(const Target *target, guint milliseconds, guint clients)
{
    Crowd crowd = {.target = target, .waiting = (gint)clients};
    g_autofree GThread **threads = g_new(GThread *, clients);
    g_mutex_init(&crowd.lock);
    for (guint i = 0; i < clients; i++)
        threads[i] = g_thread_new("client", ask, &crowd);
    while (g_atomic_int_get(&crowd.waiting) > 0)
        g_usleep(1000);
    gint64 begin = g_get_monotonic_time();
    g_usleep((gulong)milliseconds * 1000);
    g_atomic_int_set(&crowd.ended, 1);
    double seconds = (double)(g_get_monotonic_time() - begin) / 1000000;
    for (guint i = 0; i < clients; i++)
        g_thread_join(threads[i]);
    printf("%.0f\n", (double)crowd.calls / seconds);
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: bench-client URI DOMAIN MEASUREMENT COUNT [CLIENTS]\n");
        return 2;
    }
    Target target = {.uri = argv[1], .name = argv[2]};
    guint count = (guint)strtoul(argv[4], NULL, 10);
    guint clients = argc > 5 ? (guint)strtoul(argv[5], NULL, 10) : 1;
    if (strcmp(argv[3], "throughput") == 0) {
        throughput(&target, count, clients);
        return 0;
    }
    for (guint i = 0; i < G_N_ELEMENTS(calls); i++)
        if (strcmp(argv[3], calls[i].name) == 0) {
            target_open(&target);
            measure(&target, calls[i].call, count);
            target_close(&target);
            return 0;
        }
    fprintf(stderr, "bench-client: there is no measurement %s\n", argv[3]);
    return 2;
}

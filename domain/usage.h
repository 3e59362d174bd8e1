/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Usage: what a domain's memory, disks and adapters are and did, for statistics. */
#pragma once
#include "domain/counters.h"
#include "domain/registry.h"

typedef struct Block {
    char *target, *path; /* path NULL: an empty drive */
    char *device;        /* its counters' name; NULL: VirtualBox counts nothing of it */
    gboolean is_sized;   /* the rest is known */
    guint64 capacity, allocation, physical; /* bytes */
} Block;

typedef struct Usage {
    guint64 memory, current; /* KiB */
    guint vcpus, current_vcpus;
    GPtrArray *blocks;   /* Block * */
    GPtrArray *adapters; /* char *, MAC addresses */
    Counters *counters;  /* NULL: the machine does not run, or is just starting */
    EntryRun run;
} Usage;

/* By the domain's XML; what it counts is read on request. */
Usage *usage_read(Entry *entry, gboolean with_counters, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void usage_free(Usage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Usage, usage_free)

/* How large the images are: the guest's view, and the host's. */
gboolean usage_size(Usage *self, Entry *entry, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* By target name or path.  VIR_ERR_INVALID_ARG: there is none. */
const Block *usage_block(const Usage *self, const char *name, GError **error);

/* The name of an adapter's counters, owned; NULL: there are none. */
char *usage_adapter_device(const Usage *self, guint number);

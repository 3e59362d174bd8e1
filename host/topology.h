/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Topology: the host's processors and memory cells, as the kernel lists them. */
#pragma once
#include "base/error.h"

/* libvirt's own limit on processors of a host (VIR_CPU_MAPLEN and its callers take 16384 bits). */
#define TOPOLOGY_CPUS 16384

typedef struct TopologyCpu {
    guint id;
    gboolean online;
    guint cell, socket, die, cluster, core; /* cell is an index into cells */
    char *siblings; /* a list as in sysfs, "0,4" or "0-1"; itself included */
} TopologyCpu;

typedef struct TopologyCell {
    guint id;
    guint64 memory, free; /* KiB */
} TopologyCell;

/* How the processors are built; the product of the first four may be more than what is online. */
typedef struct TopologyShape {
    guint cells, sockets, cores, threads; /* sockets of a cell, cores of a socket, … */
    guint online;
} TopologyShape;

typedef struct Topology {
    GArray *cpus;  /* TopologyCpu, all that are present, by id */
    GArray *cells; /* TopologyCell, at least one */
    guint mhz;     /* of the first processor; 0: the kernel does not say */
} Topology;

/* Reads /proc and /sys below root ("" is the host; tests have their own). */
Topology *topology_read(const char *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void topology_free(Topology *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Topology, topology_free)

/* As libvirt counts: where sockets × cores × threads does not give the processors (unlike
 * sockets, some offline), everything is one socket of single-threaded cores. */
TopologyShape topology_shape(const Topology *self);

/* Reads a list as in sysfs ("0-3,8") into an array of guint.  Refuses ids of TOPOLOGY_CPUS and
 * more. */
GArray *topology_list_parse(const char *list, GError **error) G_GNUC_WARN_UNUSED_RESULT;

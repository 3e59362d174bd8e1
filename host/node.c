/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Node: the host's processors, memory and their use, for libvirt's virNode calls. */
#include <string.h>
#include "host/meminfo.h"
#include "vbox/platform.h"
#include "host/topology.h"
#include "rpc/handlers.h"

#define ALL_CELLS (-1) /* VIR_NODE_MEMORY_STATS_ALL_CELLS, VIR_NODE_CPU_STATS_ALL_CPUS */

gboolean do_node_get_info(Call *call, NodeGetInfoRet *ret, GError **error)
{
    g_autoptr(Topology) topology = topology_read("", error);
    Meminfo memory;
    if (topology == NULL || !meminfo_read("/proc/meminfo", &memory, error))
        return FALSE;
    TopologyShape shape = topology_shape(topology);
    g_strlcpy(ret->model, platform_host_arch(), sizeof(ret->model));
    ret->memory = memory.total;
    ret->cpus = (gint32)shape.online;
    ret->mhz = (gint32)topology->mhz;
    ret->nodes = (gint32)shape.cells;
    ret->sockets = (gint32)shape.sockets;
    ret->cores = (gint32)shape.cores;
    ret->threads = (gint32)shape.threads;
    return TRUE;
}

gboolean do_node_get_free_memory(Call *call, NodeGetFreeMemoryRet *ret, GError **error)
{
    Meminfo memory;
    if (!meminfo_read("/proc/meminfo", &memory, error))
        return FALSE;
    ret->freeMem = memory.free * 1024;
    return TRUE;
}

gboolean do_node_get_cells_free_memory(Call *call, const NodeGetCellsFreeMemoryArgs *args,
                                       NodeGetCellsFreeMemoryRet *ret, GError **error)
{
    g_autoptr(Topology) topology = topology_read("", error);
    if (topology == NULL)
        return FALSE;
    guint cells = topology->cells->len;
    if (args->startCell < 0 || (guint)args->startCell >= cells || args->maxcells < 1)
        return fail(error, VIR_ERR_INVALID_ARG,
                    "cells from %d are not among the host's %u, counted from 0", args->startCell,
                    cells);
    guint first = (guint)args->startCell;
    ret->cells_len = MIN((guint)args->maxcells, cells - first);
    ret->cells = arena_alloc(call->arena, ret->cells_len * sizeof(*ret->cells));
    for (guint i = 0; i < ret->cells_len; i++)
        ret->cells[i] = g_array_index(topology->cells, TopologyCell, first + i).free * 1024;
    return TRUE;
}

/* A client asks twice: how many parameters there are (nparams 0), then for that many. */
static gboolean check_room(gint32 nparams, gint32 have, GError **error)
{
    if (nparams == 0 || nparams == have)
        return TRUE;
    return fail(error, VIR_ERR_INVALID_ARG, "there are %d parameters, not %d", have, nparams);
}

gboolean do_node_get_memory_stats(Call *call, const NodeGetMemoryStatsArgs *args,
                                  NodeGetMemoryStatsRet *ret, GError **error)
{
    Meminfo memory;
    g_autofree char *path =
        args->cellNum == ALL_CELLS
            ? g_strdup("/proc/meminfo")
            : g_strdup_printf("/sys/devices/system/node/node%d/meminfo", args->cellNum);
    if (args->cellNum != ALL_CELLS && !g_file_test(path, G_FILE_TEST_EXISTS))
        return fail(error, VIR_ERR_INVALID_ARG, "the host has no memory cell %d", args->cellNum);
    if (!meminfo_read(path, &memory, error))
        return FALSE;
    RemoteNodeGetMemoryStats all[] = {
        {(char *)"total", memory.total},
        {(char *)"free", memory.free},
        {(char *)"buffers", memory.buffers},
        {(char *)"cached", memory.cached},
    };
    /* A cell's page cache is not split into the two. */
    gint32 n = args->cellNum == ALL_CELLS ? 4 : 2;
    if (!check_room(args->nparams, n, error))
        return FALSE;
    ret->nparams = n;
    if (args->nparams == 0)
        return TRUE;
    ret->params_len = (guint32)n;
    ret->params = arena_alloc(call->arena, sizeof(all));
    memcpy(ret->params, all, sizeof(all));
    return TRUE;
}

gboolean do_node_get_cpu_stats(Call *call, const NodeGetCpuStatsArgs *args, NodeGetCpuStatsRet *ret,
                               GError **error)
{
    CpuTime time;
    if (!cpu_time_read("/proc/stat", args->cpuNum, &time, error))
        return FALSE;
    RemoteNodeGetCpuStats all[] = {
        {(char *)"kernel", time.kernel},
        {(char *)"user", time.user},
        {(char *)"idle", time.idle},
        {(char *)"iowait", time.iowait},
    };
    gint32 n = G_N_ELEMENTS(all);
    if (!check_room(args->nparams, n, error))
        return FALSE;
    ret->nparams = n;
    if (args->nparams == 0)
        return TRUE;
    ret->params_len = (guint32)n;
    ret->params = arena_alloc(call->arena, sizeof(all));
    memcpy(ret->params, all, sizeof(all));
    return TRUE;
}

gboolean do_node_get_cpu_map(Call *call, const NodeGetCpuMapArgs *args, NodeGetCpuMapRet *ret,
                             GError **error)
{
    g_autoptr(Topology) topology = topology_read("", error);
    if (topology == NULL)
        return FALSE;
    const GArray *cpus = topology->cpus;
    /* The last one's number, as libvirt counts: numbers may have gaps. */
    guint count = g_array_index(cpus, TopologyCpu, cpus->len - 1).id + 1;
    g_autofree guint8 *map = g_malloc0((count + 7) / 8);
    for (guint i = 0; i < cpus->len; i++) {
        const TopologyCpu *cpu = &g_array_index(cpus, TopologyCpu, i);
        if (!cpu->online)
            continue;
        map[cpu->id / 8] |= (guint8)(1 << cpu->id % 8);
        ret->online++;
    }
    ret->ret = (gint32)count;
    if (!args->need_map)
        return TRUE;
    ret->cpumap_len = (count + 7) / 8;
    ret->cpumap = call_take(call, g_steal_pointer(&map));
    return TRUE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Usage calls: one domain's processors, memory, disks and adapters in numbers. */
#include "base/libvirt.h"
#include "domain/change.h"
#include "domain/process.h"
#include "domain/usage.h"
#include "rpc/handlers.h"
#include <sched.h>
#include <string.h>

#define UNKNOWN (-1) /* virDomainBlockStats, virDomainInterfaceStats */

/* Of one whose settings VirtualBox cannot read: what is wrong with them. */
static Usage *read_readable(Entry *entry, GError **error)
{
    return domain_check_settings(entry, error) ? usage_read(entry, FALSE, error) : NULL;
}

/* A domain that runs; counters on request, and then they are there. */
static Usage *read_running(const RemoteDomain *dom, gboolean with_counters, GError **error)
{
    g_autoptr(Entry) entry = registry_find(dom, error);
    g_autoptr(Usage) usage = entry != NULL ? read_readable(entry, error) : NULL;
    if (usage == NULL)
        return NULL;
    if (usage->run.id < 0) {
        fail(error, VIR_ERR_OPERATION_INVALID, "domain is not running");
        return NULL;
    }
    if (with_counters && (usage->counters = counters_read(entry_machine(entry), error)) == NULL)
        return NULL;
    return g_steal_pointer(&usage);
}

/* --- disks --------------------------------------------------------------------------------- */

typedef struct BlockCounts {
    guint64 rd_req, rd_bytes, wr_req, wr_bytes, flushes, errors;
} BlockCounts;

static void count_block(const Usage *usage, const Block *block, BlockCounts *counts)
{
    counts->rd_req += counters_get(usage->counters, block->device, "ReqsRead");
    counts->rd_bytes += counters_get(usage->counters, block->device, "BytesRead");
    counts->wr_req += counters_get(usage->counters, block->device, "ReqsWrite");
    counts->wr_bytes += counters_get(usage->counters, block->device, "BytesWritten");
    counts->flushes += counters_get(usage->counters, block->device, "ReqsFlush");
    counts->errors += counters_get(usage->counters, block->device, "ReqsFailed");
}

/* Of one disk, or with the path "" of all. */
static gboolean read_block(const RemoteDomain *dom, const char *path, BlockCounts *ret_counts,
                           GError **error)
{
    g_autoptr(Usage) usage = read_running(dom, TRUE, error);
    *ret_counts = (BlockCounts){0};
    if (usage == NULL)
        return FALSE;
    for (guint i = 0; *path == '\0' && i < usage->blocks->len; i++)
        count_block(usage, usage->blocks->pdata[i], ret_counts);
    if (*path == '\0')
        return TRUE;
    const Block *block = usage_block(usage, path, error);
    if (block == NULL)
        return FALSE;
    if (block->device == NULL)
        return fail(error, VIR_ERR_OPERATION_UNSUPPORTED,
                    "VirtualBox does not count what the disk '%s' does", block->target);
    count_block(usage, block, ret_counts);
    return TRUE;
}

gboolean do_domain_block_stats(Call *call, const DomainBlockStatsArgs *args,
                               DomainBlockStatsRet *ret, GError **error)
{
    BlockCounts counts;
    if (!read_block(&args->dom, args->path, &counts, error))
        return FALSE;
    ret->rd_req = (gint64)counts.rd_req;
    ret->rd_bytes = (gint64)counts.rd_bytes;
    ret->wr_req = (gint64)counts.wr_req;
    ret->wr_bytes = (gint64)counts.wr_bytes;
    ret->errs = (gint64)counts.errors;
    return TRUE;
}

/* A client asks twice: how many parameters there are (nparams 0), then for that many. */
static guint32 room(guint32 have, gint64 wanted)
{
    return wanted < 0 ? 0 : (guint32)MIN(wanted, (gint64)have);
}

gboolean do_domain_block_stats_flags(Call *call, const DomainBlockStatsFlagsArgs *args,
                                     DomainBlockStatsFlagsRet *ret, GError **error)
{
    BlockCounts counts;
    if (!read_block(&args->dom, args->path, &counts, error))
        return FALSE;
    const struct {
        const char *name;
        guint64 count;
    } all[] = {
        {"rd_operations", counts.rd_req},     {"rd_bytes", counts.rd_bytes},
        {"wr_operations", counts.wr_req},     {"wr_bytes", counts.wr_bytes},
        {"flush_operations", counts.flushes}, {"errs", counts.errors},
    };
    ret->nparams = G_N_ELEMENTS(all);
    if (args->nparams == 0)
        return TRUE;
    ret->params_len = room(G_N_ELEMENTS(all), args->nparams);
    ret->nparams = (gint32)ret->params_len;
    ret->params = arena_alloc(call->arena, sizeof all * 2);
    for (guint32 i = 0; i < ret->params_len; i++) {
        ret->params[i].field = arena_strdup(call->arena, all[i].name);
        ret->params[i].value =
            (RemoteTypedParamValue){.type = VIR_TYPED_PARAM_LLONG, .l = (gint64)all[i].count};
    }
    return TRUE;
}

gboolean do_domain_get_block_info(Call *call, const DomainGetBlockInfoArgs *args,
                                  DomainGetBlockInfoRet *ret, GError **error)
{
    g_autoptr(Entry) entry = registry_find(&args->dom, error);
    g_autoptr(Usage) usage = entry != NULL ? read_readable(entry, error) : NULL;
    if (usage == NULL)
        return FALSE;
    const Block *block = usage_block(usage, args->path, error);
    if (block == NULL || !usage_size(usage, entry, error))
        return FALSE;
    if (block->path == NULL)
        return fail(error, VIR_ERR_INVALID_ARG,
                    "disk '%s' does not currently have a source assigned", args->path);
    ret->allocation = block->allocation;
    ret->capacity = block->capacity;
    ret->physical = block->physical;
    return TRUE;
}

/* --- adapters ------------------------------------------------------------------------------ */

/* An adapter has no device on the host that could name it: it is known by its address. */
gboolean do_domain_interface_stats(Call *call, const DomainInterfaceStatsArgs *args,
                                   DomainInterfaceStatsRet *ret, GError **error)
{
    g_autoptr(Usage) usage = read_running(&args->dom, TRUE, error);
    if (usage == NULL)
        return FALSE;
    guint number = 0;
    while (number < usage->adapters->len &&
           g_ascii_strcasecmp(usage->adapters->pdata[number], args->device) != 0)
        number++;
    if (number == usage->adapters->len)
        return fail(
            error, VIR_ERR_INVALID_ARG,
            "'%s' is no interface of the domain; name one by its MAC address, as in its XML",
            args->device);
    g_autofree char *device = usage_adapter_device(usage, number);
    *ret = (DomainInterfaceStatsRet){UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN,
                                     UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN};
    if (device == NULL)
        return TRUE;
    ret->rx_bytes = (gint64)counters_get(usage->counters, device, "BytesReceived");
    ret->tx_bytes = (gint64)counters_get(usage->counters, device, "BytesTransmitted");
    return TRUE;
}

/* --- memory -------------------------------------------------------------------------------- */

gboolean do_domain_memory_stats(Call *call, const DomainMemoryStatsArgs *args,
                                DomainMemoryStatsRet *ret, GError **error)
{
    g_autoptr(Usage) usage = read_running(&args->dom, FALSE, error);
    if (usage == NULL)
        return FALSE;
    RemoteDomainMemoryStat all[] = {
        {VIR_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON, usage->current},
        {VIR_DOMAIN_MEMORY_STAT_RSS, process_rss(usage->run.id)},
    };
    ret->stats_len = room(G_N_ELEMENTS(all), args->maxStats);
    ret->stats = arena_alloc(call->arena, sizeof all);
    memcpy(ret->stats, all, sizeof all);
    return TRUE;
}

/* --- processors ---------------------------------------------------------------------------- */

#define TOTAL (-1) /* virDomainGetCPUStats: of all processors together */

gboolean do_domain_get_cpu_stats(Call *call, const DomainGetCpuStatsArgs *args,
                                 DomainGetCpuStatsRet *ret, GError **error)
{
    g_autoptr(Usage) usage = read_running(&args->dom, FALSE, error);
    if (usage == NULL)
        return FALSE;
    if (args->start_cpu != TOTAL)
        return fail(error, VIR_ERR_OPERATION_UNSUPPORTED,
                    "the kernel does not count a process's time by the host's processors; ask for "
                    "the total (virsh cpu-stats --total)");
    ProcessTimes times;
    (void)process_times(usage->run.id, 0, &times);
    const struct {
        const char *name;
        guint64 time;
    } all[] = {
        {"cpu_time", times.user + times.system},
        {"user_time", times.user},
        {"system_time", times.system},
    };
    ret->nparams = G_N_ELEMENTS(all);
    if (args->nparams == 0)
        return TRUE;
    ret->params_len = room(G_N_ELEMENTS(all), args->nparams);
    ret->nparams = (gint32)ret->params_len;
    ret->params = arena_alloc(call->arena, G_N_ELEMENTS(all) * sizeof *ret->params);
    for (guint32 i = 0; i < ret->params_len; i++) {
        ret->params[i].field = arena_strdup(call->arena, all[i].name);
        ret->params[i].value =
            (RemoteTypedParamValue){.type = VIR_TYPED_PARAM_ULLONG, .ul = all[i].time};
    }
    return TRUE;
}

/* Which of the host's processors a thread may run on, as libvirt's bit maps. */
static void fill_map(gint32 thread, guint8 *map, guint length)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(thread, sizeof set, &set) < 0)
        return;
    for (guint i = 0; i < CPU_SETSIZE && i / 8 < length; i++)
        if (CPU_ISSET(i, &set))
            map[i / 8] |= (guint8)(1 << i % 8);
}

gboolean do_domain_get_vcpus(Call *call, const DomainGetVcpusArgs *args, DomainGetVcpusRet *ret,
                             GError **error)
{
    g_autoptr(Usage) usage = read_running(&args->dom, FALSE, error);
    if (usage == NULL)
        return FALSE;
    guint count = room(usage->vcpus, args->maxinfo), length = (guint)MAX(args->maplen, 0);
    if ((guint64)count * length > G_MAXUINT16 * 8u)
        return fail(error, VIR_ERR_INVALID_ARG, "the maps of %u processors are too large", count);
    g_autoptr(GArray) threads = process_vcpus(usage->run.id, count);
    gboolean is_running = usage->run.domain_state == VIR_DOMAIN_RUNNING;
    ret->info_len = count;
    ret->info = arena_alloc(call->arena, (count + 1) * sizeof *ret->info);
    ret->cpumaps_len = count * length;
    guint8 *maps = g_malloc0(ret->cpumaps_len + 1);
    ret->cpumaps = call_take(call, maps);
    for (guint i = 0; i < count; i++) {
        ProcessTimes times = {0};
        gint32 thread = g_array_index(threads, gint32, i);
        if (thread != 0 && process_times(usage->run.id, thread, &times))
            fill_map(thread, maps + i * length, length);
        ret->info[i] = (RemoteVcpuInfo){i, is_running ? VIR_VCPU_RUNNING : VIR_VCPU_BLOCKED,
                                        times.user + times.system, times.processor};
    }
    return TRUE;
}

/* --- jobs ---------------------------------------------------------------------------------- */

/* There are no jobs that a client could follow: saving and the like are calls that wait. */
gboolean do_domain_get_job_info(Call *call, const DomainGetJobInfoArgs *args,
                                DomainGetJobInfoRet *ret, GError **error)
{
    g_autoptr(Entry) entry = registry_find(&args->dom, error);
    *ret = (DomainGetJobInfoRet){.type = VIR_DOMAIN_JOB_NONE};
    return entry != NULL;
}

gboolean do_domain_get_job_stats(Call *call, const DomainGetJobStatsArgs *args,
                                 DomainGetJobStatsRet *ret, GError **error)
{
    g_autoptr(Entry) entry = registry_find(&args->dom, error);
    ret->type = VIR_DOMAIN_JOB_NONE;
    return entry != NULL;
}

gboolean do_domain_get_control_info(Call *call, const DomainGetControlInfoArgs *args,
                                    DomainGetControlInfoRet *ret, GError **error)
{
    g_autoptr(Usage) usage = read_running(&args->dom, FALSE, error);
    *ret = (DomainGetControlInfoRet){.state = VIR_DOMAIN_CONTROL_OK};
    return usage != NULL;
}

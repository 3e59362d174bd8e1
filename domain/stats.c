/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stats: everything of many domains in one call, for monitors (virConnectGetAllDomainStats). */
#include "base/libvirt.h"
#include "domain/list.h"
#include "domain/process.h"
#include "domain/usage.h"
#include "rpc/handlers.h"

/* Which domains: those flags that are no filters begin at NOWAIT (1 << 29). */
#define FILTERS 0xffu

/* The parameters of one domain; names and texts are in the arena. */
typedef struct Params {
    Arena *arena;
    GArray *list; /* RemoteTypedParam */
} Params;

static void add(Params *self, RemoteTypedParamValue value, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
static void add(Params *self, RemoteTypedParamValue value, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    RemoteTypedParam param = {arena_take(self->arena, g_strdup_vprintf(format, args)), value};
    va_end(args);
    g_array_append_val(self->list, param);
}

static RemoteTypedParamValue of_int(gint32 number)
{
    return (RemoteTypedParamValue){.type = VIR_TYPED_PARAM_INT, .i = number};
}

static RemoteTypedParamValue of_uint(guint32 number)
{
    return (RemoteTypedParamValue){.type = VIR_TYPED_PARAM_UINT, .ui = number};
}

static RemoteTypedParamValue of_count(guint64 number)
{
    return (RemoteTypedParamValue){.type = VIR_TYPED_PARAM_ULLONG, .ul = number};
}

static RemoteTypedParamValue of_text(const Params *params, const char *text)
{
    return (RemoteTypedParamValue){.type = VIR_TYPED_PARAM_STRING,
                                   .s = arena_strdup(params->arena, text)};
}

/* --- groups -------------------------------------------------------------------------------- */

static void add_state(Params *params, const Usage *usage)
{
    add(params, of_int(usage->run.domain_state), "state.state");
    add(params, of_int(usage->run.reason), "state.reason");
}

static void add_cpu_total(Params *params, const Usage *usage)
{
    ProcessTimes times;
    if (usage->run.id < 0 || !process_times(usage->run.id, 0, &times))
        return;
    add(params, of_count(times.user + times.system), "cpu.time");
    add(params, of_count(times.user), "cpu.user");
    add(params, of_count(times.system), "cpu.system");
}

static void add_balloon(Params *params, const Usage *usage)
{
    if (usage->run.id >= 0)
        add(params, of_count(usage->current), "balloon.current");
    add(params, of_count(usage->memory), "balloon.maximum");
    if (usage->run.id >= 0)
        add(params, of_count(process_rss(usage->run.id)), "balloon.rss");
}

static void add_vcpu(Params *params, const Usage *usage)
{
    add(params, of_uint(usage->current_vcpus), "vcpu.current");
    add(params, of_uint(usage->vcpus), "vcpu.maximum");
    if (usage->run.id < 0)
        return;
    g_autoptr(GArray) threads = process_vcpus(usage->run.id, usage->vcpus);
    for (guint i = 0; i < threads->len; i++) {
        gint32 thread = g_array_index(threads, gint32, i);
        ProcessTimes times;
        if (thread == 0 || !process_times(usage->run.id, thread, &times))
            continue;
        gboolean is_running = usage->run.domain_state == VIR_DOMAIN_RUNNING;
        add(params, of_int(is_running ? VIR_VCPU_RUNNING : VIR_VCPU_BLOCKED), "vcpu.%u.state", i);
        add(params, of_count(times.user + times.system), "vcpu.%u.time", i);
    }
}

static void add_interface(Params *params, const Usage *usage)
{
    if (usage->run.id < 0)
        return;
    add(params, of_uint(usage->adapters->len), "net.count");
    for (guint i = 0; i < usage->adapters->len; i++) {
        g_autofree char *device = usage_adapter_device(usage, i);
        add(params, of_text(params, usage->adapters->pdata[i]), "net.%u.name", i);
        if (device == NULL)
            continue;
        add(params, of_count(counters_get(usage->counters, device, "BytesReceived")),
            "net.%u.rx.bytes", i);
        add(params, of_count(counters_get(usage->counters, device, "BytesTransmitted")),
            "net.%u.tx.bytes", i);
    }
}

static void add_one_block(Params *params, const Usage *usage, const Block *block, guint i)
{
    static const struct {
        const char *name, *counter;
    } counts[] = {
        {"rd.reqs", "ReqsRead"},      {"rd.bytes", "BytesRead"}, {"wr.reqs", "ReqsWrite"},
        {"wr.bytes", "BytesWritten"}, {"fl.reqs", "ReqsFlush"},  {"errors", "ReqsFailed"},
    };
    add(params, of_text(params, block->target), "block.%u.name", i);
    if (block->path != NULL)
        add(params, of_text(params, block->path), "block.%u.path", i);
    for (guint k = 0; usage->counters != NULL && block->device != NULL && k < G_N_ELEMENTS(counts);
         k++)
        add(params, of_count(counters_get(usage->counters, block->device, counts[k].counter)),
            "block.%u.%s", i, counts[k].name);
    if (!block->is_sized)
        return;
    add(params, of_count(block->allocation), "block.%u.allocation", i);
    add(params, of_count(block->capacity), "block.%u.capacity", i);
    add(params, of_count(block->physical), "block.%u.physical", i);
}

static void add_block(Params *params, const Usage *usage)
{
    add(params, of_uint(usage->blocks->len), "block.count");
    for (guint i = 0; i < usage->blocks->len; i++)
        add_one_block(params, usage, usage->blocks->pdata[i], i);
}

static const struct {
    guint32 group;
    void (*add)(Params *params, const Usage *usage);
} groups[] = {
    {VIR_DOMAIN_STATS_STATE, add_state},         {VIR_DOMAIN_STATS_CPU_TOTAL, add_cpu_total},
    {VIR_DOMAIN_STATS_BALLOON, add_balloon},     {VIR_DOMAIN_STATS_VCPU, add_vcpu},
    {VIR_DOMAIN_STATS_INTERFACE, add_interface}, {VIR_DOMAIN_STATS_BLOCK, add_block},
};

/* What is asked for and can be told; nothing asked is everything. */
static gboolean choose(guint32 wanted, guint32 flags, guint32 *ret_groups, GError **error)
{
    guint32 known = 0;
    for (guint i = 0; i < G_N_ELEMENTS(groups); i++)
        known |= groups[i].group;
    if ((flags & VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS) != 0 && (wanted & ~known) != 0)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "stats types bits 0x%x are not known of VirtualBox's domains", wanted & ~known);
    *ret_groups = wanted == 0 ? known : wanted & known;
    return TRUE;
}

/* --- domains ------------------------------------------------------------------------------- */

static gboolean read_record(Arena *arena, Entry *entry, guint32 wanted,
                            RemoteDomainStatsRecord *ret_record, GError **error)
{
    guint32 counted = VIR_DOMAIN_STATS_INTERFACE | VIR_DOMAIN_STATS_BLOCK;
    EntrySettings settings;
    if (!entry_settings(entry, &settings, error))
        return FALSE;
    if (!settings.accessible)
        wanted &=
            VIR_DOMAIN_STATS_STATE; /* no more is known of one whose settings cannot be read */
    g_autoptr(Usage) usage = usage_read(entry, (wanted & counted) != 0, error);
    if (usage == NULL || !entry_domain(entry, arena, &ret_record->dom, error) ||
        ((wanted & VIR_DOMAIN_STATS_BLOCK) != 0 && !usage_size(usage, entry, error)))
        return FALSE;
    Params params = {arena, g_array_new(FALSE, TRUE, sizeof(RemoteTypedParam))};
    for (guint i = 0; i < G_N_ELEMENTS(groups); i++)
        if ((wanted & groups[i].group) != 0)
            groups[i].add(&params, usage);
    ret_record->params_len = params.list->len;
    ret_record->params = arena_take(arena, g_array_free(params.list, FALSE));
    return TRUE;
}

/* Those that the client names, or all; who went meanwhile is left out. */
static GPtrArray *find_entries(const ConnectGetAllDomainStatsArgs *args, GError **error)
{
    if (args->doms_len == 0)
        return registry_all(error);
    GPtrArray *entries = g_ptr_array_new_with_free_func((GDestroyNotify)entry_unref);
    for (guint32 i = 0; i < args->doms_len; i++) {
        Entry *entry = registry_find(&args->doms[i], NULL);
        if (entry != NULL)
            g_ptr_array_add(entries, entry);
    }
    return entries;
}

gboolean do_connect_get_all_domain_stats(Call *call, const ConnectGetAllDomainStatsArgs *args,
                                         ConnectGetAllDomainStatsRet *ret, GError **error)
{
    guint32 wanted = 0;
    g_autoptr(GPtrArray) entries = NULL;
    if (!choose(args->stats, args->flags, &wanted, error) ||
        (entries = find_entries(args, error)) == NULL)
        return FALSE;
    ret->retStats = arena_alloc(call->arena, (entries->len + 1) * sizeof *ret->retStats);
    for (guint i = 0; i < entries->len; i++) {
        g_autoptr(GError) failure = NULL;
        gboolean is_wanted = FALSE;
        RemoteDomainStatsRecord *record = &ret->retStats[ret->retStats_len];
        if (list_matches(entries->pdata[i], args->flags & FILTERS, &is_wanted, &failure) &&
            (!is_wanted || read_record(call->arena, entries->pdata[i], wanted, record, &failure))) {
            ret->retStats_len += is_wanted ? 1 : 0;
        } else if (!list_gone(failure)) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return FALSE;
        }
    }
    return TRUE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Info: what a domain is and does, in numbers. */
#include "base/libvirt.h"
#include "domain/change.h"
#include "domain/flag.h"
#include "domain/process.h"
#include "domain/next.h"
#include "domain/registry.h"
#include "rpc/handlers.h"
#include "vbox/machine.h"

static guint64 cpu_time(gint32 pid)
{
    ProcessTimes times;
    return process_times(pid, 0, &times) ? times.user + times.system : 0;
}

static gboolean read_all(const RemoteDomain *dom, EntryRun *ret_run, EntrySettings *ret_settings,
                         GError **error)
{
    g_autoptr(Entry) entry = registry_find(dom, error);
    return entry != NULL && entry_run(entry, ret_run, error) &&
           entry_settings(entry, ret_settings, error);
}

gboolean do_domain_get_info(Call *call, const DomainGetInfoArgs *args, DomainGetInfoRet *ret,
                            GError **error)
{
    EntryRun run;
    EntrySettings settings;
    if (!read_all(&args->dom, &run, &settings, error))
        return FALSE;
    ret->state = (guint8)run.domain_state;
    ret->maxMem = settings.memory;
    ret->memory = settings.current_memory;
    ret->nrVirtCpu = (guint16)settings.current_vcpus;
    ret->cpuTime = run.id >= 0 ? cpu_time(run.id) : 0;
    return TRUE;
}

gboolean do_domain_get_state(Call *call, const DomainGetStateArgs *args, DomainGetStateRet *ret,
                             GError **error)
{
    g_autoptr(Entry) entry = registry_find(&args->dom, error);
    EntryRun run;
    if (entry == NULL || !entry_run(entry, &run, error))
        return FALSE;
    ret->state = run.domain_state;
    ret->reason = run.reason;
    return TRUE;
}

gboolean do_domain_get_os_type(Call *call, const DomainGetOsTypeArgs *args, DomainGetOsTypeRet *ret,
                               GError **error)
{
    g_autoptr(Entry) entry = registry_find(&args->dom, error);
    if (entry == NULL)
        return FALSE;
    ret->type = call_strdup(call, "hvm"); /* VirtualBox has no other kind of guest */
    return TRUE;
}

gboolean do_domain_is_active(Call *call, const DomainIsActiveArgs *args, DomainIsActiveRet *ret,
                             GError **error)
{
    g_autoptr(Entry) entry = registry_find(&args->dom, error);
    EntryRun run;
    if (entry == NULL || !entry_run(entry, &run, error))
        return FALSE;
    ret->active = run.id >= 0;
    return TRUE;
}

gboolean do_domain_is_persistent(Call *call, const DomainIsPersistentArgs *args,
                                 DomainIsPersistentRet *ret, GError **error)
{
    EntryRun run;
    EntrySettings settings;
    if (!read_all(&args->dom, &run, &settings, error))
        return FALSE;
    ret->persistent = !settings.transient;
    return TRUE;
}

gboolean do_domain_is_updated(Call *call, const DomainIsUpdatedArgs *args, DomainIsUpdatedRet *ret,
                              GError **error)
{
    g_autoptr(Entry) entry = registry_find(&args->dom, error);
    g_autofree char *next = entry != NULL ? next_get(entry_machine(entry), error) : NULL;
    ret->updated = next != NULL && *next != '\0';
    return next != NULL;
}

gboolean do_domain_get_autostart(Call *call, const DomainGetAutostartArgs *args,
                                 DomainGetAutostartRet *ret, GError **error)
{
    EntryRun run;
    EntrySettings settings;
    if (!read_all(&args->dom, &run, &settings, error))
        return FALSE;
    ret->autostart = settings.autostart;
    return TRUE;
}

gboolean do_domain_set_autostart(Call *call, const DomainSetAutostartArgs *args, GError **error)
{
    EntrySettings settings;
    g_autoptr(Entry) entry = registry_find(&args->dom, error);
    if (entry == NULL || !entry_settings(entry, &settings, error))
        return FALSE;
    if (settings.transient)
        return fail(error, VIR_ERR_OPERATION_INVALID, "cannot set autostart for transient domain");
    return flag_set(entry, DOMAIN_AUTOSTART_KEY, settings.autostart, args->autostart != 0, error);
}

gboolean do_domain_get_max_memory(Call *call, const DomainGetMaxMemoryArgs *args,
                                  DomainGetMaxMemoryRet *ret, GError **error)
{
    EntrySettings settings;
    g_autoptr(Entry) entry = registry_find(&args->dom, error);
    /* Clients take 0, which is all that is known of an inaccessible one, for an error. */
    if (entry == NULL || !entry_settings(entry, &settings, error) ||
        !domain_check_settings(entry, error))
        return FALSE;
    ret->memory = settings.memory;
    return TRUE;
}

gboolean do_domain_get_max_vcpus(Call *call, const DomainGetMaxVcpusArgs *args,
                                 DomainGetMaxVcpusRet *ret, GError **error)
{
    EntryRun run;
    EntrySettings settings;
    if (!read_all(&args->dom, &run, &settings, error))
        return FALSE;
    ret->num = (gint32)settings.vcpus;
    return TRUE;
}

gboolean do_domain_get_vcpus_flags(Call *call, const DomainGetVcpusFlagsArgs *args,
                                   DomainGetVcpusFlagsRet *ret, GError **error)
{
    if ((args->flags & VIR_DOMAIN_VCPU_LIVE) != 0 && (args->flags & VIR_DOMAIN_VCPU_CONFIG) != 0)
        return fail(error, VIR_ERR_INVALID_ARG,
                    "flags 'VIR_DOMAIN_VCPU_LIVE' and 'VIR_DOMAIN_VCPU_CONFIG' exclude each other");
    g_autoptr(Model) domain = domain_model_of(
        &args->dom, args->flags & (VIR_DOMAIN_VCPU_LIVE | VIR_DOMAIN_VCPU_CONFIG), error);
    if (domain == NULL)
        return FALSE;
    const General *general = domain_general(domain);
    gboolean is_less = general->current_vcpus != NUMBER_ABSENT;
    gboolean is_maximum = (args->flags & VIR_DOMAIN_VCPU_MAXIMUM) != 0;
    ret->num = (gint32)(is_less && !is_maximum ? general->current_vcpus : general->vcpus);
    return TRUE;
}

gboolean do_domain_has_managed_save_image(Call *call, const DomainHasManagedSaveImageArgs *args,
                                          DomainHasManagedSaveImageRet *ret, GError **error)
{
    g_autoptr(Entry) entry = registry_find(&args->dom, error);
    EntryRun run;
    if (entry == NULL || !entry_run(entry, &run, error))
        return FALSE;
    ret->result = machine_state_is_saved(run.state);
    return TRUE;
}

gboolean do_domain_snapshot_num(Call *call, const DomainSnapshotNumArgs *args,
                                DomainSnapshotNumRet *ret, GError **error)
{
    EntryRun run;
    EntrySettings settings;
    if (!read_all(&args->dom, &run, &settings, error))
        return FALSE;
    /* All that is known of a snapshot is lost when its machine is undefined: it is metadata. */
    gboolean none = (args->flags & VIR_DOMAIN_SNAPSHOT_LIST_NO_METADATA) != 0;
    ret->num = none ? 0 : (gint32)settings.snapshots;
    return TRUE;
}

gboolean do_domain_get_xml_desc(Call *call, const DomainGetXmlDescArgs *args,
                                DomainGetXmlDescRet *ret, GError **error)
{
    g_autoptr(Entry) entry = registry_find(&args->dom, error);
    ret->xml = entry != NULL ? call_take(call, entry_xml(entry, args->flags, error)) : NULL;
    return ret->xml != NULL;
}

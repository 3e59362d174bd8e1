/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changing memory, processors, title, description, metadata. */
#include "base/libvirt.h"
#include "domain/change.h"
#include "domain/changing.h"
#include "domain/next.h"
#include "domain/registry.h"
#include "rpc/handlers.h"
#include "vbox/machine.h"
#include "vbox/session.h"

/* --- memory -------------------------------------------------------------------------------- */

static gboolean set_current(Edit *edit, Domain *domain, gconstpointer data, GError **error)
{
    const guint64 *kib = data;
    const General *general = domain_general(domain);
    if (*kib > (guint64)general->memory)
        return fail(error, VIR_ERR_INVALID_ARG, "cannot set memory higher than max memory");
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, *kib);
    edit_set(edit, "currentMemory", text);
    return TRUE;
}

static gboolean set_maximum(Edit *edit, Domain *domain, gconstpointer data, GError **error)
{
    const guint64 *kib = data;
    const General *general = domain_general(domain);
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, *kib);
    edit_set(edit, "memory", text);
    /* As QEMU's driver: what is there now follows only down. */
    if ((guint64)general->current > *kib)
        edit_set(edit, "currentMemory", text);
    return TRUE;
}

static gboolean set_memory(const RemoteDomain *dom, guint64 kib, guint32 flags, GError **error)
{
    gboolean is_maximum = (flags & VIR_DOMAIN_MEM_MAXIMUM) != 0;
    return domain_change(dom, flags & ~(guint32)VIR_DOMAIN_MEM_MAXIMUM,
                         is_maximum ? set_maximum : set_current, &kib, error);
}

gboolean do_domain_set_memory(Call *call, const DomainSetMemoryArgs *args, GError **error)
{
    return set_memory(&args->dom, args->memory, VIR_DOMAIN_AFFECT_LIVE, error);
}

gboolean do_domain_set_memory_flags(Call *call, const DomainSetMemoryFlagsArgs *args,
                                    GError **error)
{
    return set_memory(&args->dom, args->memory, args->flags, error);
}

gboolean do_domain_set_max_memory(Call *call, const DomainSetMaxMemoryArgs *args, GError **error)
{
    return set_memory(&args->dom, args->memory, VIR_DOMAIN_MEM_MAXIMUM, error);
}

/* --- processors ---------------------------------------------------------------------------- */

static gboolean set_vcpus(Edit *edit, Domain *domain, gconstpointer data, GError **error)
{
    const guint32 *count = data;
    const General *general = domain_general(domain);
    if ((gint64)*count > general->vcpus)
        return fail(error, VIR_ERR_INVALID_ARG,
                    "requested vcpus is greater than max allowable vcpus for the domain: %u > "
                    "%" G_GINT64_FORMAT,
                    *count, general->vcpus);
    g_autofree char *text = g_strdup_printf("%u", *count);
    edit_set(edit, "vcpu/@current", *count == general->vcpus ? NULL : text);
    return TRUE;
}

static gboolean set_most_vcpus(Edit *edit, Domain *domain, gconstpointer data, GError **error)
{
    const guint32 *count = data;
    g_autofree char *text = g_strdup_printf("%u", *count);
    edit_set(edit, "vcpu", text);
    return TRUE;
}

static gboolean change_vcpus(const RemoteDomain *dom, guint32 count, guint32 flags, GError **error)
{
    gboolean is_maximum = (flags & VIR_DOMAIN_VCPU_MAXIMUM) != 0;
    if (count == 0)
        return fail(error, VIR_ERR_INVALID_ARG, "a domain needs a processor");
    return domain_change(dom, flags & (VIR_DOMAIN_VCPU_LIVE | VIR_DOMAIN_VCPU_CONFIG),
                         is_maximum ? set_most_vcpus : set_vcpus, &count, error);
}

gboolean do_domain_set_vcpus(Call *call, const DomainSetVcpusArgs *args, GError **error)
{
    return change_vcpus(&args->dom, args->nvcpus, VIR_DOMAIN_VCPU_LIVE, error);
}

gboolean do_domain_set_vcpus_flags(Call *call, const DomainSetVcpusFlagsArgs *args, GError **error)
{
    return change_vcpus(&args->dom, args->nvcpus, args->flags, error);
}

/* --- name ---------------------------------------------------------------------------------- */

/* VirtualBox gives its folder and files the new name as well. */
static gboolean rename_machine(Object *machine, const char *name, GError **error)
{
    g_autofree char *next = next_get(machine, error);
    if (next == NULL)
        return FALSE;
    g_autoptr(Edit) edit = *next == '\0' ? NULL : edit_new(&domain_schema, next, error);
    if (edit == NULL && *next != '\0')
        return FALSE;
    if (edit != NULL)
        edit_set(edit, "name", name);
    g_autofree char *text = edit != NULL ? edit_text(edit) : NULL;
    g_autoptr(Session) session = session_write(machine, error);
    return session != NULL && vbox_call(session_machine(session), IMachine_set_name, error, name) &&
           session_save(session, error) &&
           (text == NULL || extra_data_set(session_machine(session), DOMAIN_NEXT_KEY, text, error));
}

gboolean do_domain_rename(Call *call, const DomainRenameArgs *args, DomainRenameRet *ret,
                          GError **error)
{
    RemoteDomain domain;
    const char *name = args->new_name != NULL ? args->new_name : "";
    g_autoptr(Entry) entry = registry_find(&args->dom, error);
    if (entry == NULL || !entry_domain(entry, call->arena, &domain, error) ||
        !general_check_name(name, error))
        return FALSE;
    if (domain.id >= 0)
        return fail(error, VIR_ERR_OPERATION_INVALID, "cannot rename active domain");
    g_autoptr(Entry) other = registry_find_by_name(name, NULL);
    if (other != NULL)
        return fail(error, VIR_ERR_OPERATION_INVALID, "domain with name '%s' already exists", name);
    g_autoptr(Mark) mark = changing_name(args->dom.uuid, domain.name, name, error);
    if (mark == NULL)
        return FALSE;
    gboolean is_good = rename_machine(entry_machine(entry), name, error);
    if (!is_good)
        mark_fail(mark);
    registry_forget_settings(args->dom.uuid);
    ret->retcode = 0;
    return is_good;
}

/* --- metadata ------------------------------------------------------------------------------ */

static gboolean set_metadata(Edit *edit, Domain *domain, gconstpointer data, GError **error)
{
    const DomainSetMetadataArgs *args = data;
    return edit_set_metadata(edit, args->type, args->key, args->uri, args->metadata, error);
}

gboolean do_domain_set_metadata(Call *call, const DomainSetMetadataArgs *args, GError **error)
{
    g_autoptr(Mark) mark = changing_metadata(args->dom.uuid, args->type, args->uri, error);
    if (mark == NULL)
        return FALSE;
    gboolean is_good = domain_change(&args->dom, args->flags, set_metadata, args, error);
    if (!is_good)
        mark_fail(mark);
    return is_good;
}

gboolean do_domain_get_metadata(Call *call, const DomainGetMetadataArgs *args,
                                DomainGetMetadataRet *ret, GError **error)
{
    g_autofree char *xml = domain_xml_of(&args->dom, args->flags, error);
    g_autoptr(Edit) document = xml != NULL ? edit_new(&domain_schema, xml, error) : NULL;
    char *text = NULL;
    gboolean is_good =
        document != NULL && edit_get_metadata(document, args->type, args->uri,
                                              VIR_ERR_NO_DOMAIN_METADATA, &text, error);
    ret->metadata = call_take(call, text);
    return is_good;
}

/* --- what follows an end ------------------------------------------------------------------- */

static const char *const lifecycles[] = {
    [VIR_DOMAIN_LIFECYCLE_POWEROFF] = "on_poweroff",
    [VIR_DOMAIN_LIFECYCLE_REBOOT] = "on_reboot",
    [VIR_DOMAIN_LIFECYCLE_CRASH] = "on_crash",
};
static const char *const lifecycle_actions[] = {
    "destroy", "restart", "rename-restart", "preserve", "coredump-destroy", "coredump-restart",
};

/* The tables know which of them VirtualBox has. */
static gboolean set_lifecycle(Edit *edit, Domain *domain, gconstpointer data, GError **error)
{
    const DomainSetLifecycleActionArgs *args = data;
    edit_set(edit, lifecycles[args->type], lifecycle_actions[args->action]);
    return TRUE;
}

gboolean do_domain_set_lifecycle_action(Call *call, const DomainSetLifecycleActionArgs *args,
                                        GError **error)
{
    if (args->type >= G_N_ELEMENTS(lifecycles))
        return fail(error, VIR_ERR_INVALID_ARG, "there is no lifecycle type %u", args->type);
    if (args->action >= G_N_ELEMENTS(lifecycle_actions))
        return fail(error, VIR_ERR_INVALID_ARG, "there is no lifecycle action %u", args->action);
    return domain_change(&args->dom, args->flags, set_lifecycle, args, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* List: domains by filter, new style and old. */
#include "domain/list.h"
#include "base/libvirt.h"
#include "rpc/handlers.h"
#include "vbox/machine.h"

/* A machine in the terms of the filters: one bit of each pair, in virConnectListAllDomainsFlags. */
static guint32 entry_traits(const EntryRun *run, const EntrySettings *settings)
{
    gboolean saved = machine_state_is_saved(run->state);
    guint32 traits =
        run->id >= 0 ? VIR_CONNECT_LIST_DOMAINS_ACTIVE : VIR_CONNECT_LIST_DOMAINS_INACTIVE;
    traits |= settings->transient ? VIR_CONNECT_LIST_DOMAINS_TRANSIENT
                                  : VIR_CONNECT_LIST_DOMAINS_PERSISTENT;
    traits |=
        saved ? VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE : VIR_CONNECT_LIST_DOMAINS_NO_MANAGEDSAVE;
    traits |= settings->autostart ? VIR_CONNECT_LIST_DOMAINS_AUTOSTART
                                  : VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART;
    traits |= settings->snapshots > 0 ? VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT
                                      : VIR_CONNECT_LIST_DOMAINS_NO_SNAPSHOT;
    traits |= VIR_CONNECT_LIST_DOMAINS_NO_CHECKPOINT; /* VirtualBox has none */
    switch (run->domain_state) {
    case VIR_DOMAIN_RUNNING:
        return traits | VIR_CONNECT_LIST_DOMAINS_RUNNING;
    case VIR_DOMAIN_PAUSED:
        return traits | VIR_CONNECT_LIST_DOMAINS_PAUSED;
    case VIR_DOMAIN_SHUTOFF:
        return traits | VIR_CONNECT_LIST_DOMAINS_SHUTOFF;
    default:
        return traits | VIR_CONNECT_LIST_DOMAINS_OTHER;
    }
}

/* The filters that exclude each other; a group of which no flag is set filters nothing. */
static const guint32 groups[] = {
    VIR_CONNECT_LIST_DOMAINS_ACTIVE | VIR_CONNECT_LIST_DOMAINS_INACTIVE,
    VIR_CONNECT_LIST_DOMAINS_PERSISTENT | VIR_CONNECT_LIST_DOMAINS_TRANSIENT,
    VIR_CONNECT_LIST_DOMAINS_RUNNING | VIR_CONNECT_LIST_DOMAINS_PAUSED |
        VIR_CONNECT_LIST_DOMAINS_SHUTOFF | VIR_CONNECT_LIST_DOMAINS_OTHER,
    VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE | VIR_CONNECT_LIST_DOMAINS_NO_MANAGEDSAVE,
    VIR_CONNECT_LIST_DOMAINS_AUTOSTART | VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART,
    VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT | VIR_CONNECT_LIST_DOMAINS_NO_SNAPSHOT,
    VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT | VIR_CONNECT_LIST_DOMAINS_NO_CHECKPOINT,
};

#define NEEDS_ONLY_RUN                                                     \
    (VIR_CONNECT_LIST_DOMAINS_ACTIVE | VIR_CONNECT_LIST_DOMAINS_INACTIVE | \
     VIR_CONNECT_LIST_DOMAINS_RUNNING | VIR_CONNECT_LIST_DOMAINS_PAUSED |  \
     VIR_CONNECT_LIST_DOMAINS_SHUTOFF | VIR_CONNECT_LIST_DOMAINS_OTHER |   \
     VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE | VIR_CONNECT_LIST_DOMAINS_NO_MANAGEDSAVE)

gboolean list_matches(Entry *entry, guint32 flags, gboolean *ret_matches, GError **error)
{
    EntryRun run;
    EntrySettings settings = {.accessible = TRUE};
    *ret_matches = TRUE;
    if (flags == 0)
        return TRUE;
    if (!entry_run(entry, &run, error))
        return FALSE;
    if ((flags & ~(guint32)NEEDS_ONLY_RUN) != 0 && !entry_settings(entry, &settings, error))
        return FALSE;
    guint32 traits = entry_traits(&run, &settings);
    for (guint i = 0; i < G_N_ELEMENTS(groups); i++)
        if ((flags & groups[i]) != 0 && (flags & groups[i] & traits) == 0)
            *ret_matches = FALSE;
    return TRUE;
}

gboolean list_gone(const GError *error)
{
    return g_error_matches(error, XPCOM_ERROR, (gint)VBOX_E_OBJECT_NOT_FOUND) ||
           g_error_matches(error, XPCOM_ERROR, (gint)E_ACCESSDENIED);
}

/* The domains that the filters let through: an array in the arena. */
static gboolean list(Call *call, guint32 flags, RemoteDomain **ret_domains, guint32 *ret_count,
                     GError **error)
{
    g_autoptr(GPtrArray) all = registry_all(error);
    if (all == NULL)
        return FALSE;
    RemoteDomain *domains = arena_alloc(call->arena, (all->len + 1) * sizeof *domains);
    guint32 count = 0;
    for (guint i = 0; i < all->len; i++) {
        g_autoptr(GError) failure = NULL;
        gboolean wanted;
        if (list_matches(all->pdata[i], flags, &wanted, &failure) &&
            (!wanted || entry_domain(all->pdata[i], call->arena, &domains[count], &failure))) {
            count += wanted ? 1 : 0;
        } else if (!list_gone(failure)) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return FALSE;
        }
    }
    *ret_domains = domains;
    *ret_count = count;
    return TRUE;
}

gboolean do_connect_list_all_domains(Call *call, const ConnectListAllDomainsArgs *args,
                                     ConnectListAllDomainsRet *ret, GError **error)
{
    if (!list(call, args->flags, &ret->domains, &ret->domains_len, error))
        return FALSE;
    ret->ret = ret->domains_len;
    if (args->need_results == 0)
        ret->domains_len = 0;
    return TRUE;
}

static gboolean count(Call *call, guint32 flags, gint32 *ret_num, GError **error)
{
    RemoteDomain *domains;
    guint32 found;
    if (!list(call, flags, &domains, &found, error))
        return FALSE;
    *ret_num = (gint32)found;
    return TRUE;
}

gboolean do_connect_num_of_domains(Call *call, ConnectNumOfDomainsRet *ret, GError **error)
{
    return count(call, VIR_CONNECT_LIST_DOMAINS_ACTIVE, &ret->num, error);
}

gboolean do_connect_num_of_defined_domains(Call *call, ConnectNumOfDefinedDomainsRet *ret,
                                           GError **error)
{
    return count(call, VIR_CONNECT_LIST_DOMAINS_INACTIVE, &ret->num, error);
}

/* The old calls take no more than the client has room for. */
static guint32 room(guint32 found, gint32 most)
{
    return most <= 0 ? 0 : MIN(found, (guint32)most);
}

gboolean do_connect_list_domains(Call *call, const ConnectListDomainsArgs *args,
                                 ConnectListDomainsRet *ret, GError **error)
{
    RemoteDomain *domains;
    guint32 found;
    if (!list(call, VIR_CONNECT_LIST_DOMAINS_ACTIVE, &domains, &found, error))
        return FALSE;
    ret->ids_len = room(found, args->maxids);
    ret->ids = arena_alloc(call->arena, (ret->ids_len + 1) * sizeof *ret->ids);
    for (guint32 i = 0; i < ret->ids_len; i++)
        ret->ids[i] = domains[i].id;
    return TRUE;
}

gboolean do_connect_list_defined_domains(Call *call, const ConnectListDefinedDomainsArgs *args,
                                         ConnectListDefinedDomainsRet *ret, GError **error)
{
    RemoteDomain *domains;
    guint32 found;
    if (!list(call, VIR_CONNECT_LIST_DOMAINS_INACTIVE, &domains, &found, error))
        return FALSE;
    ret->names_len = room(found, args->maxnames);
    ret->names = arena_alloc(call->arena, (ret->names_len + 1) * sizeof *ret->names);
    for (guint32 i = 0; i < ret->names_len; i++)
        ret->names[i] = domains[i].name;
    return TRUE;
}

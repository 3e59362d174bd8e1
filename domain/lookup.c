/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lookup: a domain by name, uuid or id. */
#include "domain/registry.h"
#include "rpc/handlers.h"

static gboolean answer(Call *call, Entry *found, RemoteDomain *ret_domain, GError **error)
{
    g_autoptr(Entry) entry = found;
    return entry != NULL && entry_domain(entry, call->arena, ret_domain, error);
}

gboolean do_domain_lookup_by_name(Call *call, const DomainLookupByNameArgs *args,
                                  DomainLookupByNameRet *ret, GError **error)
{
    return answer(call, registry_find_by_name(args->name, error), &ret->dom, error);
}

gboolean do_domain_lookup_by_uuid(Call *call, const DomainLookupByUuidArgs *args,
                                  DomainLookupByUuidRet *ret, GError **error)
{
    return answer(call, registry_find_by_uuid(args->uuid, error), &ret->dom, error);
}

gboolean do_domain_lookup_by_id(Call *call, const DomainLookupByIdArgs *args,
                                DomainLookupByIdRet *ret, GError **error)
{
    return answer(call, registry_find_by_id(args->id, error), &ret->dom, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Define: the handlers; see define.h.  What they do is in build.c. */
#include "domain/define.h"
#include "domain/build.h"
#include "domain/flag.h"
#include "domain/later.h"
#include "rpc/handlers.h"

Entry *domain_define(const char *xml, DefineMode mode, GError **error)
{
    guint8 uuid[UUID_BYTES];
    g_autoptr(Object) machine = mode == DEFINE_TRANSIENT ? build_machine(xml, TRUE, uuid, error)
                                                         : later_build(xml, uuid, error);
    if (machine == NULL)
        return NULL;
    registry_added(uuid);
    registry_forget_settings(uuid);
    g_autoptr(Entry) entry = registry_find_by_uuid(uuid, error);
    EntrySettings settings;
    if (entry == NULL || !entry_settings(entry, &settings, error))
        return NULL;
    /* A definition is what a transient domain lacks. */
    if (mode == DEFINE_PERSISTENT &&
        !flag_set(entry, DOMAIN_TRANSIENT_KEY, settings.transient, FALSE, error))
        return NULL;
    return g_steal_pointer(&entry);
}

static gboolean define(Call *call, const char *xml, RemoteDomain *ret_domain, GError **error)
{
    g_autoptr(Entry) entry = domain_define(xml, DEFINE_PERSISTENT, error);
    return entry != NULL && entry_domain(entry, call->arena, ret_domain, error);
}

gboolean do_domain_define_xml(Call *call, const DomainDefineXmlArgs *args, DomainDefineXmlRet *ret,
                              GError **error)
{
    return define(call, args->xml, &ret->dom, error);
}

/* VIR_DOMAIN_DEFINE_VALIDATE asks for a check against libvirt's schema.  Ours is stricter in any
 * case: what the tables do not read is refused, with its path. */
gboolean do_domain_define_xml_flags(Call *call, const DomainDefineXmlFlagsArgs *args,
                                    DomainDefineXmlFlagsRet *ret, GError **error)
{
    return define(call, args->xml, &ret->dom, error);
}

/* VirtualBox keeps one for its own GUI's sake; a server's machine that names none has no window. */
char *domain_front_end(Object *machine, GError **error)
{
    g_autofree char *front_end = NULL;
    if (!vbox_call(machine, IMachine_get_defaultFrontend, error, &front_end))
        return NULL;
    gboolean is_unset = *front_end == '\0' || g_str_equal(front_end, "default");
    return is_unset ? g_strdup("headless") : g_steal_pointer(&front_end);
}

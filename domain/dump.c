/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dump: see dump.h. */
#include "domain/dump.h"
#include "base/libvirt.h"
#include "domain/alias.h"
#include "domain/next.h"
#include "vbox/machine.h"

/* Of a machine whose settings file is gone or broken VirtualBox says little: its uuid, where the
 * file should be, and what is wrong with it.  The last is shown as the description. */
static Domain *read_inaccessible(Object *machine, GError **error)
{
    g_autoptr(Model) model = model_new(&domain_schema);
    General *general = model_add(model, &domain_general_element);
    (void)model_add(model, &domain_os_element);
    if (!vbox_call(machine, IMachine_get_id, error, &general->uuid))
        return NULL;
    general->name = machine_name(machine, error);
    general->description = general->name != NULL ? machine_fault(machine, error) : NULL;
    if (general->description == NULL)
        return NULL;
    general->memory = general->current = 0;
    return g_steal_pointer(&model);
}

char *domain_dump(Object *machine, guint32 flags, gint32 id, GError **error)
{
    gboolean is_accessible;
    if (!vbox_call(machine, IMachine_get_accessible, error, &is_accessible))
        return NULL;
    gboolean is_active = id >= 0 && (flags & VIR_DOMAIN_XML_INACTIVE) == 0;
    g_autoptr(Model) domain = !is_accessible ? read_inaccessible(machine, error)
                              : is_active    ? domain_read(machine, error)
                                             : next_read(machine, error);
    if (domain == NULL)
        return NULL;
    if (is_active) {
        domain_general(domain)->id = id;
        alias_show(domain);
    }
    guint format =
        (is_active ? MAP_ACTIVE : 0u) | ((flags & VIR_DOMAIN_XML_SECURE) != 0 ? MAP_SECURE : 0u);
    char *xml = map_format(domain, format, error);
    domain_save_hits();
    return xml;
}

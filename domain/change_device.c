/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attaching, detaching and updating devices. */
#include "base/libvirt.h"
#include "domain/change.h"
#include "rpc/handlers.h"

static gboolean add(Edit *edit, Domain *domain, gconstpointer xml, GError **error)
{
    Item *item;
    gboolean by_identity;
    g_autoptr(Model) part = map_parse_part(&domain_schema, "devices", xml, &item, error);
    if (part == NULL)
        return FALSE;
    g_autoptr(GPtrArray) same = map_match(domain, item, &by_identity);
    if (by_identity && same->len > 0) {
        g_autofree char *path = item_path(g_ptr_array_index(same, 0), NULL);
        return fail(error, VIR_ERR_OPERATION_INVALID,
                    "the domain has such a device already: %s; detach it first, or update it",
                    path);
    }
    return edit_add(edit, "devices", xml, error);
}

/* The one item that is meant.  all: without anything that says which, the only one of its kind. */
static Item *find(Domain *domain, const char *xml, gboolean all, GError **error)
{
    Item *item;
    gboolean by_identity;
    g_autoptr(Model) part = map_parse_part(&domain_schema, "devices", xml, &item, error);
    if (part == NULL)
        return NULL;
    g_autoptr(GPtrArray) found = map_match(domain, item, &by_identity);
    GPtrArray *items = !by_identity && all ? model_items(domain, item->element) : found;
    g_autofree char *path = item_path(item, NULL);
    if (items->len == 1)
        return g_ptr_array_index(items, 0);
    if (items->len == 0)
        fail(error, VIR_ERR_DEVICE_MISSING, "the domain has no such device: %s", path);
    else
        fail(error, VIR_ERR_OPERATION_FAILED,
             "multiple devices matching %s found; say which, as virsh dumpxml shows it", path);
    return NULL;
}

/* A serial port and the console on it are one device, which the XML shows twice. */
static void remove_twin(Edit *edit, Domain *domain, const Item *item)
{
    gboolean is_serial = item->element == &domain_serial_element;
    if (!is_serial && item->element != &domain_console_element)
        return;
    g_autofree char *port = item_text(item, "target/@port");
    GPtrArray *twins =
        model_items(domain, is_serial ? &domain_console_element : &domain_serial_element);
    for (guint i = 0; i < twins->len; i++) {
        g_autofree char *other = item_text(g_ptr_array_index(twins, i), "target/@port");
        if (g_strcmp0(port, other) == 0)
            edit_remove(edit, g_ptr_array_index(twins, i));
    }
}

static gboolean take_out(Edit *edit, Domain *domain, gconstpointer xml, GError **error)
{
    const Item *item = find(domain, xml, FALSE, error);
    if (item == NULL)
        return FALSE;
    remove_twin(edit, domain, item);
    edit_remove(edit, item);
    return TRUE;
}

static gboolean take_out_alias(Edit *edit, Domain *domain, gconstpointer alias, GError **error)
{
    const Item *item = map_find_item(domain, "alias/@name", alias);
    if (item == NULL)
        return fail(error, VIR_ERR_DEVICE_MISSING, "device with alias '%s' not found",
                    (const char *)alias);
    remove_twin(edit, domain, item);
    edit_remove(edit, item);
    return TRUE;
}

static gboolean replace(Edit *edit, Domain *domain, gconstpointer xml, GError **error)
{
    const Item *item = find(domain, xml, TRUE, error);
    return item != NULL && edit_replace(edit, item, xml, error);
}

/* The calls without flags are of the time before them: they mean what runs. */
gboolean do_domain_attach_device(Call *call, const DomainAttachDeviceArgs *args, GError **error)
{
    return domain_change(&args->dom, VIR_DOMAIN_AFFECT_LIVE, add, args->xml, error);
}

gboolean do_domain_attach_device_flags(Call *call, const DomainAttachDeviceFlagsArgs *args,
                                       GError **error)
{
    return domain_change(&args->dom, args->flags, add, args->xml, error);
}

gboolean do_domain_detach_device(Call *call, const DomainDetachDeviceArgs *args, GError **error)
{
    return domain_change(&args->dom, VIR_DOMAIN_AFFECT_LIVE, take_out, args->xml, error);
}

gboolean do_domain_detach_device_flags(Call *call, const DomainDetachDeviceFlagsArgs *args,
                                       GError **error)
{
    return domain_change(&args->dom, args->flags, take_out, args->xml, error);
}

gboolean do_domain_detach_device_alias(Call *call, const DomainDetachDeviceAliasArgs *args,
                                       GError **error)
{
    return domain_change(&args->dom, args->flags, take_out_alias, args->alias, error);
}

gboolean do_domain_update_device_flags(Call *call, const DomainUpdateDeviceFlagsArgs *args,
                                       GError **error)
{
    return domain_change(&args->dom, args->flags, replace, args->xml, error);
}

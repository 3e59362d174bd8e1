/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Alias: see alias.h. */
#include "domain/alias.h"
#include "domain/storage.h"

#define ALIAS_PATH "alias/@name"

/* The row of an element's alias; NULL: it has none. */
static const Field *alias_field(const Element *element)
{
    FIELDS(element, field)
    if (g_strcmp0(field->path, ALIAS_PATH) == 0 && field->kind == &kind_alias)
        return field;
    return NULL;
}

static char *of_slot(Domain *domain, const Item *item, const char *prefix)
{
    return g_strdup_printf("%s%u", prefix, item->slot);
}

static char *of_port(Domain *domain, const Item *item, const char *prefix)
{
    g_autofree char *port = item_text(item, "target/@port");
    return g_strconcat(prefix, port, NULL);
}

/* Of devices that do not come and go while a machine runs. */
static char *of_order(Domain *domain, const Item *item, const char *prefix)
{
    guint index = 0;
    (void)g_ptr_array_find(model_items(domain, item->element), item, &index);
    return g_strdup_printf("%s%u", prefix, index);
}

/* libvirt calls the first of USB by the type alone. */
static char *of_controller(Domain *domain, const Item *item, const char *prefix)
{
    g_autofree char *type = item_text(item, "@type");
    g_autofree char *index = item_text(item, "@index");
    if (g_strcmp0(type, "usb") == 0 && g_strcmp0(index, "0") == 0)
        return g_strdup("usb");
    return g_strconcat(type, index, NULL);
}

/* Controller, bus and unit, as its <address> says them. */
static char *of_disk(Domain *domain, const Item *item, const char *prefix)
{
    const Disk *disk = (const Disk *)item;
    gboolean has_ports = !g_str_equal(disk->bus, "ide") && !g_str_equal(disk->bus, "fdc");
    return g_strdup_printf("%s%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT,
                           disk->bus, disk->controller, has_ports ? 0 : disk->port,
                           has_ports ? disk->port : disk->lun);
}

/* The name of a folder is its place.  All but letters and digits as numbers, for an alias cannot
 * have them. */
static char *of_folder(Domain *domain, const Item *item, const char *prefix)
{
    g_autofree char *target = item_text(item, "target/@dir");
    GString *alias = g_string_new(prefix);
    for (const char *at = target; at != NULL && *at != '\0'; at++)
        g_string_append_printf(alias, g_ascii_isalnum(*at) ? "%c" : "_%02x", (guchar)*at);
    return g_string_free(alias, FALSE);
}

/* Vendor and product; of several that are the same, which. */
static char *of_host_device(Domain *domain, const Item *item, const char *prefix)
{
    GPtrArray *items = model_items(domain, item->element);
    g_autofree char *vendor = item_text(item, "source/vendor/@id");
    g_autofree char *product = item_text(item, "source/product/@id");
    guint number = 0;
    for (guint i = 0; i < items->len && items->pdata[i] != item; i++) {
        g_autofree char *its_vendor = item_text(items->pdata[i], "source/vendor/@id");
        g_autofree char *its_product = item_text(items->pdata[i], "source/product/@id");
        number += g_strcmp0(vendor, its_vendor) == 0 && g_strcmp0(product, its_product) == 0;
    }
    return g_strdup_printf("%s-%s-%s-%u", prefix, vendor, product, number);
}

static const struct {
    const Element *element;
    char *(*make)(Domain *domain, const Item *item, const char *prefix);
    const char *prefix;
} names[] = {
    {&domain_controller_element, of_controller, NULL},
    {&domain_usb_element, of_controller, NULL},
    {&domain_disk_element, of_disk, NULL},
    {&domain_interface_element, of_slot, "net"},
    {&domain_filesystem_element, of_folder, "fs-"},
    {&domain_serial_element, of_port, "serial"},
    {&domain_parallel_element, of_order, "parallel"},
    {&domain_input_element, of_order, "input"},
    {&domain_tpm_element, of_order, "tpm"},
    {&domain_sound_element, of_order, "sound"},
    {&domain_video_element, of_order, "video"},
    {&domain_hostdev_element, of_host_device, "hostdev"},
};

char *alias_of(Domain *domain, const Item *item)
{
    char *own = item_text(item, ALIAS_PATH);
    for (guint i = 0; own == NULL && i < G_N_ELEMENTS(names); i++)
        if (names[i].element == item->element)
            own = names[i].make(domain, item, names[i].prefix);
    return own;
}

static void give(Item *item, const Field *field, char *alias)
{
    char **member = FIELD_MEMBER(item, field, char *);
    g_free(*member);
    *member = alias;
}

void alias_show(Domain *domain)
{
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        const Field *field = alias_field(names[i].element);
        GPtrArray *items = model_items(domain, names[i].element);
        for (guint k = 0; k < items->len; k++)
            give(items->pdata[k], field, alias_of(domain, items->pdata[k]));
    }
}

/* What is hidden is not in the XML; all else stands in the same order. */
void alias_lend(Domain *domain, Domain *read)
{
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        const Field *field = alias_field(names[i].element);
        GPtrArray *items = model_items(domain, names[i].element);
        GPtrArray *others = model_items(read, names[i].element);
        guint at = 0;
        for (guint k = 0; k < others->len && at < items->len; k++)
            if (!((const Item *)others->pdata[k])->is_hidden)
                give(items->pdata[at++], field, alias_of(read, others->pdata[k]));
    }
}

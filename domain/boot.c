/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Boot: see boot.h. */
#include "domain/boot.h"
#include "domain/nic.h"
#include "domain/storage.h"
#include <string.h>

#define ORDER_PATH "boot/@order"

/* The kinds that have such a row. */
static const Element *const elements[] = {&domain_disk_element, &domain_interface_element};

typedef struct Place {
    Item *item;
    const char *kind; /* as in <os><boot dev=…> */
    gint64 *order;
} Place;

static const char *kind_of(const Item *item)
{
    if (item->element == &domain_interface_element)
        return "network";
    const char *device = ((const Disk *)item)->device;
    return g_str_equal(device, "cdrom") ? "cdrom" : g_str_equal(device, "floppy") ? "fd" : "hd";
}

static gint compare(gconstpointer a, gconstpointer b)
{
    const Place *one = a, *other = b;
    return (*one->order > *other->order) - (*one->order < *other->order);
}

/* The devices that say their place, the first first.  Free the array. */
static GArray *find_places(Domain *domain)
{
    GArray *places = g_array_new(FALSE, FALSE, sizeof(Place));
    for (guint i = 0; i < G_N_ELEMENTS(elements); i++) {
        const Field *field = element_field(elements[i], ORDER_PATH);
        GPtrArray *items = model_items(domain, elements[i]);
        for (guint j = 0; j < items->len; j++) {
            Item *item = g_ptr_array_index(items, j);
            gint64 *order = FIELD_MEMBER(item, field, gint64);
            if (*order == NUMBER_ABSENT)
                continue;
            Place place = {item, kind_of(item), order};
            g_array_append_val(places, place);
        }
    }
    g_array_sort(places, compare);
    return places;
}

static void collect_kinds(const GArray *places, const char *order[4])
{
    guint count = 0;
    for (guint i = 0; i < places->len; i++) {
        const char *kind = g_array_index(places, Place, i).kind;
        gboolean is_known = FALSE;
        for (guint j = 0; j < count; j++)
            is_known |= g_str_equal(order[j], kind);
        if (!is_known)
            order[count++] = kind;
    }
    while (count < 4)
        order[count++] = NULL;
}

gboolean boot_order_of_devices(Domain *self, const char *order[4], gboolean *ret_any,
                               GError **error)
{
    g_autoptr(GArray) places = find_places(self);
    *ret_any = places->len > 0;
    for (guint i = 1; i < places->len; i++) {
        const Place *place = &g_array_index(places, Place, i);
        if (*place->order != *place[-1].order)
            continue;
        g_autofree char *path = item_path(place->item, NULL);
        return fail(error, VIR_ERR_XML_ERROR,
                    "%s/" ORDER_PATH ": boot order '%" G_GINT64_FORMAT
                    "' used for more than one device",
                    path, *place->order);
    }
    if (*ret_any && domain_os(self)->boot[0] != NULL)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "per-device boot elements cannot be used together with os/boot elements");
    collect_kinds(places, order);
    return TRUE;
}

/* Whether the adapters are tried in the order of their places, too. */
static gboolean is_priority_so(const GArray *places)
{
    gint64 priority = 1;
    for (guint i = 0; i < places->len; i++) {
        const Item *item = g_array_index(places, Place, i).item;
        if (item->element != &domain_interface_element)
            continue;
        if (((const Nic *)item)->priority != (priority > NIC_PRIORITY_MAX ? 0 : priority))
            return FALSE;
        priority++;
    }
    return TRUE;
}

static void forget_place(const Place *place)
{
    *place->order = NUMBER_ABSENT;
    if (place->item->element == &domain_interface_element) {
        Nic *nic = (Nic *)place->item;
        nic->priority_said = nic->priority;
    }
}

void boot_settle(Domain *self)
{
    Os *os = domain_os(self);
    g_autoptr(GArray) places = find_places(self);
    const char *order[4];
    collect_kinds(places, order);
    gboolean is_so = places->len > 0 && is_priority_so(places);
    for (guint i = 0; i < G_N_ELEMENTS(order); i++)
        is_so &= g_strcmp0(order[i], os->boot[i]) == 0;
    if (is_so)
        memset(os->boot, 0, sizeof os->boot);
    for (guint i = 0; i < places->len && !is_so; i++)
        forget_place(&g_array_index(places, Place, i));
}

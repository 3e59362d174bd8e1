/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <hostdev>: USB devices of the host, as VirtualBox's device filters.
 *
 * A filter is a hostdev when it is active, names exactly one vendor and product, and is not for a
 * remote display's devices.  What else such a filter demands (a serial number, a revision) is
 * <vbox:filter>.  All other filters are not seen and not touched. */
#include "domain/usb.h"
#include <string.h>

typedef struct Hostdev {
    Item item;
    const char *mode, *type, *startup;
    Switch managed;
    gint64 vendor, product;
    char *vendor_id, *product_id;                                 /* VirtualBox's side */
    char *revision, *manufacturer, *product_name, *serial, *port; /* of a filter, besides */
    gint64 masked;
    char *alias, *address;
} Hostdev;

/* clang-format off */
static const Word host_modes[] = { { "subsystem" }, END };
static const Word types[] = { { "usb" }, END };
static const Word policies[] = { { "optional" }, END };

static const Field fields[] = {
    /* XML                  member               VirtualBox   kind, and what else holds */
    F("@mode",              Hostdev, mode,       NULL,        WORD(host_modes, NULL), FALLBACK("subsystem")),
    F("@type",              Hostdev, type,       NULL,        WORD(types, NULL), KEY, REQUIRED),
    F("@managed",           Hostdev, managed,    NULL,        YESNO, KEEP, FALLBACK("no"), BLANK),
    REFUSE("source/address", "VirtualBox's filters know neither bus nor device number; "
                             "say vendor and product"),
    REFUSE("source/@guestReset", ""),
    F("source/@startupPolicy", Hostdev, startup, NULL,        WORD(policies, NULL), KEEP),
    F("source/vendor/@id",  Hostdev, vendor,     NULL,        HEX(1, 0xffff), REQUIRED, IDENTITY),
    F("source/product/@id", Hostdev, product,    NULL,        HEX(0, 0xffff), REQUIRED, IDENTITY),
    F(NULL,                 Hostdev, vendor_id,  "vendorId",  STR),
    F(NULL,                 Hostdev, product_id, "productId", STR),
    F("vbox:filter/@revision", Hostdev, revision, "revision", STR, FALLBACK(""), QUIET),
    F("vbox:filter/@manufacturer", Hostdev, manufacturer, "manufacturer", STR, FALLBACK(""), QUIET),
    F("vbox:filter/@product", Hostdev, product_name, "product", STR, FALLBACK(""), QUIET),
    F("vbox:filter/@serialNumber", Hostdev, serial, "serialNumber", STR, FALLBACK(""), QUIET),
    F("vbox:filter/@port", Hostdev, port, "port", STR, FALLBACK(""), QUIET),
    F("vbox:filter/@maskedInterfaces", Hostdev, masked, "maskedInterfaces", NUMBER(0, G_MAXUINT32), FALLBACK("0"), QUIET),
    PLACE_ROWS(Hostdev),
    REFUSE("boot", "its firmware does not boot from USB devices of the host"),
    REFUSE("rom", ""),
    REFUSE("readonly", ""),
    REFUSE("shareable", ""),
    END };
/* clang-format on */

/* --- filters --------------------------------------------------------------------------------- */

static Object *filters_object(MapContext *context, GError **error)
{
    Object *filters = NULL;
    if (!map_object(context, map_machine(context), IMachine_get_USBDeviceFilters, &filters, error))
        return NULL;
    return filters;
}

static GPtrArray *filter_list(MapContext *context, GError **error)
{
    Object *filters = filters_object(context, error);
    GPtrArray *list = NULL;
    if (filters == NULL || !vbox_call(filters, IUSBDeviceFilters_get_deviceFilters, error, &list))
        return NULL;
    return list;
}

/* Four hexadecimal digits; anything else is a pattern, or nothing. */
static gboolean parse_id(const char *text, gint64 *ret_id)
{
    guint64 id = 0;
    if (strlen(text) != 4 || !g_ascii_string_to_unsigned(text, 16, 0, 0xffff, &id, NULL))
        return FALSE;
    *ret_id = (gint64)id;
    return TRUE;
}

/* A number as VirtualBox writes it: four hexadecimal digits.  A pattern of numbers stays. */
static void write_number(char **text)
{
    guint64 number;
    const char *digits = *text == NULL ? "" : g_strstrip(*text);
    if (g_ascii_strncasecmp(digits, "0x", 2) == 0)
        digits += 2;
    if (!g_ascii_string_to_unsigned(digits, 16, 0, 0xffff, &number, NULL))
        return;
    g_free(*text);
    *text = g_strdup_printf("%04x", (guint)number);
}

static gboolean is_remote(const char *remote)
{
    return g_ascii_strcasecmp(remote, "yes") == 0 || g_ascii_strcasecmp(remote, "true") == 0 ||
           g_str_equal(remote, "1");
}

/* Whether a filter is a hostdev, and which. */
static gboolean filter_read(Object *filter, gboolean *ret_is_hostdev, gint64 *ret_vendor,
                            gint64 *ret_product, GError **error)
{
    gboolean is_active;
    g_autofree char *vendor = NULL, *product = NULL, *remote = NULL;
    if (!vbox_call(filter, IUSBDeviceFilter_get_active, error, &is_active) ||
        !vbox_call(filter, IUSBDeviceFilter_get_vendorId, error, &vendor) ||
        !vbox_call(filter, IUSBDeviceFilter_get_productId, error, &product) ||
        !vbox_call(filter, IUSBDeviceFilter_get_remote, error, &remote))
        return FALSE;
    *ret_is_hostdev = is_active && parse_id(vendor, ret_vendor) && parse_id(product, ret_product) &&
                      !is_remote(remote);
    return TRUE;
}

gboolean hostdev_needs_usb(MapContext *context, gboolean *ret_needs, GError **error)
{
    g_autoptr(GPtrArray) filters = filter_list(context, error);
    *ret_needs = FALSE;
    for (guint i = 0; filters != NULL && i < filters->len && !*ret_needs; i++) {
        gint64 vendor, product;
        if (!filter_read(g_ptr_array_index(filters, i), ret_needs, &vendor, &product, error))
            return FALSE;
    }
    return filters != NULL;
}

/* --- from the XML to VirtualBox -------------------------------------------------------------- */

static gboolean check(Model *model, Item *item, GError **error)
{
    Hostdev *self = (Hostdev *)item;
    write_number(&self->revision);
    write_number(&self->port);
    usb_imply_controller(model);
    return TRUE;
}

static gboolean is_same(const Hostdev *self, gint64 vendor, gint64 product)
{
    return self->vendor == vendor && self->product == product;
}

/* Two of a kind are told apart by their order. */
static void number_items(const GPtrArray *items)
{
    for (guint i = 0; i < items->len; i++) {
        Hostdev *self = g_ptr_array_index(items, i);
        self->item.slot = 0;
        for (guint before = 0; before < i; before++) {
            const Hostdev *other = g_ptr_array_index(items, before);
            self->item.slot += is_same(self, other->vendor, other->product) ? 1 : 0;
        }
    }
}

static gboolean prepare(MapContext *context, GPtrArray *items, GError **error)
{
    number_items(items);
    for (guint i = 0; i < items->len; i++) {
        Hostdev *self = g_ptr_array_index(items, i);
        g_free(self->vendor_id);
        g_free(self->product_id);
        self->vendor_id = g_strdup_printf("%04x", (guint)self->vendor);
        self->product_id = g_strdup_printf("%04x", (guint)self->product);
    }
    return TRUE;
}

/* The first item of that vendor and product that has no filter yet. */
static Hostdev *claim(GPtrArray *waiting, gint64 vendor, gint64 product)
{
    for (guint i = 0; i < waiting->len; i++)
        if (is_same(g_ptr_array_index(waiting, i), vendor, product))
            return g_ptr_array_remove_index(waiting, i);
    return NULL;
}

/* Takes out filters that are no item; from the last, so that positions hold. */
static gboolean remove_others(MapContext *context, GPtrArray *waiting, guint *ret_left,
                              GError **error)
{
    g_autoptr(GPtrArray) filters = filter_list(context, error);
    if (filters == NULL)
        return FALSE;
    g_autoptr(GArray) extra = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < filters->len; i++) {
        Object *filter = g_ptr_array_index(filters, i);
        gint64 vendor, product;
        gboolean is_hostdev;
        if (!filter_read(filter, &is_hostdev, &vendor, &product, error))
            return FALSE;
        Hostdev *self = is_hostdev ? claim(waiting, vendor, product) : NULL;
        if (is_hostdev && self == NULL)
            g_array_append_val(extra, i);
        else if (self != NULL && !map_apply_item(context, &self->item, filter, error))
            return FALSE;
    }
    for (guint i = extra->len; i > 0; i--)
        if (!vbox_call(filters_object(context, error), IUSBDeviceFilters_removeDeviceFilter, error,
                       g_array_index(extra, guint, i - 1), NULL))
            return FALSE;
    *ret_left = filters->len - extra->len;
    return TRUE;
}

static gboolean add(MapContext *context, Hostdev *self, guint position, GError **error)
{
    Object *filters = filters_object(context, error);
    g_autoptr(Object) filter = NULL;
    g_autofree char *name = g_strdup_printf("%s:%s", self->vendor_id, self->product_id);
    if (filters == NULL ||
        !vbox_call(filters, IUSBDeviceFilters_createDeviceFilter, error, name, &filter) ||
        !map_apply_item(context, &self->item, filter, error))
        return FALSE;
    return vbox_call(filter, IUSBDeviceFilter_set_active, error, TRUE) &&
           vbox_call(filters, IUSBDeviceFilters_insertDeviceFilter, error, position, filter);
}

static gboolean apply(MapContext *context, GPtrArray *items, GError **error)
{
    g_autoptr(GPtrArray) waiting = g_ptr_array_new();
    guint position;
    for (guint i = 0; i < items->len; i++)
        g_ptr_array_add(waiting, g_ptr_array_index(items, i));
    if (!remove_others(context, waiting, &position, error))
        return FALSE;
    for (guint i = 0; i < waiting->len; i++)
        if (!add(context, g_ptr_array_index(waiting, i), position + i, error))
            return FALSE;
    return TRUE;
}

/* --- from VirtualBox to the XML -------------------------------------------------------------- */

static gboolean read_items(MapContext *context, GPtrArray *items, GError **error)
{
    g_autoptr(GPtrArray) filters = filter_list(context, error);
    if (filters == NULL)
        return FALSE;
    for (guint i = 0; i < filters->len; i++) {
        gint64 vendor, product;
        gboolean is_hostdev;
        if (!filter_read(g_ptr_array_index(filters, i), &is_hostdev, &vendor, &product, error))
            return FALSE;
        if (!is_hostdev)
            continue;
        Hostdev *self = model_add(map_model(context), &domain_hostdev_element);
        self->mode = host_modes[0].word;
        self->type = types[0].word;
        self->vendor = vendor;
        self->product = product;
        number_items(items);
        if (!map_read_item(context, &self->item, g_ptr_array_index(filters, i), error))
            return FALSE;
    }
    return TRUE;
}

static char *name(const Item *item)
{
    const Hostdev *self = (const Hostdev *)item;
    return g_strdup_printf("hostdev %04x:%04x %u", (guint)self->vendor, (guint)self->product,
                           item->slot);
}

const Element domain_hostdev_element = {
    .path = "devices/hostdev",
    .interface = "IUSBDeviceFilter",
    .about =
        "A USB device of the host, by vendor and product: an active device filter. VirtualBox "
        "takes such a device from the host whenever it is there, `managed` or not. What else "
        "a filter demands (revision, serial number, …) is `<vbox:filter>`; revision and port "
        "are numbers of four hexadecimal digits (`1` is `0001`), or VirtualBox's patterns. "
        "Filters that are inactive, for remote devices, or of patterns of vendors and products "
        "are not shown and not touched. VirtualBox passes no other devices of the host "
        "through.",
    .size = sizeof(Hostdev),
    .hot = TRUE,
    .fields = fields,
    .check = check,
    .prepare = prepare,
    .apply = apply,
    .read = read_items,
    .name = name,
    .serves = "IUSBDeviceFilter.active IUSBDeviceFilter.remote",
};

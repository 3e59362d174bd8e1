/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <interface>: a network adapter.
 *
 * How it is connected has two sides: the XML's type with a name below <source>, and VirtualBox's
 * attachment type with a name in the attribute of that type.  Both are rows; plan() makes the
 * second of the first, finish() the first of the second.  In between stands network/, which knows
 * what a libvirt network is in VirtualBox. */
#include "domain/device.h"
#include "domain/limits.h"
#include "network/resolve.h"
#include <string.h>

typedef struct Nic {
    Item item;
    const char *type;                            /* the XML's side */
    char *bridge, *network, *device, *internal;  /* below <source> */
    const char *attachment;                      /* VirtualBox's side */
    char *bridged, *host_only, *intnet, *natnet; /* the attribute of each attachment */
    char *driver_name, *cloud, *host_only_net;
    char *mac, *alias, *address, *driver;
    const char *model;
    Switch link;
    gint64 boot_order; /* domain/boot.h */
} Nic;

/* clang-format off */
static const Word types[] = {
    { "user" }, { "bridge" }, { "network" }, { "null" },
    { "ethernet" }, { "internal" }, /* older spellings of network */
    END };

static const Word attachments[] = {
    { "NAT", "NAT" }, { "Bridged", "Bridged" }, { "HostOnly", "HostOnly" },
    { "Internal", "Internal" }, { "NATNetwork", "NATNetwork" }, { "Null", "Null" },
    { "Generic", "Generic" }, { "Cloud", "Cloud" }, { "HostOnlyNetwork", "HostOnlyNetwork" }, END };

static const Word models[] = {
    { "am79c970a", "Am79C970A" }, { "am79c973", "Am79C973" }, { "pcnet", "Am79C973" },
    { "82540EM", "I82540EM" }, { "e1000", "I82540EM" }, { "82543GC", "I82543GC" },
    { "82545EM", "I82545EM" }, { "82583V", "I82583V" }, { "e1000e", "I82583V" },
    { "virtio", "Virtio" }, { "virtio-net", "Virtio" }, { "virtio-net-pci", "Virtio" },
    { "am79c960", "Am79C960" }, { "ne2000", "NE2000" }, { "ne1000", "NE1000" },
    { "wd8013", "WD8013" }, { "wd8003", "WD8003" }, { "3c503", "ELNK2" }, { "3c501", "ELNK1" },
    { "usbnet", "UsbNet" }, END };

static const Field fields[] = {
    /* XML               member           VirtualBox           kind, and what else holds */
    F("@type",           Nic, type,       NULL,                WORD(types, NULL), KEY, REQUIRED),
    F("mac/@address",    Nic, mac,        "MACAddress",        MAC, IDENTITY),
    IGNORE("mac/@type",  "VirtualBox does not tell how an address came about"),
    IGNORE("mac/@check", "it is VMware's"),
    F("source/@bridge",  Nic, bridge,     NULL,                STR, WHEN("bridge"), REQUIRED),
    F("source/@network", Nic, network,    NULL,                STR, WHEN("network"), REQUIRED),
    F("source/@dev",     Nic, device,     NULL,                STR, WHEN("ethernet"), REQUIRED, INPUT),
    F("source/@name",    Nic, internal,   NULL,                STR, WHEN("internal"), REQUIRED, INPUT),
    F("model/@type",     Nic, model,      "adapterType",       WORD(models, "NetworkAdapterType"), NOCASE),
    F(NULL,              Nic, bridged,    "bridgedInterface",  STR, WHEN("Bridged"), HOT),
    F(NULL,              Nic, host_only,  "hostOnlyInterface", STR, WHEN("HostOnly"), HOT),
    F(NULL,              Nic, intnet,     "internalNetwork",   STR, WHEN("Internal"), HOT),
    F(NULL,              Nic, natnet,     "NATNetwork",        STR, WHEN("NATNetwork"), HOT),
    F(NULL,              Nic, driver_name, "genericDriver",    STR, WHEN("Generic"), HOT),
    F(NULL,              Nic, cloud,      "cloudNetwork",      STR, WHEN("Cloud"), HOT),
    F(NULL,              Nic, host_only_net, "hostOnlyNetwork", STR, WHEN("HostOnlyNetwork"), HOT),
    F(NULL,              Nic, attachment, "attachmentType",    WORD(attachments, "NetworkAttachmentType"), KEY, HOT),
    F("link/@state",     Nic, link,       "cableConnected",    UPDOWN, FALLBACK("up"), QUIET, HOT),
    F("alias/@name",     Nic, alias,      NULL,                STR, KEEP),
    F("driver",          Nic, driver,     NULL,                SUBTREE, KEEP),
    F("address",         Nic, address,    NULL,                SUBTREE, KEEP),
    IGNORE("target",     "VirtualBox makes no host device with a name of its own"),
    REFUSE("filterref",  "it has no network filters"),
    F("boot/@order",     Nic, boot_order, NULL,                NUMBER(1, G_MAXINT32), KEEP),
    REFUSE("bandwidth",  ""),
    REFUSE("virtualport", ""),
    REFUSE("vlan",       ""),
    REFUSE("mtu",        "set it in the guest"),
    REFUSE("rom",        ""),
    REFUSE("tune",       ""),
    REFUSE("script",     ""),
    REFUSE("portForward", ""),
    END };
/* clang-format on */

/* --- slots --------------------------------------------------------------------------------- */

/* What every chipset has. */
#define NICS_ALWAYS 8

/* A machine whose chipset was changed by VirtualBox's own defaults has the adapters of the old one
 * until VBoxSVC reads it again: the last one is tried. */
static gboolean slots(MapContext *context, guint *ret_count, GError **error)
{
    if (!limits_nics(domain_os(map_model(context))->machine, ret_count, error))
        return FALSE;
    if (map_machine(context) == NULL || *ret_count <= NICS_ALWAYS)
        return TRUE;
    g_autoptr(GError) failure = NULL;
    if (map_slot(context, &domain_interface_element, *ret_count - 1, &failure) == NULL)
        *ret_count = NICS_ALWAYS;
    return TRUE;
}

static Object *slot(MapContext *context, guint number, GError **error)
{
    Object *adapter = NULL;
    if (!vbox_call(map_machine(context), IMachine_getNetworkAdapter, error, number, &adapter))
        return NULL;
    return adapter;
}

/* --- from the XML to VirtualBox ------------------------------------------------------------ */

static void attach(Nic *self, const char *attachment, char **member, const char *name)
{
    self->attachment = attachment;
    if (member == NULL)
        return;
    g_free(*member);
    *member = g_strdup(name);
}

static void attach_network(Nic *self, const NetworkTarget *target)
{
    switch (target->kind) {
    case NETWORK_INTERNAL:
        attach(self, "Internal", &self->intnet, target->name);
        return;
    case NETWORK_HOST_ONLY:
        attach(self, "HostOnly", &self->host_only, target->name);
        return;
    case NETWORK_NAT:
        attach(self, "NATNetwork", &self->natnet, target->name);
        return;
    case NETWORK_BRIDGED:
        attach(self, "Bridged", &self->bridged, target->name);
        return;
    }
}

/* What an attachment is to, one of each. */
static const gsize names[] = {G_STRUCT_OFFSET(Nic, bridged),      G_STRUCT_OFFSET(Nic, host_only),
                              G_STRUCT_OFFSET(Nic, intnet),       G_STRUCT_OFFSET(Nic, natnet),
                              G_STRUCT_OFFSET(Nic, driver_name),  G_STRUCT_OFFSET(Nic, cloud),
                              G_STRUCT_OFFSET(Nic, host_only_net)};

/* A dump may name what is no network (a cloud, a generic driver) or what is gone: an adapter that
 * is dumped so already stays as it is. */
static gboolean is_unchanged(MapContext *context, Nic *self, gboolean *ret_unchanged,
                             GError **error)
{
    *ret_unchanged = FALSE;
    if (self->item.slot == SLOT_NONE || self->network == NULL)
        return TRUE;
    Object *adapter = map_slot(context, &domain_interface_element, self->item.slot, error);
    g_autoptr(Model) model = model_new(&domain_schema);
    g_autoptr(MapContext) reading = map_context_new(model, map_machine(context));
    Nic *is = model_add(model, &domain_interface_element);
    is->item.slot = self->item.slot;
    if (adapter == NULL || !map_read_item(reading, &is->item, adapter, error))
        return FALSE;
    *ret_unchanged =
        g_strcmp0(is->type, "network") == 0 && g_strcmp0(is->network, self->network) == 0;
    if (!*ret_unchanged)
        return TRUE;
    self->attachment = is->attachment;
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        device_set_text(G_STRUCT_MEMBER_P(self, names[i]), G_STRUCT_MEMBER(char *, is, names[i]));
    return TRUE;
}

static gboolean plan_network(MapContext *context, Nic *self, GError **error)
{
    gboolean is_ethernet = g_str_equal(self->type, "ethernet"), stays;
    if (!is_unchanged(context, self, &stays, error))
        return FALSE;
    if (stays)
        return TRUE;
    g_auto(NetworkTarget) target = {0};
    if (!network_resolve(is_ethernet ? self->device : self->network, &target, error)) {
        g_autofree char *path = item_path(&self->item, NULL);
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    if (is_ethernet && target.kind != NETWORK_HOST_ONLY) {
        g_autofree char *path = item_path(&self->item, NULL);
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "%s: type='ethernet' is a host-only adapter of VirtualBox's, and '%s' is none",
                    path, self->device);
    }
    attach_network(self, &target);
    return TRUE;
}

static gboolean plan(MapContext *context, Nic *self, GError **error)
{
    if (g_str_equal(self->type, "user"))
        attach(self, "NAT", NULL, NULL);
    else if (g_str_equal(self->type, "null"))
        attach(self, "Null", NULL, NULL);
    else if (g_str_equal(self->type, "bridge"))
        attach(self, "Bridged", &self->bridged, self->bridge);
    else if (g_str_equal(self->type, "internal"))
        attach(self, "Internal", &self->intnet, self->internal);
    else
        return plan_network(context, self, error);
    return TRUE;
}

/* An adapter that is in the machine already keeps its slot: it is known by its address. */
static gboolean claim_slot(MapContext *context, const GPtrArray *items, guint number,
                           GError **error)
{
    Object *adapter = map_slot(context, &domain_interface_element, number, error);
    g_autofree char *address = NULL;
    gboolean is_enabled;
    if (adapter == NULL || !vbox_call(adapter, INetworkAdapter_get_enabled, error, &is_enabled))
        return FALSE;
    if (!is_enabled)
        return TRUE;
    if (!vbox_call(adapter, INetworkAdapter_get_MACAddress, error, &address))
        return FALSE;
    for (guint i = 0; i < items->len; i++) {
        Nic *nic = g_ptr_array_index(items, i);
        g_auto(GStrv) bytes = g_strsplit(nic->mac == NULL ? "" : nic->mac, ":", -1);
        g_autofree char *plain = g_strjoinv("", bytes);
        if (nic->item.slot != SLOT_NONE || g_ascii_strcasecmp(plain, address) != 0)
            continue;
        nic->item.slot = number;
        break;
    }
    return TRUE;
}

/* Without an address, an adapter gets the one that its slot has, used or not. */
static gboolean find_address(MapContext *context, Nic *self, GError **error)
{
    Object *adapter = map_slot(context, &domain_interface_element, self->item.slot, error);
    g_autofree char *plain = NULL;
    if (adapter == NULL || !vbox_call(adapter, INetworkAdapter_get_MACAddress, error, &plain))
        return FALSE;
    /* One that was never used has none: 08:00:27 is VirtualBox's range. */
    if (*plain == '\0') {
        g_free(plain);
        plain = g_strdup_printf("080027%06x", g_random_int() & 0xffffff);
    }
    g_autofree char *lower = g_ascii_strdown(plain, -1);
    self->mac = g_strdup_printf("%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", lower, lower + 2, lower + 4,
                                lower + 6, lower + 8, lower + 10);
    return TRUE;
}

static gboolean prepare(MapContext *context, GPtrArray *items, GError **error)
{
    guint count = 0;
    if (!slots(context, &count, error))
        return FALSE;
    for (guint i = 0; map_machine(context) != NULL && i < count && items->len > 0; i++)
        if (!claim_slot(context, items, i, error))
            return FALSE;
    for (guint i = 0; i < items->len; i++)
        if (!plan(context, g_ptr_array_index(items, i), error))
            return FALSE;
    if (!map_place(context, items, error))
        return FALSE;
    for (guint i = 0; map_machine(context) != NULL && i < items->len; i++) {
        Nic *self = g_ptr_array_index(items, i);
        if (self->mac == NULL && !find_address(context, self, error))
            return FALSE;
    }
    return TRUE;
}

/* --- from VirtualBox to the XML ------------------------------------------------------------ */

static gboolean name_network(Nic *self, NetworkKind kind, const char *name, GError **error)
{
    self->type = "network";
    g_free(self->network);
    self->network = network_name_of(kind, name == NULL ? "" : name, error);
    return self->network != NULL;
}

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    Nic *self = (Nic *)item;
    const char *attachment = self->attachment == NULL ? "Null" : self->attachment;
    if (g_str_equal(attachment, "HostOnly"))
        return name_network(self, NETWORK_HOST_ONLY, self->host_only, error);
    if (g_str_equal(attachment, "Internal"))
        return name_network(self, NETWORK_INTERNAL, self->intnet, error);
    if (g_str_equal(attachment, "NATNetwork"))
        return name_network(self, NETWORK_NAT, self->natnet, error);
    if (g_str_equal(attachment, "Bridged")) {
        self->type = "bridge";
        self->bridge = g_strdup(self->bridged == NULL ? "" : self->bridged);
        return TRUE;
    }
    const char *other = self->driver_name != NULL ? self->driver_name
                        : self->cloud != NULL     ? self->cloud
                                                  : self->host_only_net;
    self->network = g_strdup(other);
    self->type = g_str_equal(attachment, "NAT") ? "user" : other != NULL ? "network" : "null";
    return TRUE;
}

const Element domain_interface_element = {
    .path = "devices/interface",
    .interface = "INetworkAdapter",
    .about = "A network adapter. `type='network'` names a libvirt network, whatever it is in "
             "VirtualBox: internal, host-only, NAT network or bridged. `ethernet` with a host-only "
             "adapter and `internal` are older spellings; a dump says `network`. An adapter keeps "
             "its place in the machine as long as its address is the same.",
    .size = sizeof(Nic),
    .fields = fields,
    .slots = slots,
    .slot = slot,
    .enabled = "enabled",
    .prepare = prepare,
    .finish = finish,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <interface>: a network adapter.
 *
 * How it is connected has two sides: the XML's type with a name below <source>, and VirtualBox's
 * attachment type with a name in the attribute of that type.  Both are rows; plan() makes the
 * second of the first, finish() the first of the second.  In between stands network/, which knows
 * what a libvirt network is in VirtualBox. */
#include "domain/bandwidth.h"
#include "domain/forward.h"
#include "domain/limits.h"
#include "domain/nic.h"
#include "network/resolve.h"
#include "vbox/machine.h"
#include <string.h>

/* clang-format off */
static const Word types[] = {
    { "user" }, { "bridge" }, { "network" }, { "null" }, { "udp" },
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

static const Word families[] = { { "ipv4" }, END };
static const Word everywhere[] = { { "0.0.0.0" }, END }; /* its tunnel receives from all sides */
static const Word policies[] = {
    { "deny", "Deny" }, { "allow-network", "AllowNetwork" }, { "allow-all", "AllowAll" }, END };

#define KILOBYTE 1000 /* of libvirt's rates, as tc has it */
#define NAT WHEN("NAT")
#define USER WHEN("user")
#define USER_NAT WHEN("user|NAT") /* in both terms */
#define PORT NUMBER(1, G_MAXUINT16)
#define SETTING(number) \
    NUMBER(1, G_MAXUINT16), USER_NAT, \
    HOOK(nat_get_setting, nat_set_setting, NAT_##number)

static gboolean set_attachment(MapContext *context, Object *adapter, const Field *field,
                               const Value *value, GError **error);
static gboolean get_group(MapContext *context, Object *adapter, const Field *field,
                          Value *ret_value, GError **error);
static gboolean set_group(MapContext *context, Object *adapter, const Field *field,
                          const Value *value, GError **error);

static const Field fields[] = {
    /* XML               member           VirtualBox           kind, and what else holds */
    F("@type",           Nic, type,       NULL,                WORD(types, NULL), KEY, REQUIRED),
    F("mac/@address",    Nic, mac,        "MACAddress",        MAC, IDENTITY),
    IGNORE("mac/@type",  "VirtualBox does not tell how an address came about"),
    IGNORE("mac/@check", "it is VMware's"),
    IGNORE("mac/@currentAddress", "it is what the guest set"),
    F("source/@bridge",  Nic, bridge,     NULL,                STR, WHEN("bridge"), REQUIRED),
    F("source/@network", Nic, network,    NULL,                STR, WHEN("network"), REQUIRED),
    F("source/@dev",     Nic, device,     NULL,                STR, WHEN("ethernet"), REQUIRED, INPUT),
    F("source/@name",    Nic, internal,   NULL,                STR, WHEN("internal"), REQUIRED, INPUT),
    IGNORE("source/@bridge", "it is where libvirt connected it the last time", WHEN("network")),
    IGNORE("source/@portid", "it is libvirt's own number of an active port", WHEN("network|bridge")),
    IGNORE("source/@network", "it is what libvirt made of a network", WHEN("bridge")),
    REFUSE("source/@portgroup", "its networks have no groups of ports", BLANK),
    F("source/@address", Nic, udp.address, NULL,               STR, WHEN("udp"), REQUIRED),
    F("source/@port",    Nic, udp.port,   NULL,                PORT, WHEN("udp"), REQUIRED),
    F("source/local/@address", Nic, udp.local_address, NULL,   WORD(everywhere, NULL), WHEN("udp"), FALLBACK("0.0.0.0"), BLANK),
    F("source/local/@port", Nic, udp.local_port, NULL,         PORT, WHEN("udp"), REQUIRED),
    F("ip/@family",      Nic, nat.family, NULL,                WORD(families, NULL), USER),
    F("ip/@address",     Nic, nat.address, NULL,               STR, USER),
    F("ip/@prefix",      Nic, nat.prefix, NULL,                NUMBER(0, 32), USER),
    F("portForward",     Nic, nat.forwards, NULL,              SUBTREES, USER),
    F("vbox:redirect",   Nic, nat.redirects, NULL,             SUBTREES, USER),
    F(NULL,              Nic, nat.list,   "NATEngine.redirects", STR, NAT, FALLBACK(""), HOT, HOOK(forward_get, forward_set, 0)),
    F("mtu/@size",       Nic, nat.mtu,    "NATEngine.getNetworkSettings", SETTING(MTU)),
    F("vbox:nat/@network", Nic, nat.network_said, NULL,        STR, USER),
    F(NULL,              Nic, nat.network, "NATEngine.network", STR, NAT, FALLBACK("")),
    F("vbox:nat/@hostIP", Nic, nat.host,  "NATEngine.hostIP",  STR, USER_NAT, FALLBACK(""), QUIET),
    F("vbox:nat/@enableTFTP", Nic, nat.tftp, "NATEngine.enableTFTP", YESNO, USER_NAT, FALLBACK("no"), QUIET),
    F("vbox:nat/@TFTPPrefix", Nic, nat.tftp_prefix, "NATEngine.TFTPPrefix", STR, USER_NAT, FALLBACK(""), QUIET),
    F("vbox:nat/@TFTPBootFile", Nic, nat.tftp_file, "NATEngine.TFTPBootFile", STR, USER_NAT, FALLBACK(""), QUIET),
    F("vbox:nat/@TFTPNextServer", Nic, nat.tftp_server, "NATEngine.TFTPNextServer", STR, USER_NAT, FALLBACK(""), QUIET),
    F("vbox:nat/@DNSPassDomain", Nic, nat.dns_domain, "NATEngine.DNSPassDomain", YESNO, USER_NAT, FALLBACK("yes"), QUIET),
    F("vbox:nat/@DNSProxy", Nic, nat.dns_proxy, "NATEngine.DNSProxy", YESNO, USER_NAT, FALLBACK("no"), QUIET),
    F("vbox:nat/@DNSUseHostResolver", Nic, nat.dns_resolver, "NATEngine.DNSUseHostResolver", YESNO, USER_NAT, FALLBACK("no"), QUIET),
    F("vbox:nat/@forwardBroadcast", Nic, nat.broadcast, "NATEngine.forwardBroadcast", YESNO, USER_NAT, FALLBACK("no"), QUIET),
    F("vbox:nat/@aliasMode", Nic, nat.alias_mode, "NATEngine.aliasMode", NUMBER(0, 7), USER_NAT, FALLBACK("0"), QUIET),
    F("vbox:nat/@sockSnd", Nic, nat.send_buffer, "NATEngine.getNetworkSettings", SETTING(SEND_BUFFER)),
    F("vbox:nat/@sockRcv", Nic, nat.receive_buffer, "NATEngine.getNetworkSettings", SETTING(RECEIVE_BUFFER)),
    F("vbox:nat/@tcpWndSnd", Nic, nat.send_window, "NATEngine.getNetworkSettings", SETTING(SEND_WINDOW)),
    F("vbox:nat/@tcpWndRcv", Nic, nat.receive_window, "NATEngine.getNetworkSettings", SETTING(RECEIVE_WINDOW)),
    F("model/@type",     Nic, model,      "adapterType",       WORD(models, "NetworkAdapterType"), NOCASE, BLANK),
    F(NULL,              Nic, bridged,    "bridgedInterface",  STR, WHEN("Bridged"), HOT),
    F(NULL,              Nic, host_only,  "hostOnlyInterface", STR, WHEN("HostOnly"), HOT),
    F(NULL,              Nic, intnet,     "internalNetwork",   STR, WHEN("Internal"), HOT),
    F(NULL,              Nic, natnet,     "NATNetwork",        STR, WHEN("NATNetwork"), HOT),
    F(NULL,              Nic, driver_name, "genericDriver",    STR, WHEN("Generic"), HOT),
    F(NULL,              Nic, udp.properties, "getProperty",   STR, WHEN("Generic"), HOT, HOOK(udp_get_properties, udp_set_properties, 0)),
    F(NULL,              Nic, cloud,      "cloudNetwork",      STR, WHEN("Cloud"), HOT),
    F(NULL,              Nic, host_only_net, "hostOnlyNetwork", STR, WHEN("HostOnlyNetwork"), HOT),
    F(NULL,              Nic, attachment, "attachmentType",    WORD(attachments, "NetworkAttachmentType"), KEY, HOT, HOOK(NULL, set_attachment, 0)),
    F("link/@state",     Nic, link,       "cableConnected",    UPDOWN, FALLBACK("up"), QUIET, HOT, BLANK),
    F("vbox:promiscuous/@policy", Nic, promiscuous, "promiscModePolicy", WORD(policies, "NetworkAdapterPromiscModePolicy"), FALLBACK("deny"), QUIET, HOT),
    F("vbox:trace/@file", Nic, trace_file, "traceFile",        STR, FALLBACK(""), QUIET, HOT),
    F("vbox:trace/@enabled", Nic, trace,  "traceEnabled",      YESNO, FALLBACK("no"), QUIET, HOT),
    F("vbox:line/@speed", Nic, line_speed, "lineSpeed",        NUMBER(0, G_MAXUINT32), FALLBACK("0"), QUIET),
    F("alias/@name",     Nic, alias,      NULL,                ALIAS, KEEP),
    F("driver",          Nic, driver,     NULL,                SUBTREE, KEEP),
    F("address",         Nic, address,    NULL,                SUBTREE, KEEP),
    IGNORE("target",     "VirtualBox makes no host device with a name of its own"),
    REFUSE("filterref",  "it has no network filters"),
    F("boot/@order",     Nic, boot_order, NULL,                NUMBER(1, G_MAXINT32), KEEP),
    F("bandwidth/outbound/@average", Nic, average, NULL,       NUMBER(1, G_MAXINT64 / KILOBYTE)),
    F("vbox:bandwidthGroup/@name", Nic, group_said, NULL,      STR),
    F(NULL,              Nic, group,      "bandwidthGroup",    STR, FALLBACK(""), HOOK(get_group, set_group, 0)),
    REFUSE("bandwidth/inbound", "VirtualBox limits only what the guest sends: <outbound>"),
    REFUSE("bandwidth/outbound/@peak", "VirtualBox has one limit, say average"),
    REFUSE("bandwidth/outbound/@burst", "VirtualBox has one limit, say average"),
    REFUSE("bandwidth/outbound/@floor", "VirtualBox has one limit, say average"),
    F("vbox:boot/@priority", Nic, priority_said, NULL,         NUMBER(0, NIC_PRIORITY_MAX), FALLBACK("0"), QUIET),
    F(NULL,              Nic, priority,   "bootPriority",      NUMBER(0, 0)),
    REFUSE("virtualport", ""),
    REFUSE("vlan",       ""),
    REFUSE("mtu",        "set it in the guest", WHEN("bridge|network|null|udp|ethernet|internal")),
    REFUSE("ip",         "the guest sets its own address", WHEN("bridge|network|null|udp|ethernet|internal")),
    REFUSE("ip[2]",      "its NAT has one network, of IPv4"),
    REFUSE("route",      ""),
    REFUSE("portForward", "only type='user' (NAT) forwards ports of the host", WHEN("bridge|network|null|udp|ethernet|internal")),
    REFUSE("backend",    "VirtualBox has its own NAT engine"),
    REFUSE("coalesce",   ""),
    REFUSE("teaming",    ""),
    REFUSE("guest",      ""),
    REFUSE("port",       ""),
    REFUSE("downscript", ""),
    REFUSE("backenddomain", "it is Xen's"),
    REFUSE("acpi",       ""),
    REFUSE("@trustGuestRxFilters", ""),
    REFUSE("rom",        ""),
    REFUSE("tune",       ""),
    REFUSE("script",     ""),
    END };
/* clang-format on */

/* With a NAT network VirtualBox (7.2) also notes an internal one, "intnet", and lists that as if
 * somebody used it. */
static gboolean set_attachment(MapContext *context, Object *adapter, const Field *field,
                               const Value *value, GError **error)
{
    g_autofree char *before = NULL;
    return vbox_call(adapter, INetworkAdapter_get_internalNetwork, error, &before) &&
           vbox_call(adapter, INetworkAdapter_set_attachmentType, error, (guint32)value->number) &&
           (*before != '\0' || vbox_call(adapter, INetworkAdapter_set_internalNetwork, error, ""));
}

static gboolean get_group(MapContext *context, Object *adapter, const Field *field,
                          Value *ret_value, GError **error)
{
    g_autoptr(Object) group = NULL;
    ret_value->is_text = TRUE;
    return vbox_call(adapter, INetworkAdapter_get_bandwidthGroup, error, &group) &&
           bandwidth_name(group, &ret_value->text, error);
}

static gboolean set_group(MapContext *context, Object *adapter, const Field *field,
                          const Value *value, GError **error)
{
    g_autoptr(Object) group = NULL;
    if (*value->text != '\0' && !bandwidth_find(context, value->text, &group, error))
        return FALSE;
    return vbox_call(adapter, INetworkAdapter_set_bandwidthGroup, error, group);
}

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

static gboolean has_target(const Nic *is, const Nic *self)
{
    return g_str_equal(is->type, self->type) && g_strcmp0(is->network, self->network) == 0 &&
           (self->bridge == NULL || g_strcmp0(is->bridge, self->bridge) == 0);
}

static void take_target(Nic *self, const Nic *is)
{
    self->attachment = is->attachment;
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        device_set_text(G_STRUCT_MEMBER_P(self, names[i]), G_STRUCT_MEMBER(char *, is, names[i]));
}

/* Takes the target of a machine's adapter, when it is dumped as this one is. */
static gboolean take_same(Object *machine, guint slot, Nic *self, gboolean *ret_is_same,
                          GError **error)
{
    g_autoptr(Model) model = model_new(&domain_schema);
    g_autoptr(MapContext) reading = map_context_new(model, machine);
    Object *adapter = map_slot(reading, &domain_interface_element, slot, error);
    Nic *is = model_add(model, &domain_interface_element);
    is->item.slot = slot;
    if (adapter == NULL || !map_read_item(reading, &is->item, adapter, error))
        return FALSE;
    *ret_is_same = has_target(is, self);
    if (*ret_is_same)
        take_target(self, is);
    return TRUE;
}

/* A dump may name what is no network (a cloud, a generic driver) or what is gone (an interface of
 * the host, too): an adapter that is dumped so already stays as it is. */
static gboolean keep_target(MapContext *context, Nic *self, GError **error)
{
    gboolean is_same;
    if (self->item.slot == SLOT_NONE || (self->network == NULL && self->bridge == NULL))
        return TRUE;
    return take_same(map_machine(context), self->item.slot, self, &is_same, error);
}

/* And one of another machine may have its like in a new one: in its clone. */
static gboolean is_like_another(Nic *self)
{
    g_autoptr(GPtrArray) machines = machine_all(NULL);
    for (guint i = 0; machines != NULL && i < machines->len; i++) {
        gboolean is_same = FALSE, is_accessible = FALSE;
        if (!vbox_call(machines->pdata[i], IMachine_get_accessible, NULL, &is_accessible) ||
            !is_accessible)
            continue;
        /* until it has no more of them */
        for (guint slot = 0; take_same(machines->pdata[i], slot, self, &is_same, NULL); slot++)
            if (is_same)
                return TRUE;
    }
    return FALSE;
}

static gboolean look_at_network(Nic *self, GError **error)
{
    g_auto(NetworkTarget) target = {0};
    gboolean is_ethernet = g_str_equal(self->type, "ethernet");
    const char *name = is_ethernet ? self->device : self->network;
    if (name == NULL)
        return TRUE;
    if (!network_resolve(name, &target, error))
        return FALSE;
    if (is_ethernet && target.kind != NETWORK_HOST_ONLY)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "type='ethernet' is a host-only adapter of VirtualBox's, and '%s' is none",
                    self->device);
    attach_network(self, &target);
    return TRUE;
}

static gboolean look_at_target(Nic *self, GError **error)
{
    if (g_str_equal(self->type, "user"))
        attach(self, "NAT", NULL, NULL);
    else if (g_str_equal(self->type, "null"))
        attach(self, "Null", NULL, NULL);
    else if (g_str_equal(self->type, "internal"))
        attach(self, "Internal", &self->intnet, self->internal);
    else if (g_str_equal(self->type, "udp"))
        attach(self, "Generic", &self->driver_name, UDP_TUNNEL);
    else if (g_str_equal(self->type, "bridge"))
        attach(self, "Bridged", &self->bridged, self->bridge);
    else
        return look_at_network(self, error);
    return self->bridge == NULL || network_check_bridge(self->bridge, error);
}

/* What a machine has already, it keeps, and its clone has it too. */
static gboolean look(MapContext *context, Item *item, GError **error)
{
    Nic *self = (Nic *)item;
    g_autoptr(GError) reason = NULL;
    if (self->type == NULL || look_at_target(self, &reason) ||
        (!g_str_equal(self->type, "ethernet") && is_like_another(self)))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&reason));
    return device_fail(item, error);
}

/* Adapters that say their place in the boot order are tried in that order. */
static void plan_priority(Model *model, Nic *self)
{
    GPtrArray *items = model_items(model, self->item.element);
    self->priority = self->priority_said;
    if (self->boot_order == NUMBER_ABSENT)
        return;
    self->priority = 1;
    for (guint i = 0; i < items->len; i++) {
        const Nic *other = g_ptr_array_index(items, i);
        if (other->boot_order != NUMBER_ABSENT && other->boot_order < self->boot_order)
            self->priority++;
    }
    if (self->priority > NIC_PRIORITY_MAX)
        self->priority = 0;
}

static char *own_group(const Nic *self)
{
    return g_strdup_printf("vboxvirt interface %u", self->item.slot);
}

static void plan_group(MapContext *context, Nic *self)
{
    g_autofree char *name = own_group(self);
    if (self->average != NUMBER_ABSENT)
        bandwidth_imply(map_model(context), name, "network", self->average * KILOBYTE);
    device_set_text(&self->group, self->average != NUMBER_ABSENT ? name
                                  : self->group_said != NULL     ? self->group_said
                                                                 : "");
}

static gboolean check(Model *model, Item *item, GError **error)
{
    Nic *self = (Nic *)item;
    if (self->group_said != NULL && self->average != NUMBER_ABSENT)
        return device_refuse(item, "vbox:bandwidthGroup/@name", error,
                             "<bandwidth> is a group of the adapter's own");
    if (self->group_said != NULL && !bandwidth_check(model, item, "vbox:bandwidthGroup/@name",
                                                     self->group_said, "network", error))
        return FALSE;
    plan_priority(model, self);
    if (g_str_equal(self->type, "user"))
        return nat_plan(self, error);
    return !g_str_equal(self->type, "udp") || udp_plan(self, error);
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
        if (!keep_target(context, g_ptr_array_index(items, i), error))
            return FALSE;
    if (!map_place(context, items, error))
        return FALSE;
    for (guint i = 0; i < items->len; i++)
        plan_group(context, g_ptr_array_index(items, i));
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

/* A network when one is on that interface of the host, else the interface. */
static gboolean name_bridge(Nic *self, GError **error)
{
    self->bridge = g_strdup(self->bridged == NULL ? "" : self->bridged);
    if (!network_name_of_bridge(self->bridge, &self->network, error))
        return FALSE;
    self->type = self->network != NULL ? "network" : "bridge";
    return TRUE;
}

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    Nic *self = (Nic *)item;
    const char *attachment = self->attachment == NULL ? "Null" : self->attachment;
    g_autofree char *group = own_group(self);
    self->average = bandwidth_own(map_model(context), self->group, group, KILOBYTE);
    if (self->average == NUMBER_ABSENT && self->group != NULL && *self->group != '\0')
        device_set_text(&self->group_said, self->group);
    self->priority_said = self->boot_order == NUMBER_ABSENT ? self->priority : 0;
    if (g_str_equal(attachment, "HostOnly"))
        return name_network(self, NETWORK_HOST_ONLY, self->host_only, error);
    if (g_str_equal(attachment, "Internal"))
        return name_network(self, NETWORK_INTERNAL, self->intnet, error);
    if (g_str_equal(attachment, "NATNetwork"))
        return name_network(self, NETWORK_NAT, self->natnet, error);
    if (g_str_equal(attachment, "Bridged"))
        return name_bridge(self, error);
    if (g_str_equal(attachment, "NAT"))
        nat_finish(self);
    if (g_str_equal(attachment, "Generic") && udp_finish(self)) {
        self->type = "udp";
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
    .about =
        "A network adapter. `type='network'` names a libvirt network, whatever it is in "
        "VirtualBox: internal, host-only, NAT network or bridged. `bridge` names an interface of "
        "the "
        "host: one that VirtualBox cannot bridge to is refused with the names of those that it "
        "can, "
        "one that has gone since stays as it is. `ethernet` with a host-only "
        "adapter and `internal` are older spellings; a dump says `network`. An adapter keeps "
        "its place in the machine as long as its address is the same. `user` is VirtualBox's NAT "
        "engine: `<ip>` is the network that the guest is in, `<portForward>` needs `<range>`s "
        "and is one redirect of VirtualBox's a port; a redirect with an address of the guest "
        "is `<vbox:redirect name proto hostIP hostPort guestIP guestPort>`. A port that is taken "
        "when the machine starts keeps it from starting. The engine's "
        "sizes (`<mtu>`, `sockSnd`, …) can be changed and not be forgotten by VirtualBox: "
        "without them they stay. `udp` is the "
        "generic driver UDPTunnel; an adapter of another driver, of a cloud or a host-only "
        "network object is shown as a network of that name, and stays.",
    .size = sizeof(Nic),
    .fields = fields,
    .slots = slots,
    .slot = slot,
    .enabled = "enabled",
    .check = check,
    .look = look,
    .prepare = prepare,
    .finish = finish,
};

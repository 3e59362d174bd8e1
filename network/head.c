/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The root of <network>: names, what is advice, and what VirtualBox's networks cannot. */
#include <string.h>
#include "network/document.h"

#define NO_BRIDGE "VirtualBox's adapter is no bridge"
#define NO_DNS "VirtualBox has no DNS server on such a network"

static const Field head_fields[] = {
    F("name", HeadItem, name, NULL, STR, REQUIRED),
    F("uuid", HeadItem, uuid, NULL, UUID),
    F("title", HeadItem, title, NULL, STR),
    F("description", HeadItem, description, NULL, STR),
    F("metadata", HeadItem, metadata, NULL, SUBTREE),
    IGNORE("@connections", "libvirt counts interfaces here when it dumps"),
    IGNORE("@ipv6", "guests can always talk IPv6 to each other"),
    REFUSE("@trustGuestRxFilters", ""),
    F("forward", HeadItem, forward, NULL, SUBTREE),
    F("forward/@mode", HeadItem, forward_mode, NULL, STR),
    F("bridge/@name", HeadItem, bridge, NULL, STR),
    IGNORE("bridge/@stp", NO_BRIDGE),
    IGNORE("bridge/@delay", NO_BRIDGE),
    IGNORE("bridge/@macTableManager", NO_BRIDGE),
    IGNORE("bridge/@zone", NO_BRIDGE),
    F("mac/@address", HeadItem, mac, NULL, MAC),
    F("domain/@name", HeadItem, domain, NULL, STR),
    IGNORE("domain/@localOnly", NO_DNS),
    REFUSE("domain/@register", NO_DNS),
    F("dns/@enable", HeadItem, dns, NULL, STR),
    REFUSE("dns/forwarder", NO_DNS),
    REFUSE("dns/host", NO_DNS),
    REFUSE("dns/srv", NO_DNS),
    REFUSE("dns/txt", NO_DNS),
    REFUSE("mtu", "its networks have an MTU of 1500"),
    REFUSE("bandwidth", "it limits the bandwidth of interfaces, not of networks"),
    REFUSE("vlan", ""),
    REFUSE("virtualport", ""),
    REFUSE("portgroup", ""),
    REFUSE("port", "guests of one network can always talk to each other"),
    REFUSE("route", "the host's routes are root's"),
    {0},
};

/* The mode's own sentence: what to use until these networks come. */
static gboolean check_forward(const HeadItem *item, GError **error)
{
    const char *mode = item->forward_mode != NULL ? item->forward_mode : "nat";
    if (item->forward == NULL || g_str_equal(mode, "none"))
        return TRUE;
    if (g_str_equal(mode, "nat") || g_str_equal(mode, "route") || g_str_equal(mode, "open"))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/forward: networks of mode '%s' come with a later version of "
                    "vboxvirt; to let a domain out by NAT give it an <interface type='user'>",
                    mode);
    if (g_str_equal(mode, "bridge"))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/forward: networks of mode 'bridge' come with a later version of "
                    "vboxvirt; give the domain an <interface type='bridge'> with <source "
                    "bridge='eth0'/>, the host's own interface");
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "/network/forward/@mode: VirtualBox has no networks of mode '%s'", mode);
}

static gboolean check_head(Model *model, Item *base, GError **error)
{
    HeadItem *item = (HeadItem *)base;
    if (!check_forward(item, error))
        return FALSE;
    if (item->dns != NULL && !g_str_equal(item->dns, "no"))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "/network/dns: " NO_DNS);
    if (*item->name == '\0')
        return fail(error, VIR_ERR_XML_ERROR, "/network/name is empty");
    if (strpbrk(item->name, "/\n") != NULL)
        return fail(error, VIR_ERR_XML_ERROR, "name %s cannot contain '/' or a line end",
                    item->name);
    return TRUE;
}

const Element head_element = {
    .path = "",
    .about = "A network without `<forward>` and without `<ip>` is an internal network: guests talk "
             "to each other. One with `<ip>` is a host-only network: to the host as well. The "
             "name, the UUID and what else VirtualBox has no field for are kept in its global "
             "extra data. `<bridge>` and `<mac>` are advice: VirtualBox names its adapters "
             "vboxnet0, vboxnet1, … and numbers their MAC addresses; a dump shows the real ones.",
    .size = sizeof(HeadItem),
    .fields = head_fields,
    .single = TRUE,
    .check = check_head,
};

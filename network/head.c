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
    F("forward", HeadItem, has_forward, NULL, PRESENT),
    F("forward/@mode", HeadItem, forward_mode, NULL, STR, BLANK),
    F("forward/@dev", HeadItem, forward_dev, NULL, STR, INPUT),
    IGNORE("forward/@managed", "it is of devices that are handed through"),
    F("forward/interface/@dev", HeadItem, interface, NULL, STR),
    IGNORE("forward/interface/@connections", "libvirt counts domains here when it dumps"),
    REFUSE("forward/interface[2]", "it bridges to one interface"),
    F("forward/nat/@ipv6", HeadItem, nat_v6, NULL, YESNO, INPUT),
    REFUSE("forward/nat/address", "its NAT has the host's own addresses"),
    REFUSE("forward/nat/port", "its NAT takes the ports that the host's kernel gives it"),
    REFUSE("forward/pf", "it hands no network devices through"),
    REFUSE("forward/address", "it hands no network devices through"),
    REFUSE("forward/driver", "it hands no network devices through"),
    F("bridge/@name", HeadItem, bridge, NULL, STR),
    IGNORE("bridge/@stp", NO_BRIDGE),
    IGNORE("bridge/@delay", NO_BRIDGE),
    IGNORE("bridge/@macTableManager", NO_BRIDGE),
    IGNORE("bridge/@zone", NO_BRIDGE),
    F("mac/@address", HeadItem, mac, NULL, MAC, BLANK),
    F("domain/@name", HeadItem, domain, NULL, STR),
    IGNORE("domain/@localOnly", NO_DNS),
    REFUSE("domain/@register", NO_DNS),
    F("dns/@enable", HeadItem, dns, NULL, STR),
    REFUSE("dns/forwarder", NO_DNS),
    REFUSE("dns/host", NO_DNS),
    REFUSE("dns/srv", NO_DNS),
    REFUSE("dns/txt", NO_DNS),
    REFUSE("dnsmasq:options",
           "it has no dnsmasq: say an option of its DHCP server by its number, below <dhcp>, with "
           "<vbox:option number='…' value='…'/>"),
    REFUSE("mtu", "its networks have an MTU of 1500"),
    REFUSE("bandwidth", "it limits the bandwidth of interfaces, not of networks"),
    REFUSE("vlan", ""),
    REFUSE("virtualport", ""),
    REFUSE("portgroup", ""),
    REFUSE("port", "guests of one network can always talk to each other"),
    REFUSE("route", "the host's routes are root's"),
    {0},
};

static gboolean check_forward(const HeadItem *item, GError **error)
{
    const char *mode = item->forward_mode != NULL ? item->forward_mode : "nat";
    gboolean is_nat = g_str_equal(mode, "nat");
    if (item->has_forward != SWITCH_YES || g_str_equal(mode, "none") || g_str_equal(mode, "bridge"))
        return TRUE;
    if (!is_nat)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/forward/@mode: VirtualBox has no networks of mode '%s'; it has nat, "
                    "bridge, and those without <forward>",
                    mode);
    if (item->forward_dev != NULL || item->interface != NULL)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/forward/@dev: VirtualBox's NAT goes where the host's routes go; "
                    "leave it out");
    return TRUE;
}

static gboolean check_head(Model *model, Item *base, GError **error)
{
    HeadItem *item = (HeadItem *)base;
    if (!check_forward(item, error))
        return FALSE;
    gboolean is_nat = item->has_forward == SWITCH_YES &&
                      (item->forward_mode == NULL || g_str_equal(item->forward_mode, "nat"));
    if (is_nat && item->dns != NULL && !g_str_equal(item->dns, "yes"))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/dns/@enable: VirtualBox's NAT always answers DNS questions");
    if (!is_nat && item->dns != NULL && !g_str_equal(item->dns, "no"))
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
             "to each other. One with `<ip>` is a host-only network: to the host as well. With "
             "`<forward mode='nat'/>` and `<ip>` it is a NAT network, with `<forward "
             "mode='bridge'>` it is an interface of the host that machines join. The name, the "
             "UUID and what else VirtualBox has no field for are kept in its global "
             "extra data. `<bridge>` and `<mac>` are advice: VirtualBox names its adapters "
             "vboxnet0, vboxnet1, … and numbers their MAC addresses; a dump shows the real ones.",
    .size = sizeof(HeadItem),
    .fields = head_fields,
    .single = TRUE,
    .check = check_head,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The root of <network>: names, what is advice, and what VirtualBox's networks cannot. */
#include "network/document.h"

#define NO_BRIDGE "VirtualBox's adapter is no bridge"
#define NO_DNS "VirtualBox has no DNS server on such a network"
#define NO_NAMES                                                                                 \
    "it has no DNS server of its own: its NAT asks the host's resolver, which is the place for " \
    "this (/etc/hosts, its configuration), and its other networks have none"

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
    F("forward/nat/port", HeadItem, has_nat_port, NULL, PRESENT, INPUT),
    F("forward/nat/port/@start", HeadItem, nat_start, NULL, NUMBER(0, 65535), INPUT),
    F("forward/nat/port/@end", HeadItem, nat_end, NULL, NUMBER(0, 65535), INPUT),
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
    REFUSE("dns/forwarder", NO_NAMES),
    REFUSE("dns/host", NO_NAMES),
    REFUSE("dns/srv", NO_NAMES),
    REFUSE("dns/txt", NO_NAMES),
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

static gboolean is_mode(const HeadItem *item, const char *mode)
{
    const char *is = item->forward_mode != NULL ? item->forward_mode : "nat";
    return item->has_forward == SWITCH_YES && g_str_equal(is, mode);
}

/* libvirt's own default says that nothing is restricted. */
static gboolean check_nat(const HeadItem *item, GError **error)
{
    if (item->has_nat_port != SWITCH_YES ||
        (item->nat_start == NAT_PORT_FIRST && item->nat_end == NAT_PORT_LAST))
        return TRUE;
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "/network/forward/nat/port: VirtualBox's NAT takes the ports that the host's "
                "kernel gives it: leave it out, or say libvirt's default of %d to %d",
                NAT_PORT_FIRST, NAT_PORT_LAST);
}

static gboolean check_forward(const HeadItem *item, GError **error)
{
    if (item->has_forward != SWITCH_YES || is_mode(item, "none") || is_mode(item, "bridge"))
        return TRUE;
    if (!is_mode(item, "nat") && !is_mode(item, "open") && !is_mode(item, "route"))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/forward/@mode: VirtualBox has no networks of mode '%s'; it has nat, "
                    "bridge, open, route, and those without <forward>",
                    item->forward_mode);
    if (item->forward_dev != NULL || item->interface != NULL)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/forward/@dev: what VirtualBox's guests send goes where the host's "
                    "routes go; leave it out");
    return check_nat(item, error);
}

static gboolean check_dns(const HeadItem *item, GError **error)
{
    gboolean is_nat = is_mode(item, "nat");
    if (is_nat && item->dns != NULL && !g_str_equal(item->dns, "yes"))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/dns/@enable: VirtualBox's NAT always hands DNS questions on to the "
                    "host's resolver; to tell guests of another server, or of none, say below "
                    "<dhcp> <vbox:option number='6' value='ADDRESS'/> or <vbox:option number='6' "
                    "send='never'/>");
    if (!is_nat && item->dns != NULL && !g_str_equal(item->dns, "no"))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/dns/@enable: " NO_DNS ": leave <dns> out, or say enable='no'");
    return TRUE;
}

gboolean head_check(const HeadItem *item, GError **error)
{
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    refusals_note(refusals, check_forward(item, &reason), &reason);
    refusals_note(refusals, check_dns(item, &reason), &reason);
    return refusals_tell(refusals, error);
}

const Element head_element = {
    .path = "",
    .about =
        "A network without `<forward>` and without `<ip>` is an internal network: guests talk "
        "to each other. One with `<ip>` is a host-only network: to the host as well. With "
        "`<forward mode='nat'/>` and `<ip>` it is a NAT network, with `<forward mode='open'/>` "
        "or `route` a host-only network all the same, whose guests get where the host's own "
        "routes and firewall let them, with `<forward "
        "mode='bridge'>` it is an interface of the host that machines join. The name, the "
        "UUID and what else VirtualBox has no field for are kept in its global "
        "extra data. `<bridge>` and `<mac>` are advice: VirtualBox names its adapters "
        "vboxnet0, vboxnet1, … and numbers their MAC addresses; a dump shows the real ones.",
    .size = sizeof(HeadItem),
    .fields = head_fields,
    .single = TRUE,
};

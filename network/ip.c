/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <ip> of a network: the host's address, and the range of the DHCP server. */
#include "network/document.h"

static const Word families[] = {{"ipv4", "ipv4"}, {"ipv6", "ipv6"}, {0}};

static const Field ip_fields[] = {
    F("@family", IpItem, family, NULL, WORD(families, NULL), FALLBACK("ipv4"), QUIET, BLANK),
    F("@address", IpItem, address, NULL, STR, REQUIRED),
    F("@netmask", IpItem, netmask, NULL, STR, BLANK),
    F("@prefix", IpItem, prefix, NULL, NUMBER(0, 128)),
    IGNORE("@localPtr", "VirtualBox has no DNS server on such a network"),
    REFUSE("tftp", NO_TFTP),
    F("dhcp", IpItem, dhcp, NULL, PRESENT),
    SERVER_ROWS(IpItem, server, "dhcp/"),
    {0},
};

const Element ip_element = {
    .path = "ip",
    .about = "The address of the host's adapter (IHostNetworkInterface::enableStaticIPConfig and "
             "enableStaticIPConfigV6): one of IPv4, and one of IPv6 beside it. VirtualBox gives "
             "every adapter an IPv4 address, and its DHCP server (IDHCPServer::setConfiguration) "
             "knows IPv4 and one range. The server's own address is chosen beside the range.",
    .size = sizeof(IpItem),
    .fields = ip_fields,
};

static gboolean fail_at(const Item *item, const char *path, GError **error, const char *what)
{
    g_autofree char *where = item_path(item, element_field(item->element, path));
    return fail(error, VIR_ERR_XML_ERROR, "%s: %s", where, what);
}

/* What libvirt takes when neither mask nor prefix is given: the address's class. */
static guint default_prefix(const Address *address)
{
    if (address->family == AF_INET6)
        return 64;
    return address->bytes[0] < 128 ? 8 : address->bytes[0] < 192 ? 16 : 24;
}

/* From netmask or prefix; whether there is room in it is another matter. */
static gboolean take_prefix(const Item *item, const Address *address, const char *netmask,
                            gint64 prefix, guint *ret_prefix, GError **error)
{
    gboolean has_prefix = prefix != NUMBER_ABSENT;
    *ret_prefix = has_prefix ? (guint)prefix : default_prefix(address);
    if (netmask != NULL && has_prefix)
        return fail_at(item, "@netmask", error, "give netmask or prefix, not both");
    if (netmask != NULL &&
        (address->family != AF_INET || !address_prefix_of_mask(netmask, ret_prefix)))
        return fail_at(item, "@netmask", error, "not an IPv4 network mask");
    return TRUE;
}

gboolean ip_take_address(const Item *item, const char *row, const char *text, int family,
                         Address *ret_address, GError **error)
{
    if (!address_parse(text, ret_address) || ret_address->family != family)
        return fail_at(item, row, error,
                       family == AF_INET6 ? "not an IPv6 address" : "not an IPv4 address");
    return TRUE;
}

static gboolean check_ip(const Item *item, const AdapterIp *ip, gboolean has_netmask,
                         GError **error)
{
    if (!address_is_unicast(&ip->address))
        return fail_at(item, "@address", error, "not an address of one interface");
    if (ip->prefix == 0 || ip->prefix > address_bits(&ip->address) - 2)
        return fail_at(item, has_netmask ? "@netmask" : "@prefix", error,
                       "a network needs room for the host and a guest");
    return TRUE;
}

gboolean ip_take_network(const Item *item, const IpWords *words, const AdapterIp *old,
                         AdapterIp *ret_ip, GError **error)
{
    if (!ip_take_address(item, "@address", words->address, words->family, &ret_ip->address,
                         error) ||
        !take_prefix(item, &ret_ip->address, words->netmask, words->prefix, &ret_ip->prefix, error))
        return FALSE;
    return (old != NULL && adapter_ip_equal(ret_ip, old)) ||
           check_ip(item, ret_ip, words->netmask != NULL, error);
}

static gboolean check_ends(const Item *item, const AdapterIp *ip, GError **error)
{
    Address first = address_first(&ip->address, ip->prefix);
    Address last = address_last(&ip->address, ip->prefix);
    if (address_equal(&ip->address, &first) ||
        (ip->address.family == AF_INET && address_equal(&ip->address, &last)))
        return fail_at(item, "@address", error,
                       "the network's first and last address are not for interfaces");
    return TRUE;
}

static gboolean take_ip(const IpItem *item, gboolean is_six, Network *network, GError **error)
{
    AdapterIp ip = {0};
    IpWords words = {is_six ? AF_INET6 : AF_INET, item->address, item->netmask, item->prefix};
    const Network *before = network->before;
    const AdapterIp *old = before == NULL ? NULL : is_six ? &before->v6 : &before->v4;
    AdapterIp *place = is_six ? &network->v6 : &network->v4;
    if (!ip_take_network(&item->item, &words, old, &ip, error))
        return FALSE;
    if (place->address.family != 0)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/ip: a VirtualBox adapter has one %s address", item->family);
    *place = ip;
    return (old != NULL && adapter_ip_equal(&ip, old)) || check_ends(&item->item, &ip, error);
}

static gboolean take_dhcp(const IpItem *item, gboolean is_six, Network *network, GError **error)
{
    if (item->dhcp != SWITCH_YES)
        return TRUE;
    if (is_six)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/ip/dhcp: VirtualBox's DHCP server knows IPv4 only");
    return server_take(&item->item, "dhcp/", &item->server, network, error);
}

gboolean ip_take(const IpItem *item, Network *network, GError **error)
{
    gboolean is_six = g_str_equal(item->family, "ipv6");
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    refusals_note(refusals, take_ip(item, is_six, network, &reason), &reason);
    if (!is_six)
        network->v4_as_prefix = item->prefix != NUMBER_ABSENT;
    refusals_note(refusals, take_dhcp(item, is_six, network, &reason), &reason);
    return refusals_tell(refusals, error);
}

void ip_put(Model *model, const Network *network)
{
    if (network->v4.address.family != 0) {
        IpItem *item = model_add(model, &ip_element);
        item->family = "ipv4";
        item->address = address_format(&network->v4.address);
        if (network->v4_as_prefix)
            item->prefix = network->v4.prefix;
        else
            item->netmask = address_mask_of_prefix(network->v4.prefix);
        if (network->dhcp != NULL) {
            item->dhcp = SWITCH_YES;
            server_put(&item->server, network);
        }
    }
    if (network->v6.address.family != 0) {
        IpItem *item = model_add(model, &ip_element);
        item->family = "ipv6";
        item->address = address_format(&network->v6.address);
        item->prefix = network->v6.prefix;
    }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <dhcp>, and an internal network's <vbox:dhcp>: what the DHCP server gives away. */
#include "network/document.h"

static const Field lan_fields[] = {
    F("@address", LanItem, address, NULL, STR, REQUIRED),
    F("@netmask", LanItem, netmask, NULL, STR),
    F("@prefix", LanItem, prefix, NULL, NUMBER(0, 128)),
    SERVER_ROWS(LanItem, server, ""),
    {0},
};

const Element lan_element = {
    .path = "vbox:dhcp",
    .about = "The DHCP server of an internal network (libvirt's `<ip>` would be an address of the "
             "host, which is not on such a network): its own address, and what else a `<dhcp>` "
             "has.",
    .size = sizeof(LanItem),
    .fields = lan_fields,
    .max = 1,
};

/* The address where guests find the host, or the NAT; family 0: there is none. */
static const Address *gateway(const Network *network)
{
    return &network->v4.address;
}

static gboolean take_range(const Item *item, const char *at, const ServerItem *from, Dhcp *server,
                           GError **error)
{
    g_autofree char *start = g_strconcat(at, "range/@start", NULL);
    g_autofree char *end = g_strconcat(at, "range/@end", NULL);
    g_autofree char *where = item_path(item, element_field(item->element, start));
    if (from->start == NULL && from->end == NULL)
        return TRUE;
    if (from->start == NULL || from->end == NULL)
        return fail(error, VIR_ERR_XML_ERROR, "%s: a <range> needs its start and its end", where);
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    refusals_note(refusals,
                  ip_take_address(item, start, from->start, AF_INET, &server->first, &reason),
                  &reason);
    refusals_note(refusals, ip_take_address(item, end, from->end, AF_INET, &server->last, &reason),
                  &reason);
    return refusals_tell(refusals, error);
}

/* Without a server it is the one that runs the DHCP server, says libvirt: the host. */
static gboolean take_boot(const char *place, const ServerItem *from, const Network *network,
                          DhcpConfig *config, GError **error)
{
    if (from->boot_file == NULL && from->boot_server == NULL)
        return TRUE;
    if (from->boot_file == NULL)
        return fail(error, VIR_ERR_XML_ERROR, "missing %s/bootp/@file", place);
    if (from->boot_server == NULL && gateway(network)->family == 0)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "%s/bootp: the host is not on this network, so say which server='…' has the "
                    "file",
                    place);
    g_autofree char *host = from->boot_server == NULL ? address_format(gateway(network)) : NULL;
    dhcp_config_set_text(config, DHCP_BOOT_FILE, from->boot_file);
    dhcp_config_set_text(config, DHCP_BOOT_SERVER, host != NULL ? host : from->boot_server);
    return TRUE;
}

static gboolean take_config(const char *place, const ServerItem *from, const Network *network,
                            DhcpConfig *config, GError **error)
{
    const DhcpConfig *old = network->before != NULL && network->before->dhcp != NULL
                                ? &network->before->dhcp->config
                                : NULL;
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    dhcp_config_set_text(config, DHCP_DOMAIN, network->domain);
    refusals_note(refusals, take_boot(place, from, network, config, &reason), &reason);
    refusals_note(refusals, config_take(&from->config, place, old, config, &reason), &reason);
    const DhcpOption *mask = dhcp_config_find(config, DHCP_MASK);
    refusals_note(refusals,
                  mask == NULL || mask->value == NULL ||
                      fail(&reason, VIR_ERR_CONFIG_UNSUPPORTED,
                           "%s/vbox:option: the option %u of all guests is the network's mask",
                           place, DHCP_MASK),
                  &reason);
    return refusals_tell(refusals, error);
}

gboolean server_take(const Item *item, const char *at, const ServerItem *server, Network *network,
                     GError **error)
{
    g_autofree char *above = item_path(item, NULL);
    g_autofree char *place =
        *at != '\0' ? g_strdup_printf("%s/%.*s", above, (int)strlen(at) - 1, at) : g_strdup(above);
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    g_clear_pointer(&network->dhcp, dhcp_free); /* of an <ip> that is one too many */
    network->dhcp = dhcp_new();
    refusals_note(refusals, take_range(item, at, server, network->dhcp, &reason), &reason);
    refusals_note(refusals, take_config(place, server, network, &network->dhcp->config, &reason),
                  &reason);
    return refusals_tell(refusals, error);
}

gboolean lan_take(const LanItem *item, Network *network, GError **error)
{
    AdapterIp ip = {0}, old = {0};
    IpWords words = {AF_INET, item->address, item->netmask, item->prefix};
    if (network->before != NULL && network->before->dhcp != NULL)
        old = (AdapterIp){network->before->dhcp->address, network->before->dhcp->prefix};
    if (network->v4.address.family != 0 || network->v6.address.family != 0)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/vbox:dhcp: a network with an <ip> has its <dhcp> there");
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    refusals_note(refusals, ip_take_network(&item->item, &words, &old, &ip, &reason), &reason);
    refusals_note(refusals, server_take(&item->item, "", &item->server, network, &reason), &reason);
    network->dhcp->address = ip.address;
    network->dhcp->prefix = ip.prefix;
    network->v4_as_prefix = item->prefix != NUMBER_ABSENT;
    return refusals_tell(refusals, error);
}

/* --- to the XML ---------------------------------------------------------------------------- */

/* The NAT's address is its guests' router and DNS server: they need not be told in the XML. */
static gboolean is_gateway(const Network *network, guint8 number)
{
    g_autofree char *address = address_format(gateway(network));
    return network->kind == NETWORK_NAT &&
           g_strcmp0(dhcp_config_text(&network->dhcp->config, number), address) == 0;
}

/* The <lease> of all guests stands in the <range>. */
static void put_default_lease(ConfigItem *item, const DhcpConfig *config)
{
    if (item->expiry == NUMBER_ABSENT)
        return;
    item->standard = config->lease;
    item->expiry = NUMBER_ABSENT;
    item->unit = NULL;
}

void server_put(ServerItem *server, const Network *network)
{
    const DhcpConfig *config = &network->dhcp->config;
    guint8 hidden[6] = {0};
    guint count = 0;
    const char *file = dhcp_config_text(config, DHCP_BOOT_FILE);
    const char *host = dhcp_config_text(config, DHCP_BOOT_SERVER);
    gboolean is_for_hosts = dhcp_is_for_hosts(network->dhcp);
    if (!is_for_hosts) {
        server->start = address_format(&network->dhcp->first);
        server->end = address_format(&network->dhcp->last);
    }
    if (file != NULL && host != NULL) {
        server->boot_file = g_strdup(file);
        server->boot_server = g_strdup(host);
        hidden[count++] = DHCP_BOOT_FILE;
        hidden[count++] = DHCP_BOOT_SERVER;
    }
    if (dhcp_config_text(config, DHCP_DOMAIN) != NULL)
        hidden[count++] = DHCP_DOMAIN;
    if (is_gateway(network, DHCP_ROUTERS))
        hidden[count++] = DHCP_ROUTERS;
    if (is_gateway(network, DHCP_DNS))
        hidden[count++] = DHCP_DNS;
    config_put(&server->config, config, hidden);
    if (is_for_hosts)
        put_default_lease(&server->config, config);
}

void dhcp_put(Model *model, const Network *network)
{
    const Dhcp *dhcp = network->dhcp;
    if (dhcp == NULL)
        return;
    if (network->kind == NETWORK_INTERNAL) {
        LanItem *item = model_add(model, &lan_element);
        item->address = address_format(&dhcp->address);
        if (network->v4_as_prefix)
            item->prefix = dhcp->prefix;
        else
            item->netmask = address_mask_of_prefix(dhcp->prefix);
        server_put(&item->server, network);
    }
    hosts_put(model, network);
    groups_put(model, network);
}

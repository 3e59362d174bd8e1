/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a definition's <dhcp> does not say: the server's own address, the range that VirtualBox
 * leaves, the NAT's options; and whether it makes sense. */
#include "network/document.h"

/* Of before, when it is that of the same network; NULL: none. */
static const Dhcp *old_server(const Network *network)
{
    const Network *before = network->before;
    if (before == NULL || before->dhcp == NULL || before->kind != network->kind)
        return NULL;
    if (network->kind != NETWORK_INTERNAL)
        return network_has_same_v4(network) ? before->dhcp : NULL;
    return address_equal(&before->dhcp->address, &network->dhcp->address) &&
                   before->dhcp->prefix == network->dhcp->prefix
               ? before->dhcp
               : NULL;
}

static gboolean is_said(const DhcpConfig *config)
{
    return config->options->len > 0 || config->lease != 0 || config->lease_min != 0 ||
           config->lease_max != 0;
}

static gboolean is_plain(const Dhcp *server)
{
    return !is_said(&server->config) && server->hosts->len == 0 && server->groups->len == 0;
}

static gboolean has_addresses(const Dhcp *server)
{
    for (guint i = 0; i < server->hosts->len; i++)
        if (((const DhcpHost *)server->hosts->pdata[i])->address.family != 0)
            return TRUE;
    return FALSE;
}

/* Without a range it has addresses for hosts alone, as libvirt's own; without both there is none.
 */
static gboolean settle_range(Network *network, const Dhcp *old, GError **error)
{
    Dhcp *server = network->dhcp;
    gboolean is_new = old == NULL || !dhcp_is_for_hosts(old) || has_addresses(old);
    if (server->first.family != 0 || has_addresses(server) || !is_new)
        return TRUE;
    if (!is_plain(server) || network->kind == NETWORK_INTERNAL)
        return fail(error, VIR_ERR_XML_ERROR,
                    "/network/%s: VirtualBox's DHCP server needs a <range> with start and end, or "
                    "a <host> with its ip",
                    network->kind == NETWORK_INTERNAL ? "vbox:dhcp/range/@start"
                                                      : "ip/dhcp/range/@start");
    g_clear_pointer(&network->dhcp, dhcp_free);
    return TRUE;
}

/* VirtualBox's own first choice for guests is .4; it would give its own addresses away. */
static gboolean check_nat_hosts(const Network *network, const Dhcp *old, const Address *free,
                                GError **error)
{
    const Dhcp *server = network->dhcp;
    g_autofree char *text = address_format(free);
    g_autoptr(Refusals) refusals = refusals_new();
    for (guint i = 0; i < server->hosts->len; i++) {
        const DhcpHost *host = server->hosts->pdata[i];
        gboolean is_old = old != NULL && dhcp_find_host(old, host) != NULL;
        GError *reason = NULL;
        refusals_note(refusals,
                      is_old || host->address.family == 0 ||
                          address_compare(&host->address, free) >= 0 ||
                          fail(&reason, VIR_ERR_CONFIG_UNSUPPORTED,
                               "/network/ip/dhcp/host[%u]/@ip: VirtualBox's NAT uses the first %d "
                               "addresses of a network itself: %s is the first that is free",
                               i + 1, NAT_RESERVED, text),
                      &reason);
    }
    return refusals_tell(refusals, error);
}

/* libvirt's own range begins at .2, which is VirtualBox's: what is left of it counts. */
static gboolean settle_nat_range(Network *network, const Dhcp *old, GError **error)
{
    Dhcp *server = network->dhcp;
    Address start = address_first(&network->v4.address, network->v4.prefix);
    Address free = address_step(&start, NAT_RESERVED + 1);
    if (!check_nat_hosts(network, old, &free, error))
        return FALSE;
    if (server->first.family == 0 || (old != NULL && dhcp_has_same_range(server, old)) ||
        address_compare(&server->first, &free) >= 0)
        return TRUE;
    g_autofree char *text = address_format(&free);
    if (address_compare(&server->last, &free) < 0)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/ip/dhcp/range/@end: VirtualBox's NAT uses the first %d addresses of "
                    "a network itself: %s is the first that is free",
                    NAT_RESERVED, text);
    server->first = free;
    return TRUE;
}

/* Guests find the NAT's router and DNS server, unless it is said otherwise, or never was. */
static void settle_nat_options(Network *network, const Dhcp *old)
{
    static const guint8 numbers[] = {DHCP_ROUTERS, DHCP_DNS};
    g_autofree char *gateway = address_format(&network->v4.address);
    DhcpConfig *config = &network->dhcp->config;
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        gboolean was_without =
            old != NULL && !old->is_future && dhcp_config_find(&old->config, numbers[i]) == NULL;
        if (dhcp_config_find(config, numbers[i]) == NULL && !was_without)
            dhcp_config_set_text(config, numbers[i], gateway);
    }
}

static gboolean is_address_free(const Dhcp *server)
{
    for (guint i = 0; i < server->hosts->len; i++)
        if (address_equal(&((const DhcpHost *)server->hosts->pdata[i])->address, &server->address))
            return FALSE;
    return TRUE;
}

/* The server's own address, which libvirt's XML does not say, stays as long as it fits. */
static gboolean settle_address(Network *network, const Dhcp *old, GError **error)
{
    Dhcp *server = network->dhcp;
    gboolean had_range = server->first.family != 0;
    if (old != NULL) {
        gboolean stays = had_range ? dhcp_has_same_range(server, old) : dhcp_is_for_hosts(old);
        server->address = old->address;
        server->prefix = old->prefix;
        if (stays && (is_address_free(server) || !is_address_free(old))) {
            server->first = old->first;
            server->last = old->last;
            return TRUE;
        }
    }
    if (network->kind == NETWORK_INTERNAL) {
        if (!had_range)
            server->first = server->last = server->address;
        return TRUE;
    }
    if (dhcp_choose_address(server, &network->v4) && !(had_range && dhcp_is_for_hosts(server)))
        return TRUE;
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "/network/ip/dhcp: no address is left for VirtualBox's DHCP server itself");
}

gboolean server_settle(Network *network, GError **error)
{
    if (network->dhcp == NULL)
        return TRUE;
    const Dhcp *old = old_server(network);
    AdapterIp ip = network->v4;
    if (network->kind == NETWORK_INTERNAL)
        ip = (AdapterIp){network->dhcp->address, network->dhcp->prefix};
    if (!settle_range(network, old, error))
        return FALSE;
    Dhcp *server = network->dhcp;
    if (server == NULL)
        return TRUE;
    if (!dhcp_check(server, &ip, old, error))
        return FALSE;
    if (old != NULL && old->is_future && dhcp_has_same_range(server, old) && is_plain(server)) {
        server->address = old->address;
        server->prefix = old->prefix;
        server->is_future = TRUE;
        return TRUE;
    }
    if (network->kind == NETWORK_NAT) {
        if (!settle_nat_range(network, old, error))
            return FALSE;
        settle_nat_options(network, old);
    }
    return settle_address(network, old, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <host> and <vbox:guest> of a network's DHCP server: what is said of one guest. */
#include "network/document.h"

#define SLOT_MAX 32 /* of DHCPServer::getConfig() */
#define SLOTS 8     /* whose MAC addresses VirtualBox tells its DHCP server */

static const Field host_fields[] = {
    F("@mac", HostItem, mac, NULL, ANY_MAC, IDENTITY),
    F("@name", HostItem, name, NULL, STR),
    F("@ip", HostItem, ip, NULL, STR),
    REFUSE("@id", "its DHCP server knows guests by their MAC address"),
    CONFIG_ROWS(HostItem, config, "", ""),
    {0},
};

static const Field guest_fields[] = {
    F("@mac", HostItem, mac, NULL, ANY_MAC),
    F("@machine", HostItem, machine, NULL, UUID),
    F("@slot", HostItem, slot, NULL, NUMBER(0, SLOT_MAX)),
    F("@name", HostItem, name, NULL, STR),
    F("@ip", HostItem, ip, NULL, STR),
    CONFIG_ROWS(HostItem, config, "", ""),
    {0},
};

#define HOST                                                                               \
    .about = "A guest that always gets the same address: an IDHCPIndividualConfig of its " \
             "MAC address. The name is its option 12.",                                    \
    .size = sizeof(HostItem), .fields = host_fields
#define GUEST                                                                                  \
    .about = "What is said of a guest that libvirt's `<host>` cannot name: of one without an " \
             "address of its own (`mac`), or of an adapter of a machine (`machine`, `slot`), " \
             "whatever MAC address it has.",                                                   \
    .size = sizeof(HostItem), .fields = guest_fields

const Element host_element = {.path = "ip/dhcp/host", HOST};
const Element guest_element = {.path = "ip/dhcp/vbox:guest", GUEST};
const Element lan_host_element = {.path = "vbox:dhcp/host", HOST};
const Element lan_guest_element = {.path = "vbox:dhcp/vbox:guest", GUEST};

static gboolean take_address(const HostItem *item, const char *place, DhcpHost *host,
                             GError **error)
{
    return item->ip == NULL ||
           (address_parse(item->ip, &host->address) && host->address.family == AF_INET) ||
           fail(error, VIR_ERR_XML_ERROR, "%s/@ip: not an IPv4 address", place);
}

static gboolean check_new(const DhcpHost *host, const char *place, GError **error)
{
    if (host->mac != NULL && !mac_check_unicast(host->mac, error)) {
        g_prefix_error(error, "%s/@mac: ", place);
        return FALSE;
    }
    return host->slot < SLOTS ||
           fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "%s/@slot: VirtualBox's DHCP server hears of the adapters 0 to %d alone: give the "
                "adapter's mac",
                place, SLOTS - 1);
}

static gboolean fill(const HostItem *item, const char *place, const Dhcp *before, DhcpHost *host,
                     GError **error)
{
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    refusals_note(refusals, take_address(item, place, host, &reason), &reason);
    host->mac = item->mac != NULL ? g_ascii_strdown(item->mac, -1) : NULL;
    host->machine = g_strdup(item->machine);
    host->slot = item->slot != NUMBER_ABSENT && item->machine != NULL ? (guint)item->slot : 0;
    dhcp_config_set_text(&host->config, DHCP_HOST_NAME, item->name);
    const DhcpHost *old = before != NULL ? dhcp_find_host(before, host) : NULL;
    if (old == NULL)
        refusals_note(refusals, check_new(host, place, &reason), &reason);
    refusals_note(refusals,
                  config_take(&item->config, place, old != NULL ? &old->config : NULL,
                              &host->config, &reason),
                  &reason);
    return refusals_tell(refusals, error);
}

static gboolean take(const HostItem *item, const char *place, Network *network, GError **error)
{
    const Dhcp *before = network->before != NULL ? network->before->dhcp : NULL;
    DhcpHost *host = dhcp_host_new();
    g_ptr_array_add(network->dhcp->hosts, host);
    return fill(item, place, before, host, error);
}

gboolean host_take(const HostItem *item, Network *network, GError **error)
{
    g_autofree char *path = item_path(&item->item, NULL);
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    refusals_note(refusals,
                  item->mac != NULL ||
                      fail(&reason, VIR_ERR_CONFIG_UNSUPPORTED,
                           "%s/@mac is missing: VirtualBox's DHCP server knows guests by their "
                           "MAC address alone, not by the name that they give",
                           path),
                  &reason);
    refusals_note(refusals,
                  item->ip != NULL ||
                      fail(&reason, VIR_ERR_XML_ERROR,
                           "%s/@ip is missing: a <host> has its own address; for one that has "
                           "none say <vbox:guest mac='%s'/>",
                           path, item->mac != NULL ? item->mac : "…"),
                  &reason);
    refusals_note(refusals, take(item, path, network, &reason), &reason);
    return refusals_tell(refusals, error);
}

gboolean guest_take(const HostItem *item, Network *network, GError **error)
{
    g_autofree char *path = item_path(&item->item, NULL);
    if ((item->mac == NULL) == (item->machine == NULL) ||
        (item->machine == NULL) != (item->slot == NUMBER_ABSENT))
        return fail(error, VIR_ERR_XML_ERROR, "%s: give mac, or machine and slot", path);
    return take(item, path, network, error);
}

static void put(Model *model, const DhcpHost *host, gboolean is_lan)
{
    static const guint8 hidden[] = {DHCP_HOST_NAME, 0}, none[] = {0};
    gboolean is_host = host->mac != NULL && host->address.family != 0;
    const Element *element = is_host ? &host_element : &guest_element;
    if (is_lan)
        element = is_host ? &lan_host_element : &lan_guest_element;
    const char *name = dhcp_config_text(&host->config, DHCP_HOST_NAME);
    HostItem *item = model_add(model, element);
    item->mac = g_strdup(host->mac);
    item->machine = g_strdup(host->machine);
    if (host->machine != NULL)
        item->slot = host->slot;
    item->name = g_strdup(name);
    item->ip = host->address.family != 0 ? address_format(&host->address) : NULL;
    config_put(&item->config, &host->config, name != NULL ? hidden : none);
}

void hosts_put(Model *model, const Network *network)
{
    for (guint i = 0; i < network->dhcp->hosts->len; i++)
        if (!((const DhcpHost *)network->dhcp->hosts->pdata[i])->is_own)
            put(model, network->dhcp->hosts->pdata[i], network->kind == NETWORK_INTERNAL);
}

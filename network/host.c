/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <host> of a network's DHCP server: a guest that always gets the same address. */
#include "network/document.h"

static const Field host_fields[] = {
    F("@mac", HostItem, mac, NULL, MAC, IDENTITY),
    F("@name", HostItem, name, NULL, STR),
    F("@ip", HostItem, ip, NULL, STR),
    REFUSE("@id", "its DHCP server knows guests by their MAC address"),
    REFUSE("lease", "vboxvirt does not set lease times yet"),
    {0},
};

const Element host_element = {
    .path = "ip/dhcp/host",
    .about = "A guest that always gets the same address: an IDHCPIndividualConfig of its MAC "
             "address. The name is its option 12.",
    .size = sizeof(HostItem),
    .fields = host_fields,
};

gboolean host_take(const HostItem *item, Network *network, GError **error)
{
    g_autofree char *path = item_path(&item->item, NULL);
    Address address;
    if (item->mac == NULL || item->ip == NULL)
        return fail(error, VIR_ERR_XML_ERROR, "missing %s/@%s", path,
                    item->mac == NULL ? "mac" : "ip");
    if (network->dhcp == NULL)
        return fail(error, VIR_ERR_XML_ERROR, "%s: VirtualBox's DHCP server needs a <range>", path);
    if (!address_parse(item->ip, &address) || address.family != AF_INET)
        return fail(error, VIR_ERR_XML_ERROR, "%s/@ip: not an IPv4 address", path);
    DhcpHost *host = g_new0(DhcpHost, 1);
    host->mac = g_ascii_strdown(item->mac, -1);
    host->name = g_strdup(item->name);
    host->address = address;
    g_ptr_array_add(network->dhcp->hosts, host);
    return TRUE;
}

void host_put(Model *model, const Network *network)
{
    for (guint i = 0; network->dhcp != NULL && i < network->dhcp->hosts->len; i++) {
        const DhcpHost *host = network->dhcp->hosts->pdata[i];
        HostItem *item = model_add(model, &host_element);
        item->mac = g_strdup(host->mac);
        item->name = g_strdup(host->name);
        item->ip = address_format(&host->address);
    }
}

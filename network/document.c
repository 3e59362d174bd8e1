/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Document: see document.h. */
#include "network/document.h"
#include <string.h>

/* VirtualBox's driver has 128 bytes for an internal network's name. */
#define INTERNAL_NAME_MAX 127

static const Element *const elements[] = {&head_element, &ip_element, &host_element, NULL};

const Schema network_schema = {.root = "network", .elements = elements};

static gboolean take_head(HeadItem *head, Network *network, GError **error)
{
    network->name = g_steal_pointer(&head->name);
    network->title = g_steal_pointer(&head->title);
    network->description = g_steal_pointer(&head->description);
    network->metadata = g_steal_pointer(&head->metadata);
    network->domain = g_steal_pointer(&head->domain);
    if (head->uuid != NULL && !uuid_parse(head->uuid, network->uuid))
        return fail(error, VIR_ERR_XML_ERROR, "malformed uuid element");
    return TRUE;
}

static gboolean check_kind(Network *network, guint n_ips, GError **error)
{
    network->kind = n_ips > 0 ? NETWORK_HOST_ONLY : NETWORK_INTERNAL;
    if (network->kind == NETWORK_INTERNAL) {
        if (strlen(network->name) <= INTERNAL_NAME_MAX)
            return TRUE;
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/name: VirtualBox has room for %d bytes in the name of an internal "
                    "network",
                    INTERNAL_NAME_MAX);
    }
    if (network->v4.address.family == 0)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/ip: VirtualBox gives every host-only network an IPv4 address: add "
                    "an <ip> for it");
    if (network->dhcp == NULL)
        return TRUE;
    network->dhcp->domain = g_strdup(network->domain);
    if (!dhcp_check(network->dhcp, &network->v4, error))
        return FALSE;
    if (dhcp_choose_address(network->dhcp, &network->v4))
        return TRUE;
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "/network/ip/dhcp: no address is left for VirtualBox's DHCP server itself");
}

Network *document_parse(const char *xml, char **ret_bridge, GError **error)
{
    g_autoptr(Model) model = map_parse(&network_schema, xml, error);
    if (model == NULL)
        return NULL;
    g_autoptr(Network) network = network_new();
    HeadItem *head = model_first(model, &head_element);
    if (!take_head(head, network, error))
        return NULL;
    GPtrArray *ips = model_items(model, &ip_element), *hosts = model_items(model, &host_element);
    for (guint i = 0; i < ips->len; i++)
        if (!ip_take(ips->pdata[i], network, error))
            return NULL;
    for (guint i = 0; i < hosts->len; i++)
        if (!host_take(hosts->pdata[i], network, error))
            return NULL;
    if (!check_kind(network, ips->len, error))
        return NULL;
    *ret_bridge = g_steal_pointer(&head->bridge);
    return g_steal_pointer(&network);
}

char *document_format(const Network *network, GError **error)
{
    g_autoptr(Model) model = model_new(&network_schema);
    HeadItem *head = model_add(model, &head_element);
    char uuid[UUID_STRING];
    uuid_format(network->uuid, uuid);
    head->name = g_strdup(network->name);
    head->uuid = g_strdup(uuid);
    head->title = g_strdup(network->title);
    head->description = g_strdup(network->description);
    head->metadata = g_strdup(network->metadata);
    head->domain = g_strdup(network->domain);
    if (network->kind == NETWORK_HOST_ONLY) {
        head->bridge = g_strdup(network->vbox_name);
        head->mac = g_strdup(network->mac);
        ip_put(model, network);
        host_put(model, network);
    }
    return map_format(model, 0, error);
}

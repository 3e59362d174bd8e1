/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Document: see document.h. */
#include "network/document.h"
#include <string.h>

/* VirtualBox's driver has 128 bytes for an internal network's name. */
#define INTERNAL_NAME_MAX 127

static const Element *const elements[] = {&head_element,     &ip_element,        &lan_element,
                                          &host_element,     &guest_element,     &group_element,
                                          &lan_host_element, &lan_guest_element, &lan_group_element,
                                          &rule_element,     &loopback_element,  NULL};

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

/* What <forward> means, and what follows from there being an <ip>. */
static gboolean take_kind(const HeadItem *head, Network *network, GError **error)
{
    const char *mode = head->forward_mode != NULL ? head->forward_mode : "nat";
    gboolean has_ip = network->v4.address.family != 0 || network->v6.address.family != 0;
    if (head->has_forward != SWITCH_YES || g_str_equal(mode, "none")) {
        network->kind = has_ip ? NETWORK_HOST_ONLY : NETWORK_INTERNAL;
        return TRUE;
    }
    if (g_str_equal(mode, "nat")) {
        network->kind = NETWORK_NAT;
        return TRUE;
    }
    network->kind = NETWORK_BRIDGED;
    const char *device = head->interface != NULL     ? head->interface
                         : head->forward_dev != NULL ? head->forward_dev
                                                     : head->bridge;
    if (device == NULL)
        return fail(error, VIR_ERR_XML_ERROR,
                    "/network/forward: mode 'bridge' needs an <interface dev='…'/>, the host's");
    if (has_ip)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/ip: a bridged network has the addresses of the host's network");
    network->device = g_strdup(device);
    return TRUE;
}

static gboolean check_server(Network *network, GError **error)
{
    Dhcp *server = network->dhcp;
    if (server == NULL)
        return TRUE;
    AdapterIp ip = network->v4;
    if (network->kind == NETWORK_INTERNAL)
        ip = (AdapterIp){server->address, server->prefix};
    if (!dhcp_check(server, &ip, error))
        return FALSE;
    if (network->kind == NETWORK_INTERNAL || dhcp_choose_address(server, &ip))
        return TRUE;
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "/network/ip/dhcp: no address is left for VirtualBox's DHCP server itself");
}

static gboolean check_kind(Network *network, GError **error)
{
    if (network->kind == NETWORK_INTERNAL && strlen(network->name) > INTERNAL_NAME_MAX)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/name: VirtualBox has room for %d bytes in the name of an internal "
                    "network",
                    INTERNAL_NAME_MAX);
    if (network->kind != NETWORK_NAT && (network->rules != NULL || network->loopbacks != NULL))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/%s: only a network with <forward mode='nat'/> has it",
                    network->rules != NULL ? "vbox:portForward" : "vbox:loopback");
    if (network->kind == NETWORK_BRIDGED && network->dhcp != NULL)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/vbox:dhcp: a bridged network has the DHCP server of the host's "
                    "network");
    if (network->kind == NETWORK_INTERNAL || network->kind == NETWORK_BRIDGED)
        return check_server(network, error);
    if (network->v4.address.family == 0)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/ip: VirtualBox gives every such network an IPv4 address: add an "
                    "<ip> for it");
    return check_server(network, error);
}

/* --- all of it ----------------------------------------------------------------------------- */

#define TAKE(element, Type, function)                                                        \
    for (guint i = 0; i < model_items(model, &element)->len; i++)                            \
        if (!function((const Type *)model_items(model, &element)->pdata[i], network, error)) \
            return FALSE;

static gboolean take_items(Model *model, Network *network, GError **error)
{
    TAKE(ip_element, IpItem, ip_take)
    TAKE(lan_element, LanItem, lan_take)
    TAKE(host_element, HostItem, host_take)
    TAKE(guest_element, HostItem, guest_take)
    TAKE(group_element, GroupItem, group_take)
    TAKE(lan_host_element, HostItem, host_take)
    TAKE(lan_guest_element, HostItem, guest_take)
    TAKE(lan_group_element, GroupItem, group_take)
    TAKE(rule_element, RuleItem, rule_take)
    TAKE(loopback_element, LoopbackItem, loopback_take)
    return TRUE;
}
#undef TAKE

Network *document_parse(const char *xml, char **ret_bridge, GError **error)
{
    g_autoptr(Model) model = map_parse(&network_schema, xml, error);
    if (model == NULL)
        return NULL;
    g_autoptr(Network) network = network_new();
    HeadItem *head = model_first(model, &head_element);
    if (!take_head(head, network, error))
        return NULL;
    if (!take_items(model, network, error) || !take_kind(head, network, error) ||
        !check_kind(network, error))
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
    }
    if (network->kind == NETWORK_NAT || network->kind == NETWORK_BRIDGED) {
        head->has_forward = SWITCH_YES;
        head->forward_mode = g_strdup(network->kind == NETWORK_NAT ? "nat" : "bridge");
        head->interface = g_strdup(network->device);
    }
    ip_put(model, network);
    dhcp_put(model, network);
    nat_put(model, network);
    return map_format(model, 0, error);
}

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

static gboolean check_name(const char *name, const Network *before, GError **error)
{
    if (before != NULL && g_str_equal(before->name, name))
        return TRUE;
    if (*name == '\0')
        return fail(error, VIR_ERR_XML_ERROR, "/network/name is empty");
    if (strpbrk(name, "/\n") != NULL)
        return fail(error, VIR_ERR_XML_ERROR, "name %s cannot contain '/' or a line end", name);
    return TRUE;
}

static void take_words(HeadItem *head, Network *network)
{
    g_free(network->title);
    g_free(network->description);
    g_free(network->metadata);
    network->title = g_steal_pointer(&head->title);
    network->description = g_steal_pointer(&head->description);
    network->metadata = g_steal_pointer(&head->metadata);
}

static gboolean take_head(Model *model, HeadItem *head, Network *network, GError **error)
{
    const char *name;
    if (!document_names(model, &name, network->uuid, error) ||
        !check_name(name, network->before, error))
        return FALSE;
    network->name = g_strdup(name);
    network->domain = g_steal_pointer(&head->domain);
    take_words(head, network);
    return TRUE;
}

/* A host-only network whose guests get where the host's routes and firewall let them. */
static gboolean take_routed(const char *mode, gboolean has_ip, Network *network, GError **error)
{
    if (!has_ip)
        return fail(error, VIR_ERR_XML_ERROR,
                    "/network/forward: mode '%s' needs an <ip>: the host is its guests' gateway",
                    mode);
    network->kind = NETWORK_HOST_ONLY;
    network->forward = g_strdup(mode);
    return TRUE;
}

static gboolean take_bridged(const HeadItem *head, gboolean has_ip, Network *network,
                             GError **error)
{
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
    if (g_str_equal(mode, "bridge"))
        return take_bridged(head, has_ip, network, error);
    return take_routed(mode, has_ip, network, error);
}

static gboolean check_kind(Network *network, GError **error)
{
    const Network *before = network->before;
    gboolean is_named = before != NULL && g_str_equal(before->name, network->name);
    if (network->kind == NETWORK_INTERNAL && strlen(network->name) > INTERNAL_NAME_MAX && !is_named)
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
        return server_settle(network, error);
    if (network->v4.address.family == 0)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/ip: VirtualBox gives every such network an IPv4 address: add an "
                    "<ip> for it");
    return server_settle(network, error);
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

Model *document_read(const char *xml, GError **error)
{
    return map_parse(&network_schema, xml, error);
}

gboolean document_names(Model *model, const char **ret_name, guint8 ret_uuid[UUID_BYTES],
                        GError **error)
{
    const HeadItem *head = model_first(model, &head_element);
    *ret_name = head->name;
    return head->uuid == NULL || uuid_parse(head->uuid, ret_uuid) ||
           fail(error, VIR_ERR_XML_ERROR, "malformed uuid element");
}

Network *document_take(Model *model, const Network *before, char **ret_bridge, GError **error)
{
    g_autoptr(Network) network = network_new();
    HeadItem *head = model_first(model, &head_element);
    network->before = before;
    if (!take_head(model, head, network, error) || !take_items(model, network, error) ||
        !take_kind(head, network, error) || !check_kind(network, error))
        return NULL;
    *ret_bridge = g_steal_pointer(&head->bridge);
    return g_steal_pointer(&network);
}

static HeadItem *put_words(Model *model, const Network *network)
{
    HeadItem *head = model_add(model, &head_element);
    head->name = g_strdup(network->name);
    head->title = g_strdup(network->title);
    head->description = g_strdup(network->description);
    head->metadata = g_strdup(network->metadata);
    return head;
}

char *document_format_words(const Network *network, GError **error)
{
    g_autoptr(Model) model = model_new(&network_schema);
    put_words(model, network);
    return map_format(model, 0, error);
}

gboolean document_take_words(const char *xml, Network *network, GError **error)
{
    g_autoptr(Model) model = document_read(xml, error);
    if (model == NULL)
        return FALSE;
    take_words(model_first(model, &head_element), network);
    return TRUE;
}

static const char *mode_of(const Network *network)
{
    return network->kind == NETWORK_NAT       ? "nat"
           : network->kind == NETWORK_BRIDGED ? "bridge"
                                              : network->forward;
}

char *document_format(const Network *network, GError **error)
{
    g_autoptr(Model) model = model_new(&network_schema);
    HeadItem *head = put_words(model, network);
    char uuid[UUID_STRING];
    uuid_format(network->uuid, uuid);
    head->uuid = g_strdup(uuid);
    head->domain = g_strdup(network->domain);
    if (network->kind == NETWORK_HOST_ONLY) {
        head->bridge = g_strdup(network->vbox_name);
        head->mac = g_strdup(network->mac);
    }
    if (mode_of(network) != NULL) {
        head->has_forward = SWITCH_YES;
        head->forward_mode = g_strdup(mode_of(network));
        head->interface = g_strdup(network->device);
    }
    ip_put(model, network);
    dhcp_put(model, network);
    nat_put(model, network);
    return map_format(model, 0, error);
}

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

/* FALSE: it has no name. */
static gboolean take_head(Model *model, HeadItem *head, Network *network, Refusals *refusals)
{
    const char *name;
    GError *reason = NULL;
    refusals_note(refusals, head->item.is_incomplete || head_check(head, &reason), &reason);
    if (!refusals_note(refusals, document_names(model, &name, network->uuid, &reason), &reason) ||
        name == NULL)
        return FALSE;
    refusals_note(refusals, check_name(name, network->before, &reason), &reason);
    network->name = g_strdup(name);
    network->domain = g_steal_pointer(&head->domain);
    take_words(head, network);
    return TRUE;
}

/* A host-only network whose guests get where the host's routes and firewall let them. */
static gboolean take_routed(const char *mode, gboolean has_ip, Network *network, GError **error)
{
    network->kind = NETWORK_HOST_ONLY;
    network->forward = g_strdup(mode);
    return has_ip ||
           fail(error, VIR_ERR_XML_ERROR,
                "/network/forward: mode '%s' needs an <ip>: the host is its guests' gateway", mode);
}

static gboolean take_bridged(const HeadItem *head, gboolean has_ip, Network *network,
                             GError **error)
{
    const char *device = head->interface != NULL     ? head->interface
                         : head->forward_dev != NULL ? head->forward_dev
                                                     : head->bridge;
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    network->kind = NETWORK_BRIDGED;
    network->device = g_strdup(device);
    refusals_note(refusals,
                  device != NULL || fail(&reason, VIR_ERR_XML_ERROR,
                                         "/network/forward: mode 'bridge' needs an <interface "
                                         "dev='…'/>, the host's"),
                  &reason);
    refusals_note(refusals,
                  !has_ip || fail(&reason, VIR_ERR_CONFIG_UNSUPPORTED,
                                  "/network/ip: a bridged network has the addresses of the host's "
                                  "network"),
                  &reason);
    return refusals_tell(refusals, error);
}

/* What <forward> means, and what follows from there being an <ip>.  A mode that there is not is
 * refused elsewhere: *ret_is_known FALSE. */
static gboolean take_kind(const HeadItem *head, gboolean has_ip, Network *network,
                          gboolean *ret_is_known, GError **error)
{
    const char *mode = head->forward_mode != NULL ? head->forward_mode : "nat";
    *ret_is_known = TRUE;
    if (head->has_forward != SWITCH_YES || g_str_equal(mode, "none"))
        network->kind = has_ip ? NETWORK_HOST_ONLY : NETWORK_INTERNAL;
    else if (g_str_equal(mode, "nat"))
        network->kind = NETWORK_NAT;
    else if (g_str_equal(mode, "bridge"))
        return take_bridged(head, has_ip, network, error);
    else if (words_have("open|route", mode))
        return take_routed(mode, has_ip, network, error);
    else
        *ret_is_known = FALSE;
    return TRUE;
}

/* --- what the kind cannot have ------------------------------------------------------------- */

static gboolean check_length(const Network *network, GError **error)
{
    const Network *before = network->before;
    gboolean is_named = before != NULL && g_str_equal(before->name, network->name);
    return network->kind != NETWORK_INTERNAL || strlen(network->name) <= INTERNAL_NAME_MAX ||
           is_named ||
           fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "/network/name: VirtualBox has room for %d bytes in the name of an internal "
                "network",
                INTERNAL_NAME_MAX);
}

static gboolean check_nat_only(const Network *network, GError **error)
{
    return network->kind == NETWORK_NAT || (network->rules == NULL && network->loopbacks == NULL) ||
           fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "/network/%s: only a network with <forward mode='nat'/> has it",
                network->rules != NULL ? "vbox:portForward" : "vbox:loopback");
}

static gboolean check_bridged(const Network *network, GError **error)
{
    return network->kind != NETWORK_BRIDGED || network->dhcp == NULL ||
           fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "/network/vbox:dhcp: a bridged network has the DHCP server of the host's network");
}

static gboolean has_address(const Network *network)
{
    return network->kind == NETWORK_NAT || network->kind == NETWORK_HOST_ONLY;
}

/* Of one whose addresses and server are known. */
static gboolean check_addresses(Network *network, GError **error)
{
    if (has_address(network) && network->v4.address.family == 0)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/network/ip: VirtualBox gives every such network an IPv4 address: add an "
                    "<ip> for it");
    return server_settle(network, error);
}

static void check_kind(Network *network, Refusals *refusals)
{
    GError *reason = NULL;
    refusals_note(refusals, check_length(network, &reason), &reason);
    refusals_note(refusals, check_nat_only(network, &reason), &reason);
    refusals_note(refusals, check_bridged(network, &reason), &reason);
    if (!network->is_partial &&
        !refusals_note(refusals, check_addresses(network, &reason), &reason))
        network->is_partial = TRUE;
}

/* --- all of it ----------------------------------------------------------------------------- */

/* Of a server that was refused there is nothing to take. */
#define TAKE(element, Type, function, condition)                                 \
    for (guint i = 0; i < model_items(model, &element)->len; i++) {              \
        const Type *each = model_items(model, &element)->pdata[i];               \
        GError *reason = NULL;                                                   \
        if (each->item.is_incomplete || !(condition) ||                          \
            !refusals_note(refusals, function(each, network, &reason), &reason)) \
            network->is_partial = TRUE;                                          \
    }

static void take_addresses(Model *model, Network *network, Refusals *refusals)
{
    TAKE(ip_element, IpItem, ip_take, TRUE)
    TAKE(lan_element, LanItem, lan_take, TRUE)
    TAKE(host_element, HostItem, host_take, network->dhcp != NULL)
    TAKE(guest_element, HostItem, guest_take, network->dhcp != NULL)
    TAKE(group_element, GroupItem, group_take, network->dhcp != NULL)
    TAKE(lan_host_element, HostItem, host_take, network->dhcp != NULL)
    TAKE(lan_guest_element, HostItem, guest_take, network->dhcp != NULL)
    TAKE(lan_group_element, GroupItem, group_take, network->dhcp != NULL)
}

static void take_ports(Model *model, Network *network, Refusals *refusals){
    TAKE(rule_element, RuleItem, rule_take, TRUE)
        TAKE(loopback_element, LoopbackItem, loopback_take, TRUE)}
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

Network *document_take(Model *model, const Network *before, char **ret_bridge, Refusals *refusals)
{
    g_autoptr(Network) network = network_new();
    HeadItem *head = model_first(model, &head_element);
    GError *reason = NULL;
    gboolean is_known;
    network->before = before;
    gboolean is_named = take_head(model, head, network, refusals);
    gboolean has_ip = model_items(model, &ip_element)->len > 0;
    if (!refusals_note(refusals, take_kind(head, has_ip, network, &is_known, &reason), &reason))
        network->is_partial = TRUE;
    take_addresses(model, network, refusals);
    take_ports(model, network, refusals);
    if (!is_named || !is_known)
        return NULL;
    check_kind(network, refusals);
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <vbox:portForward> and <vbox:loopback> of a NAT network. */
#include <string.h>
#include "network/document.h"

/* clang-format off */
static const Word families[] = { { "ipv4", "ipv4" }, { "ipv6", "ipv6" }, END };
static const Word protocols[] = { { "tcp", "TCP" }, { "udp", "UDP" }, END };

static const Field rule_fields[] = {
    F("@family",    RuleItem, family,     NULL, WORD(families, NULL), FALLBACK("ipv4"), QUIET),
    F("@name",      RuleItem, name,       NULL, STR),
    F("@proto",     RuleItem, protocol,   NULL, WORD(protocols, NULL), FALLBACK("tcp")),
    F("@hostip",    RuleItem, host,       NULL, STR, FALLBACK(""), QUIET),
    F("@hostport",  RuleItem, host_port,  NULL, NUMBER(0, 65535), REQUIRED),
    F("@guestip",   RuleItem, guest,      NULL, STR, REQUIRED),
    F("@guestport", RuleItem, guest_port, NULL, NUMBER(0, 65535), REQUIRED),
    END };

static const Field loopback_fields[] = {
    F("@address", LoopbackItem, address, NULL, STR, REQUIRED),
    F("@offset",  LoopbackItem, offset,  NULL, NUMBER(1, 65535), REQUIRED),
    END };
/* clang-format on */

const Element rule_element = {
    .path = "vbox:portForward",
    .about = "A port of the host that leads to a guest of a NAT network "
             "(INATNetwork::addPortForwardRule). Without a name it is called by protocol and "
             "host's port: `tcp-2222`.",
    .size = sizeof(RuleItem),
    .fields = rule_fields,
};

const Element loopback_element = {
    .path = "vbox:loopback",
    .about = "A loopback address of the host that guests of a NAT network reach at the network's "
             "address plus `offset` (INATNetwork::addLocalMapping). VirtualBox maps 127.0.0.1 to 2 "
             "in every network: that is not shown.",
    .size = sizeof(LoopbackItem),
    .fields = loopback_fields,
};

static gboolean is_address(const char *text, gboolean is_v6)
{
    Address address;
    return address_parse(text, &address) && address.family == (is_v6 ? AF_INET6 : AF_INET);
}

static gboolean is_guest_of(const char *text, const AdapterIp *ip)
{
    Address address;
    return ip->address.family == 0 || !address_parse(text, &address) ||
           address_in(&address, &ip->address, ip->prefix);
}

static gboolean check_addresses(const NatRule *rule, const Network *network, const char *path,
                                GError **error)
{
    if ((*rule->host != '\0' && !is_address(rule->host, rule->is_v6)) ||
        !is_address(rule->guest, rule->is_v6))
        return fail(error, VIR_ERR_XML_ERROR, "%s: hostip and guestip must be %s addresses", path,
                    rule->is_v6 ? "IPv6" : "IPv4");
    return is_guest_of(rule->guest, rule->is_v6 ? &network->v6 : &network->v4) ||
           fail(error, VIR_ERR_XML_ERROR, "%s/@guestip: %s is not an address of the network", path,
                rule->guest);
}

static gboolean check_ports(const NatRule *rule, const char *path, GError **error)
{
    return (rule->host_port != 0 && rule->guest_port != 0) ||
           fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s: hostport and guestport are from 1 to 65535",
                path);
}

static gboolean check_rule_name(const NatRule *rule, const char *path, GError **error)
{
    return strchr(rule->name, ':') == NULL ||
           fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "%s/@name: VirtualBox's NAT leaves out rules with ':' in their name: '%s'", path,
                rule->name);
}

/* VirtualBox takes any; its NAT then leaves out what it cannot read, or cannot reach. */
static gboolean check_rule(const NatRule *rule, const Network *network, const char *path,
                           GError **error)
{
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    refusals_note(refusals, check_addresses(rule, network, path, &reason), &reason);
    refusals_note(refusals, check_ports(rule, path, &reason), &reason);
    refusals_note(refusals, check_rule_name(rule, path, &reason), &reason);
    return refusals_tell(refusals, error);
}

static gboolean check_only(const GPtrArray *rules, const NatRule *rule, const char *path,
                           GError **error)
{
    for (guint i = 0; i < rules->len; i++) {
        const NatRule *other = rules->pdata[i];
        if (other->is_v6 == rule->is_v6 && g_str_equal(other->name, rule->name))
            return fail(error, VIR_ERR_XML_ERROR, "%s: another one has the name '%s'", path,
                        other->name);
    }
    return TRUE;
}

static NatRule *rule_of(const RuleItem *item)
{
    NatRule *rule = g_new0(NatRule, 1);
    rule->name = item->name != NULL
                     ? g_strdup(item->name)
                     : g_strdup_printf("%s-%d", item->protocol, (int)item->host_port);
    rule->is_v6 = g_str_equal(item->family, "ipv6");
    rule->is_udp = g_str_equal(item->protocol, "udp");
    rule->host = g_strdup(item->host);
    rule->host_port = (guint16)item->host_port;
    rule->guest = g_strdup(item->guest);
    rule->guest_port = (guint16)item->guest_port;
    return rule;
}

gboolean rule_take(const RuleItem *item, Network *network, GError **error)
{
    g_autofree char *path = item_path(&item->item, NULL);
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    NatRule *rule = rule_of(item);
    if (network->rules == NULL)
        network->rules = nat_rules_new();
    refusals_note(refusals, check_only(network->rules, rule, path, &reason), &reason);
    g_ptr_array_add(network->rules, rule);
    refusals_note(refusals,
                  (network->before != NULL && nat_has_rule(network->before->rules, rule)) ||
                      check_rule(rule, network, path, &reason),
                  &reason);
    return refusals_tell(refusals, error);
}

/* It is the network's address plus the offset. */
static gboolean check_offset(const NatLoopback *loopback, const Network *network, const char *path,
                             GError **error)
{
    guint64 size = 1ull << (address_bits(&network->v4.address) - network->v4.prefix);
    if (network->v4.address.family != 0 && (loopback->offset < 2 || loopback->offset > size - 2))
        return fail(error, VIR_ERR_XML_ERROR,
                    "%s/@offset: the network has the offsets 2 to %" G_GUINT64_FORMAT
                    " for guests and loopbacks",
                    path, size - 2);
    for (guint i = 0; i < network->loopbacks->len; i++) {
        const NatLoopback *other = network->loopbacks->pdata[i];
        if (other != loopback && other->offset == loopback->offset)
            return fail(error, VIR_ERR_XML_ERROR, "%s/@offset: %s is at %u as well", path,
                        other->address, other->offset);
    }
    return TRUE;
}

gboolean loopback_take(const LoopbackItem *item, Network *network, GError **error)
{
    Address address;
    g_autofree char *path = item_path(&item->item, NULL);
    if (!address_parse(item->address, &address) || address.family != AF_INET ||
        address.bytes[0] != 127)
        return fail(error, VIR_ERR_XML_ERROR, "%s/@address: not a loopback address of IPv4", path);
    if (network->loopbacks == NULL)
        network->loopbacks = nat_loopbacks_new();
    NatLoopback *loopback = g_new0(NatLoopback, 1);
    loopback->address = g_strdup(item->address);
    loopback->offset = (guint)item->offset;
    g_ptr_array_add(network->loopbacks, loopback);
    const NatLoopback *old = network->before != NULL
                                 ? nat_find_loopback(network->before->loopbacks, item->address)
                                 : NULL;
    return (old != NULL && old->offset == loopback->offset) ||
           check_offset(loopback, network, path, error);
}

void nat_put(Model *model, const Network *network)
{
    for (guint i = 0; network->rules != NULL && i < network->rules->len; i++) {
        const NatRule *rule = network->rules->pdata[i];
        RuleItem *item = model_add(model, &rule_element);
        item->family = rule->is_v6 ? "ipv6" : "ipv4";
        item->name = g_strdup(rule->name);
        item->protocol = rule->is_udp ? "udp" : "tcp";
        item->host = g_strdup(rule->host);
        item->host_port = rule->host_port;
        item->guest = g_strdup(rule->guest);
        item->guest_port = rule->guest_port;
    }
    for (guint i = 0; network->loopbacks != NULL && i < network->loopbacks->len; i++) {
        const NatLoopback *loopback = network->loopbacks->pdata[i];
        if (g_str_equal(loopback->address, NAT_LOOPBACK) && loopback->offset == NAT_LOOPBACK_OFFSET)
            continue;
        LoopbackItem *item = model_add(model, &loopback_element);
        item->address = g_strdup(loopback->address);
        item->offset = loopback->offset;
    }
}

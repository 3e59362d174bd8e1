/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <vbox:portForward> and <vbox:loopback> of a NAT network. */
#include "network/document.h"

/* clang-format off */
static const Word families[] = { { "ipv4", "ipv4" }, { "ipv6", "ipv6" }, END };
static const Word protocols[] = { { "tcp", "TCP" }, { "udp", "UDP" }, END };

static const Field rule_fields[] = {
    F("@family",    RuleItem, family,     NULL, WORD(families, NULL), FALLBACK("ipv4"), QUIET),
    F("@name",      RuleItem, name,       NULL, STR),
    F("@proto",     RuleItem, protocol,   NULL, WORD(protocols, NULL), FALLBACK("tcp")),
    F("@hostip",    RuleItem, host,       NULL, STR, FALLBACK(""), QUIET),
    F("@hostport",  RuleItem, host_port,  NULL, NUMBER(1, 65535), REQUIRED),
    F("@guestip",   RuleItem, guest,      NULL, STR, REQUIRED),
    F("@guestport", RuleItem, guest_port, NULL, NUMBER(1, 65535), REQUIRED),
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

gboolean rule_take(const RuleItem *item, Network *network, GError **error)
{
    gboolean is_v6 = g_str_equal(item->family, "ipv6");
    g_autofree char *path = item_path(&item->item, NULL);
    if ((*item->host != '\0' && !is_address(item->host, is_v6)) || !is_address(item->guest, is_v6))
        return fail(error, VIR_ERR_XML_ERROR, "%s: hostip and guestip must be %s addresses", path,
                    is_v6 ? "IPv6" : "IPv4");
    g_autofree char *name = g_strdup(item->name);
    if (name == NULL)
        name = g_strdup_printf("%s-%d", item->protocol, (int)item->host_port);
    if (network->rules == NULL)
        network->rules = nat_rules_new();
    for (guint i = 0; i < network->rules->len; i++) {
        const NatRule *other = network->rules->pdata[i];
        if (other->is_v6 == is_v6 && g_str_equal(other->name, name))
            return fail(error, VIR_ERR_XML_ERROR, "%s: another one has the name '%s'", path, name);
    }
    NatRule *rule = g_new0(NatRule, 1);
    rule->name = g_steal_pointer(&name);
    rule->is_v6 = is_v6;
    rule->is_udp = g_str_equal(item->protocol, "udp");
    rule->host = g_strdup(item->host);
    rule->host_port = (guint16)item->host_port;
    rule->guest = g_strdup(item->guest);
    rule->guest_port = (guint16)item->guest_port;
    g_ptr_array_add(network->rules, rule);
    return TRUE;
}

gboolean loopback_take(const LoopbackItem *item, Network *network, GError **error)
{
    Address address;
    if (!address_parse(item->address, &address) || address.family != AF_INET ||
        address.bytes[0] != 127) {
        g_autofree char *path = item_path(&item->item, NULL);
        return fail(error, VIR_ERR_XML_ERROR, "%s/@address: not a loopback address of IPv4", path);
    }
    if (network->loopbacks == NULL)
        network->loopbacks = nat_loopbacks_new();
    NatLoopback *loopback = g_new0(NatLoopback, 1);
    loopback->address = g_strdup(item->address);
    loopback->offset = (guint)item->offset;
    g_ptr_array_add(network->loopbacks, loopback);
    return TRUE;
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NAT networks: VirtualBox's INATNetwork and its DHCP server, both named as the network is.
 *
 * VirtualBox starts the service with the first machine of an enabled network, and ends it with the
 * last: enabled is what libvirt calls active.  It keeps the first addresses for itself: .1 is the
 * gateway and DNS server, .2 the host's loopback unless that is mapped elsewhere, .3 its own choice
 * for the DHCP server. */
#include "network/nat.h"
#include <stdio.h>
#include <string.h>
#include "map/refusals.h"
#include "network/busy.h"
#include "network/kind.h"

#define V6_PREFIX 64 /* the only one that its router advertises */

void nat_rule_free(NatRule *self)
{
    g_free(self->name);
    g_free(self->host);
    g_free(self->guest);
    g_free(self);
}

void nat_loopback_free(NatLoopback *self)
{
    g_free(self->address);
    g_free(self);
}

GPtrArray *nat_rules_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)nat_rule_free);
}

GPtrArray *nat_loopbacks_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)nat_loopback_free);
}

static gboolean find(const char *name, Object **ret_object, GError **error)
{
    g_autoptr(GError) failure = NULL;
    *ret_object = NULL;
    if (vbox_call(vbox_root(), IVirtualBox_findNATNetworkByName, &failure, name, ret_object) ||
        vbox_is_missing(failure))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

gboolean nat_has(const char *name, gboolean *ret_has, GError **error)
{
    g_autoptr(Object) object = NULL;
    gboolean ok = find(name, &object, error);
    *ret_has = object != NULL;
    return ok;
}

/* It must be there. */
static Object *need(const char *name, GError **error)
{
    Object *object;
    if (find(name, &object, error) && object == NULL)
        fail(error, VIR_ERR_NO_NETWORK, "VirtualBox has no NAT network '%s' any more", name);
    return object;
}

/* --- rules --------------------------------------------------------------------------------- */

/* "name:tcp:[host]:port:[guest]:port", VirtualBox's own form; the name may have colons. */
static NatRule *rule_parse(const char *text, gboolean is_v6)
{
    static gsize once;
    static GRegex *form;
    if (g_once_init_enter(&once)) {
        form = g_regex_new("^(.*):(tcp|udp):\\[(.*)\\]:(\\d+):\\[(.*)\\]:(\\d+)$", G_REGEX_OPTIMIZE,
                           0, NULL);
        g_once_init_leave(&once, 1);
    }
    g_autoptr(GMatchInfo) found = NULL;
    if (!g_regex_match(form, text, 0, &found))
        return NULL;
    g_autofree char *protocol = g_match_info_fetch(found, 2);
    g_autofree char *host_port = g_match_info_fetch(found, 4);
    g_autofree char *guest_port = g_match_info_fetch(found, 6);
    NatRule *self = g_new0(NatRule, 1);
    self->name = g_match_info_fetch(found, 1);
    self->is_v6 = is_v6;
    self->is_udp = g_str_equal(protocol, "udp");
    self->host = g_match_info_fetch(found, 3);
    self->host_port = (guint16)g_ascii_strtoull(host_port, NULL, 10);
    self->guest = g_match_info_fetch(found, 5);
    self->guest_port = (guint16)g_ascii_strtoull(guest_port, NULL, 10);
    return self;
}

static gboolean read_rules(Object *object, GPtrArray *rules, GError **error)
{
    static const VboxName getters[] = {INATNetwork_get_portForwardRules4,
                                       INATNetwork_get_portForwardRules6};
    for (guint is_v6 = 0; is_v6 <= 1; is_v6++) {
        g_auto(GStrv) texts = NULL;
        if (!vbox_call(object, getters[is_v6], error, &texts))
            return FALSE;
        for (char **text = texts; *text != NULL; text++) {
            NatRule *rule = rule_parse(*text, is_v6 != 0);
            if (rule != NULL)
                g_ptr_array_add(rules, rule);
            else
                g_warning("VirtualBox has a port forwarding '%s', which is not understood", *text);
        }
    }
    return TRUE;
}

GPtrArray *nat_rules_read(const char *vbox_name, GError **error)
{
    g_autoptr(Object) object = NULL;
    g_autoptr(GPtrArray) rules = nat_rules_new();
    if (!find(vbox_name, &object, error) || (object != NULL && !read_rules(object, rules, error)))
        return NULL;
    return g_steal_pointer(&rules);
}

gboolean nat_rule_equal(gconstpointer a, gconstpointer b)
{
    const NatRule *one = a, *other = b;
    return one->is_v6 == other->is_v6 && one->is_udp == other->is_udp &&
           one->host_port == other->host_port && one->guest_port == other->guest_port &&
           g_str_equal(one->name, other->name) && g_str_equal(one->host, other->host) &&
           g_str_equal(one->guest, other->guest);
}

gboolean nat_has_rule(const GPtrArray *rules, const NatRule *rule)
{
    return rules != NULL &&
           g_ptr_array_find_with_equal_func((GPtrArray *)rules, rule, nat_rule_equal, NULL);
}

static gboolean write_rules(Object *object, const GPtrArray *wanted, GError **error)
{
    g_autoptr(GPtrArray) old = nat_rules_new();
    if (!read_rules(object, old, error))
        return FALSE;
    for (guint i = 0; i < old->len; i++) {
        const NatRule *rule = old->pdata[i];
        if (!nat_has_rule(wanted, rule) &&
            !vbox_call(object, INATNetwork_removePortForwardRule, error, rule->is_v6, rule->name))
            return FALSE;
    }
    for (guint i = 0; wanted != NULL && i < wanted->len; i++) {
        const NatRule *rule = wanted->pdata[i];
        if (!nat_has_rule(old, rule) &&
            !vbox_call(object, INATNetwork_addPortForwardRule, error, rule->is_v6, rule->name,
                       vbox_enum(rule->is_udp ? NATProtocol_UDP : NATProtocol_TCP), rule->host,
                       (guint)rule->host_port, rule->guest, (guint)rule->guest_port))
            return FALSE;
    }
    return TRUE;
}

/* --- loopback ------------------------------------------------------------------------------ */

static gboolean read_loopbacks(Object *object, GPtrArray *loopbacks, GError **error)
{
    g_auto(GStrv) texts = NULL;
    if (!vbox_call(object, INATNetwork_get_localMappings, error, &texts))
        return FALSE;
    for (char **text = texts; *text != NULL; text++) {
        g_auto(GStrv) parts = g_strsplit(*text, "=", 2);
        if (parts[0] == NULL || parts[1] == NULL)
            continue;
        NatLoopback *loopback = g_new0(NatLoopback, 1);
        loopback->address = g_strdup(parts[0]);
        loopback->offset = (guint)g_ascii_strtoull(parts[1], NULL, 10);
        g_ptr_array_add(loopbacks, loopback);
    }
    return TRUE;
}

const NatLoopback *nat_find_loopback(const GPtrArray *loopbacks, const char *address)
{
    for (guint i = 0; loopbacks != NULL && i < loopbacks->len; i++) {
        const NatLoopback *loopback = loopbacks->pdata[i];
        if (g_str_equal(loopback->address, address))
            return loopback;
    }
    return NULL;
}

/* VirtualBox changes a mapping, and never forgets one. */
static gboolean write_loopbacks(Object *object, const GPtrArray *wanted, GError **error)
{
    g_autoptr(GPtrArray) old = nat_loopbacks_new();
    if (!read_loopbacks(object, old, error))
        return FALSE;
    if (nat_find_loopback(wanted, NAT_LOOPBACK) == NULL) {
        const NatLoopback *is = nat_find_loopback(old, NAT_LOOPBACK);
        if ((is == NULL || is->offset != NAT_LOOPBACK_OFFSET) &&
            !vbox_call(object, INATNetwork_addLocalMapping, error, NAT_LOOPBACK,
                       NAT_LOOPBACK_OFFSET))
            return FALSE;
    }
    for (guint i = 0; wanted != NULL && i < wanted->len; i++) {
        const NatLoopback *loopback = wanted->pdata[i];
        const NatLoopback *is = nat_find_loopback(old, loopback->address);
        if ((is == NULL || is->offset != loopback->offset) &&
            !vbox_call(object, INATNetwork_addLocalMapping, error, loopback->address,
                       (gint)loopback->offset))
            return FALSE;
    }
    return TRUE;
}

/* Whether it has a mapping that is to go. */
static gboolean has_lost_loopback(const Network *is, const Network *want)
{
    for (guint i = 0; is->loopbacks != NULL && i < is->loopbacks->len; i++) {
        const NatLoopback *loopback = is->loopbacks->pdata[i];
        if (!g_str_equal(loopback->address, NAT_LOOPBACK) &&
            nat_find_loopback(want->loopbacks, loopback->address) == NULL)
            return TRUE;
    }
    return FALSE;
}

/* --- addresses ----------------------------------------------------------------------------- */

static char *network_text(const AdapterIp *ip)
{
    Address first = address_first(&ip->address, ip->prefix);
    g_autofree char *address = address_format(&first);
    return g_strdup_printf("%s/%u", address, ip->prefix);
}

static gboolean parse_network(const char *text, AdapterIp *ret)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", 2);
    guint64 prefix = V6_PREFIX; /* VirtualBox takes an IPv6 network without */
    if (parts[0] == NULL || !address_parse(parts[0], &ret->address) ||
        (parts[1] == NULL && ret->address.family == AF_INET) ||
        (parts[1] != NULL &&
         !g_ascii_string_to_unsigned(parts[1], 10, 0, address_bits(&ret->address), &prefix, NULL)))
        return FALSE;
    ret->prefix = (guint)prefix;
    /* The gateway is the first address, of both families. */
    Address network = address_first(&ret->address, ret->prefix);
    ret->address = address_step(&network, 1);
    return TRUE;
}

static gboolean set_text(Object *object, VboxName getter, VboxName setter, const char *wanted,
                         GError **error)
{
    g_autofree char *is = NULL;
    return vbox_call(object, getter, error, &is) &&
           (g_str_equal(is, wanted) || vbox_call(object, setter, error, wanted));
}

static gboolean set_flag(Object *object, VboxName getter, VboxName setter, gboolean wanted,
                         GError **error)
{
    gboolean is;
    return vbox_call(object, getter, error, &is) &&
           (is == wanted || vbox_call(object, setter, error, wanted));
}

static gboolean set_network(Object *object, VboxName getter, VboxName setter,
                            const AdapterIp *wanted, GError **error)
{
    AdapterIp old = {0};
    g_autofree char *is = NULL, *text = network_text(wanted);
    if (!vbox_call(object, getter, error, &is))
        return FALSE;
    return (parse_network(is, &old) && adapter_ip_equal(&old, wanted)) ||
           vbox_call(object, setter, error, text);
}

static gboolean write_addresses(Object *object, const Network *want, GError **error)
{
    gboolean has_v6 = want->v6.address.family != 0;
    const AdapterIp *v6 = has_v6 ? &want->v6 : &want->v6_kept;
    return set_network(object, INATNetwork_get_network, INATNetwork_set_network, &want->v4,
                       error) &&
           (v6->address.family == 0 || set_network(object, INATNetwork_get_IPv6Prefix,
                                                   INATNetwork_set_IPv6Prefix, v6, error)) &&
           set_flag(object, INATNetwork_get_IPv6Enabled, INATNetwork_set_IPv6Enabled, has_v6,
                    error) &&
           set_flag(object, INATNetwork_get_needDhcpServer, INATNetwork_set_needDhcpServer,
                    want->needs_dhcp, error);
}

static gboolean apply(Object *object, const Network *want, const Network *is, GError **error)
{
    return write_addresses(object, want, error) && write_rules(object, want->rules, error) &&
           write_loopbacks(object, want->loopbacks, error) &&
           network_write_dhcp(want, is, want->vbox_name, error) &&
           set_flag(object, INATNetwork_get_enabled, INATNetwork_set_enabled, want->active, error);
}

/* --- the kind ------------------------------------------------------------------------------ */

static char **names(GError **error)
{
    g_autoptr(GPtrArray) objects = NULL;
    if (!vbox_call(vbox_root(), IVirtualBox_get_NATNetworks, error, &objects))
        return NULL;
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    for (guint i = 0; i < objects->len; i++) {
        g_autofree char *name = NULL;
        if (!vbox_call(objects->pdata[i], INATNetwork_get_networkName, error, &name))
            return NULL;
        g_strv_builder_add(names, name);
    }
    return g_strv_builder_end(names);
}

static gboolean is_active(const char *vbox_name, gboolean *ret_active, GError **error)
{
    g_autoptr(Object) object = NULL;
    *ret_active = FALSE;
    return find(vbox_name, &object, error) &&
           (object == NULL || vbox_call(object, INATNetwork_get_enabled, error, ret_active));
}

/* The server that VirtualBox will make: it does so when the network runs for the first time. */
static Dhcp *future_server(const AdapterIp *ip)
{
    Dhcp *server = dhcp_new();
    Address last = address_last(&ip->address, ip->prefix);
    server->is_future = server->enabled = TRUE;
    server->prefix = ip->prefix;
    server->address = address_step(&ip->address, 1);
    server->first = address_step(&server->address, 1);
    server->last = address_step(&last, -1);
    return server;
}

/* A server runs when the network is said to need one, which then is made. */
static void fill_server(Network *self)
{
    if (!self->needs_dhcp && self->dhcp != NULL)
        self->idle = g_steal_pointer(&self->dhcp);
    if (self->needs_dhcp && self->dhcp == NULL && self->idle == NULL)
        self->dhcp = future_server(&self->v4);
    self->wants_dhcp = self->dhcp != NULL;
}

static gboolean fill(Network *self, GError **error)
{
    g_autoptr(Object) object = NULL;
    g_autofree char *v4 = NULL, *v6 = NULL;
    gboolean has_v6;
    if (!find(self->vbox_name, &object, error))
        return FALSE;
    /* One that somebody removed is made again from the record. */
    if (object == NULL)
        return TRUE;
    self->rules = nat_rules_new();
    self->loopbacks = nat_loopbacks_new();
    if (!vbox_call(object, INATNetwork_get_network, error, &v4) ||
        !vbox_call(object, INATNetwork_get_IPv6Enabled, error, &has_v6) ||
        !vbox_call(object, INATNetwork_get_IPv6Prefix, error, &v6) ||
        !read_rules(object, self->rules, error) || !read_loopbacks(object, self->loopbacks, error))
        return FALSE;
    if (!parse_network(v4, &self->v4))
        return fail(error, VIR_ERR_INTERNAL_ERROR, "VirtualBox has a NAT network of '%s'", v4);
    self->v6 = (AdapterIp){.prefix = 0};
    if (!has_v6 && !parse_network(v6, &self->v6_kept))
        self->v6_kept.address.family = 0;
    if (has_v6 && !parse_network(v6, &self->v6))
        return fail(error, VIR_ERR_INTERNAL_ERROR, "VirtualBox has a NAT network of '%s'", v6);
    if (!vbox_call(object, INATNetwork_get_needDhcpServer, error, &self->needs_dhcp) ||
        !network_fill_dhcp(self, self->vbox_name, error))
        return FALSE;
    fill_server(self);
    return TRUE;
}

static gboolean is_gateway(const AdapterIp *ip)
{
    Address network = address_first(&ip->address, ip->prefix);
    Address first = address_step(&network, 1);
    return address_equal(&ip->address, &first);
}

/* VirtualBox never forgets a loopback: only a network made anew has one less. */
static gboolean check_loopbacks(const Network *want, GError **error)
{
    const Network *before = want->before;
    return before == NULL || !has_lost_loopback(before, want) ||
           busy_check(before,
                      "VirtualBox takes a loopback off a NAT network only by making it anew",
                      "leave its <vbox:loopback> as it is", error);
}

static gboolean check(const Network *want, GError **error)
{
    const Network *before = want->before;
    gboolean has_old_v6 = before != NULL && adapter_ip_equal(&want->v6, &before->v6);
    gboolean has_new_v6 = want->v6.address.family != 0 && !has_old_v6;
    gboolean is_first = (network_has_same_v4(want) || is_gateway(&want->v4)) &&
                        (!has_new_v6 || is_gateway(&want->v6));
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    refusals_note(refusals,
                  is_first || fail(&reason, VIR_ERR_CONFIG_UNSUPPORTED,
                                   "/network/ip/@address: VirtualBox's NAT is always the first "
                                   "address of its network, like 192.168.122.1"),
                  &reason);
    refusals_note(refusals,
                  !has_new_v6 || want->v6.prefix == V6_PREFIX ||
                      fail(&reason, VIR_ERR_CONFIG_UNSUPPORTED,
                           "/network/ip/@prefix: VirtualBox's NAT needs an IPv6 prefix of %d",
                           V6_PREFIX),
                  &reason);
    refusals_note(refusals, check_loopbacks(want, &reason), &reason);
    return refusals_tell(refusals, error);
}

static gboolean remove_all(const Network *self, GError **error)
{
    g_autoptr(Object) object = NULL;
    return find(self->vbox_name, &object, error) &&
           (object == NULL ||
            vbox_call(vbox_root(), IVirtualBox_removeNATNetwork, error, object)) &&
           (!self->needs_dhcp || dhcp_remove(self->vbox_name, error));
}

/* A DHCP server that outlived another network of that name is the new one's, when it has one. */
static gboolean make(Network *want, GError **error)
{
    g_autoptr(Object) object = NULL;
    g_autoptr(Dhcp) orphan = NULL;
    want->vbox_name = g_strdup(want->name);
    if (!dhcp_read(want->vbox_name, &orphan, error) ||
        !vbox_call(vbox_root(), IVirtualBox_createNATNetwork, error, want->vbox_name, &object))
        return FALSE;
    if (apply(object, want, NULL, error))
        return TRUE;
    GError *failure = NULL;
    if (!remove_all(want, &failure))
        network_warn(want, "remove it again", failure);
    network_restore_dhcp(want, want->vbox_name, orphan);
    return FALSE;
}

/* One that somebody removed is made again. */
static Object *need_object(const Network *is, GError **error)
{
    Object *object;
    if (!find(is->vbox_name, &object, error))
        return NULL;
    if (object == NULL &&
        !vbox_call(vbox_root(), IVirtualBox_createNATNetwork, error, is->vbox_name, &object))
        return NULL;
    return object;
}

/* Makes it anew under its name, with what no XML says as it was. */
static Object *remake(Object *object, const Network *is, GError **error)
{
    g_autofree char *v6 = NULL;
    gboolean is_default;
    if (!vbox_call(object, INATNetwork_get_IPv6Prefix, error, &v6) ||
        !vbox_call(object, INATNetwork_get_advertiseDefaultIPv6RouteEnabled, error, &is_default) ||
        !vbox_call(vbox_root(), IVirtualBox_removeNATNetwork, error, object))
        return NULL;
    g_autoptr(Object) anew = need_object(is, error);
    if (anew == NULL ||
        !set_text(anew, INATNetwork_get_IPv6Prefix, INATNetwork_set_IPv6Prefix, v6, error) ||
        !set_flag(anew, INATNetwork_get_advertiseDefaultIPv6RouteEnabled,
                  INATNetwork_set_advertiseDefaultIPv6RouteEnabled, is_default, error))
        return NULL;
    return g_steal_pointer(&anew);
}

static gboolean change(Network *want, const Network *is, GError **error)
{
    g_autoptr(Object) object = need_object(is, error);
    if (object == NULL)
        return FALSE;
    if (has_lost_loopback(is, want)) {
        Object *anew = remake(object, is, error);
        object_unref(object);
        object = anew;
    }
    return object != NULL && apply(object, want, is, error);
}

static gboolean start(Network *self, GError **error)
{
    if (self->dhcp != NULL)
        self->dhcp->enabled = TRUE;
    return change(self, self, error);
}

static gboolean stop(Network *self, GError **error)
{
    g_autoptr(Object) object = need(self->vbox_name, error);
    return object != NULL && (!self->needs_dhcp || dhcp_enable(self->vbox_name, FALSE, error)) &&
           set_flag(object, INATNetwork_get_enabled, INATNetwork_set_enabled, FALSE, error);
}

const KindOps kind_nat = {
    .word = "nat",
    .noun = "NAT network",
    .suffix = "-nat",
    .names = names,
    .is_active = is_active,
    .fill = fill,
    .check = check,
    .make = make,
    .change = change,
    .start = start,
    .stop = stop,
    .remove = remove_all,
};

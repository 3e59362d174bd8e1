/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network: see network.h. */
#include "network/network.h"
#include <string.h>
#include "network/kind.h"
#include "network/record.h"

Network *network_new(void)
{
    return g_new0(Network, 1);
}

void network_free(Network *self)
{
    g_free(self->name);
    g_free(self->vbox_name);
    g_free(self->title);
    g_free(self->description);
    g_free(self->metadata);
    g_free(self->domain);
    g_clear_pointer(&self->dhcp, dhcp_free);
    g_clear_pointer(&self->idle, dhcp_free);
    g_free(self->mac);
    g_free(self->device);
    g_free(self->forward);
    g_clear_pointer(&self->rules, g_ptr_array_unref);
    g_clear_pointer(&self->loopbacks, g_ptr_array_unref);
    g_free(self);
}

const KindOps *kind_ops(NetworkKind kind)
{
    static const KindOps *const ops[KINDS] = {
        [NETWORK_INTERNAL] = &kind_internal,
        [NETWORK_HOST_ONLY] = &kind_host_only,
        [NETWORK_NAT] = &kind_nat,
        [NETWORK_BRIDGED] = &kind_bridged,
    };
    return ops[kind];
}

void network_warn(const Network *self, const char *what, GError *failure)
{
    g_warning("network '%s': cannot %s: %s", self->name, what, failure->message);
    g_error_free(failure);
}

static Network *find_target(const GPtrArray *networks, NetworkKind kind, const char *vbox_name)
{
    for (guint i = 0; i < networks->len; i++) {
        Network *network = networks->pdata[i];
        if (network->kind == kind && g_str_equal(network->vbox_name, vbox_name))
            return network;
    }
    return NULL;
}

Network *network_in_by_name(const GPtrArray *networks, const char *name)
{
    for (guint i = 0; i < networks->len; i++) {
        Network *network = networks->pdata[i];
        if (g_str_equal(network->name, name))
            return network;
    }
    return NULL;
}

Network *network_in_by_uuid(const GPtrArray *networks, const guint8 uuid[UUID_BYTES])
{
    for (guint i = 0; i < networks->len; i++) {
        Network *network = networks->pdata[i];
        if (memcmp(network->uuid, uuid, UUID_BYTES) == 0)
            return network;
    }
    return NULL;
}

/* VirtualBox's name, unless a network of ours of the other kind has taken it. */
static char *outside_name(const GPtrArray *networks, NetworkKind kind, const char *vbox_name)
{
    const char *suffix = kind_ops(kind)->suffix;
    GString *name = g_string_new(vbox_name);
    if (kind == NETWORK_INTERNAL && adapter_is_name(vbox_name))
        g_string_append(name, suffix);
    while (network_in_by_name(networks, name->str) != NULL)
        g_string_append(name, suffix);
    return g_string_free(name, FALSE);
}

/* Not made of the adapter's id in VirtualBox: that has the number of VBoxSVC's network namespace in
 * it, which another kernel may count otherwise. */
static void outside_uuid(NetworkKind kind, const char *vbox_name, guint8 uuid[UUID_BYTES])
{
    g_autofree char *text = g_strdup_printf("network %s %s", kind_ops(kind)->word, vbox_name);
    uuid_derive(text, uuid);
}

/* Records of what others made and have removed do not count. */
static void drop_adopted(GPtrArray *networks, NetworkKind kind, char **vbox_names)
{
    for (guint i = networks->len; i-- > 0;) {
        const Network *network = networks->pdata[i];
        if (network->is_adopted && network->kind == kind &&
            !g_strv_contains((const char *const *)vbox_names, network->vbox_name))
            g_ptr_array_remove_index(networks, i);
    }
}

/* Adds what others made and no record of ours points to. */
static void add_outside(GPtrArray *networks, NetworkKind kind, char **vbox_names)
{
    for (char **name = vbox_names; *name != NULL; name++) {
        if (find_target(networks, kind, *name) != NULL)
            continue;
        Network *network = network_new();
        network->kind = kind;
        network->name = outside_name(networks, kind, *name);
        network->vbox_name = g_strdup(*name);
        network->persistent = TRUE;
        network->active = TRUE;
        outside_uuid(kind, *name, network->uuid);
        g_ptr_array_add(networks, network);
    }
}

static gboolean add_kind(GPtrArray *networks, NetworkKind kind, GError **error)
{
    const KindOps *ops = kind_ops(kind);
    if (ops->names == NULL)
        return TRUE;
    g_auto(GStrv) names = ops->names(error);
    if (names == NULL)
        return FALSE;
    drop_adopted(networks, kind, names);
    add_outside(networks, kind, names);
    return TRUE;
}

GPtrArray *network_all(GError **error)
{
    /* Adapters before the names of internal networks, which may be theirs. */
    static const NetworkKind order[] = {NETWORK_HOST_ONLY, NETWORK_NAT, NETWORK_INTERNAL};
    g_autoptr(GPtrArray) networks = record_all(error);
    if (networks == NULL)
        return NULL;
    for (guint i = 0; i < G_N_ELEMENTS(order); i++)
        if (!add_kind(networks, order[i], error))
            return NULL;
    for (guint i = 0; i < networks->len; i++) {
        Network *network = networks->pdata[i];
        const KindOps *ops = kind_ops(network->kind);
        if (ops->is_active != NULL && !ops->is_active(network->vbox_name, &network->active, error))
            return NULL;
    }
    return g_steal_pointer(&networks);
}

static Network *steal(GPtrArray *networks, Network *network)
{
    guint index;
    if (network == NULL || !g_ptr_array_find(networks, network, &index))
        return NULL;
    return g_ptr_array_steal_index(networks, index);
}

Network *network_find(const guint8 uuid[UUID_BYTES], const char *name, GError **error)
{
    g_autoptr(GPtrArray) networks = network_all(error);
    if (networks == NULL)
        return NULL;
    Network *network = steal(networks, network_in_by_uuid(networks, uuid));
    char text[UUID_STRING];
    uuid_format(uuid, text);
    if (network == NULL && name != NULL)
        fail(error, VIR_ERR_NO_NETWORK,
             "Network not found: no network with matching uuid '%s' (%s)", text, name);
    else if (network == NULL)
        fail(error, VIR_ERR_NO_NETWORK, "Network not found: no network with matching uuid '%s'",
             text);
    return network;
}

Network *network_find_by_name(const char *name, GError **error)
{
    g_autoptr(GPtrArray) networks = network_all(error);
    if (networks == NULL)
        return NULL;
    Network *network = steal(networks, network_in_by_name(networks, name));
    if (network == NULL)
        fail(error, VIR_ERR_NO_NETWORK, "Network not found: no network with matching name '%s'",
             name);
    return network;
}

gboolean network_fill(Network *self, GError **error)
{
    const KindOps *ops = kind_ops(self->kind);
    return ops->fill == NULL || ops->fill(self, error);
}

gboolean network_fill_dhcp(Network *self, const char *server, GError **error)
{
    if (!dhcp_read(server, &self->dhcp, error))
        return FALSE;
    /* One that is switched off though the network runs is as good as none; one that others made
     * and switched off is theirs to switch on. */
    gboolean runs = self->active || !self->is_ours;
    if (self->dhcp != NULL && !(runs ? self->dhcp->enabled : self->wants_dhcp))
        self->idle = g_steal_pointer(&self->dhcp);
    self->wants_dhcp = self->dhcp != NULL;
    if (self->dhcp != NULL) {
        g_free(self->domain);
        self->domain = g_strdup(dhcp_config_text(&self->dhcp->config, DHCP_DOMAIN));
    }
    return TRUE;
}

gboolean network_has_same_v4(const Network *want)
{
    return want->before != NULL && adapter_ip_equal(&want->v4, &want->before->v4);
}

static gboolean has_server(const Network *self)
{
    return self != NULL && self->dhcp != NULL && !self->dhcp->is_future;
}

gboolean network_write_dhcp(const Network *want, const Network *is, const char *server,
                            GError **error)
{
    if (has_server(want))
        return dhcp_write(server, want->dhcp, error);
    if (!has_server(is))
        return TRUE;
    return want->idle != NULL ? dhcp_write(server, want->idle, error) : dhcp_remove(server, error);
}

void network_restore_dhcp(const Network *self, const char *server, const Dhcp *old)
{
    GError *failure = NULL;
    gboolean ok = old != NULL ? dhcp_write(server, old, &failure) : dhcp_remove(server, &failure);
    if (!ok)
        network_warn(self, "put its DHCP server back", failure);
}

gboolean network_resolve(const char *name, NetworkTarget *ret_target, GError **error)
{
    g_autoptr(GPtrArray) networks = network_all(error);
    if (networks == NULL)
        return FALSE;
    const Network *network = network_in_by_name(networks, name);
    if (network == NULL)
        network = find_target(networks, NETWORK_HOST_ONLY, name);
    if (network == NULL)
        network = find_target(networks, NETWORK_NAT, name);
    if (network == NULL)
        network = find_target(networks, NETWORK_INTERNAL, name);
    if (network == NULL)
        return fail(error, VIR_ERR_NO_NETWORK,
                    "Network not found: no network with matching name '%s'", name);
    ret_target->kind = network->kind;
    ret_target->name = g_strdup(network->vbox_name);
    return TRUE;
}

char *network_name_of(NetworkKind kind, const char *vbox_name, GError **error)
{
    g_autoptr(GPtrArray) records = record_all(error);
    if (records == NULL)
        return NULL;
    const Network *network = find_target(records, kind, vbox_name);
    if (network != NULL)
        return g_strdup(network->name);
    if (kind_ops(kind)->names == NULL)
        return g_strdup(vbox_name);
    return outside_name(records, kind, vbox_name);
}

gboolean network_name_of_bridge(const char *interface, char **ret_name, GError **error)
{
    g_autoptr(GPtrArray) records = record_all(error);
    if (records == NULL)
        return FALSE;
    const Network *network = find_target(records, NETWORK_BRIDGED, interface);
    *ret_name = network != NULL ? g_strdup(network->name) : NULL;
    return TRUE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Host-only networks: an adapter of the host, and its DHCP server. */
#include "network/busy.h"
#include "network/forward.h"
#include "map/refusals.h"
#include "network/kind.h"

static gboolean check_start(const Network *self, GError **error)
{
    return adapter_check_range(&self->v4, error) && adapter_check_range(&self->v6, error) &&
           forward_check(self, FORWARD_4, FORWARD_6, error);
}

/* An IPv6 address goes only with its adapter, which then is made anew. */
static gboolean loses_v6(const Network *is, const Network *want)
{
    return is->v6.address.family != 0 && want->v6.address.family == 0;
}

static gboolean check_lost_v6(const Network *want, GError **error)
{
    const Network *before = want->before;
    return before == NULL || !before->active || !loses_v6(before, want) ||
           busy_check(before,
                      "VirtualBox takes an IPv6 address off a host-only network only by making its "
                      "adapter anew",
                      "leave its <ip family='ipv6'> as it is", error);
}

static gboolean check(const Network *want, GError **error)
{
    const Network *before = want->before;
    gboolean is_same_v6 = before != NULL && adapter_ip_equal(&want->v6, &before->v6);
    gboolean is_same_forward = before != NULL && g_strcmp0(want->forward, before->forward) == 0;
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    refusals_note(refusals, network_has_same_v4(want) || adapter_check_range(&want->v4, &reason),
                  &reason);
    refusals_note(refusals, is_same_v6 || adapter_check_range(&want->v6, &reason), &reason);
    refusals_note(refusals, check_lost_v6(want, &reason), &reason);
    refusals_note(refusals, is_same_forward || forward_check(want, FORWARD_4, FORWARD_6, &reason),
                  &reason);
    return refusals_tell(refusals, error);
}

/* --- the host's own address ---------------------------------------------------------------- */

static gboolean is_in_range(const Network *network, const Address *address)
{
    return !dhcp_is_for_hosts(network->dhcp) && dhcp_has_in_range(network->dhcp, address);
}

/* VirtualBox's server would lease the host's address when that is in the range, as libvirt's does
 * not: there it is given to the adapter's MAC address, and what is given to one is leased to
 * nobody else. */
static gboolean is_own(const DhcpHost *host, const Network *network, const char *mac)
{
    return g_strcmp0(host->mac, mac) == 0 && address_equal(&host->address, &network->v4.address) &&
           is_in_range(network, &host->address);
}

static gboolean reserve(const Network *network, GError **error)
{
    g_autoptr(Adapter) adapter = NULL;
    if (network->dhcp == NULL || !is_in_range(network, &network->v4.address))
        return TRUE;
    if (!adapter_read(network->vbox_name, &adapter, error))
        return FALSE;
    DhcpHost *host = dhcp_host_new();
    host->is_own = TRUE;
    host->address = network->v4.address;
    host->mac = adapter != NULL ? g_ascii_strdown(adapter->mac, -1) : NULL;
    if (adapter != NULL && dhcp_find_host(network->dhcp, host) == NULL)
        g_ptr_array_add(network->dhcp->hosts, host);
    else
        dhcp_host_free(host);
    return TRUE;
}

static gboolean has_own(const Dhcp *server)
{
    for (guint i = 0; i < server->hosts->len; i++)
        if (((const DhcpHost *)server->hosts->pdata[i])->is_own)
            return TRUE;
    return FALSE;
}

/* Of a definition: unless others made that very range, and said nothing of it. */
static gboolean has_to_reserve(const Network *want)
{
    const Network *before = want->before;
    if (before == NULL || want->dhcp == NULL)
        return FALSE;
    return before->dhcp == NULL || !network_has_same_v4(want) ||
           !dhcp_has_same_range(want->dhcp, before->dhcp) || has_own(before->dhcp);
}

static void hide_own(Network *network)
{
    for (guint i = 0; network->dhcp != NULL && i < network->dhcp->hosts->len; i++) {
        DhcpHost *host = network->dhcp->hosts->pdata[i];
        host->is_own = is_own(host, network, network->mac);
    }
}

/* Sets addresses and DHCP as the network says, of an adapter that exists. */
static gboolean apply(const Network *network, const Network *is, GError **error)
{
    g_autofree char *name = dhcp_network_name(network->vbox_name);
    gboolean ok = network->active
                      ? adapter_start(network->vbox_name, &network->v4, &network->v6, error)
                      : adapter_keep(network->vbox_name, &network->v4, &network->v6, error);
    return ok && network_write_dhcp(network, is, name, error);
}

/* VirtualBox chooses the adapter's name; a network must not be named like another adapter. */
static gboolean check_name(const Network *network, GError **error)
{
    if (!adapter_is_name(network->name) || g_str_equal(network->name, network->vbox_name))
        return TRUE;
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "VirtualBox would make the adapter %s for the network '%s': give the network "
                "another name",
                network->vbox_name, network->name);
}

static gboolean make_on_adapter(Network *network, GError **error)
{
    g_autofree char *name = dhcp_network_name(network->vbox_name);
    g_autoptr(Dhcp) orphan = NULL;
    if (!check_name(network, error) || !dhcp_read(name, &orphan, error))
        return FALSE;
    if (orphan != NULL && !dhcp_remove(name, error))
        return FALSE;
    if (reserve(network, error) && apply(network, NULL, error))
        return TRUE;
    network_restore_dhcp(network, name, orphan);
    return FALSE;
}

static gboolean make(Network *network, GError **error)
{
    if (!adapter_create(NULL, &network->vbox_name, error))
        return FALSE;
    if (make_on_adapter(network, error))
        return TRUE;
    GError *failure = NULL;
    if (!adapter_remove(network->vbox_name, &failure))
        network_warn(network, "remove its adapter", failure);
    return FALSE;
}

/* An adapter that was lost is made again under its name, which NICs have. */
static gboolean need_adapter(const Network *network, GError **error)
{
    g_autoptr(Adapter) adapter = NULL;
    g_autofree char *name = NULL;
    if (!adapter_read(network->vbox_name, &adapter, error))
        return FALSE;
    return adapter != NULL || adapter_create(network->vbox_name, &name, error);
}

static gboolean drop_v6(const Network *old, const Network *want, GError **error)
{
    return !loses_v6(old, want) || adapter_stop(old->vbox_name, &old->v4, &old->v6, error);
}

static gboolean change(Network *want, const Network *is, GError **error)
{
    return need_adapter(is, error) && drop_v6(is, want, error) &&
           (!has_to_reserve(want) || reserve(want, error)) && apply(want, is, error);
}

/* --- life ---------------------------------------------------------------------------------- */

static gboolean is_active(const char *vbox_name, gboolean *ret_active, GError **error)
{
    *ret_active = adapter_is_up(vbox_name);
    return TRUE;
}

static gboolean fill(Network *self, GError **error)
{
    g_autoptr(Adapter) adapter = NULL;
    g_autofree char *name = dhcp_network_name(self->vbox_name);
    if (!adapter_read(self->vbox_name, &adapter, error))
        return FALSE;
    if (adapter != NULL) {
        self->v4 = adapter->v4;
        self->v6 = adapter->v6;
        self->mac = g_steal_pointer(&adapter->mac);
    }
    if (!network_fill_dhcp(self, name, error))
        return FALSE;
    hide_own(self);
    return TRUE;
}

static gboolean start(Network *self, GError **error)
{
    g_autofree char *name = dhcp_network_name(self->vbox_name);
    return check_start(self, error) && need_adapter(self, error) &&
           adapter_start(self->vbox_name, &self->v4, &self->v6, error) &&
           (!self->wants_dhcp || dhcp_enable(name, TRUE, error));
}

static gboolean stop(Network *self, GError **error)
{
    g_autofree char *name = dhcp_network_name(self->vbox_name);
    return dhcp_enable(name, FALSE, error) &&
           adapter_stop(self->vbox_name, &self->v4, &self->v6, error);
}

static gboolean remove_all(const Network *self, GError **error)
{
    g_autofree char *name = dhcp_network_name(self->vbox_name);
    return adapter_remove(self->vbox_name, error) && dhcp_remove(name, error);
}

gboolean network_check_adapter(const char *name, GError **error)
{
    g_auto(GStrv) all = adapter_names();
    if (g_strv_contains((const char *const *)all, name))
        return TRUE;
    g_autofree char *network = network_name_of(NETWORK_HOST_ONLY, name, error);
    return network != NULL &&
           fail(error, VIR_ERR_OPERATION_FAILED,
                "the host-only adapter '%s' has gone: start or define its network '%s'", name,
                network);
}

static char **names(GError **error)
{
    return adapter_names();
}

const KindOps kind_host_only = {
    .word = "host-only",
    .noun = "host-only network",
    .suffix = "-host-only",
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

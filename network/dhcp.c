/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dhcp: see dhcp.h. */
#include "network/dhcp.h"
#include "map/refusals.h"
#include <string.h>

void dhcp_host_free(DhcpHost *self)
{
    g_free(self->mac);
    g_free(self->machine);
    dhcp_config_clear(&self->config);
    g_free(self);
}

DhcpHost *dhcp_host_new(void)
{
    DhcpHost *self = g_new0(DhcpHost, 1);
    dhcp_config_init(&self->config);
    return self;
}

Dhcp *dhcp_new(void)
{
    Dhcp *self = g_new0(Dhcp, 1);
    dhcp_config_init(&self->config);
    self->hosts = g_ptr_array_new_with_free_func((GDestroyNotify)dhcp_host_free);
    self->groups = g_ptr_array_new_with_free_func((GDestroyNotify)dhcp_group_free);
    return self;
}

void dhcp_free(Dhcp *self)
{
    dhcp_config_clear(&self->config);
    g_ptr_array_unref(self->hosts);
    g_ptr_array_unref(self->groups);
    g_free(self);
}

char *dhcp_network_name(const char *adapter)
{
    return g_strconcat("HostInterfaceNetworking-", adapter, NULL);
}

/* *ret_object is NULL when there is none. */
static gboolean find(const char *network, Object **ret_object, GError **error)
{
    g_autoptr(GError) failure = NULL;
    *ret_object = NULL;
    if (vbox_call(vbox_root(), IVirtualBox_findDHCPServerByNetworkName, &failure, network,
                  ret_object) ||
        vbox_is_missing(failure))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

/* --- reading ------------------------------------------------------------------------------------
 */

static gboolean read_identity(Object *config, DhcpHost *host, GError **error)
{
    guint32 scope;
    if (!vbox_call(config, IDHCPConfig_get_scope, error, &scope))
        return FALSE;
    if (scope == vbox_enum(DHCPConfigScope_MachineNIC))
        return vbox_call(config, IDHCPIndividualConfig_get_machineId, error, &host->machine) &&
               vbox_call(config, IDHCPIndividualConfig_get_slot, error, &host->slot);
    g_autofree char *mac = NULL;
    if (!vbox_call(config, IDHCPIndividualConfig_get_MACAddress, error, &mac))
        return FALSE;
    host->mac = g_ascii_strdown(mac, -1);
    return TRUE;
}

static DhcpHost *read_host(Object *config, GError **error)
{
    g_autofree char *fixed = NULL;
    DhcpHost *host = g_new0(DhcpHost, 1);
    if (!dhcp_config_read(config, FALSE, &host->config, error) ||
        !read_identity(config, host, error) ||
        !vbox_call(config, IDHCPIndividualConfig_get_fixedAddress, error, &fixed)) {
        dhcp_host_free(host);
        return NULL;
    }
    if (!address_parse(fixed, &host->address))
        host->address.family = 0;
    return host;
}

static gboolean read_hosts(Object *object, GPtrArray *hosts, GError **error)
{
    g_autoptr(GPtrArray) configs = NULL;
    if (!vbox_call(object, IDHCPServer_get_individualConfigs, error, &configs))
        return FALSE;
    for (guint i = 0; i < configs->len; i++) {
        DhcpHost *host = read_host(configs->pdata[i], error);
        if (host == NULL)
            return FALSE;
        g_ptr_array_add(hosts, host);
    }
    return TRUE;
}

static gboolean read_range(Object *object, Dhcp *self, GError **error)
{
    g_autofree char *address = NULL, *mask = NULL, *lower = NULL, *upper = NULL;
    if (!vbox_call(object, IDHCPServer_get_IPAddress, error, &address) ||
        !vbox_call(object, IDHCPServer_get_networkMask, error, &mask) ||
        !vbox_call(object, IDHCPServer_get_lowerIP, error, &lower) ||
        !vbox_call(object, IDHCPServer_get_upperIP, error, &upper))
        return FALSE;
    if (!address_parse(address, &self->address) ||
        !address_prefix_of_mask(*mask != '\0' ? mask : "0.0.0.0", &self->prefix) ||
        !address_parse(lower, &self->first) || !address_parse(upper, &self->last))
        return fail(error, VIR_ERR_INTERNAL_ERROR,
                    "VirtualBox has a DHCP server %s with mask %s that gives away %s to %s",
                    address, mask, lower, upper);
    return TRUE;
}

static gboolean read_config(Object *object, DhcpConfig *config, GError **error)
{
    g_autoptr(Object) global = NULL;
    dhcp_config_clear(config);
    return vbox_call(object, IDHCPServer_get_globalConfig, error, &global) &&
           dhcp_config_read(global, TRUE, config, error);
}

gboolean dhcp_read(const char *network, Dhcp **ret_dhcp, GError **error)
{
    g_autoptr(Object) object = NULL;
    *ret_dhcp = NULL;
    if (!find(network, &object, error))
        return FALSE;
    if (object == NULL)
        return TRUE;
    g_autoptr(Dhcp) self = dhcp_new();
    if (!vbox_call(object, IDHCPServer_get_enabled, error, &self->enabled) ||
        !read_range(object, self, error) || !read_config(object, &self->config, error) ||
        !read_hosts(object, self->hosts, error) || !dhcp_groups_read(object, self->groups, error))
        return FALSE;
    *ret_dhcp = g_steal_pointer(&self);
    return TRUE;
}

/* --- writing ------------------------------------------------------------------------------------
 */

static gboolean is_same_guest(const DhcpHost *a, const DhcpHost *b)
{
    return g_strcmp0(a->mac, b->mac) == 0 && g_strcmp0(a->machine, b->machine) == 0 &&
           a->slot == b->slot;
}

static const DhcpHost *find_guest(const GPtrArray *hosts, const DhcpHost *like)
{
    for (guint i = 0; i < hosts->len; i++)
        if (is_same_guest(hosts->pdata[i], like))
            return hosts->pdata[i];
    return NULL;
}

const DhcpHost *dhcp_find_host(const Dhcp *self, const DhcpHost *like)
{
    return find_guest(self->hosts, like);
}

static gboolean remove_hosts(Object *object, const GPtrArray *wanted, GError **error)
{
    g_autoptr(GPtrArray) configs = NULL;
    if (!vbox_call(object, IDHCPServer_get_individualConfigs, error, &configs))
        return FALSE;
    for (guint i = 0; i < configs->len; i++) {
        DhcpHost *host = read_host(configs->pdata[i], error);
        if (host == NULL)
            return FALSE;
        gboolean stays = find_guest(wanted, host) != NULL;
        dhcp_host_free(host);
        if (!stays && !vbox_call(configs->pdata[i], IDHCPConfig_remove, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean write_host(Object *object, const DhcpHost *host, GError **error)
{
    g_autoptr(Object) config = NULL;
    guint32 scope =
        host->mac != NULL ? vbox_enum(DHCPConfigScope_MAC) : vbox_enum(DHCPConfigScope_MachineNIC);
    if (!vbox_call(object, IDHCPServer_getConfig, error, scope,
                   host->mac != NULL ? host->mac : host->machine, host->slot, TRUE, &config))
        return FALSE;
    g_autoptr(Object) individual =
        object_query(config, vbox_interface("IDHCPIndividualConfig"), error);
    if (individual == NULL)
        return FALSE;
    g_autofree char *old = NULL;
    g_autofree char *address =
        host->address.family != 0 ? address_format(&host->address) : g_strdup("");
    if (!vbox_call(individual, IDHCPIndividualConfig_get_fixedAddress, error, &old) ||
        (!g_str_equal(old, address) &&
         !vbox_call(individual, IDHCPIndividualConfig_set_fixedAddress, error, address)))
        return FALSE;
    return dhcp_config_write(individual, FALSE, &host->config, error);
}

static gboolean write_hosts(Object *object, const GPtrArray *hosts, GError **error)
{
    if (!remove_hosts(object, hosts, error))
        return FALSE;
    for (guint i = 0; i < hosts->len; i++)
        if (!write_host(object, hosts->pdata[i], error))
            return FALSE;
    return TRUE;
}

static gboolean write_range(Object *object, const Dhcp *self, GError **error)
{
    Dhcp old;
    if (!read_range(object, &old, error))
        return FALSE;
    if (address_equal(&old.address, &self->address) && old.prefix == self->prefix &&
        address_equal(&old.first, &self->first) && address_equal(&old.last, &self->last))
        return TRUE;
    g_autofree char *address = address_format(&self->address);
    g_autofree char *mask = address_mask_of_prefix(self->prefix);
    g_autofree char *first = address_format(&self->first);
    g_autofree char *last = address_format(&self->last);
    return vbox_call(object, IDHCPServer_setConfiguration, error, address, mask, first, last);
}

/* VirtualBox says E_FAIL, "not running", for one that does not run; there is no way to ask. */
static void restart(Object *object)
{
    g_autoptr(GError) ignored = NULL;
    if (!vbox_call(object, IDHCPServer_restart, &ignored))
        g_debug("DHCP server: %s", ignored->message);
}

static gboolean set_enabled(Object *object, gboolean enabled, GError **error)
{
    gboolean old;
    if (!vbox_call(object, IDHCPServer_get_enabled, error, &old))
        return FALSE;
    return old == enabled || vbox_call(object, IDHCPServer_set_enabled, error, enabled);
}

gboolean dhcp_write(const char *network, const Dhcp *server, GError **error)
{
    g_autoptr(Object) object = NULL;
    g_autoptr(Object) global = NULL;
    if (!find(network, &object, error))
        return FALSE;
    if (object == NULL &&
        !vbox_call(vbox_root(), IVirtualBox_createDHCPServer, error, network, &object))
        return FALSE;
    if (!write_range(object, server, error) || !write_hosts(object, server->hosts, error) ||
        !dhcp_groups_write(object, server->groups, error) ||
        !vbox_call(object, IDHCPServer_get_globalConfig, error, &global) ||
        !dhcp_config_write(global, TRUE, &server->config, error) ||
        !set_enabled(object, server->enabled, error))
        return FALSE;
    restart(object);
    return TRUE;
}

gboolean dhcp_enable(const char *network, gboolean enabled, GError **error)
{
    g_autoptr(Object) object = NULL;
    if (!find(network, &object, error))
        return FALSE;
    if (object == NULL)
        return TRUE;
    if (!set_enabled(object, enabled, error))
        return FALSE;
    /* A disabled one is stopped by a restart, and stays so. */
    restart(object);
    return TRUE;
}

gboolean dhcp_remove(const char *network, GError **error)
{
    g_autoptr(Object) object = NULL;
    if (!find(network, &object, error))
        return FALSE;
    return object == NULL || vbox_call(vbox_root(), IVirtualBox_removeDHCPServer, error, object);
}

/* --- sense --------------------------------------------------------------------------------------
 */

gboolean dhcp_has_in_range(const Dhcp *self, const Address *address)
{
    return self->first.family != 0 && address_compare(&self->first, address) <= 0 &&
           address_compare(address, &self->last) <= 0;
}

gboolean dhcp_is_for_hosts(const Dhcp *self)
{
    return address_equal(&self->first, &self->last) && address_equal(&self->first, &self->address);
}

gboolean dhcp_has_same_range(const Dhcp *self, const Dhcp *other)
{
    return address_equal(&self->first, &other->first) && address_equal(&self->last, &other->last);
}

static gboolean is_host_address(const Address *address, const AdapterIp *ip)
{
    Address network = address_first(&ip->address, ip->prefix);
    Address broadcast = address_last(&ip->address, ip->prefix);
    return address->family == ip->address.family && address_in(address, &ip->address, ip->prefix) &&
           !address_equal(address, &network) && !address_equal(address, &broadcast);
}

static gboolean is_taken(const Dhcp *self, const Address *address, const AdapterIp *ip)
{
    gboolean taken = !is_host_address(address, ip) || address_equal(address, &ip->address);
    for (guint i = 0; i < self->hosts->len && !taken; i++)
        taken = address_equal(address, &((DhcpHost *)self->hosts->pdata[i])->address);
    return taken;
}

static gboolean is_free(const Dhcp *self, const Address *address, const AdapterIp *ip)
{
    return !is_taken(self, address, ip) && !dhcp_has_in_range(self, address);
}

/* The guests that have no <host> get none. */
static gboolean choose_for_hosts(Dhcp *self, const AdapterIp *ip)
{
    Address free = self->address;
    if (is_taken(self, &free, ip))
        free = address_last(&ip->address, ip->prefix);
    for (guint i = 0; i < self->hosts->len + 4 && is_taken(self, &free, ip); i++)
        free = address_step(&free, -1);
    self->address = self->first = self->last = free;
    return !is_taken(self, &free, ip);
}

gboolean dhcp_choose_address(Dhcp *self, const AdapterIp *ip)
{
    self->prefix = ip->prefix;
    if (self->first.family == 0)
        return choose_for_hosts(self, ip);
    Address before = address_step(&self->first, -1), after = address_step(&self->last, 1);
    const Address *tries[] = {&self->address, &before, &after};
    for (guint i = 0; i < G_N_ELEMENTS(tries); i++)
        if (is_free(self, tries[i], ip)) {
            self->address = *tries[i];
            return TRUE;
        }
    /* What is taken one by one are the network's own, the host's and each <host>; the range is
     * skipped as a whole. */
    guint most = self->hosts->len + 4;
    Address outside = address_first(&ip->address, ip->prefix), inside = self->last;
    for (guint i = 0; i < most && !is_free(self, &outside, ip); i++)
        outside = dhcp_has_in_range(self, &outside) ? after : address_step(&outside, 1);
    for (guint i = 0; i < most && is_taken(self, &inside, ip); i++)
        inside = address_step(&inside, -1);
    if (is_free(self, &outside, ip))
        self->address = outside;
    else if (dhcp_has_in_range(self, &inside) && !is_taken(self, &inside, ip))
        self->address = inside;
    else
        return FALSE;
    return TRUE;
}

static gboolean check_twice(const Dhcp *self, guint index, GError **error)
{
    const DhcpHost *host = self->hosts->pdata[index];
    g_autofree char *address = address_format(&host->address);
    for (guint i = 0; i < self->hosts->len; i++) {
        const DhcpHost *other = self->hosts->pdata[i];
        if (i == index)
            continue;
        if (is_same_guest(host, other) && host->mac != NULL)
            return fail(error, VIR_ERR_XML_ERROR, "the MAC address %s is given to two hosts",
                        host->mac);
        if (is_same_guest(host, other))
            return fail(error, VIR_ERR_XML_ERROR, "the adapter %u of the machine %s is given twice",
                        host->slot, host->machine);
        if (host->address.family != 0 && address_equal(&other->address, &host->address))
            return fail(error, VIR_ERR_XML_ERROR, "the address %s is given to two hosts", address);
    }
    return TRUE;
}

static gboolean check_host(const Dhcp *self, guint index, const AdapterIp *ip, GError **error)
{
    const DhcpHost *host = self->hosts->pdata[index];
    const char *whose = host->mac != NULL ? host->mac : host->machine;
    g_autofree char *address = address_format(&host->address);
    g_autofree char *network = address_format(&ip->address);
    if (host->address.family != 0 && !is_host_address(&host->address, ip))
        return fail(error, VIR_ERR_XML_ERROR,
                    "the address %s of the host %s is not one of the network %s/%u", address, whose,
                    network, ip->prefix);
    if (address_equal(&host->address, &ip->address))
        return fail(error, VIR_ERR_XML_ERROR, "the address %s of the host %s is the network's own",
                    address, whose);
    return check_twice(self, index, error);
}

static gboolean check_range(const Dhcp *self, const AdapterIp *ip, GError **error)
{
    g_autofree char *first = address_format(&self->first);
    g_autofree char *last = address_format(&self->last);
    g_autofree char *network = address_format(&ip->address);
    if (!is_host_address(&self->first, ip) || !is_host_address(&self->last, ip))
        return fail(error, VIR_ERR_INTERNAL_ERROR,
                    "range %s - %s is not entirely within network %s/%u", first, last, network,
                    ip->prefix);
    if (address_compare(&self->first, &self->last) > 0)
        return fail(error, VIR_ERR_INTERNAL_ERROR,
                    "range %s - %s is reversed: its start is after its end", first, last);
    return TRUE;
}

static gboolean had_host(const Dhcp *old, const DhcpHost *host)
{
    const DhcpHost *same = old != NULL ? dhcp_find_host(old, host) : NULL;
    return same != NULL && address_equal(&same->address, &host->address);
}

gboolean dhcp_check(const Dhcp *self, const AdapterIp *ip, const Dhcp *old, GError **error)
{
    gboolean had_range = self->first.family == 0 || (old != NULL && dhcp_has_same_range(self, old));
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    refusals_note(refusals, had_range || check_range(self, ip, &reason), &reason);
    for (guint i = 0; i < self->hosts->len; i++)
        refusals_note(refusals,
                      had_host(old, self->hosts->pdata[i]) || check_host(self, i, ip, &reason),
                      &reason);
    return refusals_tell(refusals, error);
}

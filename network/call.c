/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The calls about one network. */
#include <string.h>
#include "base/libvirt.h"
#include "network/define.h"
#include "network/document.h"
#include "network/lease.h"
#include "rpc/handlers.h"

/* Strict parsing already refuses what the schema would (…_VALIDATE flags). */
static gboolean define(Call *call, const char *xml, DefineHow how, RemoteNetwork *ret,
                       GError **error)
{
    g_autoptr(Network) network = network_define(xml, how, error);
    if (network == NULL)
        return FALSE;
    ret->name = call_strdup(call, network->name);
    memcpy(ret->uuid, network->uuid, UUID_BYTES);
    return TRUE;
}

gboolean do_network_define_xml(Call *call, const NetworkDefineXmlArgs *args,
                               NetworkDefineXmlRet *ret, GError **error)
{
    return define(call, args->xml, DEFINE_ONLY, &ret->net, error);
}

gboolean do_network_define_xml_flags(Call *call, const NetworkDefineXmlFlagsArgs *args,
                                     NetworkDefineXmlFlagsRet *ret, GError **error)
{
    return define(call, args->xml, DEFINE_ONLY, &ret->net, error);
}

gboolean do_network_create_xml(Call *call, const NetworkCreateXmlArgs *args,
                               NetworkCreateXmlRet *ret, GError **error)
{
    return define(call, args->xml, DEFINE_START, &ret->net, error);
}

gboolean do_network_create_xml_flags(Call *call, const NetworkCreateXmlFlagsArgs *args,
                                     NetworkCreateXmlFlagsRet *ret, GError **error)
{
    return define(call, args->xml, DEFINE_START, &ret->net, error);
}

gboolean do_network_create(Call *call, const NetworkCreateArgs *args, GError **error)
{
    return network_start(args->net.uuid, args->net.name, error);
}

gboolean do_network_destroy(Call *call, const NetworkDestroyArgs *args, GError **error)
{
    return network_stop(args->net.uuid, args->net.name, error);
}

gboolean do_network_undefine(Call *call, const NetworkUndefineArgs *args, GError **error)
{
    return network_undefine(args->net.uuid, args->net.name, error);
}

gboolean do_network_set_autostart(Call *call, const NetworkSetAutostartArgs *args, GError **error)
{
    return network_set_autostart(args->net.uuid, args->net.name, args->autostart != 0, error);
}

gboolean do_network_get_autostart(Call *call, const NetworkGetAutostartArgs *args,
                                  NetworkGetAutostartRet *ret, GError **error)
{
    g_autoptr(Network) network = network_find(args->net.uuid, args->net.name, error);
    if (network == NULL)
        return FALSE;
    ret->autostart = network->autostart;
    return TRUE;
}

gboolean do_network_is_active(Call *call, const NetworkIsActiveArgs *args, NetworkIsActiveRet *ret,
                              GError **error)
{
    g_autoptr(Network) network = network_find(args->net.uuid, args->net.name, error);
    if (network == NULL)
        return FALSE;
    ret->active = network->active;
    return TRUE;
}

gboolean do_network_is_persistent(Call *call, const NetworkIsPersistentArgs *args,
                                  NetworkIsPersistentRet *ret, GError **error)
{
    g_autoptr(Network) network = network_find(args->net.uuid, args->net.name, error);
    if (network == NULL)
        return FALSE;
    ret->persistent = network->persistent;
    return TRUE;
}

/* Of a network that the XML says no <bridge> of: the empty name.  Clients ask every network, and
 * some (Ansible's virt_net) give up on all of them when one has an error. */
gboolean do_network_get_bridge_name(Call *call, const NetworkGetBridgeNameArgs *args,
                                    NetworkGetBridgeNameRet *ret, GError **error)
{
    g_autoptr(Network) network = network_find(args->net.uuid, args->net.name, error);
    if (network == NULL)
        return FALSE;
    ret->name = call_strdup(call, network->kind == NETWORK_HOST_ONLY ? network->vbox_name : "");
    return TRUE;
}

gboolean do_network_get_xml_desc(Call *call, const NetworkGetXmlDescArgs *args,
                                 NetworkGetXmlDescRet *ret, GError **error)
{
    g_autoptr(Network) network = network_find(args->net.uuid, args->net.name, error);
    if (network == NULL || !network_fill(network, error))
        return FALSE;
    /* There is but one configuration, so the inactive one is the same. */
    char *xml = document_format(network, error);
    ret->xml = call_take(call, xml);
    return xml != NULL;
}

static void put_lease(Call *call, const Network *network, const Lease *lease,
                      RemoteNetworkDhcpLease *ret)
{
    ret->iface = call_strdup(call, network->vbox_name);
    ret->expirytime = lease->expires;
    ret->type = VIR_IP_ADDR_TYPE_IPV4;
    ret->mac = call_strdup(call, lease->mac);
    ret->ipaddr = call_strdup(call, lease->address);
    ret->prefix = lease->prefix;
    ret->clientid = lease->client != NULL ? call_strdup(call, lease->client) : NULL;
    for (guint i = 0; i < network->dhcp->hosts->len; i++) {
        const DhcpHost *host = network->dhcp->hosts->pdata[i];
        const char *name = dhcp_config_text(&host->config, DHCP_HOST_NAME);
        if (name != NULL && g_strcmp0(host->mac, lease->mac) == 0)
            ret->hostname = call_strdup(call, name);
    }
}

gboolean do_network_get_dhcp_leases(Call *call, const NetworkGetDhcpLeasesArgs *args,
                                    NetworkGetDhcpLeasesRet *ret, GError **error)
{
    g_autoptr(Network) network = network_find(args->net.uuid, args->net.name, error);
    if (network == NULL || !network_fill(network, error))
        return FALSE;
    g_autoptr(GPtrArray) leases = lease_read(network, args->mac, error);
    if (leases == NULL)
        return FALSE;
    ret->ret = leases->len;
    ret->leases_len = args->need_results != 0 ? leases->len : 0;
    ret->leases = arena_alloc(call->arena, (ret->leases_len + 1) * sizeof *ret->leases);
    for (guint i = 0; i < ret->leases_len; i++)
        put_lease(call, network, leases->pdata[i], &ret->leases[i]);
    return TRUE;
}

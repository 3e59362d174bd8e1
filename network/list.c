/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists and lookups of networks. */
#include <string.h>
#include "base/libvirt.h"
#include "network/network.h"
#include "rpc/handlers.h"

static void put(Call *call, const Network *network, RemoteNetwork *ret)
{
    ret->name = call_strdup(call, network->name);
    memcpy(ret->uuid, network->uuid, UUID_BYTES);
}

static gboolean passes(const Network *network, guint32 flags)
{
    const struct {
        guint32 yes, no;
        gboolean is;
    } filters[] = {
        {VIR_CONNECT_LIST_NETWORKS_ACTIVE, VIR_CONNECT_LIST_NETWORKS_INACTIVE, network->active},
        {VIR_CONNECT_LIST_NETWORKS_PERSISTENT, VIR_CONNECT_LIST_NETWORKS_TRANSIENT,
         network->persistent},
        {VIR_CONNECT_LIST_NETWORKS_AUTOSTART, VIR_CONNECT_LIST_NETWORKS_NO_AUTOSTART,
         network->autostart},
    };
    for (guint i = 0; i < G_N_ELEMENTS(filters); i++) {
        guint32 both = filters[i].yes | filters[i].no;
        if ((flags & both) != 0 && (flags & (filters[i].is ? filters[i].yes : filters[i].no)) == 0)
            return FALSE;
    }
    return TRUE;
}

/* Those that pass the filters. */
static GPtrArray *list(guint32 flags, GError **error)
{
    GPtrArray *networks = network_all(error);
    for (guint i = networks != NULL ? networks->len : 0; i-- > 0;)
        if (!passes(networks->pdata[i], flags))
            g_ptr_array_remove_index(networks, i);
    return networks;
}

static gboolean count(guint32 flags, gint32 *ret_count, GError **error)
{
    g_autoptr(GPtrArray) networks = list(flags, error);
    if (networks == NULL)
        return FALSE;
    *ret_count = (gint32)networks->len;
    return TRUE;
}

static gboolean names(Call *call, guint32 flags, gint32 most, guint32 *ret_count, char ***ret_names,
                      GError **error)
{
    if (most < 0)
        return fail(error, VIR_ERR_INVALID_ARG, "maxnames is %d: it cannot be negative", most);
    g_autoptr(GPtrArray) networks = list(flags, error);
    if (networks == NULL)
        return FALSE;
    *ret_count = MIN(networks->len, (guint)most);
    *ret_names = arena_alloc(call->arena, (*ret_count + 1) * sizeof(char *));
    for (guint i = 0; i < *ret_count; i++)
        (*ret_names)[i] = call_strdup(call, ((Network *)networks->pdata[i])->name);
    return TRUE;
}

gboolean do_connect_num_of_networks(Call *call, ConnectNumOfNetworksRet *ret, GError **error)
{
    return count(VIR_CONNECT_LIST_NETWORKS_ACTIVE, &ret->num, error);
}

gboolean do_connect_num_of_defined_networks(Call *call, ConnectNumOfDefinedNetworksRet *ret,
                                            GError **error)
{
    return count(VIR_CONNECT_LIST_NETWORKS_INACTIVE, &ret->num, error);
}

gboolean do_connect_list_networks(Call *call, const ConnectListNetworksArgs *args,
                                  ConnectListNetworksRet *ret, GError **error)
{
    return names(call, VIR_CONNECT_LIST_NETWORKS_ACTIVE, args->maxnames, &ret->names_len,
                 &ret->names, error);
}

gboolean do_connect_list_defined_networks(Call *call, const ConnectListDefinedNetworksArgs *args,
                                          ConnectListDefinedNetworksRet *ret, GError **error)
{
    return names(call, VIR_CONNECT_LIST_NETWORKS_INACTIVE, args->maxnames, &ret->names_len,
                 &ret->names, error);
}

gboolean do_connect_list_all_networks(Call *call, const ConnectListAllNetworksArgs *args,
                                      ConnectListAllNetworksRet *ret, GError **error)
{
    g_autoptr(GPtrArray) networks = list(args->flags, error);
    if (networks == NULL)
        return FALSE;
    ret->ret = networks->len;
    if (!args->need_results)
        return TRUE;
    ret->nets_len = networks->len;
    ret->nets = arena_alloc(call->arena, (networks->len + 1) * sizeof(*ret->nets));
    for (guint i = 0; i < networks->len; i++)
        put(call, networks->pdata[i], &ret->nets[i]);
    return TRUE;
}

gboolean do_network_lookup_by_name(Call *call, const NetworkLookupByNameArgs *args,
                                   NetworkLookupByNameRet *ret, GError **error)
{
    g_autoptr(Network) network = network_find_by_name(args->name, error);
    if (network == NULL)
        return FALSE;
    put(call, network, &ret->net);
    return TRUE;
}

gboolean do_network_lookup_by_uuid(Call *call, const NetworkLookupByUuidArgs *args,
                                   NetworkLookupByUuidRet *ret, GError **error)
{
    g_autoptr(Network) network = network_find(args->uuid, NULL, error);
    if (network == NULL)
        return FALSE;
    put(call, network, &ret->net);
    return TRUE;
}

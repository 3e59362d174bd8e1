/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network ports: where running machines are plugged into networks.
 *
 * VirtualBox has no such object.  A port is an interface of a running machine whose XML names the
 * network: it comes and goes with that, and so does its UUID, which is made of the network's, the
 * machine's and the interface's number, which stays while the machine runs. */
#include <string.h>
#include "domain/list.h"
#include "domain/nic.h"
#include "domain/registry.h"
#include "network/network.h"
#include "rpc/handlers.h"

typedef struct Port {
    guint8 uuid[UUID_BYTES], owner[UUID_BYTES];
    char *owner_name, *mac;
    gint64 average; /* what the guest may send, kB a second; NUMBER_ABSENT: all it can */
} Port;

static void port_free(gpointer data)
{
    Port *self = data;
    g_free(self->owner_name);
    g_free(self->mac);
    g_free(self);
}

static void make_uuid(const Network *network, const Entry *entry, guint number,
                      guint8 ret_uuid[UUID_BYTES])
{
    char of[UUID_STRING], owner[UUID_STRING];
    uuid_format(network->uuid, of);
    uuid_format(entry_uuid(entry), owner);
    g_autofree char *text = g_strdup_printf("network port %s %s %u", of, owner, number);
    uuid_derive(text, ret_uuid);
}

/* Those of one machine; none when it does not run. */
static gboolean add_ports(GPtrArray *ports, const Network *network, Entry *entry, GError **error)
{
    g_autoptr(Arena) arena = arena_new();
    RemoteDomain domain;
    if (!entry_domain(entry, arena, &domain, error))
        return FALSE;
    if (domain.id < 0)
        return TRUE;
    g_autofree char *xml = entry_xml(entry, 0, error);
    g_autoptr(Model) model = xml != NULL ? domain_parse(xml, error) : NULL;
    GPtrArray *nics = model != NULL ? model_items(model, &domain_interface_element) : NULL;
    for (guint i = 0; nics != NULL && i < nics->len; i++) {
        const Nic *nic = nics->pdata[i];
        if (g_strcmp0(nic->network, network->name) != 0)
            continue;
        Port *port = g_new0(Port, 1);
        make_uuid(network, entry, i, port->uuid);
        memcpy(port->owner, domain.uuid, UUID_BYTES);
        port->owner_name = g_strdup(domain.name);
        port->mac = g_strdup(nic->mac);
        port->average = nic->average;
        g_ptr_array_add(ports, port);
    }
    return nics != NULL;
}

static GPtrArray *list(const Network *network, GError **error)
{
    g_autoptr(GPtrArray) all = registry_all(error);
    g_autoptr(GPtrArray) ports = g_ptr_array_new_with_free_func(port_free);
    for (guint i = 0; all != NULL && i < all->len; i++) {
        g_autoptr(GError) failure = NULL;
        if (add_ports(ports, network, all->pdata[i], &failure) || list_gone(failure))
            continue;
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    return all != NULL ? g_steal_pointer(&ports) : NULL;
}

/* --- calls --------------------------------------------------------------------------------- */

static void put(Call *call, const Network *network, const Port *port, RemoteNetworkPort *ret)
{
    ret->net.name = call_strdup(call, network->name);
    memcpy(ret->net.uuid, network->uuid, UUID_BYTES);
    memcpy(ret->uuid, port->uuid, UUID_BYTES);
}

gboolean do_network_list_all_ports(Call *call, const NetworkListAllPortsArgs *args,
                                   NetworkListAllPortsRet *ret, GError **error)
{
    g_autoptr(Network) network = network_find(args->network.uuid, args->network.name, error);
    g_autoptr(GPtrArray) ports = network != NULL ? list(network, error) : NULL;
    if (ports == NULL)
        return FALSE;
    ret->ret = ports->len;
    ret->ports_len = args->need_results != 0 ? ports->len : 0;
    ret->ports = arena_alloc(call->arena, (ret->ports_len + 1) * sizeof *ret->ports);
    for (guint i = 0; i < ret->ports_len; i++)
        put(call, network, ports->pdata[i], &ret->ports[i]);
    return TRUE;
}

/* Of a list; NULL: there is none of that UUID.  Borrowed. */
static const Port *find(const GPtrArray *ports, const guint8 uuid[UUID_BYTES], GError **error)
{
    char text[UUID_STRING];
    for (guint i = 0; i < ports->len; i++) {
        const Port *port = ports->pdata[i];
        if (memcmp(port->uuid, uuid, UUID_BYTES) == 0)
            return port;
    }
    uuid_format(uuid, text);
    fail(error, VIR_ERR_NO_NETWORK_PORT,
         "network port not found: Network port with UUID %s does not exist", text);
    return NULL;
}

gboolean do_network_port_lookup_by_uuid(Call *call, const NetworkPortLookupByUuidArgs *args,
                                        NetworkPortLookupByUuidRet *ret, GError **error)
{
    g_autoptr(Network) network = network_find(args->network.uuid, args->network.name, error);
    g_autoptr(GPtrArray) ports = network != NULL ? list(network, error) : NULL;
    const Port *port = ports != NULL ? find(ports, args->uuid, error) : NULL;
    if (port == NULL)
        return FALSE;
    put(call, network, port, &ret->port);
    return TRUE;
}

/* What it is plugged into; an internal network and a NAT network have nothing that the host can
 * name. */
static char *format_plug(const Network *network)
{
    if (network->kind == NETWORK_HOST_ONLY)
        return g_markup_printf_escaped("  <plug type='network' bridge='%s'/>\n",
                                       network->vbox_name);
    if (network->kind == NETWORK_BRIDGED)
        return g_markup_printf_escaped("  <plug type='direct' dev='%s' mode='bridge'/>\n",
                                       network->vbox_name);
    return g_strdup("");
}

static char *format(const Network *network, const Port *port)
{
    char uuid[UUID_STRING], owner[UUID_STRING];
    uuid_format(port->uuid, uuid);
    uuid_format(port->owner, owner);
    g_autofree char *plug = format_plug(network);
    g_autofree char *name = g_markup_escape_text(port->owner_name, -1);
    g_autofree char *bandwidth =
        port->average == NUMBER_ABSENT
            ? g_strdup("")
            : g_strdup_printf("  <bandwidth>\n"
                              "    <outbound average='%" G_GINT64_FORMAT "'/>\n"
                              "  </bandwidth>\n",
                              port->average);
    return g_strdup_printf("<networkport>\n"
                           "  <uuid>%s</uuid>\n"
                           "  <owner>\n"
                           "    <name>%s</name>\n"
                           "    <uuid>%s</uuid>\n"
                           "  </owner>\n"
                           "  <mac address='%s'/>\n"
                           "%s%s"
                           "</networkport>\n",
                           uuid, name, owner, port->mac, bandwidth, plug);
}

gboolean do_network_port_get_xml_desc(Call *call, const NetworkPortGetXmlDescArgs *args,
                                      NetworkPortGetXmlDescRet *ret, GError **error)
{
    g_autoptr(Network) network = network_find(args->port.net.uuid, args->port.net.name, error);
    g_autoptr(GPtrArray) ports = network != NULL ? list(network, error) : NULL;
    const Port *port = ports != NULL ? find(ports, args->port.uuid, error) : NULL;
    if (port == NULL)
        return FALSE;
    ret->xml = call_take(call, format(network, port));
    return TRUE;
}

gboolean do_network_port_create_xml(Call *call, const NetworkPortCreateXmlArgs *args,
                                    NetworkPortCreateXmlRet *ret, GError **error)
{
    return fail(error, VIR_ERR_OPERATION_UNSUPPORTED,
                "the ports of network '%s' are the interfaces of running domains: attach an "
                "interface to a domain instead",
                args->network.name);
}

gboolean do_network_port_delete(Call *call, const NetworkPortDeleteArgs *args, GError **error)
{
    return fail(error, VIR_ERR_OPERATION_UNSUPPORTED,
                "the ports of network '%s' are the interfaces of running domains: unplug the "
                "interface (domif-setlink) or attach it to another network (update-device) instead",
                args->port.net.name);
}

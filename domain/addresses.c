/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses: what a running guest's network adapters are called on the network. */
#include <string.h>
#include "base/libvirt.h"
#include "domain/domain.h"
#include "domain/registry.h"
#include "network/lease.h"
#include "rpc/handlers.h"

#define ADAPTERS_MAX 64 /* that Guest Additions report; a machine has at most 36 */

typedef struct List {
    Arena *arena;
    GArray *interfaces; /* RemoteDomainInterface */
} List;

static void add(List *list, const char *name, const char *mac, gint32 type, const char *address,
                guint prefix)
{
    RemoteDomainInterface interface = {
        .name = arena_strdup(list->arena, name),
        .hwaddr = mac != NULL ? arena_strdup(list->arena, mac) : NULL,
        .addrs_len = 1,
        .addrs = arena_alloc(list->arena, sizeof(RemoteDomainIpAddr)),
    };
    interface.addrs[0] = (RemoteDomainIpAddr){type, arena_strdup(list->arena, address), prefix};
    g_array_append_val(list->interfaces, interface);
}

/* --- by the leases of its networks ---------------------------------------------------------- */

static gboolean add_leases(List *list, const Item *nic, GError **error)
{
    g_autofree char *mac = item_text(nic, "mac/@address");
    g_autofree char *name = item_text(nic, "source/@network");
    g_autofree char *label = g_strdup_printf("nic%u", nic->slot + 1); /* as VBoxManage has it */
    if (name == NULL || mac == NULL)
        return TRUE;
    g_autoptr(Network) network = network_find_by_name(name, NULL);
    if (network == NULL)
        return TRUE; /* it has gone, and nobody gives addresses away */
    if (!network_fill(network, error))
        return FALSE;
    g_autoptr(GPtrArray) leases = lease_read(network, mac, error);
    for (guint i = 0; leases != NULL && i < leases->len; i++) {
        const Lease *lease = leases->pdata[i];
        add(list, label, mac, VIR_IP_ADDR_TYPE_IPV4, lease->address, lease->prefix);
    }
    return leases != NULL;
}

static gboolean by_lease(List *list, Object *machine, GError **error)
{
    g_autoptr(Model) domain = domain_read(machine, error);
    if (domain == NULL)
        return FALSE;
    GPtrArray *nics = model_items(domain, &domain_interface_element);
    for (guint i = 0; i < nics->len; i++)
        if (!add_leases(list, nics->pdata[i], error))
            return FALSE;
    return TRUE;
}

/* --- by Guest Additions, VirtualBox's agent -------------------------------------------------- */

static char *property(Object *machine, guint adapter, const char *noun)
{
    char *value = NULL;
    g_autofree char *name = g_strdup_printf("/VirtualBox/GuestInfo/Net/%u/%s", adapter, noun);
    return vbox_call(machine, IMachine_getGuestPropertyValue, NULL, name, &value) ? value : NULL;
}

static void add_adapter(List *list, Object *machine, guint adapter)
{
    g_autofree char *name = property(machine, adapter, "Name");
    g_autofree char *mac = property(machine, adapter, "MAC");
    g_autofree char *v4 = property(machine, adapter, "V4/IP");
    g_autofree char *mask = property(machine, adapter, "V4/Netmask");
    g_autofree char *label =
        name != NULL && *name != '\0' ? g_strdup(name) : g_strdup_printf("nic%u", adapter + 1);
    g_autofree char *text = NULL;
    Address address;
    guint prefix = 0;
    if (mac != NULL && strlen(mac) == 12) {
        g_autofree char *colons = g_strdup_printf("%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", mac, mac + 2,
                                                  mac + 4, mac + 6, mac + 8, mac + 10);
        text = g_ascii_strdown(colons, -1);
    }
    if (v4 == NULL || !address_parse(v4, &address))
        return;
    if (mask != NULL && !address_prefix_of_mask(mask, &prefix))
        prefix = 0;
    add(list, label, text, VIR_IP_ADDR_TYPE_IPV4, v4, prefix);
}

static gboolean by_agent(List *list, Object *machine, GError **error)
{
    g_autofree char *count = NULL;
    if (!vbox_call(machine, IMachine_getGuestPropertyValue, error,
                   "/VirtualBox/GuestInfo/Net/Count", &count))
        return FALSE;
    if (*count == '\0')
        return fail(error, VIR_ERR_AGENT_UNRESPONSIVE,
                    "the guest tells no addresses: install VirtualBox's Guest Additions in it");
    guint most = MIN((guint)g_ascii_strtoull(count, NULL, 10), ADAPTERS_MAX);
    for (guint i = 0; i < most; i++)
        add_adapter(list, machine, i);
    return TRUE;
}

gboolean do_domain_interface_addresses(Call *call, const DomainInterfaceAddressesArgs *args,
                                       DomainInterfaceAddressesRet *ret, GError **error)
{
    EntryRun run;
    g_autoptr(Entry) entry = registry_find(&args->dom, error);
    if (entry == NULL || !entry_run(entry, &run, error))
        return FALSE;
    if (run.id < 0)
        return fail(error, VIR_ERR_OPERATION_INVALID, "domain is not running");
    g_autoptr(GArray) interfaces = g_array_new(FALSE, FALSE, sizeof(RemoteDomainInterface));
    List list = {call->arena, interfaces};
    gboolean is_good;
    if (args->source == VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE)
        is_good = by_lease(&list, entry_machine(entry), error);
    else if (args->source == VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT)
        is_good = by_agent(&list, entry_machine(entry), error);
    else
        is_good = fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED,
                       "VirtualBox's adapters are not in the host's neighbour table; ask with "
                       "--source lease or --source agent");
    ret->ifaces_len = interfaces->len;
    ret->ifaces = arena_alloc(call->arena, (interfaces->len + 1) * sizeof(RemoteDomainInterface));
    if (interfaces->len > 0)
        memcpy(ret->ifaces, interfaces->data, interfaces->len * sizeof(RemoteDomainInterface));
    return is_good;
}

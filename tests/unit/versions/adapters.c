/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The property-bag VirtualBox's host-only adapters, and a kernel that has them and nothing else. */
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include "base/address.h"
#include "tests/unit/versions/virtualbox.h"
#include "vbox/vbox.h"

#define DEFAULT_ADDRESS "192.168.56.1" /* what VirtualBox gives to a new one */
#define DEFAULT_MASK "255.255.255.0"

static GPtrArray *adapters(void)
{
    return bag_list(virtualbox.root, "HostOnlyAdapters");
}

/* The cell of VirtualBox's extra data that keeps something of an adapter. */
static char *cell_of(Bag *adapter, const char *key)
{
    return g_strdup_printf("ExtraData(HostOnly/%s/%s)", bag_text(adapter, "name"), key);
}

static void keep(Bag *adapter, const char *key, const char *value)
{
    g_autofree char *cell = cell_of(adapter, key);
    bag_set_text(virtualbox.root, cell, value);
}

static void return_progress(const BagCall *call, guint param)
{
    Bag *progress = bag_new("IProgress", NULL);
    bag_set_number(progress, "completed", TRUE);
    call_return_object(call, param, progress);
}

/* The lowest number that is free. */
static guint32 create_adapter(BagCall *call)
{
    Bag *adapter = bag_new("IHostNetworkInterface", virtualbox.root);
    g_autofree char *name = NULL;
    for (guint i = 0; name == NULL || bag_find(adapters(), "name", name) != NULL; i++) {
        g_free(name);
        name = g_strdup_printf("vboxnet%u", i);
    }
    bag_set_text(adapter, "name", name);
    bag_set_text(adapter, "id", name);
    bag_set_number(adapter, "interfaceType", vbox_enum(HostNetworkInterfaceType_HostOnly));
    keep(adapter, "IPAddress", DEFAULT_ADDRESS);
    keep(adapter, "IPNetMask", DEFAULT_MASK);
    g_ptr_array_add(adapters(), adapter);
    call_return_object(call, 0, adapter);
    return_progress(call, 1);
    return FAKE_OK;
}

static guint32 remove_adapter(BagCall *call)
{
    static const char *const keys[] = {"IPAddress", "IPNetMask", "IPV6Address", "IPV6NetMask"};
    g_autofree char *id = call_text(call, 0);
    Bag *adapter = bag_find(adapters(), "id", id);
    if (adapter == NULL)
        return VBOX_E_OBJECT_NOT_FOUND;
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        keep(adapter, keys[i], "");
    g_ptr_array_remove(adapters(), adapter);
    return_progress(call, 1);
    return FAKE_OK;
}

static guint32 find_adapter(BagCall *call)
{
    g_autofree char *name = call_text(call, 0);
    Bag *adapter = bag_find(adapters(), "name", name);
    if (adapter == NULL)
        return VBOX_E_OBJECT_NOT_FOUND;
    call_return_object(call, 1, adapter);
    return FAKE_OK;
}

static guint32 return_kept(const BagCall *call, const char *key)
{
    g_autofree char *cell = cell_of(call->self, key);
    call_return_text(call, 0, bag_text(virtualbox.root, cell));
    return FAKE_OK;
}

static guint32 get_address(BagCall *call)
{
    return return_kept(call, "IPAddress");
}

static guint32 get_mask(BagCall *call)
{
    return return_kept(call, "IPNetMask");
}

static guint32 set_address(BagCall *call)
{
    g_autofree char *address = call_text(call, 0), *mask = call_text(call, 1);
    bag_set_text(call->self, "kernel's address", address);
    keep(call->self, "IPAddress", address);
    keep(call->self, "IPNetMask", mask);
    return FAKE_OK;
}

static guint32 set_address6(BagCall *call)
{
    g_autofree char *address = call_text(call, 0);
    bag_set_text(call->self, "kernel's IPv6 address", address);
    return FAKE_OK;
}

/* clang-format off */
const Behaviour adapter_behaviours[] = {
    { "IHost",                 "createHostOnlyNetworkInterface", create_adapter, FALSE },
    { "IHost",                 "removeHostOnlyNetworkInterface", remove_adapter, FALSE },
    { "IHost",                 "findHostNetworkInterfaceByName", find_adapter,   FALSE },
    { "IHostNetworkInterface", "IPAddress",                      get_address,    FALSE },
    { "IHostNetworkInterface", "networkMask",                    get_mask,       FALSE },
    { "IHostNetworkInterface", "enableStaticIPConfig",           set_address,    FALSE },
    { "IHostNetworkInterface", "enableStaticIPConfigV6",         set_address6,   FALSE },
    { NULL }};
/* clang-format on */

/* --- the kernel, in place of libc's functions ----------------------------------------------- */

struct if_nameindex *if_nameindex(void)
{
    GPtrArray *all = adapters();
    struct if_nameindex *list = g_new0(struct if_nameindex, all->len + 1);
    for (guint i = 0; i < all->len; i++)
        list[i] = (struct if_nameindex){i + 1, g_strdup(bag_text(all->pdata[i], "name"))};
    return list;
}

void if_freenameindex(struct if_nameindex *list)
{
    for (struct if_nameindex *each = list; each->if_index != 0; each++)
        g_free(each->if_name);
    g_free(list);
}

static struct sockaddr *socket_address(const Address *address)
{
    if (address->family == AF_INET) {
        struct sockaddr_in *v4 = g_new0(struct sockaddr_in, 1);
        v4->sin_family = AF_INET;
        memcpy(&v4->sin_addr, address->bytes, sizeof v4->sin_addr);
        return (struct sockaddr *)v4;
    }
    struct sockaddr_in6 *v6 = g_new0(struct sockaddr_in6, 1);
    v6->sin6_family = AF_INET6;
    memcpy(&v6->sin6_addr, address->bytes, sizeof v6->sin6_addr);
    return (struct sockaddr *)v6;
}

static void add_entry(struct ifaddrs **list, Bag *adapter, const char *key, const char *mask)
{
    Address address, net;
    if (!address_parse(bag_text(adapter, key), &address) || !address_parse(mask, &net))
        return;
    struct ifaddrs *entry = g_new0(struct ifaddrs, 1);
    *entry = (struct ifaddrs){.ifa_next = *list,
                              .ifa_name = g_strdup(bag_text(adapter, "name")),
                              .ifa_flags = IFF_UP,
                              .ifa_addr = socket_address(&address),
                              .ifa_netmask = socket_address(&net)};
    *list = entry;
}

int getifaddrs(struct ifaddrs **ret_list)
{
    GPtrArray *all = adapters();
    *ret_list = NULL;
    for (guint i = 0; i < all->len; i++) {
        add_entry(ret_list, all->pdata[i], "kernel's address", DEFAULT_MASK);
        add_entry(ret_list, all->pdata[i], "kernel's IPv6 address", "ffff:ffff:ffff:ffff::");
    }
    return 0;
}

void freeifaddrs(struct ifaddrs *list)
{
    while (list != NULL) {
        struct ifaddrs *entry = list;
        list = entry->ifa_next;
        g_free(entry->ifa_name);
        g_free(entry->ifa_addr);
        g_free(entry->ifa_netmask);
        g_free(entry);
    }
}

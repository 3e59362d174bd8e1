/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Adapter: see adapter.h. */
#include "network/adapter.h"
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>
#include "vbox/machine.h"
#include "vbox/progress.h"
#include "vbox/ranges.h"

#define ADAPTERS_MAX 128 /* VirtualBox's own limit */

void adapter_free(Adapter *self)
{
    g_free(self->name);
    g_free(self->mac);
    g_free(self);
}

gboolean adapter_ip_equal(const AdapterIp *a, const AdapterIp *b)
{
    return address_equal(&a->address, &b->address) && a->prefix == b->prefix;
}

gboolean adapter_is_name(const char *name)
{
    const char *digits = name + strlen("vboxnet");
    return g_str_has_prefix(name, "vboxnet") && *digits != '\0' &&
           strspn(digits, "0123456789") == strlen(digits);
}

static Object *host(GError **error)
{
    Object *host = NULL;
    return vbox_call(vbox_root(), IVirtualBox_get_host, error, &host) ? host : NULL;
}

/* VirtualBox makes its own list of the kernel's interfaces of such names, but asks a helper program
 * for the speed of each: 2 ms an interface. */
char **adapter_names(void)
{
    GPtrArray *names = g_ptr_array_new();
    struct if_nameindex *interfaces = if_nameindex();
    for (const struct if_nameindex *each = interfaces;
         each != NULL && each->if_index != 0 && each->if_name != NULL; each++)
        if (adapter_is_name(each->if_name))
            g_ptr_array_add(names, g_strdup(each->if_name));
    if (interfaces != NULL)
        if_freenameindex(interfaces);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

/* *ret_object is NULL when there is no such host-only adapter. */
static gboolean find(const char *name, Object **ret_object, GError **error)
{
    g_autoptr(Object) owner = host(error);
    g_autoptr(Object) object = NULL;
    g_autoptr(GError) failure = NULL;
    guint32 type;
    *ret_object = NULL;
    if (owner == NULL)
        return FALSE;
    if (!vbox_call(owner, IHost_findHostNetworkInterfaceByName, &failure, name, &object)) {
        if (vbox_is_missing(failure))
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (!vbox_call(object, IHostNetworkInterface_get_interfaceType, error, &type))
        return FALSE;
    if (type == vbox_enum(HostNetworkInterfaceType_HostOnly))
        *ret_object = g_steal_pointer(&object);
    return TRUE;
}

/* --- addresses of the host -------------------------------------------------------------------- */

static gboolean address_of(const struct ifaddrs *entry, AdapterIp *ret)
{
    if (entry->ifa_addr == NULL || entry->ifa_netmask == NULL)
        return FALSE;
    memset(ret, 0, sizeof(*ret));
    const guint8 *mask;
    if (entry->ifa_addr->sa_family == AF_INET) {
        memcpy(ret->address.bytes, &((struct sockaddr_in *)entry->ifa_addr)->sin_addr, 4);
        mask = (const guint8 *)&((struct sockaddr_in *)entry->ifa_netmask)->sin_addr;
    } else if (entry->ifa_addr->sa_family == AF_INET6) {
        memcpy(ret->address.bytes, &((struct sockaddr_in6 *)entry->ifa_addr)->sin6_addr, 16);
        mask = (const guint8 *)&((struct sockaddr_in6 *)entry->ifa_netmask)->sin6_addr;
    } else
        return FALSE;
    ret->address.family = entry->ifa_addr->sa_family;
    while (ret->prefix < address_bits(&ret->address) &&
           (mask[ret->prefix / 8] & (0x80 >> ret->prefix % 8)) != 0)
        ret->prefix++;
    return TRUE;
}

/* fe80::…ff:fe…: made by the kernel when an interface comes up. */
static gboolean is_automatic(const Address *address)
{
    return address->family == AF_INET6 && address->bytes[0] == 0xfe &&
           (address->bytes[1] & 0xc0) == 0x80 && address->bytes[11] == 0xff &&
           address->bytes[12] == 0xfe;
}

gboolean adapter_is_up(const char *name)
{
    struct ifaddrs *list = NULL;
    gboolean up = FALSE;
    if (getifaddrs(&list) != 0)
        return FALSE;
    for (const struct ifaddrs *entry = list; entry != NULL; entry = entry->ifa_next) {
        AdapterIp ip;
        if (g_str_equal(entry->ifa_name, name) && (entry->ifa_flags & IFF_UP) != 0 &&
            address_of(entry, &ip) && !is_automatic(&ip.address))
            up = TRUE;
    }
    freeifaddrs(list);
    return up;
}

char *adapter_states(void)
{
    g_auto(GStrv) names = adapter_names();
    GString *states = g_string_new(NULL);
    for (char **name = names; *name != NULL; name++)
        g_string_append_printf(states, "%s %s\n", *name, adapter_is_up(*name) ? "up" : "down");
    return g_string_free(states, FALSE);
}

char *adapter_find_clash(const char *name, const AdapterIp *ip)
{
    struct ifaddrs *list = NULL;
    char *clash = NULL;
    if (ip->address.family == 0 || getifaddrs(&list) != 0)
        return NULL;
    for (const struct ifaddrs *entry = list; entry != NULL && clash == NULL;
         entry = entry->ifa_next) {
        AdapterIp other;
        if (g_strcmp0(entry->ifa_name, name) == 0 || !address_of(entry, &other) ||
            is_automatic(&other.address))
            continue;
        if (address_in(&ip->address, &other.address, MIN(ip->prefix, other.prefix)))
            clash = g_strdup(entry->ifa_name);
    }
    freeifaddrs(list);
    return clash;
}

/* --- what VirtualBox keeps ---------------------------------------------------------------------
 */

/* The attribute says what stands in the key, or on the adapter, or a default of VirtualBox's. */
static gboolean read_v4(Object *object, AdapterIp *ret, GError **error)
{
    g_autofree char *address = NULL, *mask = NULL;
    if (!vbox_call(object, IHostNetworkInterface_get_IPAddress, error, &address) ||
        !vbox_call(object, IHostNetworkInterface_get_networkMask, error, &mask))
        return FALSE;
    if (!address_parse(address, &ret->address) || !address_prefix_of_mask(mask, &ret->prefix) ||
        g_str_equal(address, "0.0.0.0"))
        memset(ret, 0, sizeof(*ret));
    return TRUE;
}

/* The attribute may be the kernel's automatic address: only the key says what somebody set. */
static gboolean read_v6(const char *name, AdapterIp *ret, GError **error)
{
    g_autofree char *address_key = g_strdup_printf("HostOnly/%s/IPV6Address", name);
    g_autofree char *prefix_key = g_strdup_printf("HostOnly/%s/IPV6NetMask", name);
    g_autofree char *address = extra_data_get(NULL, address_key, error);
    g_autofree char *prefix = address != NULL ? extra_data_get(NULL, prefix_key, error) : NULL;
    guint64 bits;
    if (prefix == NULL)
        return FALSE;
    memset(ret, 0, sizeof(*ret));
    if (!address_parse(address, &ret->address) || ret->address.family != AF_INET6)
        memset(ret, 0, sizeof(*ret));
    else if (g_ascii_string_to_unsigned(prefix, 10, 1, 128, &bits, NULL))
        ret->prefix = (guint)bits;
    else
        ret->prefix = 64; /* VirtualBox's own default */
    return TRUE;
}

gboolean adapter_read(const char *name, Adapter **ret_adapter, GError **error)
{
    g_autoptr(Object) object = NULL;
    *ret_adapter = NULL;
    if (!find(name, &object, error))
        return FALSE;
    if (object == NULL)
        return TRUE;
    g_autoptr(Adapter) self = g_new0(Adapter, 1);
    self->name = g_strdup(name);
    if (!vbox_call(object, IHostNetworkInterface_get_hardwareAddress, error, &self->mac) ||
        !read_v4(object, &self->v4, error) || !read_v6(name, &self->v6, error))
        return FALSE;
    self->is_up = adapter_is_up(name);
    *ret_adapter = g_steal_pointer(&self);
    return TRUE;
}

/* value NULL removes it. */
static gboolean set_key(const char *name, const char *key, const char *value, GError **error)
{
    g_autofree char *full = g_strdup_printf("HostOnly/%s/%s", name, key);
    return extra_data_set(NULL, full, value, error);
}

gboolean adapter_keep(const char *name, const AdapterIp *v4, const AdapterIp *v6, GError **error)
{
    g_autofree char *address4 = NULL, *mask = NULL, *address6 = NULL, *prefix = NULL;
    if (v4->address.family != 0) {
        address4 = address_format(&v4->address);
        mask = address_mask_of_prefix(v4->prefix);
    }
    if (v6->address.family != 0) {
        address6 = address_format(&v6->address);
        prefix = g_strdup_printf("%u", v6->prefix);
    }
    return set_key(name, "IPAddress", address4, error) && set_key(name, "IPNetMask", mask, error) &&
           set_key(name, "IPV6Address", address6, error) &&
           set_key(name, "IPV6NetMask", prefix, error);
}

/* --- making and removing -----------------------------------------------------------------------
 */

gboolean adapter_explain_create(const char *message, GError **error)
{
    /* So says VBoxNetAdpCtl when the driver is not there. */
    if (strstr(message, "failed to open /dev/vboxnetctl") == NULL)
        return fail(error, VIR_ERR_OPERATION_FAILED,
                    "VirtualBox cannot make a host-only adapter: %s", message);
    return fail(error, VIR_ERR_OPERATION_FAILED,
                "VirtualBox cannot make a host-only adapter, because its kernel driver vboxnetadp "
                "is not loaded: as root run `modprobe vboxnetadp` (VirtualBox says: %s)",
                message);
}

static gboolean remove_object(Object *owner, Object *object, GError **error)
{
    g_autoptr(Object) progress = NULL;
    g_autofree char *id = NULL;
    return vbox_call(object, IHostNetworkInterface_get_id, error, &id) &&
           vbox_call(owner, IHost_removeHostOnlyNetworkInterface, error, id, &progress) &&
           progress_wait(progress, error);
}

static gboolean create_next(char **ret_name, GError **error)
{
    g_autoptr(Object) owner = host(error);
    g_autoptr(Object) object = NULL;
    g_autoptr(Object) progress = NULL;
    g_autoptr(GError) failure = NULL, left = NULL;
    if (owner == NULL)
        return FALSE;
    if (!vbox_call(owner, IHost_createHostOnlyNetworkInterface, &failure, &object, &progress))
        return adapter_explain_create(failure->message, error);
    if (progress_wait(progress, &failure) &&
        vbox_call(object, IHostNetworkInterface_get_name, &failure, ret_name))
        return TRUE;
    /* There may be one all the same, that nobody would know of. */
    if (object != NULL && !remove_object(owner, object, &left))
        g_warning("an adapter that was made in part cannot be removed: %s", left->message);
    return adapter_explain_create(failure->message, error);
}

gboolean adapter_create(const char *wanted, char **ret_name, GError **error)
{
    /* VirtualBox takes the lowest free number: fill the gaps before the wanted one. */
    g_autoptr(GPtrArray) extra = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *name = NULL;
    gboolean ok = TRUE;
    for (guint i = 0; ok && i < ADAPTERS_MAX; i++) {
        ok = create_next(&name, error);
        if (!ok || wanted == NULL || g_str_equal(name, wanted))
            break;
        g_ptr_array_add(extra, g_steal_pointer(&name));
    }
    for (guint i = 0; i < extra->len; i++)
        ok = adapter_remove(extra->pdata[i], ok ? error : NULL) && ok;
    if (ok && name == NULL)
        return fail(error, VIR_ERR_OPERATION_FAILED, "VirtualBox cannot make the adapter '%s'",
                    wanted);
    if (ok)
        *ret_name = g_steal_pointer(&name);
    return ok;
}

gboolean adapter_remove(const char *name, GError **error)
{
    g_autoptr(Object) owner = host(error);
    g_autoptr(Object) object = NULL;
    if (owner == NULL || !find(name, &object, error) ||
        (object != NULL && !remove_object(owner, object, error)))
        return FALSE;
    /* With the adapter VirtualBox removes its keys; one that was lost may have left some. */
    static const AdapterIp none;
    return object != NULL || adapter_keep(name, &none, &none, error);
}

/* --- starting and stopping ---------------------------------------------------------------------
 */

gboolean adapter_check_range(const AdapterIp *ip, GError **error)
{
    if (ip->address.family == 0 || ranges_allow(RANGES_FILE, &ip->address, ip->prefix))
        return TRUE;
    gboolean is_default;
    Address first = address_first(&ip->address, ip->prefix);
    g_autofree char *address = address_format(&ip->address);
    g_autofree char *network = address_format(&first);
    g_autofree char *allowed = ranges_list(RANGES_FILE, &is_default);
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "VirtualBox may give host-only networks addresses of %s only, not %s/%u: to allow "
                "it, as root add the line `* %s/%u` to %s",
                *allowed != '\0' ? allowed : "no range", address, ip->prefix, network, ip->prefix,
                RANGES_FILE);
}

static gboolean explain_start(const AdapterIp *ip, GError *failure, GError **error)
{
    g_autoptr(GError) taken = failure;
    /* The file may forbid what adapter_check_range() read otherwise: VirtualBox's word counts. */
    if (g_error_matches(taken, XPCOM_ERROR, (gint)E_ACCESSDENIED)) {
        Address first = address_first(&ip->address, ip->prefix);
        g_autofree char *network = address_format(&first);
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "VirtualBox may not give a host-only network addresses of %s/%u: to allow it, "
                    "as root add the line `* %s/%u` to %s",
                    network, ip->prefix, network, ip->prefix, RANGES_FILE);
    }
    return fail(error, VIR_ERR_OPERATION_FAILED,
                "VirtualBox cannot give the adapter its address: %s", taken->message);
}

gboolean adapter_start(const char *name, const AdapterIp *v4, const AdapterIp *v6, GError **error)
{
    g_autoptr(Object) object = NULL;
    GError *failure = NULL;
    if (!find(name, &object, error))
        return FALSE;
    if (object == NULL)
        return fail(error, VIR_ERR_OPERATION_FAILED, "the host-only adapter '%s' has gone", name);
    if (!adapter_keep(name, v4, v6, error))
        return FALSE;
    if (v4->address.family != 0) {
        g_autofree char *address = address_format(&v4->address);
        g_autofree char *mask = address_mask_of_prefix(v4->prefix);
        if (!vbox_call(object, IHostNetworkInterface_enableStaticIPConfig, &failure, address, mask))
            return explain_start(v4, failure, error);
    }
    if (v6->address.family != 0) {
        g_autofree char *address = address_format(&v6->address);
        if (!vbox_call(object, IHostNetworkInterface_enableStaticIPConfigV6, &failure, address,
                       v6->prefix))
            return explain_start(v6, failure, error);
    }
    return TRUE;
}

/* VirtualBox takes away the one IPv4 address that it knows of; no IPv6 one, and none that others
 * added.  That takes another adapter, of the same name. */
gboolean adapter_stop(const char *name, const AdapterIp *v4, const AdapterIp *v6, GError **error)
{
    g_autoptr(Object) object = NULL;
    g_autoptr(GError) failure = NULL;
    if (!find(name, &object, error))
        return FALSE;
    if (object != NULL && adapter_is_up(name) && v6->address.family == 0 &&
        !vbox_call(object, IHostNetworkInterface_enableStaticIPConfig, &failure, "", ""))
        g_debug("the adapter %s is made again: %s", name, failure->message);
    if (object != NULL && adapter_is_up(name)) {
        g_autofree char *again = NULL;
        if (!adapter_remove(name, error) || !adapter_create(name, &again, error))
            return FALSE;
    }
    return adapter_keep(name, v4, v6, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interface: see interface.h; and the calls of clients. */
#include "host/interface.h"
#include <string.h>
#include "base/libvirt.h"
#include "host/text.h"
#include "rpc/handlers.h"

#define EITHER (VIR_CONNECT_LIST_INTERFACES_ACTIVE | VIR_CONNECT_LIST_INTERFACES_INACTIVE)

/* --- what there is ------------------------------------------------------------------------- */

static gboolean has(const char *root, const char *name, const char *attribute)
{
    g_autofree char *path = g_strdup_printf("%s/sys/class/net/%s/%s", root, name, attribute);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

gboolean interface_exists(const char *root, const char *name)
{
    /* The folder has files as well (bonding_masters), and a name must not lead out of it. */
    return *name != '\0' && *name != '.' && strchr(name, '/') == NULL &&
           has(root, name, "operstate");
}

gboolean interface_is_tap(const char *root, const char *name)
{
    return has(root, name, "tun_flags");
}

char **interface_names(const char *root)
{
    g_auto(GStrv) all = host_folder(root, "/sys/class/net");
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    for (char **name = all; *name != NULL; name++)
        if (interface_exists(root, *name) && !interface_is_tap(root, *name) &&
            !has(root, *name, "brport"))
            g_strv_builder_add(names, *name);
    return g_strv_builder_end(names);
}

gboolean interface_is_up(const char *root, const char *name)
{
    g_autofree char *state = host_text(root, "/sys/class/net/%s/operstate", name);
    return g_strcmp0(state, "up") == 0;
}

char *interface_mac(const char *root, const char *name)
{
    char *mac = host_text(root, "/sys/class/net/%s/address", name);
    return mac != NULL ? mac : g_strdup("");
}

/* --- calls --------------------------------------------------------------------------------- */

static void put(Call *call, const char *name, RemoteInterface *ret)
{
    ret->name = call_strdup(call, name);
    ret->mac = call_take(call, interface_mac("", name));
}

static gboolean find(const char *name, GError **error)
{
    return interface_exists("", name) ||
           fail(error, VIR_ERR_NO_INTERFACE,
                "Interface not found: couldn't find interface named '%s'", name);
}

/* Those of the state; neither flag means both, as everywhere in libvirt. */
static char **list(guint32 flags)
{
    g_auto(GStrv) all = interface_names("");
    g_autoptr(GStrvBuilder) passed = g_strv_builder_new();
    for (char **name = all; *name != NULL; name++) {
        guint32 state = interface_is_up("", *name) ? VIR_CONNECT_LIST_INTERFACES_ACTIVE
                                                   : VIR_CONNECT_LIST_INTERFACES_INACTIVE;
        if ((flags & EITHER) == 0 || (flags & state) != 0)
            g_strv_builder_add(passed, *name);
    }
    return g_strv_builder_end(passed);
}

static gboolean count(guint32 flags, gint32 *ret_count)
{
    g_auto(GStrv) found = list(flags);
    *ret_count = (gint32)g_strv_length(found);
    return TRUE;
}

static gboolean names(Call *call, guint32 flags, gint32 most, guint32 *ret_count, char ***ret_names,
                      GError **error)
{
    if (most < 0)
        return fail(error, VIR_ERR_INVALID_ARG, "maxnames is %d: it cannot be negative", most);
    g_auto(GStrv) found = list(flags);
    *ret_count = MIN(g_strv_length(found), (guint)most);
    *ret_names = arena_alloc(call->arena, (*ret_count + 1) * sizeof(char *));
    for (guint i = 0; i < *ret_count; i++)
        (*ret_names)[i] = call_strdup(call, found[i]);
    return TRUE;
}

gboolean do_connect_num_of_interfaces(Call *call, ConnectNumOfInterfacesRet *ret, GError **error)
{
    return count(VIR_CONNECT_LIST_INTERFACES_ACTIVE, &ret->num);
}

gboolean do_connect_num_of_defined_interfaces(Call *call, ConnectNumOfDefinedInterfacesRet *ret,
                                              GError **error)
{
    return count(VIR_CONNECT_LIST_INTERFACES_INACTIVE, &ret->num);
}

gboolean do_connect_list_interfaces(Call *call, const ConnectListInterfacesArgs *args,
                                    ConnectListInterfacesRet *ret, GError **error)
{
    return names(call, VIR_CONNECT_LIST_INTERFACES_ACTIVE, args->maxnames, &ret->names_len,
                 &ret->names, error);
}

gboolean do_connect_list_defined_interfaces(Call *call,
                                            const ConnectListDefinedInterfacesArgs *args,
                                            ConnectListDefinedInterfacesRet *ret, GError **error)
{
    return names(call, VIR_CONNECT_LIST_INTERFACES_INACTIVE, args->maxnames, &ret->names_len,
                 &ret->names, error);
}

gboolean do_connect_list_all_interfaces(Call *call, const ConnectListAllInterfacesArgs *args,
                                        ConnectListAllInterfacesRet *ret, GError **error)
{
    g_auto(GStrv) found = list(args->flags);
    ret->ret = g_strv_length(found);
    ret->ifaces_len = args->need_results != 0 ? ret->ret : 0;
    ret->ifaces = arena_alloc(call->arena, (ret->ifaces_len + 1) * sizeof(*ret->ifaces));
    for (guint i = 0; i < ret->ifaces_len; i++)
        put(call, found[i], &ret->ifaces[i]);
    return TRUE;
}

gboolean do_interface_lookup_by_name(Call *call, const InterfaceLookupByNameArgs *args,
                                     InterfaceLookupByNameRet *ret, GError **error)
{
    if (!find(args->name, error))
        return FALSE;
    put(call, args->name, &ret->iface);
    return TRUE;
}

gboolean do_interface_lookup_by_mac_string(Call *call, const InterfaceLookupByMacStringArgs *args,
                                           InterfaceLookupByMacStringRet *ret, GError **error)
{
    g_auto(GStrv) all = interface_names("");
    const char *found = NULL;
    for (char **name = all; *name != NULL; name++) {
        g_autofree char *mac = interface_mac("", *name);
        if (g_ascii_strcasecmp(mac, args->mac) != 0)
            continue;
        if (found != NULL)
            return fail(error, VIR_ERR_MULTIPLE_INTERFACES,
                        "multiple matching interfaces found: the MAC address '%s' is that of %s "
                        "and of %s; say the name",
                        args->mac, found, *name);
        found = *name;
    }
    if (found == NULL)
        return fail(error, VIR_ERR_NO_INTERFACE,
                    "Interface not found: couldn't find interface with MAC address '%s'",
                    args->mac);
    put(call, found, &ret->iface);
    return TRUE;
}

gboolean do_interface_is_active(Call *call, const InterfaceIsActiveArgs *args,
                                InterfaceIsActiveRet *ret, GError **error)
{
    if (!find(args->iface.name, error))
        return FALSE;
    ret->active = interface_is_up("", args->iface.name);
    return TRUE;
}

gboolean do_interface_get_xml_desc(Call *call, const InterfaceGetXmlDescArgs *args,
                                   InterfaceGetXmlDescRet *ret, GError **error)
{
    if (!find(args->iface.name, error))
        return FALSE;
    /* Nobody defines interfaces here, so the inactive XML is the same. */
    ret->xml = call_take(call, interface_format("", args->iface.name));
    return TRUE;
}

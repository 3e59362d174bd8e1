/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Clash: see clash.h. */
#include "network/clash.h"
#include <stdio.h>
#include <string.h>

/* "eth0 0002000A 00000000 0001 0 0 0 00FFFFFF …": addresses as the machine has them in memory. */
static gboolean is_route_of(const char *line, const AdapterIp *ip, char interface[64])
{
    guint32 destination, gateway, mask, flags;
    if (sscanf(line, "%63s %x %x %x %*d %*d %*d %x", interface, &destination, &gateway, &flags,
               &mask) != 5)
        return FALSE;
    Address first = address_first(&ip->address, ip->prefix), route = {.family = AF_INET};
    g_autofree char *text = address_mask_of_prefix(ip->prefix);
    Address wanted;
    memcpy(route.bytes, &destination, sizeof(destination));
    return address_equal(&first, &route) && address_parse(text, &wanted) &&
           memcmp(wanted.bytes, &mask, sizeof(mask)) == 0;
}

char *clash_find_route(const char *file, const char *own, const AdapterIp *ip)
{
    g_autofree char *text = NULL;
    if (ip->address.family != AF_INET || !g_file_get_contents(file, &text, NULL, NULL))
        return NULL;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        char interface[64];
        if (is_route_of(*line, ip, interface) && g_strcmp0(interface, own) != 0)
            return g_strdup(interface);
    }
    return NULL;
}

static gboolean overlaps(const AdapterIp *a, const AdapterIp *b)
{
    return a->address.family != 0 && b->address.family == a->address.family &&
           address_in(&a->address, &b->address, MIN(a->prefix, b->prefix));
}

/* A host-only network that runs is an interface; a NAT network is nothing that the host knows. */
static gboolean check_others(const Network *want, GError **error)
{
    g_autoptr(GPtrArray) networks = network_all(error);
    if (networks == NULL)
        return FALSE;
    for (guint i = 0; i < networks->len; i++) {
        Network *other = networks->pdata[i];
        if (other->kind != NETWORK_NAT || !other->active ||
            g_strcmp0(other->vbox_name, want->vbox_name) == 0)
            continue;
        if (!network_fill(other, error))
            return FALSE;
        if (overlaps(&want->v4, &other->v4) || overlaps(&want->v6, &other->v6))
            return fail(error, VIR_ERR_INTERNAL_ERROR,
                        "Network is already in use by network '%s': give '%s' other addresses",
                        other->name, want->name);
    }
    return TRUE;
}

gboolean clash_check(const Network *want, GError **error)
{
    if (!want->active || (want->kind != NETWORK_HOST_ONLY && want->kind != NETWORK_NAT))
        return TRUE;
    const char *own = want->kind == NETWORK_HOST_ONLY ? want->vbox_name : NULL;
    g_autofree char *interface = adapter_find_clash(own, &want->v4);
    if (interface == NULL)
        interface = adapter_find_clash(own, &want->v6);
    if (interface == NULL)
        interface = clash_find_route(CLASH_ROUTES, own, &want->v4);
    if (interface == NULL)
        return check_others(want, error);
    return fail(error, VIR_ERR_INTERNAL_ERROR,
                "Network is already in use by interface %s: give '%s' other addresses", interface,
                want->name);
}

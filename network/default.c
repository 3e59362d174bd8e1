/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Default: see default.h. */
#include "network/default.h"
#include "network/define.h"
#include "vbox/machine.h"

#define NAME "default"
#define MADE_KEY "vboxvirt/default-network" /* "made": also when it is there no more */
#define FIRST 122                           /* libvirt's own is 192.168.122.0/24 */
#define TRIES 16

/* The first that no interface of the host has: guests could not reach that one. */
static char *choose(void)
{
    for (guint i = FIRST; i < FIRST + TRIES; i++) {
        AdapterIp ip = {.prefix = 24};
        g_autofree char *address = g_strdup_printf("192.168.%u.1", i);
        g_assert(address_parse(address, &ip.address));
        g_autofree char *clash = adapter_find_clash(NULL, &ip);
        if (clash == NULL)
            return g_strdup_printf("<network><name>" NAME "</name><forward mode='nat'/>"
                                   "<ip address='192.168.%u.1' netmask='255.255.255.0'><dhcp>"
                                   "<range start='192.168.%u.4' end='192.168.%u.254'/></dhcp></ip>"
                                   "</network>",
                                   i, i, i);
    }
    return NULL;
}

static gboolean make(GError **error)
{
    g_autofree char *xml = choose();
    g_autoptr(GPtrArray) all = network_all(error);
    if (all == NULL)
        return FALSE;
    if (xml == NULL || network_in_by_name(all, NAME) != NULL)
        return TRUE;
    g_autoptr(Network) network = network_define(xml, DEFINE_ONLY, error);
    return network != NULL && network_set_autostart(network->uuid, NAME, TRUE, error) &&
           network_start(network->uuid, NAME, error);
}

void network_make_default(void)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *made = extra_data_get(NULL, MADE_KEY, &failure);
    if (made != NULL && *made != '\0')
        return;
    if (made == NULL || !make(&failure) || !extra_data_set(NULL, MADE_KEY, "made", &failure))
        g_warning("network '" NAME "' cannot be made: %s", failure->message);
}

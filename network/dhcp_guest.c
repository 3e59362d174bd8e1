/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Guests: see dhcp_guest.h. */
#include "network/dhcp_guest.h"
#include <string.h>
#include "base/uuid.h"
#include "vbox/machine.h"

/* "080027AA0001" as "08:00:27:aa:00:01". */
static char *with_colons(const char *mac)
{
    GString *text = g_string_new(NULL);
    for (const char *at = mac; at[0] != '\0' && at[1] != '\0'; at += 2)
        g_string_append_printf(text, "%s%.2s", text->len > 0 ? ":" : "", at);
    g_string_ascii_down(text);
    return g_string_free(text, FALSE);
}

/* *ret_mac is NULL when the machine is gone, or says nothing of its adapters. */
static gboolean read_mac(const DhcpHost *host, char **ret_mac, GError **error)
{
    guint8 uuid[UUID_BYTES];
    g_autofree char *plain = NULL;
    g_autoptr(GError) failure = NULL;
    *ret_mac = NULL;
    if (!uuid_parse(host->machine, uuid))
        return TRUE;
    g_autoptr(Object) machine = machine_find(uuid, NULL, &failure);
    g_autoptr(Object) adapter = NULL;
    if (machine == NULL && g_error_matches(failure, VIR_ERROR, VIR_ERR_NO_DOMAIN))
        return TRUE;
    if (machine == NULL) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (!vbox_call(machine, IMachine_getNetworkAdapter, &failure, host->slot, &adapter) ||
        !vbox_call(adapter, INetworkAdapter_get_MACAddress, &failure, &plain)) {
        g_debug("adapter %u of %s: %s", host->slot, host->machine, failure->message);
        return TRUE;
    }
    *ret_mac = with_colons(plain);
    return TRUE;
}

/* The MAC address by which the server will know it; NULL: it is not known. */
static gboolean mac_of(const DhcpHost *host, char **ret_mac, GError **error)
{
    if (host->mac == NULL)
        return read_mac(host, ret_mac, error);
    *ret_mac = g_strdup(host->mac);
    return TRUE;
}

static gboolean had_both(const Dhcp *old, const DhcpHost *one, const DhcpHost *other)
{
    return old != NULL && dhcp_find_host(old, one) != NULL && dhcp_find_host(old, other) != NULL;
}

static gboolean refuse_both(const DhcpHost *one, const DhcpHost *other, const char *mac,
                            GError **error)
{
    const DhcpHost *guest = one->machine != NULL ? one : other;
    if (one->machine != NULL && other->machine != NULL)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "the adapter %u of the machine %s and the adapter %u of the machine %s have "
                    "the MAC address %s, and VirtualBox's DHCP server ends as soon as it starts "
                    "when both are named: give one of them another MAC address, or name only one",
                    other->slot, other->machine, one->slot, one->machine, mac);
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "the adapter %u of the machine %s has the MAC address %s, and VirtualBox's DHCP "
                "server ends as soon as it starts when both are named: say all of it of one of "
                "them",
                guest->slot, guest->machine, mac);
}

gboolean dhcp_check_guests(const Dhcp *self, const Dhcp *old, GError **error)
{
    g_autoptr(GHashTable) hosts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < self->hosts->len; i++) {
        DhcpHost *host = self->hosts->pdata[i];
        g_autofree char *mac = NULL;
        if (!mac_of(host, &mac, error))
            return FALSE;
        const DhcpHost *same = mac != NULL ? g_hash_table_lookup(hosts, mac) : NULL;
        if (same != NULL && !had_both(old, host, same))
            return refuse_both(host, same, mac, error);
        if (mac != NULL)
            g_hash_table_insert(hosts, g_steal_pointer(&mac), host);
    }
    return TRUE;
}

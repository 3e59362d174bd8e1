/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NIC behind NAT: its network, its ports, the engine's numbers. */
#include "base/address.h"
#include "domain/forward.h"
#include "domain/nic.h"
#include <string.h>

gboolean nat_get_setting(MapContext *context, Object *adapter, const Field *field, Value *ret_value,
                         GError **error)
{
    Object *engine = NULL;
    guint32 numbers[5];
    if (!map_object(context, adapter, INetworkAdapter_get_NATEngine, &engine, error) ||
        !vbox_call(engine, INATEngine_getNetworkSettings, error, &numbers[NAT_MTU],
                   &numbers[NAT_SEND_BUFFER], &numbers[NAT_RECEIVE_BUFFER],
                   &numbers[NAT_SEND_WINDOW], &numbers[NAT_RECEIVE_WINDOW]))
        return FALSE;
    ret_value->number = numbers[field->arg];
    return TRUE;
}

/* What is 0 stays: so 0 means VirtualBox's default, and cannot be set again.  For the size of the
 * receive buffer VirtualBox (7.2) stores that of the other: both are set to it, then the other is
 * set back. */
gboolean nat_set_setting(MapContext *context, Object *adapter, const Field *field,
                         const Value *value, GError **error)
{
    Object *engine = NULL;
    guint32 is[5], set[5] = {0};
    if (!map_object(context, adapter, INetworkAdapter_get_NATEngine, &engine, error) ||
        !vbox_call(engine, INATEngine_getNetworkSettings, error, &is[NAT_MTU], &is[NAT_SEND_BUFFER],
                   &is[NAT_RECEIVE_BUFFER], &is[NAT_SEND_WINDOW], &is[NAT_RECEIVE_WINDOW]))
        return FALSE;
    set[field->arg] = (guint32)value->number;
    if (field->arg == NAT_RECEIVE_BUFFER)
        set[NAT_SEND_BUFFER] = set[NAT_RECEIVE_BUFFER];
    if (!vbox_call(engine, INATEngine_setNetworkSettings, error, set[NAT_MTU], set[NAT_SEND_BUFFER],
                   set[NAT_RECEIVE_BUFFER], set[NAT_SEND_WINDOW], set[NAT_RECEIVE_WINDOW]))
        return FALSE;
    return field->arg != NAT_RECEIVE_BUFFER ||
           vbox_call(engine, INATEngine_setNetworkSettings, error, 0u, is[NAT_SEND_BUFFER], 0u, 0u,
                     0u);
}

/* --- the network --------------------------------------------------------------------------- */

static gboolean plan_network(Nic *self, GError **error)
{
    NicNat *nat = &self->nat;
    Address address;
    device_set_text(&nat->network, nat->network_said == NULL ? "" : nat->network_said);
    if (nat->address == NULL)
        return TRUE;
    if (nat->network_said != NULL)
        return device_refuse(&self->item, "vbox:nat/@network", error, "<ip> says it already");
    if (!address_parse(nat->address, &address) || address.family != AF_INET)
        return device_refuse(&self->item, "ip/@address", error, "'%s' is no IPv4 address",
                             nat->address);
    if (nat->prefix == NUMBER_ABSENT)
        return device_refuse(&self->item, "ip/@prefix", error,
                             "it is the network that the guest is in: say its prefix as well");
    g_autofree char *canonical = address_format(&address);
    g_free(nat->network);
    nat->network = g_strdup_printf("%s/%u", canonical, (guint)nat->prefix);
    return TRUE;
}

gboolean nat_plan(Nic *self, GError **error)
{
    NicNat *nat = &self->nat;
    g_clear_pointer(&nat->list, g_free);
    if (nat->receive_buffer != NUMBER_ABSENT && nat->send_buffer == NUMBER_ABSENT)
        return device_refuse(&self->item, "vbox:nat/@sockRcv", error,
                             "VirtualBox cannot set it without sockSnd: say both");
    if (!forward_list(&self->item, nat->forwards, nat->redirects, &nat->list, error) ||
        !plan_network(self, error))
        return FALSE;
    nat_finish(self);
    return TRUE;
}

/* "10.0.5.0/24"; FALSE: VirtualBox takes other forms, too. */
static gboolean parse_network(NicNat *nat)
{
    g_auto(GStrv) parts = g_strsplit(nat->network, "/", 2);
    Address address;
    guint64 prefix;
    if (g_strv_length(parts) != 2 || !address_parse(parts[0], &address) ||
        address.family != AF_INET ||
        !g_ascii_string_to_unsigned(parts[1], 10, 0, address_bits(&address), &prefix, NULL))
        return FALSE;
    nat->family = "ipv4";
    g_free(nat->address);
    nat->address = address_format(&address);
    nat->prefix = (gint64)prefix;
    return TRUE;
}

void nat_finish(Nic *self)
{
    NicNat *nat = &self->nat;
    gint64 *const sizes[] = {&nat->mtu, &nat->send_buffer, &nat->receive_buffer, &nat->send_window,
                             &nat->receive_window};
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
        if (*sizes[i] == 0)
            *sizes[i] = NUMBER_ABSENT;
    g_clear_pointer(&nat->address, g_free);
    g_clear_pointer(&nat->network_said, g_free);
    nat->family = NULL;
    nat->prefix = NUMBER_ABSENT;
    if (nat->network != NULL && *nat->network != '\0' && !parse_network(nat))
        nat->network_said = g_strdup(nat->network);
    g_free(nat->forwards);
    g_free(nat->redirects);
    forward_split(nat->list, &nat->forwards, &nat->redirects);
}

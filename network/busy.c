/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Busy: see busy.h. */
#include "network/busy.h"
#include "vbox/machine.h"

/* What an adapter is attached to when it is on a network of that kind. */
static const struct {
    NetworkKind kind;
    VboxEnum attachment;
    VboxName getter;
} places[] = {
    {NETWORK_HOST_ONLY, NetworkAttachmentType_HostOnly, INetworkAdapter_get_hostOnlyInterface},
    {NETWORK_NAT, NetworkAttachmentType_NATNetwork, INetworkAdapter_get_NATNetwork},
};

static gboolean is_on(Object *adapter, const Network *network, gboolean *ret_is_on, GError **error)
{
    gboolean is_enabled;
    guint32 attachment;
    *ret_is_on = FALSE;
    if (!vbox_call(adapter, INetworkAdapter_get_enabled, error, &is_enabled) ||
        !vbox_call(adapter, INetworkAdapter_get_attachmentType, error, &attachment))
        return FALSE;
    for (guint i = 0; is_enabled && i < G_N_ELEMENTS(places); i++) {
        g_autofree char *name = NULL;
        if (places[i].kind != network->kind || vbox_enum(places[i].attachment) != attachment)
            continue;
        if (!vbox_call(adapter, places[i].getter, error, &name))
            return FALSE;
        *ret_is_on = g_strcmp0(name, network->vbox_name) == 0;
    }
    return TRUE;
}

/* Until it has no more adapters. */
static gboolean has_adapter(Object *machine, const Network *network, gboolean *ret_has,
                            GError **error)
{
    *ret_has = FALSE;
    for (guint slot = 0; !*ret_has; slot++) {
        g_autoptr(Object) adapter = NULL;
        if (!vbox_call(machine, IMachine_getNetworkAdapter, NULL, slot, &adapter))
            break;
        if (!is_on(adapter, network, ret_has, error))
            return FALSE;
    }
    return TRUE;
}

/* Appends its name when it runs there.  One that goes while we look is none. */
static gboolean add_name(Object *machine, const Network *network, GString *names, GError **error)
{
    guint32 state;
    gboolean has;
    if (!machine_state(machine, &state, NULL) || !machine_state_is_online(state))
        return TRUE;
    if (!has_adapter(machine, network, &has, error))
        return FALSE;
    g_autofree char *name = has ? machine_name(machine, error) : NULL;
    if (name != NULL)
        g_string_append_printf(names, "%s'%s'", names->len > 0 ? ", " : "", name);
    return !has || name != NULL;
}

gboolean busy_check(const Network *network, const char *why, const char *instead, GError **error)
{
    g_autoptr(GPtrArray) machines = machine_all(error);
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; machines != NULL && i < machines->len; i++)
        if (!add_name(machines->pdata[i], network, names, error))
            return FALSE;
    if (machines == NULL)
        return FALSE;
    return names->len == 0 ||
           fail(error, VIR_ERR_OPERATION_INVALID,
                "%s, and domain %s runs on it and would lose its network: shut that down first, or "
                "%s",
                why, names->str, instead);
}

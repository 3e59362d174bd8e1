/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal networks: a name that NICs share, and VirtualBox's DHCP server of that name. */
#include "network/kind.h"

static char **names(GError **error)
{
    char **names = NULL;
    return vbox_call(vbox_root(), IVirtualBox_get_internalNetworks, error, &names) ? names : NULL;
}

/* Whether a DHCP server of that name would be another network's: VirtualBox knows them by name. */
static gboolean is_foreign(const char *name, gboolean *ret_foreign, GError **error)
{
    g_autofree char *prefix = dhcp_network_name("");
    *ret_foreign = TRUE;
    return g_str_has_prefix(name, prefix) || nat_has(name, ret_foreign, error);
}

static gboolean fill(Network *self, GError **error)
{
    gboolean is_other;
    return is_foreign(self->vbox_name, &is_other, error) &&
           (is_other || network_fill_dhcp(self, self->vbox_name, error));
}

static gboolean check(const Network *want, GError **error)
{
    gboolean is_other;
    if (want->dhcp == NULL)
        return TRUE;
    if (!is_foreign(want->name, &is_other, error))
        return FALSE;
    return !is_other ||
           fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "/network/vbox:dhcp: VirtualBox's DHCP server '%s' is that of a NAT network or of "
                "an adapter: give the network another name",
                want->name);
}

/* One that is there for this name is the network's. */
static gboolean make(Network *want, GError **error)
{
    g_autoptr(Dhcp) old = NULL;
    gboolean is_other;
    want->vbox_name = g_strdup(want->name);
    if (!is_foreign(want->vbox_name, &is_other, error))
        return FALSE;
    if (is_other)
        return TRUE;
    if (!dhcp_read(want->vbox_name, &old, error))
        return FALSE;
    if (want->dhcp == NULL && old != NULL) {
        want->dhcp = g_steal_pointer(&old);
        want->dhcp->enabled = want->active;
    }
    want->wants_dhcp = want->dhcp != NULL;
    if (network_write_dhcp(want, NULL, want->vbox_name, error))
        return TRUE;
    network_restore_dhcp(want, want->vbox_name, old);
    return FALSE;
}

static gboolean change(Network *want, const Network *is, GError **error)
{
    return network_write_dhcp(want, is, want->vbox_name, error);
}

static gboolean start(Network *self, GError **error)
{
    return !self->wants_dhcp || dhcp_enable(self->vbox_name, TRUE, error);
}

static gboolean stop(Network *self, GError **error)
{
    return self->dhcp == NULL || dhcp_enable(self->vbox_name, FALSE, error);
}

static gboolean remove_all(const Network *self, GError **error)
{
    gboolean is_other;
    return is_foreign(self->vbox_name, &is_other, error) &&
           (is_other || dhcp_remove(self->vbox_name, error));
}

const KindOps kind_internal = {
    .word = "internal",
    .noun = "internal network",
    .suffix = "-internal",
    .names = names,
    .fill = fill,
    .check = check,
    .make = make,
    .change = change,
    .start = start,
    .stop = stop,
    .remove = remove_all,
};

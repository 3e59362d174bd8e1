/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Networks for tests that have no VirtualBox: every name is an internal network of that name, but
 * for host-only adapters. */
#include "network/nat.h"
#include "network/resolve.h"

gboolean network_resolve(const char *name, NetworkTarget *ret_target, GError **error)
{
    if (g_str_equal(name, "missing"))
        return fail(error, VIR_ERR_NO_NETWORK,
                    "Network not found: no network with matching name '%s'", name);
    *ret_target = (NetworkTarget){
        g_str_has_prefix(name, "vboxnet") ? NETWORK_HOST_ONLY : NETWORK_INTERNAL, g_strdup(name)};
    return TRUE;
}

char *network_name_of(NetworkKind kind, const char *vbox_name, GError **error)
{
    return g_strdup(vbox_name);
}

gboolean network_name_of_bridge(const char *interface, char **ret_name, GError **error)
{
    *ret_name = NULL;
    return TRUE;
}

gboolean network_check_bridge(const char *interface, GError **error)
{
    return !g_str_equal(interface, "missing") ||
           fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "VirtualBox cannot bridge to 'missing'");
}

gboolean network_check_adapter(const char *name, GError **error)
{
    return !g_str_equal(name, "vboxnet99") ||
           fail(error, VIR_ERR_OPERATION_FAILED, "the host-only adapter 'vboxnet99' has gone");
}

GPtrArray *nat_rules_read(const char *vbox_name, GError **error)
{
    return g_ptr_array_new();
}

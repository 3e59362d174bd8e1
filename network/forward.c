/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Forward: see forward.h. */
#include "network/forward.h"

static gboolean check_switch(const char *file, const char *name, GError **error)
{
    g_autofree char *text = NULL;
    if (g_file_get_contents(file, &text, NULL, NULL) && g_ascii_strtoull(text, NULL, 10) != 0)
        return TRUE;
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "/network/forward/@mode: 'route' needs a host that forwards packets, and this one "
                "does not: as root run `sysctl -w %s=1`, or say mode='open'",
                name);
}

gboolean forward_check(const Network *network, const char *file_4, const char *file_6,
                       GError **error)
{
    if (g_strcmp0(network->forward, "route") != 0)
        return TRUE;
    return check_switch(file_4, "net.ipv4.ip_forward", error) &&
           (network->v6.address.family == 0 ||
            check_switch(file_6, "net.ipv6.conf.all.forwarding", error));
}

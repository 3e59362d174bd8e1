/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connect: the numbers of VirtualBox itself. */
#include "vbox/platform.h"
#include "rpc/handlers.h"

gboolean do_connect_get_version(Call *call, ConnectGetVersionRet *ret, GError **error)
{
    /* VirtualBox and libvirt count alike: 1000000 × major + 1000 × minor + release. */
    ret->hv_ver = vbox_version();
    return TRUE;
}

gboolean do_connect_get_max_vcpus(Call *call, const ConnectGetMaxVcpusArgs *args,
                                  ConnectGetMaxVcpusRet *ret, GError **error)
{
    guint32 count;
    if (args->type != NULL && g_ascii_strcasecmp(args->type, "vbox") != 0)
        return fail(error, VIR_ERR_INVALID_ARG,
                    "unknown domain type '%s'; this connection has 'vbox' only", args->type);
    if (!platform_max_vcpus(&count, error))
        return FALSE;
    ret->max_vcpus = (gint32)count;
    return TRUE;
}

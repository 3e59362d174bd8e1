/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nic start: why a machine's adapters keep it from starting, in words that help. */
#include "domain/nic.h"
#include <string.h>
#include "network/resolve.h"

/* said: VirtualBox's words; that status code in them is of a driver that is not loaded. */
static gboolean check(const Nic *nic, const char *said, GError **error)
{
    if (nic->bridged == NULL && nic->host_only == NULL)
        return TRUE;
    if ((nic->bridged != NULL && !network_check_bridge(nic->bridged, error)) ||
        (nic->host_only != NULL && !network_check_adapter(nic->host_only, error)))
        return FALSE;
    return strstr(said, "VERR_SUPDRV_COMPONENT_NOT_FOUND") == NULL ||
           fail(error, VIR_ERR_OPERATION_FAILED,
                "bridged and host-only interfaces need VirtualBox's kernel driver vboxnetflt, "
                "which is not loaded: as root run `modprobe vboxnetflt`");
}

void nic_explain_start(Object *machine, GError **failure)
{
    g_autoptr(Model) domain = domain_read(machine, NULL);
    GPtrArray *nics = domain != NULL ? model_items(domain, &domain_interface_element) : NULL;
    g_autofree char *said = g_strdup((*failure)->message);
    for (guint i = 0; nics != NULL && i < nics->len; i++) {
        g_autoptr(GError) missing = NULL;
        if (check(nics->pdata[i], said, &missing))
            continue;
        g_clear_error(failure);
        (void)fail(failure, VIR_ERR_OPERATION_FAILED, "%s (VirtualBox says: %s)", missing->message,
                   said);
        return;
    }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nic start: why a machine's adapters keep it from starting, in words that help. */
#include "domain/nic.h"
#include "network/resolve.h"

void nic_explain_start(Object *machine, GError **failure)
{
    g_autoptr(Model) domain = domain_read(machine, NULL);
    GPtrArray *nics = domain != NULL ? model_items(domain, &domain_interface_element) : NULL;
    for (guint i = 0; nics != NULL && i < nics->len; i++) {
        const Nic *nic = nics->pdata[i];
        g_autoptr(GError) missing = NULL;
        if ((nic->bridged == NULL || network_check_bridge(nic->bridged, &missing)) &&
            (nic->host_only == NULL || network_check_adapter(nic->host_only, &missing)))
            continue;
        g_autofree char *said = g_strdup((*failure)->message);
        g_clear_error(failure);
        (void)fail(failure, VIR_ERR_OPERATION_FAILED, "%s (VirtualBox says: %s)", missing->message,
                   said);
        return;
    }
}

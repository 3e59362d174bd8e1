/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What VirtualBox's DHCP server makes of its settings when it starts. */
#pragma once
#include "network/dhcp.h"

/* Refuses what would end the server as soon as it starts, or make it give away or say what nobody
 * wrote: VirtualBox says nothing of either (VIR_ERR_OPERATION_INVALID).  name is VirtualBox's for
 * the server, ip the network that it is for. */
gboolean dhcp_check_start(const Dhcp *self, const char *name, const AdapterIp *ip,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

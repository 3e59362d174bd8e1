/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Start, ports: the ports of the host that a machine needs. */
#pragma once
#include "domain/host_port.h"
#include "vbox/vbox.h"

/* Before a start: VirtualBox starts a machine whose ports others have, and tells nobody.  So what
 * is fixed (a display server's port, forwardings of NAT adapters and networks) must be free, and a
 * display server with autoport gets one that is.  Refuses with the port and, where that can be
 * known, who has it.  Free the claim when the machine listens, or has not started. */
HostClaim *start_ports_claim(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same of one port that a machine is to have while it runs, and has not yet. */
gboolean start_ports_check(Object *machine, const HostPort *port,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

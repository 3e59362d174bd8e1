/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Autostart: what happens to networks once after the host has booted. */
#pragma once

/* Starts those that are marked for it, and removes the transient ones that ended with the host.
 * What fails is a warning in the log.  It takes a while: in a thread of its own, before machines
 * are started. */
void network_autostart_all(void);

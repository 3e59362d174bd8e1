/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Guests of a DHCP server that VirtualBox knows in two ways. */
#pragma once
#include "network/dhcp.h"

/* Refuses what is said of a MAC address and of the adapter that has it, or of two adapters that
 * have the same: VirtualBox's server then ends as soon as it starts, and VirtualBox says nothing.
 * Machines that are gone do not matter, nor does what old says as well (NULL: nothing). */
gboolean dhcp_check_guests(const Dhcp *self, const Dhcp *old,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

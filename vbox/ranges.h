/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ranges: which addresses root allows for host-only networks. */
#pragma once
#include "base/address.h"

/* VirtualBox's set-uid helper VBoxNetAdpCtl reads it: lines "* NETWORK/LENGTH …", other lines are
 * comments.  Without the file 192.168.56.0/21 and fe80::/10 are allowed. */
#define RANGES_FILE "/etc/vbox/networks.conf"

/* Whether a network of that address and prefix lies wholly in an allowed range. */
gboolean ranges_allow(const char *file, const Address *address, guint prefix);

/* All allowed ranges, "192.168.56.0/21, fe80::/10"; "" when there is none.  Owned by the caller.
 * *ret_is_default: there is no file. */
char *ranges_list(const char *file, gboolean *ret_is_default);

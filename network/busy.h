/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Busy: whether machines that run are on a network, which then cannot be made anew under them. */
#pragma once
#include "network/network.h"

/* Refuses, with their names, when there are such.  why: what VirtualBox would do to them; instead:
 * what else a person can do.  Both are half sentences. */
gboolean busy_check(const Network *network, const char *why, const char *instead,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

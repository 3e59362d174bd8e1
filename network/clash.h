/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Clash: addresses that somebody has already. */
#pragma once
#include "network/network.h"

#define CLASH_ROUTES "/proc/net/route"

/* Refuses a network that is to run with addresses of an interface of the host, of a route of it, or
 * of another network that runs (libvirt's code and words). */
gboolean clash_check(const Network *want, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The interface to which a table of IPv4 routes (proc(5)) sends exactly this network, as libvirt
 * asks: a wider one may be, for a narrower one counts before it.  own: an interface that does not
 * matter, NULL: none.  NULL: there is none; owned by the caller. */
char *clash_find_route(const char *file, const char *own, const AdapterIp *ip);

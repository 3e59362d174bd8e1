/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lease: addresses that VirtualBox's DHCP servers have given away. */
#pragma once
#include "network/network.h"

typedef struct Lease {
    char *mac;     /* lower case, with colons */
    char *address; /* IPv4 */
    guint prefix;
    gint64 expires; /* seconds since the epoch */
    char *client;   /* its DHCP client id, hexadecimal with colons; NULL: it gave none */
} Lease;

void lease_free(Lease *self);

/* Those that hold now (Lease *), of a network with DHCP; of others, none.  mac: of that guest
 * alone; NULL: all. */
GPtrArray *lease_read(const Network *network, const char *mac,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

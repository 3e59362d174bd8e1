/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Host port: ports of the host that something of a machine's is to listen at. */
#pragma once
#include "base/error.h"

typedef struct HostPort {
    const char *proto; /* "tcp" or "udp"; static */
    char *address;     /* of the host, as VirtualBox has it; "": all of IPv4 */
    guint port;
    char *user; /* what listens there, for messages: "the display server" */
} HostPort;

/* A list of HostPort *. */
GPtrArray *host_ports_new(void);
/* user is taken over. */
void host_ports_add(GPtrArray *list, const char *proto, const char *address, guint port,
                    char *user);

/* Whether both cannot be had at once. */
gboolean host_port_meets(const HostPort *self, const HostPort *other);
/* The first of a list that meets it; NULL: none.  Borrowed. */
const HostPort *host_ports_find(const GPtrArray *list, const HostPort *wanted);

/* 0, or why nobody can listen there now: EADDRINUSE, EACCES, EADDRNOTAVAIL and so on.  A name
 * instead of an address is VirtualBox's to judge, and good here. */
int host_port_try(const HostPort *self);

/* Fails, with words for the reason of host_port_try().  holder: "domain 'a' has"; NULL: unknown. */
gboolean host_port_refuse(const HostPort *self, int reason, const char *holder, GError **error);

/* "tcp port 2222 at 127.0.0.1".  Owned by the caller. */
char *host_port_text(const HostPort *self);

/* What one start is about to use.  No other start of ours gets it until this is freed: between the
 * look at a port and VirtualBox's use of it lie seconds. */
typedef struct HostClaim HostClaim;
HostClaim *host_claim_new(void);
void host_claim_free(HostClaim *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HostClaim, host_claim_free)
/* 0, EADDRINUSE when another start has claimed it, or what host_port_try() says. */
int host_claim_take(HostClaim *self, const HostPort *port);

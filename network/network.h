/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network: libvirt's networks, and what each is in VirtualBox.
 *
 * Theory of operation.  VirtualBox has no list of networks.  It has host-only adapters, names that
 * NICs give to internal networks, and DHCP servers, and keeps neither a UUID nor a name for any.
 * So a network that a client of ours defined is a record in VirtualBox's global extra data, one
 * key for each, and what the record points to.  Adapters and internal networks to which no record
 * points were made by others: they are networks as well, with VirtualBox's name and a UUID made
 * of that.  They get a record when a client changes something that VirtualBox has no field for;
 * that one counts only as long as the adapter or the name is there.
 *
 * What VirtualBox has is asked there: addresses, DHCP, whether the adapter is up.  The record has
 * the rest, and the addresses again, because an adapter that somebody removed is made again from
 * it.
 *
 *             internal        host-only                     NAT network        bridged
 *   defined   record          record, adapter without       record, INATNetwork  record
 *                             address, DHCP off             not enabled, DHCP off
 *   started   record says so  adapter has its address,      enabled, DHCP on   record says so
 *                             DHCP on
 *   NIC       Internal,       HostOnly, the adapter's       NATNetwork,        Bridged, the host's
 *             its name        name                          its name           interface */
#pragma once
#include "base/uuid.h"
#include "network/adapter.h"
#include "network/resolve.h"
#include "network/dhcp.h"
#include "network/nat.h"

typedef struct Network {
    char *name;
    guint8 uuid[UUID_BYTES];
    NetworkKind kind;
    char *vbox_name;     /* the adapter's, the internal network's */
    gboolean is_ours;    /* has a record */
    gboolean is_adopted; /* has one, but others made it: without its object it is gone */
    gboolean persistent; /* FALSE: gone when it is stopped */
    gboolean autostart;
    gboolean active;
    guint revision; /* of the definition: one more with each */
    /* of the record alone; NULL: none */
    char *title, *description, *metadata, *domain;
    char *device;        /* of a bridged network: the host's interface */
    char *forward;       /* of a host-only network: libvirt's "open" or "route"; NULL: none */
    gboolean wants_dhcp; /* the server runs when the network does */
    /* when network_fill() was called; the addresses are of a host-only or NAT network */
    AdapterIp v4, v6;
    gboolean v4_as_prefix; /* the user wrote prefix, not netmask, here or in <vbox:dhcp> */
    Dhcp *dhcp;            /* NULL: no DHCP */
    Dhcp *idle;            /* a server that is there and does not run: not shown, left alone */
    char *mac;             /* NULL: the adapter is missing */
    /* of a NAT network, then too */
    GPtrArray *rules;     /* NatRule *; NULL: none */
    GPtrArray *loopbacks; /* NatLoopback *; NULL: none */
    AdapterIp v6_kept;    /* what VirtualBox keeps while IPv6 is off; family 0: leave it as it is */
    gboolean needs_dhcp;  /* VirtualBox is to run a server, and makes it when there is none */
    /* of one that is being defined: the one that it takes the place of, filled; borrowed; NULL: it
     * is new.  What stands there and stays as it is, is accepted whatever it is. */
    const struct Network *before;
    gboolean is_partial; /* the rest of it was refused */
} Network;

Network *network_new(void);
void network_free(Network *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Network, network_free)

/* All networks (Network *), those with a record first; not filled. */
GPtrArray *network_all(GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* In a list of network_all().  NULL: none.  Borrowed. */
Network *network_in_by_name(const GPtrArray *networks, const char *name);
Network *network_in_by_uuid(const GPtrArray *networks, const guint8 uuid[UUID_BYTES]);

/* One.  VIR_ERR_NO_NETWORK with libvirt's words when there is none; name is for that message and
 * may be NULL. */
Network *network_find(const guint8 uuid[UUID_BYTES], const char *name,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
Network *network_find_by_name(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Asks VirtualBox for addresses, MAC address and DHCP. */
gboolean network_fill(Network *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether what is defined had the same IPv4 network before. */
gboolean network_has_same_v4(const Network *want);

/* The part of it that a DHCP server has: for kinds. */
gboolean network_fill_dhcp(Network *self, const char *server,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes the DHCP server what is wanted; is: what there was.  One that is not shown is left alone.
 */
gboolean network_write_dhcp(const Network *want, const Network *is, const char *server,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes the DHCP server what it was before a failure; old NULL: there was none. */
void network_restore_dhcp(const Network *self, const char *server, const Dhcp *old);

/* Logs that something could not be done ("start it") that no caller waits for; frees failure. */
void network_warn(const Network *self, const char *what, GError *failure);

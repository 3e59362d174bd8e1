/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dhcp: VirtualBox's DHCP server of a network. */
#pragma once
#include "base/address.h"
#include "network/adapter.h"

/* A guest that always gets the same address. */
typedef struct DhcpHost {
    char *mac;  /* lower case, with colons */
    char *name; /* NULL: it is not told one */
    Address address;
} DhcpHost;

void dhcp_host_free(DhcpHost *self);

typedef struct Dhcp {
    gboolean enabled; /* runs while a machine of the network does */
    Address address;  /* its own; family 0: to be chosen */
    guint prefix;
    Address first, last; /* what it gives away */
    Address router;      /* and DNS server, of guests; family 0: as it is */
    char *domain;        /* the guests' domain; NULL: none */
    GPtrArray *hosts;    /* DhcpHost * */
} Dhcp;

Dhcp *dhcp_new(void);
void dhcp_free(Dhcp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Dhcp, dhcp_free)

/* VirtualBox's name for the network of a host-only adapter.  Owned by the caller. */
char *dhcp_network_name(const char *adapter);

/* *ret_dhcp is NULL when that network has none. */
gboolean dhcp_read(const char *network, Dhcp **ret_dhcp, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes it, or changes what differs.  What was set with VBoxManage and has no place in a Dhcp
 * (options, leases, groups) stays.  A running one is restarted. */
gboolean dhcp_write(const char *network, const Dhcp *server,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* There being none is no error. */
gboolean dhcp_enable(const char *network, gboolean enabled,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean dhcp_remove(const char *network, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The server's own address in the host's network ip, which libvirt's XML does not give: kept when
 * it still fits, else the one before the range, the one after it, the first that is free, or the
 * last of the range (VirtualBox does not give that one away then).  FALSE: all are taken. */
gboolean dhcp_choose_address(Dhcp *self, const AdapterIp *ip);

/* Refuses ranges and hosts that are not in the host's network, and clashes (libvirt's codes). */
gboolean dhcp_check(const Dhcp *self, const AdapterIp *ip,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

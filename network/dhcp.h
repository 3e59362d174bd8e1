/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dhcp: VirtualBox's DHCP server of a network. */
#pragma once
#include "base/address.h"
#include "network/adapter.h"
#include "network/dhcp_config.h"

/* What is said of one guest. */
typedef struct DhcpHost {
    char *mac;     /* lower case, with colons; NULL: it is an adapter of a machine */
    char *machine; /* its UUID */
    guint slot;
    Address address; /* the one that it always gets; family 0: any */
    gboolean is_own; /* the host's adapter, whose address nobody else may get: not shown */
    DhcpConfig config;
} DhcpHost;

DhcpHost *dhcp_host_new(void);
void dhcp_host_free(DhcpHost *self);

/* The constants of DHCPGroupConditionType. */
#define DHCP_CONDITION_TYPES(EACH) \
    EACH(MAC)                      \
    EACH(MACWildcard)              \
    EACH(vendorClassID)            \
    EACH(vendorClassIDWildcard)    \
    EACH(userClassID)              \
    EACH(userClassIDWildcard)

/* By what VirtualBox knows the guests of a group. */
typedef struct DhcpCondition {
    gboolean is_exclusive; /* those are not of the group */
    const char *type;      /* one of these; static */
    char *value;
} DhcpCondition;

typedef struct DhcpGroup {
    char *name;
    GPtrArray *conditions; /* DhcpCondition * */
    DhcpConfig config;
} DhcpGroup;

DhcpGroup *dhcp_group_new(void);
void dhcp_group_free(DhcpGroup *self);
void dhcp_group_add(DhcpGroup *self, gboolean is_exclusive, const char *type, const char *value);

/* Those of an IDHCPServer; added to the array, and made what it says. */
gboolean dhcp_groups_read(Object *server, GPtrArray *groups,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean dhcp_groups_write(Object *server, const GPtrArray *groups,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct Dhcp {
    gboolean enabled; /* runs while a machine of the network does */
    Address address;  /* its own; family 0: to be chosen */
    guint prefix;
    Address first, last; /* what it gives away; family 0: to be chosen, nothing but to hosts */
    gboolean is_future;  /* there is none: VirtualBox makes it so when its network runs */
    DhcpConfig config;   /* of all guests */
    GPtrArray *hosts;    /* DhcpHost * */
    GPtrArray *groups;   /* DhcpGroup * */
} Dhcp;

Dhcp *dhcp_new(void);
void dhcp_free(Dhcp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Dhcp, dhcp_free)

/* VirtualBox's name for the network of a host-only adapter.  Owned by the caller. */
char *dhcp_network_name(const char *adapter);

/* *ret_dhcp is NULL when that network has none. */
gboolean dhcp_read(const char *network, Dhcp **ret_dhcp, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes it, or changes what differs; what is not said goes.  A running one is restarted. */
gboolean dhcp_write(const char *network, const Dhcp *server,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* There being none is no error. */
gboolean dhcp_enable(const char *network, gboolean enabled,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean dhcp_remove(const char *network, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A server whose range is its own address, which it never gives away, has addresses for its hosts
 * alone. */
gboolean dhcp_is_for_hosts(const Dhcp *self);

gboolean dhcp_has_in_range(const Dhcp *self, const Address *address);
gboolean dhcp_has_same_range(const Dhcp *self, const Dhcp *other);
/* Of what is said of that guest; NULL: nothing. */
const DhcpHost *dhcp_find_host(const Dhcp *self, const DhcpHost *like);

/* The server's own address in the host's network ip, which libvirt's XML does not give: kept when
 * it still fits, else the one before the range, the one after it, the first that is free, or the
 * last of the range (VirtualBox does not give that one away then).  Without a range it is the
 * last of the network that is free, and then the range as well.  FALSE: all are taken. */
gboolean dhcp_choose_address(Dhcp *self, const AdapterIp *ip);

/* Refuses ranges and hosts that are not in the host's network, and clashes (libvirt's codes); what
 * old has as well is good.  old NULL: none. */
gboolean dhcp_check(const Dhcp *self, const AdapterIp *ip, const Dhcp *old,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

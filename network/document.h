/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Document: libvirt's <network> XML, from and to a Network. */
#pragma once
#include "map/map.h"
#include "network/network.h"

/* The root, without its <ip>: head.c. */
typedef struct HeadItem {
    Item item;
    char *name, *uuid, *title, *description, *metadata;
    Switch has_forward;
    char *forward_mode, *forward_dev, *interface;
    Switch nat_v6;
    char *bridge, *mac, *domain, *dns;
} HeadItem;

/* <vbox:portForward> and <vbox:loopback> of a NAT network: nat_document.c. */
typedef struct RuleItem {
    Item item;
    const char *family, *protocol;
    char *name, *host, *guest;
    gint64 host_port, guest_port;
} RuleItem;

typedef struct LoopbackItem {
    Item item;
    char *address;
    gint64 offset;
} LoopbackItem;

/* <ip> with its range: ip.c. */
typedef struct IpItem {
    Item item;
    const char *family;
    char *address, *netmask;
    gint64 prefix;
    Switch dhcp;
    char *start, *end;
} IpItem;

/* <ip><dhcp><host>: host.c. */
typedef struct HostItem {
    Item item;
    char *mac, *name, *ip;
} HostItem;

extern const Element head_element, ip_element, host_element, rule_element, loopback_element;
extern const Schema network_schema;

/* What the XML asks for: all that does not depend on VirtualBox's state is checked.  *ret_bridge
 * is the bridge that it names, NULL: none.  A network without <uuid> has one that is all zero. */
Network *document_parse(const char *xml, char **ret_bridge,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Of a filled network; owned by the caller. */
char *document_format(const Network *network, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The parts of <ip>: from and to a Network. */
gboolean ip_take(const IpItem *item, Network *network, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void ip_put(Model *model, const Network *network);
gboolean rule_take(const RuleItem *item, Network *network,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean loopback_take(const LoopbackItem *item, Network *network,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void nat_put(Model *model, const Network *network);
gboolean host_take(const HostItem *item, Network *network,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
void host_put(Model *model, const Network *network);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Document: libvirt's <network> XML, from and to a Network. */
#pragma once
#include "map/map.h"
#include "network/network.h"

/* The root, without its <ip>: head.c. */
typedef struct HeadItem {
    Item item;
    char *name, *uuid, *title, *description, *metadata;
    char *forward;      /* <forward> as it is */
    char *forward_mode; /* its mode */
    char *bridge, *mac, *domain, *dns;
} HeadItem;

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

extern const Element head_element, ip_element, host_element;
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
gboolean host_take(const HostItem *item, Network *network,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
void host_put(Model *model, const Network *network);

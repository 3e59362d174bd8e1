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
    Switch nat_v6, has_nat_port;
    gint64 nat_start, nat_end;
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

/* What is said of leases and options, of all guests or of some: config_document.c. */
typedef struct ConfigItem {
    gint64 expiry, min, standard, max;
    const char *unit;
    char *options;
} ConfigItem;

extern const Word lease_units[];

/* The rows of a ConfigItem: of <lease>, which stands somewhere else for all guests, and of the
 * rest. */
#define CONFIG_ROWS(Struct, member, lease, at)                                              \
    F(lease "lease/@expiry", Struct, member.expiry, NULL, NUMBER(0, G_MAXUINT32)),          \
        F(lease "lease/@unit", Struct, member.unit, NULL, WORD(lease_units, NULL)),         \
        F(at "vbox:lease/@min", Struct, member.min, NULL, NUMBER(1, G_MAXUINT32)),          \
        F(at "vbox:lease/@default", Struct, member.standard, NULL, NUMBER(1, G_MAXUINT32)), \
        F(at "vbox:lease/@max", Struct, member.max, NULL, NUMBER(0, G_MAXUINT32)),          \
        F(at "vbox:option", Struct, member.options, NULL, SUBTREES)

/* What a <dhcp> has but hosts and groups: dhcp_document.c. */
typedef struct ServerItem {
    char *start, *end, *boot_file, *boot_server;
    ConfigItem config;
} ServerItem;

#define NO_TFTP                                                                             \
    "its DHCP server serves no files: run a TFTP server somewhere and name it with <bootp " \
    "file='…' server='…'/>"
#define SERVER_ROWS(Struct, member, at)                                            \
    F(at "range/@start", Struct, member.start, NULL, STR),                         \
        F(at "range/@end", Struct, member.end, NULL, STR),                         \
        REFUSE(at "range[2]", "its DHCP server has one range"),                    \
        F(at "bootp/@file", Struct, member.boot_file, NULL, STR),                  \
        F(at "bootp/@server", Struct, member.boot_server, NULL, STR),              \
        REFUSE(at "bootp[2]", "its DHCP server has one boot file for all guests"), \
        CONFIG_ROWS(Struct, member.config, at "range/", at)

/* <ip>: ip.c. */
typedef struct IpItem {
    Item item;
    const char *family;
    char *address, *netmask;
    gint64 prefix;
    Switch dhcp;
    ServerItem server;
} IpItem;

/* libvirt's own range of ports for its NAT: all that are not for the host's own servers. */
#define NAT_PORT_FIRST 1024
#define NAT_PORT_LAST 65535

/* <vbox:dhcp> of an internal network: dhcp_document.c. */
typedef struct LanItem {
    Item item;
    char *address, *netmask;
    gint64 prefix;
    ServerItem server;
} LanItem;

/* <host> and <vbox:guest> of a DHCP server: host.c. */
typedef struct HostItem {
    Item item;
    char *mac, *name, *ip, *machine;
    gint64 slot;
    ConfigItem config;
} HostItem;

/* <vbox:group> of a DHCP server: group_document.c. */
typedef struct GroupItem {
    Item item;
    char *name, *conditions;
    ConfigItem config;
} GroupItem;

/* Those of a <dhcp> stand in <ip>, and in an internal network's <vbox:dhcp>. */
extern const Element head_element, ip_element, lan_element, rule_element, loopback_element;
extern const Element host_element, guest_element, group_element;
extern const Element lan_host_element, lan_guest_element, lan_group_element;
extern const Schema network_schema;

/* A document, and which network it is of: the UUID is all zero when it says none. */
Model *document_read(const char *xml, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean document_names(Model *model, const char **ret_name, guint8 ret_uuid[UUID_BYTES],
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What it asks for: all that does not depend on VirtualBox's state is checked, but not what before,
 * the network that there is, has as well (NULL: none); what is refused is added to refusals, and
 * the rest is taken.  *ret_bridge is the bridge that it names, NULL: none.  NULL: not even its name
 * or its kind is known. */
Network *document_take(Model *model, const Network *before, char **ret_bridge,
                       Refusals *refusals) G_GNUC_WARN_UNUSED_RESULT;

/* Its title, description and metadata alone, as a document; and from there. */
char *document_format_words(const Network *network, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean document_take_words(const char *xml, Network *network,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Of a filled network; owned by the caller. */
char *document_format(const Network *network, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* As an element says a network: prefix may be NUMBER_ABSENT, netmask NULL. */
typedef struct IpWords {
    int family;
    const char *address, *netmask;
    gint64 prefix;
} IpWords;

/* With a prefix or a netmask, or what libvirt takes when neither is given; refuses what is no
 * unicast address or leaves no room for guests, unless it is the old one (NULL: none). */
gboolean ip_take_network(const Item *item, const IpWords *words, const AdapterIp *old,
                         AdapterIp *ret_ip, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Only addresses of that family; messages name the row. */
gboolean ip_take_address(const Item *item, const char *row, const char *text, int family,
                         Address *ret_address, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The parts of <network>: from and to a Network.  Each is taken as far as it can be, and refused
 * for all reasons at once. */
gboolean head_check(const HeadItem *item, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean ip_take(const IpItem *item, Network *network, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void ip_put(Model *model, const Network *network);
gboolean lan_take(const LanItem *item, Network *network, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean host_take(const HostItem *item, Network *network,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean guest_take(const HostItem *item, Network *network,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean group_take(const GroupItem *item, Network *network,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean rule_take(const RuleItem *item, Network *network,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean loopback_take(const LoopbackItem *item, Network *network,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void nat_put(Model *model, const Network *network);
/* What a DHCP server gives away, and how: at is where in the item its rows begin ("dhcp/"). */
gboolean server_take(const Item *item, const char *at, const ServerItem *server, Network *network,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* All of the <dhcp> is read: whether it makes sense in this network, and what it does not say. */
gboolean server_settle(Network *network, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void server_put(ServerItem *server, const Network *network);
/* Its hosts and groups, and of an internal network all of it. */
void dhcp_put(Model *model, const Network *network);
void hosts_put(Model *model, const Network *network);
void groups_put(Model *model, const Network *network);

/* Adds to what the config says already; place is where it stands, for messages.  What old has as
 * well (NULL: nothing) is good. */
gboolean config_take(const ConfigItem *item, const char *place, const DhcpConfig *old,
                     DhcpConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* hidden: numbers of options whose values the XML has other words for, the last 0. */
void config_put(ConfigItem *item, const DhcpConfig *config, const guint8 *hidden);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nic: a network adapter, and the parts of it that have files of their own. */
#pragma once
#include "domain/device.h"

/* VirtualBox's NAT engine, behind type='user' (domain/nic_nat.c). */
typedef struct NicNat {
    char *forwards, *redirects; /* the XML's side */
    const char *family;         /* of <ip> */
    char *address, *network_said;
    gint64 prefix;
    char *list, *network; /* VirtualBox's side */
    gint64 mtu, send_buffer, receive_buffer, send_window, receive_window, alias_mode;
    char *host, *tftp_prefix, *tftp_file, *tftp_server;
    Switch tftp, dns_domain, dns_proxy, dns_resolver, broadcast;
} NicNat;

/* VirtualBox's generic driver UDPTunnel, behind type='udp' (domain/nic_udp.c). */
typedef struct NicUdp {
    char *address; /* the XML's side */
    gint64 port, local_port;
    const char *local_address;
    char *properties; /* VirtualBox's side */
} NicUdp;

typedef struct Nic {
    Item item;
    const char *type;                            /* the XML's side */
    char *bridge, *network, *device, *internal;  /* below <source> */
    const char *attachment;                      /* VirtualBox's side */
    char *bridged, *host_only, *intnet, *natnet; /* the attribute of each attachment */
    char *driver_name, *cloud, *host_only_net;
    char *mac, *alias, *address, *driver;
    const char *model, *promiscuous;
    Switch link, trace;
    char *trace_file;
    gint64 line_speed;
    gint64 boot_order;        /* domain/boot.h */
    char *group_said, *group; /* of bandwidth: the XML's side, VirtualBox's */
    gint64 average;           /* its own group's, in kB a second */
    gint64 priority_said, priority;
    NicNat nat;
    NicUdp udp;
} Nic;

/* INetworkAdapter.bootPriority: 1 is first; 0 is after all others. */
#define NIC_PRIORITY_MAX 4

#define UDP_TUNNEL "UDPTunnel"

/* From the XML to VirtualBox's terms, and back. */
gboolean nat_plan(Nic *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void nat_finish(Nic *self);
/* The engine's five numbers: which is the row's arg. */
gboolean nat_get_setting(MapContext *context, Object *adapter, const Field *field, Value *ret_value,
                         GError **error);
gboolean nat_set_setting(MapContext *context, Object *adapter, const Field *field,
                         const Value *value, GError **error);
enum { NAT_MTU, NAT_SEND_BUFFER, NAT_RECEIVE_BUFFER, NAT_SEND_WINDOW, NAT_RECEIVE_WINDOW };

gboolean udp_plan(Nic *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* FALSE: the driver is another one, or has what type='udp' cannot say. */
gboolean udp_finish(Nic *self);
/* The generic driver's properties, sorted: "name=value", a line each. */
gboolean udp_get_properties(MapContext *context, Object *adapter, const Field *field,
                            Value *ret_value, GError **error);
gboolean udp_set_properties(MapContext *context, Object *adapter, const Field *field,
                            const Value *value, GError **error);

/* A machine did not start: if that is because something that an adapter is attached to is not
 * there, failure says so, and what to do. */
void nic_explain_start(Object *machine, GError **failure);

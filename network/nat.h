/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NAT networks: what they have beside addresses and DHCP. */
#pragma once
#include "base/address.h"

/* A port of the host that leads to a guest. */
typedef struct NatRule {
    char *name; /* VirtualBox's key of it, in its family */
    gboolean is_v6, is_udp;
    char *host; /* address that the host listens on; "": any */
    guint16 host_port;
    char *guest;
    guint16 guest_port;
} NatRule;

/* A loopback address of the host, as guests see it: the network's address plus offset. */
typedef struct NatLoopback {
    char *address;
    guint offset;
} NatLoopback;

/* Addresses at a network's start that VirtualBox uses itself. */
#define NAT_RESERVED 3

/* The mapping that VirtualBox gives every network. */
#define NAT_LOOPBACK "127.0.0.1"
#define NAT_LOOPBACK_OFFSET 2

/* Whether VirtualBox has a NAT network of that name. */
gboolean nat_has(const char *name, gboolean *ret_has, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void nat_rule_free(NatRule *self);
/* The rules of the NAT network that VirtualBox calls so (NatRule *), none when there is none; free
 * the array. */
GPtrArray *nat_rules_read(const char *vbox_name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void nat_loopback_free(NatLoopback *self);

gboolean nat_rule_equal(gconstpointer a, gconstpointer b);
gboolean nat_has_rule(const GPtrArray *rules, const NatRule *rule);
/* Of that address; NULL: none. */
const NatLoopback *nat_find_loopback(const GPtrArray *loopbacks, const char *address);

GPtrArray *nat_rules_new(void);
GPtrArray *nat_loopbacks_new(void);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Address: an IPv4 or IPv6 address, and what a prefix makes of it. */
#pragma once
#include <glib.h>
#include <sys/socket.h>

typedef struct Address {
    int family;       /* AF_INET, AF_INET6; 0: none */
    guint8 bytes[16]; /* in network order; 4 of IPv4 */
} Address;

/* "192.168.56.1", "fd00::1"; no name, no prefix, no zone. */
gboolean address_parse(const char *text, Address *ret_address) G_GNUC_WARN_UNUSED_RESULT;

/* The canonical form; owned by the caller. */
char *address_format(const Address *self);

gboolean address_equal(const Address *a, const Address *b);

/* 32 or 128. */
guint address_bits(const Address *self);

/* Whether the address is in the network that has this one in it, and a prefix of that many bits.
 * FALSE for different families. */
gboolean address_in(const Address *self, const Address *network, guint prefix);

/* The first (all zero, the network's own) and last (all one, IPv4's broadcast) of its network. */
Address address_first(const Address *self, guint prefix);
Address address_last(const Address *self, guint prefix);

/* Like strcmp(); of one family. */
gint address_compare(const Address *a, const Address *b);

/* The one after (step 1) or before (step -1) it; wraps around. */
Address address_step(const Address *self, gint step);

/* Multicast, or IPv4's broadcast, or loopback, or all zero: not the address of one interface. */
gboolean address_is_unicast(const Address *self);

/* "255.255.255.0" ↔ 24.  FALSE: not an IPv4 mask, or one with holes. */
gboolean address_prefix_of_mask(const char *mask, guint *ret_prefix) G_GNUC_WARN_UNUSED_RESULT;
char *address_mask_of_prefix(guint prefix);

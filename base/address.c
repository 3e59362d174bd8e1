/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Address: see address.h. */
#include "base/address.h"
#include <arpa/inet.h>
#include <string.h>

gboolean address_parse(const char *text, Address *ret_address)
{
    Address address = {.family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET};
    if (inet_pton(address.family, text, address.bytes) != 1)
        return FALSE;
    *ret_address = address;
    return TRUE;
}

char *address_format(const Address *self)
{
    char text[INET6_ADDRSTRLEN];
    return g_strdup(inet_ntop(self->family, self->bytes, text, sizeof(text)));
}

gboolean address_equal(const Address *a, const Address *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

guint address_bits(const Address *self)
{
    return self->family == AF_INET ? 32 : 128;
}

/* All bits after the prefix become fill's. */
static Address with_host_bits(const Address *self, guint prefix, guint8 fill)
{
    Address address = *self;
    for (guint i = 0; i < address_bits(self) / 8; i++) {
        guint kept = prefix >= i * 8 + 8 ? 8 : prefix > i * 8 ? prefix - i * 8 : 0;
        guint8 mask = (guint8)(0xff00 >> kept);
        address.bytes[i] = (guint8)((address.bytes[i] & mask) | (fill & ~mask));
    }
    return address;
}

Address address_first(const Address *self, guint prefix)
{
    return with_host_bits(self, prefix, 0x00);
}

Address address_last(const Address *self, guint prefix)
{
    return with_host_bits(self, prefix, 0xff);
}

gboolean address_in(const Address *self, const Address *network, guint prefix)
{
    if (self->family != network->family)
        return FALSE;
    Address a = address_first(self, prefix), b = address_first(network, prefix);
    return address_equal(&a, &b);
}

gint address_compare(const Address *a, const Address *b)
{
    return memcmp(a->bytes, b->bytes, address_bits(a) / 8);
}

Address address_step(const Address *self, gint step)
{
    Address address = *self;
    guint8 wrap = step > 0 ? 0x00 : 0xff; /* what a byte becomes that carries on */
    for (guint i = address_bits(self) / 8; i-- > 0;) {
        address.bytes[i] = (guint8)(address.bytes[i] + step);
        if (address.bytes[i] != wrap)
            break;
    }
    return address;
}

gboolean address_is_unicast(const Address *self)
{
    static const Address any6 = {.family = AF_INET6};
    static const Address loopback6 = {.family = AF_INET6, .bytes = {[15] = 1}};
    /* 0/8 is "this network", 127/8 loopback, from 224 on multicast and reserved. */
    if (self->family == AF_INET)
        return self->bytes[0] != 0 && self->bytes[0] != 127 && self->bytes[0] < 224;
    return self->bytes[0] != 0xff && !address_equal(self, &any6) &&
           !address_equal(self, &loopback6);
}

gboolean address_prefix_of_mask(const char *mask, guint *ret_prefix)
{
    Address address;
    if (!address_parse(mask, &address) || address.family != AF_INET)
        return FALSE;
    guint32 bits;
    memcpy(&bits, address.bytes, sizeof(bits));
    bits = GUINT32_FROM_BE(bits);
    guint prefix = 0;
    while (prefix < 32 && (bits & (0x80000000u >> prefix)) != 0)
        prefix++;
    *ret_prefix = prefix;
    return prefix == 32 || (bits & (0xffffffffu >> prefix)) == 0;
}

char *address_mask_of_prefix(guint prefix)
{
    Address ones = {.family = AF_INET, .bytes = {0xff, 0xff, 0xff, 0xff}};
    Address mask = with_host_bits(&ones, prefix, 0x00);
    return address_format(&mask);
}

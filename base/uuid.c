/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* UUIDs: see uuid.h. */
#include "base/uuid.h"
#include <string.h>

gboolean uuid_parse(const char *text, guint8 uuid[UUID_BYTES])
{
    while (g_ascii_isspace(*text))
        text++;
    for (gsize i = 0; i < UUID_BYTES; i++) {
        while (*text == '-' || *text == ' ')
            text++;
        if (!g_ascii_isxdigit(text[0]) || !g_ascii_isxdigit(text[1]))
            return FALSE;
        uuid[i] = (guint8)(g_ascii_xdigit_value(text[0]) << 4 | g_ascii_xdigit_value(text[1]));
        text += 2;
    }
    while (g_ascii_isspace(*text))
        text++;
    return *text == '\0';
}

void uuid_format(const guint8 uuid[UUID_BYTES], char text[UUID_STRING])
{
    static const char digits[] = "0123456789abcdef";
    for (gsize i = 0; i < UUID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *text++ = '-';
        *text++ = digits[uuid[i] >> 4];
        *text++ = digits[uuid[i] & 15];
    }
    *text = '\0';
}

void uuid_generate(guint8 uuid[UUID_BYTES])
{
    g_autofree char *text = g_uuid_string_random();
    g_assert(uuid_parse(text, uuid));
}

gboolean uuid_is_unset(const guint8 uuid[UUID_BYTES])
{
    static const guint8 zero[UUID_BYTES];
    return memcmp(uuid, zero, UUID_BYTES) == 0;
}

void uuid_derive(const char *name, guint8 uuid[UUID_BYTES])
{
    /* Random, made once for vboxvirt.  Never change it: users' UUIDs would change with it. */
    static const guint8 space[UUID_BYTES] = {0x5e, 0x2b, 0x8f, 0x0c, 0x91, 0x4d, 0x4a, 0x77,
                                             0xb3, 0x1a, 0x66, 0xd0, 0x2f, 0xc8, 0x7e, 0x19};
    guint8 digest[20];
    gsize length = sizeof(digest);
    g_autoptr(GChecksum) sha1 = g_checksum_new(G_CHECKSUM_SHA1);
    g_checksum_update(sha1, space, sizeof(space));
    g_checksum_update(sha1, (const guchar *)name, -1);
    g_checksum_get_digest(sha1, digest, &length);
    memcpy(uuid, digest, UUID_BYTES);
    uuid[6] = (guint8)((uuid[6] & 0x0f) | 0x50); /* version 5 */
    uuid[8] = (guint8)((uuid[8] & 0x3f) | 0x80); /* variant */
}

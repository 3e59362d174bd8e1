/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* UUIDs: see uuid.h. */
#include "base/uuid.h"

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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes: see bytes.h. */
#include "base/bytes.h"
#include <string.h>

gboolean bytes_has_text(Bytes self, gsize offset, const char *text)
{
    gsize length = strlen(text);
    return bytes_has(self, offset, length) && memcmp(self.data + offset, text, length) == 0;
}

static guint64 number(Bytes self, gsize offset, gsize width, gboolean is_big_endian)
{
    guint64 value = 0;
    if (!bytes_has(self, offset, width))
        return 0;
    for (gsize i = 0; i < width; i++)
        value = value << 8 | self.data[offset + (is_big_endian ? i : width - 1 - i)];
    return value;
}

guint64 bytes_little(Bytes self, gsize offset, gsize width)
{
    return number(self, offset, width, FALSE);
}

guint64 bytes_big(Bytes self, gsize offset, gsize width)
{
    return number(self, offset, width, TRUE);
}

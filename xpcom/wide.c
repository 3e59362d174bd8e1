/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wide: VirtualBox's UTF-16 strings. */
#include "base/error.h"
#include "xpcom/binding.h"

#define REPLACEMENT 0xfffdu

gunichar2 *wide_from_utf8(const char *text, GError **error)
{
    if (text == NULL)
        return g_new0(gunichar2, 1);
    if (!g_utf8_validate(text, -1, NULL)) {
        fail(error, VIR_ERR_INVALID_ARG, "a text for VirtualBox must be valid UTF-8");
        return NULL;
    }
    return g_utf8_to_utf16(text, -1, NULL, NULL, error);
}

/* The next code point; moves on by one or two units. */
static gunichar wide_next(const gunichar2 **wide)
{
    gunichar unit = *(*wide)++;
    if (unit < 0xd800 || unit > 0xdfff)
        return unit;
    gunichar low = **wide;
    if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff)
        return REPLACEMENT;
    (*wide)++;
    return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

char *wide_to_utf8(const gunichar2 *wide)
{
    if (wide == NULL)
        return g_strdup("");
    gsize length = 0;
    for (const gunichar2 *at = wide; *at != 0;)
        length += (gsize)g_unichar_to_utf8(wide_next(&at), NULL);
    char *text = g_malloc(length + 1);
    char *end = text;
    for (const gunichar2 *at = wide; *at != 0;)
        end += g_unichar_to_utf8(wide_next(&at), end);
    *end = '\0';
    return text;
}

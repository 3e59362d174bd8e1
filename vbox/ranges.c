/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ranges: see ranges.h. */
#include "vbox/ranges.h"

typedef struct Range {
    Address network;
    guint prefix;
} Range;

static const char defaults[] = "* 192.168.56.0/21 fe80::/10";

/* A word without a length is no network for VirtualBox: it warns and goes on. */
static gboolean range_parse(const char *word, Range *ret)
{
    g_auto(GStrv) parts = g_strsplit(word, "/", 2);
    guint64 prefix;
    if (parts[0] == NULL || parts[1] == NULL || !address_parse(parts[0], &ret->network) ||
        !g_ascii_string_to_unsigned(parts[1], 10, 0, address_bits(&ret->network), &prefix, NULL))
        return FALSE;
    ret->prefix = (guint)prefix;
    return TRUE;
}

static GArray *ranges_read(const char *file, gboolean *ret_is_default)
{
    GArray *ranges = g_array_new(FALSE, FALSE, sizeof(Range));
    g_autofree char *text = NULL;
    *ret_is_default = !g_file_get_contents(file, &text, NULL, NULL);
    g_auto(GStrv) lines = g_strsplit(*ret_is_default ? defaults : text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        g_auto(GStrv) words = g_strsplit_set(*line, " \t", -1);
        gboolean is_list = FALSE, is_first = TRUE;
        for (char **word = words; *word != NULL; word++) {
            Range range;
            if (**word == '\0')
                continue;
            if (is_list && range_parse(*word, &range))
                g_array_append_val(ranges, range);
            is_list |= is_first && g_str_equal(*word, "*");
            is_first = FALSE;
        }
    }
    return ranges;
}

gboolean ranges_allow(const char *file, const Address *address, guint prefix)
{
    gboolean is_default;
    g_autoptr(GArray) ranges = ranges_read(file, &is_default);
    for (guint i = 0; i < ranges->len; i++) {
        const Range *range = &g_array_index(ranges, Range, i);
        if (prefix >= range->prefix && address_in(address, &range->network, range->prefix))
            return TRUE;
    }
    return FALSE;
}

char *ranges_list(const char *file, gboolean *ret_is_default)
{
    g_autoptr(GArray) ranges = ranges_read(file, ret_is_default);
    GString *list = g_string_new(NULL);
    for (guint i = 0; i < ranges->len; i++) {
        const Range *range = &g_array_index(ranges, Range, i);
        g_autofree char *network = address_format(&range->network);
        g_string_append_printf(list, "%s%s/%u", i > 0 ? ", " : "", network, range->prefix);
    }
    return g_string_free(list, FALSE);
}

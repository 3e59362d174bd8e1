/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes: for tests of tables without VirtualBox, what a document becomes when it is written. */
#pragma once
#include "domain/domain.h"
#include <string.h>

static inline char *round_trip(const char *xml, guint flags)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Model) domain = domain_parse(xml, &error);
    g_assert_no_error(error);
    char *text = map_format(domain, flags, &error);
    g_assert_no_error(error);
    return text;
}

/* The text without white space between its tags, so that a test can say it in one line. */
static inline char *squeeze(const char *text)
{
    g_autoptr(GRegex) gaps = g_regex_new(">\\s+<", 0, 0, NULL);
    return g_regex_replace_literal(gaps, text, -1, 0, "><", 0, NULL);
}

static inline void assert_writes(const char *xml, const char *part)
{
    g_autofree char *text = round_trip(xml, MAP_SECURE);
    g_autofree char *flat = squeeze(text);
    if (strstr(flat, part) == NULL)
        g_error("'%s' is not in:\n%s", part, text);
    g_autofree char *again = round_trip(text, MAP_SECURE);
    g_assert_cmpstr(again, ==, text);
}

static inline void assert_lacks(const char *xml, const char *part)
{
    g_autofree char *text = round_trip(xml, 0);
    g_autofree char *flat = squeeze(text);
    if (strstr(flat, part) != NULL)
        g_error("'%s' is in:\n%s", part, text);
}

static inline void assert_fails(const char *xml, gint code, const char *pattern)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Model) domain = domain_parse(xml, &error);
    if (domain != NULL)
        g_error("accepted, though '%s': %s", pattern, xml);
    if (!g_error_matches(error, VIR_ERROR, code) ||
        !g_pattern_match_simple(pattern, error->message))
        g_error("%d: '%s' is not %d: '%s'", error->code, error->message, code, pattern);
}

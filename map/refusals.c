/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Refusals: see refusals.h. */
#include "map/refusals.h"
#include "base/error.h"
#include <string.h>

/* What a person reads at one go; the rest comes in the next. */
#define LINES_MAX 30
/* Bytes: a long value in one line leaves room for the others. */
#define LINE_MAX_BYTES 500

struct Refusals {
    GError *first;    /* as it came: it may be the only one; NULL: there is none */
    GError *failure;  /* of the first call that failed; NULL: none did */
    GPtrArray *lines; /* char * */
    guint reasons;    /* that came, each with a line or more */
    guint more;       /* lines that are too many */
};

Refusals *refusals_new(void)
{
    Refusals *self = g_new0(Refusals, 1);
    self->lines = g_ptr_array_new_with_free_func(g_free);
    return self;
}

void refusals_free(Refusals *self)
{
    if (self == NULL)
        return;
    g_clear_error(&self->first);
    g_clear_error(&self->failure);
    g_ptr_array_unref(self->lines);
    g_free(self);
}

gboolean refusals_have_room(const Refusals *self)
{
    return self->lines->len < LINES_MAX;
}

void refusals_count(Refusals *self)
{
    self->more++;
}

static char *shorten(const char *line)
{
    gboolean is_long = strlen(line) > LINE_MAX_BYTES;
    g_autofree char *start = g_strndup(line, LINE_MAX_BYTES);
    g_autofree char *valid = g_utf8_make_valid(start, -1);
    return g_strconcat(valid, is_long ? "…" : "", NULL);
}

/* FALSE: it is there already. */
static gboolean add_line(Refusals *self, const char *text)
{
    g_autofree char *line = shorten(text);
    if (g_ptr_array_find_with_equal_func(self->lines, line, g_str_equal, NULL))
        return FALSE;
    if (refusals_have_room(self))
        g_ptr_array_add(self->lines, g_steal_pointer(&line));
    else
        refusals_count(self);
    return TRUE;
}

static void keep_first(GError **first, GError *reason)
{
    if (*first == NULL)
        *first = reason;
    else
        g_error_free(reason);
}

void refusals_add(Refusals *self, GError *reason)
{
    gboolean is_new = FALSE;
    if (reason->domain != VIR_ERROR) {
        keep_first(&self->failure, reason);
        return;
    }
    g_auto(GStrv) lines = g_strsplit(reason->message, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        if (add_line(self, *line))
            is_new = TRUE;
    self->reasons += is_new ? 1 : 0;
    keep_first(&self->first, reason);
}

gboolean refusals_note(Refusals *self, gboolean is_good, GError **reason)
{
    if (!is_good)
        refusals_add(self, g_steal_pointer(reason));
    return is_good;
}

gboolean refusals_are_none(const Refusals *self)
{
    return self->first == NULL && self->failure == NULL;
}

gboolean refusals_tell(Refusals *self, GError **error)
{
    if (refusals_are_none(self))
        return TRUE;
    if (self->failure != NULL || self->reasons == 1) {
        GError **only = self->failure != NULL ? &self->failure : &self->first;
        g_propagate_error(error, g_steal_pointer(only));
        return FALSE;
    }
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < self->lines->len; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? "\n" : "",
                               (const char *)g_ptr_array_index(self->lines, i));
    if (self->more > 0)
        g_string_append_printf(text, "\n… and %u more", self->more);
    return fail(error, (VirErrorNumber)self->first->code, "%s", text->str);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What tables tell: words, and the page of documentation. */
#include "map/kind.h"

GPtrArray *map_words(const Element *element, const char *path)
{
    const Field *field = element_field(element, path);
    GPtrArray *words = g_ptr_array_new();
    for (const Word *word = field->words; word->word != NULL; word++) {
        gboolean is_repeated = FALSE;
        for (const Word *before = field->words; before < word; before++)
            is_repeated |=
                g_str_equal(before->word, word->word) ||
                (word->constant != NULL && g_strcmp0(before->constant, word->constant) == 0);
        if (is_repeated)
            continue;
        guint32 number;
        if (field->enum_type != NULL && vbox_root() != NULL &&
            !vbox_enum_find(field->enum_type, word->constant, &number))
            continue;
        g_ptr_array_add(words, (gpointer)word->word);
    }
    return words;
}

gboolean map_takes(const Schema *schema, const char *path)
{
    for (const Element *const *element = schema->elements; *element != NULL; element++)
        FIELDS(*element, field)
        {
            gboolean is_top = *(*element)->path == '\0';
            g_autofree char *whole =
                g_strconcat((*element)->path, is_top ? "" : "/", field->path, NULL);
            if (field->path != NULL && field->kind != &kind_refuse && g_str_equal(whole, path))
                return TRUE;
        }
    return FALSE;
}

/* "text", "yes/no", "word: `a` = A, `b` = B". */
static void append_kind(const Field *field, GString *out)
{
    g_string_append(out, field->kind->name);
    if (field->min != 0 || field->max != 0)
        g_string_append_printf(out, " %" G_GINT64_FORMAT "–%" G_GINT64_FORMAT, field->min,
                               field->max);
    if (field->kind == &kind_size)
        g_string_append_printf(out, ", in steps of %" G_GINT64_FORMAT " KiB, rounded up",
                               field->scale);
    if (field->kind == &kind_fixed)
        g_string_append_printf(out, ": `%s`", field->text);
    for (const Word *word = field->words; word != NULL && word->word != NULL; word++) {
        g_string_append_printf(out, "%s`%s`", word == field->words ? ": " : ", ", word->word);
        if (word->constant != NULL)
            g_string_append_printf(out, " = %s", word->constant);
    }
}

static void append_notes(const Field *field, GString *out)
{
    const char *separator = "";
#define NOTE(...)                                 \
    do {                                          \
        g_string_append(out, separator);          \
        g_string_append_printf(out, __VA_ARGS__); \
        separator = "; ";                         \
    } while (0)
    if (field->kind == &kind_refuse || field->kind == &kind_ignore)
        NOTE("%s%s%s", field->kind->name, *field->text != '\0' ? ": " : "", field->text);
    if (field->when != NULL)
        NOTE("with `%s`", field->when);
    if (field->required)
        NOTE("required");
    if (field->fallback != NULL && *field->fallback != '\0')
        NOTE("default `%s`", field->fallback);
    if (field->nocase)
        NOTE("any case");
    if (field->blank)
        NOTE("empty is absent");
    if (field->filled)
        NOTE("empty is not absent");
    if (field->keep)
        NOTE("kept in extra data");
    if (field->live)
        NOTE("only of an active domain");
    if (field->secret)
        NOTE("shown only on request");
    if (field->input)
        NOTE("another spelling, not used by a dump");
    if (field->hot)
        NOTE("can change while running");
#undef NOTE
}

/* '|' separates columns, '<' begins HTML. */
static void append_cell(GString *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|' || *text == '<')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *text);
    }
}

static void append_field(const Field *field, GString *out)
{
    g_autoptr(GString) kind = g_string_new(NULL);
    g_autoptr(GString) notes = g_string_new(NULL);
    append_kind(field, kind);
    append_notes(field, notes);
    g_string_append_printf(out, "| %s%s%s | ", field->path == NULL ? "" : "`",
                           field->path == NULL ? "–" : field->path, field->path == NULL ? "" : "`");
    append_cell(out, field->attribute == NULL ? "–" : field->attribute);
    g_string_append(out, " | ");
    append_cell(out, kind->str);
    g_string_append(out, " | ");
    append_cell(out, notes->str);
    g_string_append(out, " |\n");
}

void map_docs(const Schema *schema, GString *markdown)
{
    for (const Element *const *place = schema->elements; *place != NULL; place++) {
        const Element *element = *place;
        g_string_append_printf(markdown, "\n## /%s%s%s", schema->root,
                               *element->path != '\0' ? "/" : "", element->path);
        if (element->select != NULL)
            g_string_append_printf(markdown, " with %s", element->select);
        g_string_append(markdown, "\n\n");
        if (element->about != NULL)
            g_string_append_printf(markdown, "%s\n\n", element->about);
        g_string_append_printf(markdown, "| XML | %s | kind | notes |\n|---|---|---|---|\n",
                               element->interface == NULL ? "VirtualBox" : element->interface);
        FIELDS(element, field)
        append_field(field, markdown);
    }
}

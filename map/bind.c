/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Binding: see bind.h.  Resolved once, by map_bind(); read-only afterwards. */
#include "map/bind.h"
#include "map/kind.h"
#include <string.h>

/* Field * or Element * → Binding *. */
static GHashTable *bindings;

/* --- resolving ----------------------------------------------------------------------------- */

static gboolean is_text(const Method *getter)
{
    return g_str_equal(getter->signature, ">s");
}

static gboolean is_value(const Method *getter)
{
    return getter->signature[0] == '>' && strlen(getter->signature) == 2 &&
           strchr("byhqiults", getter->signature[1]) != NULL;
}

/* One alternative: "platform.x86.HPETEnabled", from an interface. */
static gboolean resolve(const Interface *interface, const char *path, Binding *ret_binding)
{
    g_auto(GStrv) names = g_strsplit(path, ".", -1);
    Binding binding = {0};
    for (guint i = 0; names[i] != NULL; i++) {
        const Method *getter =
            interface == NULL ? NULL : method_find(interface, names[i], METHOD_GET);
        if (getter == NULL || !getter->callable)
            return FALSE;
        if (names[i + 1] == NULL) {
            binding.get = getter;
            binding.set = method_find(interface, names[i], METHOD_SET);
        } else if (binding.n_steps == BINDING_STEPS_MAX || !g_str_equal(getter->signature, ">o")) {
            return FALSE;
        } else {
            binding.steps[binding.n_steps++] = getter;
            interface = getter->params[0].interface;
        }
    }
    *ret_binding = binding;
    return binding.get != NULL && is_value(binding.get);
}

static void bind_path(gconstpointer row, const Interface *interface, const char *paths)
{
    g_auto(GStrv) alternatives = g_strsplit(paths, "|", -1);
    g_hash_table_remove(bindings, row);
    for (char **path = alternatives; *path != NULL; path++) {
        Binding binding;
        if (!resolve(interface, *path, &binding))
            continue;
        g_hash_table_insert(bindings, (gpointer)row, g_memdup2(&binding, sizeof binding));
        return;
    }
}

/* "/domain/devices/interface/model/@type"; of a row that the XML has not:
 * "/domain/devices/interface (cloudNetwork)". */
static char *row_place(const Schema *schema, const Element *element, const Field *field)
{
    const char *slash = *element->path == '\0' ? "" : "/";
    if (field->path == NULL)
        return g_strdup_printf("/%s%s%s (%s)", schema->root, slash, element->path,
                               field->attribute);
    return g_strdup_printf("/%s%s%s/%s", schema->root, slash, element->path, field->path);
}

/* "a", "a, b" */
static void append_listed(GString *list, const char *quote, const char *text)
{
    g_string_append_printf(list, "%s%s%s%s", list->len > 0 ? ", " : "", quote, text, quote);
}

static void check_words(const Field *field, const char *place, GString *report)
{
    g_autoptr(GString) words = g_string_new(NULL), constants = g_string_new(NULL);
    for (const Word *word = field->words; word->word != NULL; word++) {
        guint32 number;
        if (word->constant == NULL || vbox_enum_find(field->enum_type, word->constant, &number))
            continue;
        append_listed(words, "'", word->word);
        if (word == field->words || g_strcmp0(word->constant, word[-1].constant) != 0)
            append_listed(constants, "", word->constant); /* aliases stand together */
    }
    if (words->len > 0)
        g_string_append_printf(report, "%s: not %s, as there is no %s of %s\n", place, words->str,
                               constants->str, field->enum_type);
}

static void bind_field(const Schema *schema, const Element *element, const Field *field,
                       GString *report)
{
    g_autofree char *place = row_place(schema, element, field);
    if (field->attribute != NULL && field->get == NULL) {
        bind_path(field, typelib_find(vbox_typelib(), element->interface), field->attribute);
        if (binding_find(field) == NULL)
            g_string_append_printf(report, "%s: not at all, as %s has no %s\n", place,
                                   element->interface, field->attribute);
    }
    if (field->kind == &kind_word && field->enum_type != NULL)
        check_words(field, place, report);
}

static void bind_element(const Schema *schema, const Element *element, GString *report)
{
    FIELDS(element, field)
    bind_field(schema, element, field, report);
    if (element->enabled != NULL)
        bind_path(element, typelib_find(vbox_typelib(), element->interface), element->enabled);
}

gboolean map_bind(const Schema *schema, GString *report)
{
    if (bindings == NULL)
        bindings = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    gsize before = report->len;
    for (const Element *const *element = schema->elements; *element != NULL; element++)
        bind_element(schema, *element, report);
    return report->len == before;
}

const Binding *binding_find(const Field *field)
{
    return g_hash_table_lookup(bindings, field);
}

const Binding *binding_find_enabled(const Element *element)
{
    const Binding *binding = g_hash_table_lookup(bindings, element);
    if (binding == NULL)
        g_error("%s has no %s", element->interface, element->enabled);
    return binding;
}

/* --- calling ------------------------------------------------------------------------------- */

/* The object that has the attribute; NULL without an error: there is none.  Borrowed. */
static gboolean walk(const Binding *self, MapContext *context, Object *object, Object **ret_object,
                     GError **error)
{
    for (guint i = 0; i < self->n_steps && object != NULL; i++) {
        Object *next = map_cached(context, object, self->steps[i], 0);
        if (next == NULL) {
            if (!object_call(object, self->steps[i], error, &next))
                return FALSE;
            next = map_cache(context, object, self->steps[i], 0, next);
        }
        object = next;
    }
    *ret_object = object;
    return TRUE;
}

gboolean binding_get(const Binding *self, MapContext *context, Object *object, Value *ret_value,
                     gboolean *ret_there, GError **error)
{
    Object *owner = NULL;
    *ret_value = (Value){.is_text = is_text(self->get)};
    if (!walk(self, context, object, &owner, error))
        return FALSE;
    *ret_there = owner != NULL;
    if (owner == NULL)
        return TRUE;
    if (ret_value->is_text)
        return object_call(owner, self->get, error, &ret_value->text);
    return object_get_number(owner, self->get, &ret_value->number, error);
}

gboolean binding_set(const Binding *self, MapContext *context, Object *object, const Value *value,
                     GError **error)
{
    Object *owner = NULL;
    if (!walk(self, context, object, &owner, error))
        return FALSE;
    if (self->set == NULL || owner == NULL)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "it cannot be changed on this machine");
    if (!is_text(self->get))
        return object_set_number(
            owner, self->set,
            value->is_text ? g_ascii_strtoll(value->text, NULL, 10) : value->number, error);
    g_autofree char *text = value->is_text ? g_strdup(value->text)
                                           : g_strdup_printf("%" G_GINT64_FORMAT, value->number);
    return object_call(owner, self->set, error, text);
}

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
    for (char **path = alternatives; *path != NULL; path++) {
        Binding binding;
        if (!resolve(interface, *path, &binding))
            continue;
        g_hash_table_insert(bindings, (gpointer)row, g_memdup2(&binding, sizeof binding));
        return;
    }
}

static void check_words(const Field *field, const char *place, GString *report)
{
    for (const Word *word = field->words; word->word != NULL; word++) {
        guint32 number;
        if (word->constant != NULL && !vbox_enum_find(field->enum_type, word->constant, &number))
            g_string_append_printf(report, "%s: %s::%s\n", place, field->enum_type, word->constant);
    }
}

static void bind_element(const Schema *schema, const Element *element, GString *report)
{
    const Interface *interface = typelib_find(vbox_typelib(), element->interface);
    FIELDS(element, field)
    {
        if (field->attribute == NULL || field->get != NULL || field->set != NULL)
            continue;
        bind_path(field, interface, field->attribute);
        if (binding_find(field) == NULL)
            g_string_append_printf(report, "/%s/%s/%s: %s.%s\n", schema->root, element->path,
                                   field->path == NULL ? "" : field->path, element->interface,
                                   field->attribute);
    }
    FIELDS(element, field)
    {
        if (field->kind != &kind_word || field->enum_type == NULL)
            continue;
        g_autofree char *place = g_strdup_printf("/%s/%s/%s", schema->root, element->path,
                                                 field->path == NULL ? "" : field->path);
        check_words(field, place, report);
    }
    if (element->enabled != NULL)
        bind_path(element, interface, element->enabled);
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

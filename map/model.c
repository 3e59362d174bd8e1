/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Models: the items of one document. */
#include "map/kind.h"
#include <string.h>

struct Model {
    const Schema *schema;
    GPtrArray **items; /* one array an element, in the schema's order */
    GPtrArray *aside;  /* that were refused; others may still point at them */
};

gboolean words_have(const char *list, const char *word)
{
    gsize length = strlen(word);
    for (const char *at = list; at != NULL;) {
        if (strncmp(at, word, length) == 0 && (at[length] == '|' || at[length] == '\0'))
            return TRUE;
        const char *bar = strchr(at, '|');
        at = bar == NULL ? NULL : bar + 1;
    }
    return FALSE;
}

gboolean field_is_absent(const Field *field, const Item *item)
{
    g_autofree char *text = field->kind->format(field, field_member(field, item));
    return text == NULL;
}

gboolean field_is_said(const Field *field, const Item *item)
{
    g_autofree char *text = field->kind->format(field, field_member(field, item));
    const char *unsaid = field->kind == &kind_present ? "no" : field->fallback;
    return text != NULL && g_strcmp0(text, unsaid) != 0;
}

void field_clear(const Field *field, Item *item)
{
    gpointer member = field_member(field, item);
    if (field->kind->is_owned)
        g_free(*(char **)member);
    if (field->kind->is_number)
        *(gint64 *)member = NUMBER_ABSENT;
    else
        memset(member, 0, field->kind->size);
}

gboolean field_applies(const Field *field, const Item *item)
{
    if (field->when == NULL)
        return TRUE;
    FIELDS(item->element, other)
    {
        if (!other->key)
            continue;
        g_autofree char *word = other->kind->format(other, field_member(other, item));
        if (word != NULL && words_have(field->when, word))
            return TRUE;
    }
    return FALSE;
}

static void item_free(gpointer data)
{
    Item *item = data;
    if (item->element->clear != NULL)
        item->element->clear(item);
    FIELDS(item->element, field)
    if (field_has_member(field))
        field_clear(field, item);
    g_free(item);
}

Model *model_new(const Schema *schema)
{
    Model *self = g_new0(Model, 1);
    self->schema = schema;
    guint count = 0;
    while (schema->elements[count] != NULL)
        count++;
    self->items = g_new0(GPtrArray *, count + 1);
    for (guint i = 0; i < count; i++)
        self->items[i] = g_ptr_array_new_with_free_func(item_free);
    self->aside = g_ptr_array_new_with_free_func(item_free);
    return self;
}

void model_free(Model *self)
{
    if (self == NULL)
        return;
    for (GPtrArray **items = self->items; *items != NULL; items++)
        g_ptr_array_unref(*items);
    g_free(self->items);
    g_ptr_array_unref(self->aside);
    g_free(self);
}

const Schema *model_schema(const Model *self)
{
    return self->schema;
}

GPtrArray *model_items(Model *self, const Element *element)
{
    for (guint i = 0; self->schema->elements[i] != NULL; i++)
        if (self->schema->elements[i] == element)
            return self->items[i];
    g_error("%s is not an element of this schema", element->path);
}

gpointer model_first(Model *self, const Element *element)
{
    GPtrArray *items = model_items(self, element);
    return items->len > 0 ? g_ptr_array_index(items, 0) : NULL;
}

gpointer model_add(Model *self, const Element *element)
{
    Item *item = g_malloc0(element->size);
    item->schema = self->schema;
    item->element = element;
    item->slot = SLOT_NONE;
    FIELDS(element, field)
    if (field_has_member(field))
        field_clear(field, item);
    g_ptr_array_add(model_items(self, element), item);
    return item;
}

void model_set_aside(Model *self, Item *item)
{
    guint index;
    GPtrArray *items = model_items(self, item->element);
    if (g_ptr_array_find(items, item, &index))
        g_ptr_array_add(self->aside, g_ptr_array_steal_index(items, index));
}

const GPtrArray *model_aside(const Model *self)
{
    return self->aside;
}

char *item_path(const Item *item, const Field *field)
{
    GString *path = g_string_new("/");
    g_string_append(path, item->schema->root);
    if (*item->element->path != '\0')
        g_string_append_printf(path, "/%s", item->element->path);
    if (item->number > 0 && !item->is_only)
        g_string_append_printf(path, "[%u]", item->number);
    if (field != NULL && field->path != NULL && !g_str_equal(field->path, "."))
        g_string_append_printf(path, "/%s", field->path);
    return g_string_free(path, FALSE);
}

const Field *element_field(const Element *element, const char *path)
{
    FIELDS(element, field)
    if (g_strcmp0(field->path, path) == 0)
        return field;
    g_error("%s has no row %s", element->path, path);
}

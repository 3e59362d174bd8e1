/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Comparing: what a model asks of a machine that the machine is not yet. */
#include "map/context.h"
#include "map/kind.h"

/* Rows that only the XML has stand for others, which prepare() filled. */
static gboolean is_compared(const Field *field, const Item *item)
{
    return field_has_member(field) && !field->live &&
           (field->keep || field->attribute != NULL || field->get != NULL) &&
           field_applies(field, item);
}

/* A switch that is off is as good as none, and so is what a definition without it means. */
static gboolean says_nothing(const Field *field, const char *text)
{
    return text == NULL || g_strcmp0(text, field->fallback) == 0 ||
           (field->kind == &kind_present && g_str_equal(text, "no"));
}

/* What is absent in a definition stays as it is; but what is kept goes. */
static gboolean is_same(const Field *field, const Item *is, const Item *wanted)
{
    g_autofree char *has = field->kind->format(field, field_member(field, is));
    g_autofree char *wants = field->kind->format(field, field_member(field, wanted));
    if (g_strcmp0(has, wants) == 0 || (says_nothing(field, has) && says_nothing(field, wants)))
        return TRUE;
    return wants == NULL && !field->keep && !field->or_none;
}

static gboolean compare_items(const Item *is, const Item *wanted, MapDifference each, gpointer data,
                              GError **error)
{
    FIELDS(wanted->element, field)
    if (is_compared(field, wanted) && !is_same(field, is, wanted) &&
        !each(is, wanted, field, data, error))
        return FALSE;
    return TRUE;
}

static Item *find_group(GPtrArray *items, const Item *like)
{
    g_autofree char *group = context_group(like);
    for (guint i = 0; i < items->len; i++) {
        Item *item = g_ptr_array_index(items, i);
        g_autofree char *other = context_group(item);
        if (g_str_equal(group, other))
            return item;
    }
    return NULL;
}

static gboolean compare_element(Model *is, Model *wanted, const Element *element,
                                MapDifference each, gpointer data, GError **error)
{
    GPtrArray *old = model_items(is, element), *new = model_items(wanted, element);
    for (guint i = 0; i < new->len; i++) {
        Item *item = g_ptr_array_index(new, i), *same = find_group(old, item);
        if (same == NULL ? !each(NULL, item, NULL, data, error)
                         : !compare_items(same, item, each, data, error))
            return FALSE;
    }
    for (guint i = 0; i < old->len; i++) {
        Item *item = g_ptr_array_index(old, i);
        if (find_group(new, item) == NULL && !each(item, NULL, NULL, data, error))
            return FALSE;
    }
    return TRUE;
}

gboolean map_compare(Model *is, Model *wanted, MapDifference each, gpointer data, GError **error)
{
    for (const Element *const *element = model_schema(wanted)->elements; *element != NULL;
         element++)
        if (!compare_element(is, wanted, *element, each, data, error))
            return FALSE;
    return TRUE;
}

static void fill_item(Item *self, const Item *prepared)
{
    FIELDS(self->element, field)
    {
        if (!field->identity || !field_applies(field, self) || !field_is_absent(field, self))
            continue;
        g_autofree char *has = field->kind->format(field, field_member(field, prepared));
        if (has != NULL && !field->kind->parse(field, has, field_member(field, self), NULL))
            g_assert_not_reached();
    }
}

void map_fill(Model *self, Model *prepared)
{
    for (const Element *const *element = model_schema(self)->elements; *element != NULL;
         element++) {
        GPtrArray *items = model_items(self, *element), *others = model_items(prepared, *element);
        for (guint i = 0; i < MIN(items->len, others->len); i++)
            fill_item(g_ptr_array_index(items, i), g_ptr_array_index(others, i));
    }
}

/* --- which item is meant -------------------------------------------------------------------- */

/* A row of a device that says which one it is; without any, all rows that the XML has do. */
static gboolean is_identity(const Field *field, const Item *item, gboolean by_all)
{
    return field_has_member(field) && field->path != NULL && !field->live &&
           field_applies(field, item) && (by_all || field->identity) &&
           !field_is_absent(field, item);
}

static gboolean is_match(const Item *item, const Item *like, gboolean by_all)
{
    FIELDS(like->element, field)
    {
        if (!is_identity(field, like, by_all))
            continue;
        g_autofree char *wants = field->kind->format(field, field_member(field, like));
        g_autofree char *has = field->kind->format(field, field_member(field, item));
        if (g_strcmp0(has, wants) != 0)
            return FALSE;
    }
    return TRUE;
}

GPtrArray *map_match(Model *model, const Item *like, gboolean *ret_by_identity)
{
    GPtrArray *found = g_ptr_array_new(), *items = model_items(model, like->element);
    *ret_by_identity = FALSE;
    FIELDS(like->element, field)
    if (is_identity(field, like, FALSE))
        *ret_by_identity = TRUE;
    for (guint i = 0; i < items->len; i++)
        if (is_match(g_ptr_array_index(items, i), like, !*ret_by_identity))
            g_ptr_array_add(found, g_ptr_array_index(items, i));
    return found;
}

char *item_text(const Item *item, const char *path)
{
    FIELDS(item->element, field)
    if (field_has_member(field) && g_strcmp0(field->path, path) == 0 &&
        !field_is_absent(field, item))
        return field->kind->format(field, field_member(field, item));
    return NULL;
}

Item *map_find_item(Model *model, const char *path, const char *text)
{
    for (const Element *const *element = model_schema(model)->elements; *element != NULL;
         element++) {
        GPtrArray *items = model_items(model, *element);
        for (guint i = 0; i < items->len; i++) {
            g_autofree char *has = item_text(g_ptr_array_index(items, i), path);
            if (g_strcmp0(has, text) == 0)
                return g_ptr_array_index(items, i);
        }
    }
    return NULL;
}

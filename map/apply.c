/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Applying and reading: between items and VirtualBox. */
#include "map/bind.h"
#include "map/context.h"
#include "map/kind.h"

static gboolean fail_at(const Item *item, const Field *field, GError **error)
{
    g_autofree char *path = item_path(item, field);
    g_prefix_error(error, "%s: ", path);
    return FALSE;
}

static gboolean is_bound(const Field *field)
{
    return field->get != NULL || field->set != NULL || binding_find(field) != NULL;
}

/* What VirtualBox has; ret_there FALSE: it has no such thing. */
static gboolean field_get(MapContext *context, Object *object, const Field *field, Value *ret_value,
                          gboolean *ret_there, GError **error)
{
    *ret_value = (Value){0};
    *ret_there = TRUE;
    if (field->get != NULL) {
        gboolean is_good = field->get(context, object, field, ret_value, error);
        *ret_there = is_good && !ret_value->is_absent;
        return is_good;
    }
    const Binding *binding = binding_find(field);
    if (binding != NULL)
        return binding_get(binding, context, object, ret_value, ret_there, error);
    *ret_there = FALSE;
    return TRUE;
}

/* --- reading ------------------------------------------------------------------------------- */

static gboolean read_kept(MapContext *context, Item *item, const Field *field, GError **error)
{
    GKeyFile *kept = context_kept(context, error);
    if (kept == NULL)
        return FALSE;
    g_autofree char *group = context_group(item);
    g_autofree char *key = context_key(field);
    g_autofree char *text = g_key_file_get_string(kept, group, key, NULL);
    if (text == NULL)
        text = g_strdup(field->fallback);
    if (text == NULL)
        return TRUE;
    hits_count(field, MAP_READ);
    /* A word that another version kept, and this one does not know, is as good as none. */
    g_autoptr(GError) failure = NULL;
    if (!field->kind->parse(field, text, field_member(field, item), &failure))
        g_debug("%s of %s: %s", field->path, group, failure->message);
    return TRUE;
}

static gboolean read_field(MapContext *context, Item *item, const Field *field, Object *object,
                           GError **error)
{
    if (field->attribute == NULL && field->get == NULL)
        return TRUE;
    g_auto(Value) value = {0};
    gboolean is_there;
    if (!field_get(context, object, field, &value, &is_there, error))
        return fail_at(item, field, error);
    if (!is_there)
        return TRUE;
    hits_count(field, MAP_READ);
    field->kind->from_value(field, &value, field_member(field, item));
    return TRUE;
}

gboolean map_read_item(MapContext *self, Item *item, Object *object, GError **error)
{
    /* KEY rows first; kept ones last, when what names the item's group is known. */
    FIELDS(item->element, field)
    if (field->key && !field->keep && !read_field(self, item, field, object, error))
        return FALSE;
    FIELDS(item->element, field)
    if (field_has_member(field) && !field->key && !field->keep && field_applies(field, item) &&
        !read_field(self, item, field, object, error))
        return FALSE;
    FIELDS(item->element, field)
    if (field->keep && field_applies(field, item) && !read_kept(self, item, field, error))
        return FALSE;
    return item->element->finish == NULL || item->element->finish(self, item, error);
}

static gboolean slot_is_enabled(MapContext *self, const Element *element, Object *object,
                                gboolean *ret_enabled, GError **error)
{
    *ret_enabled = TRUE;
    if (element->enabled == NULL)
        return TRUE;
    g_auto(Value) value = {0};
    gboolean is_there;
    if (!binding_get(binding_find_enabled(element), self, object, &value, &is_there, error))
        return FALSE;
    *ret_enabled = is_there && value.number != 0;
    return TRUE;
}

static gboolean read_slots(MapContext *self, const Element *element, GError **error)
{
    guint count = 0;
    if (!element->slots(self, &count, error))
        return FALSE;
    for (guint slot = 0; slot < count; slot++) {
        Object *object = map_slot(self, element, slot, error);
        gboolean is_enabled;
        if (object == NULL || !slot_is_enabled(self, element, object, &is_enabled, error))
            return FALSE;
        if (!is_enabled)
            continue;
        Item *item = model_add(map_model(self), element);
        item->slot = slot;
        if (!map_read_item(self, item, object, error))
            return FALSE;
    }
    return TRUE;
}

gboolean map_read(MapContext *self, GError **error)
{
    Model *model = map_model(self);
    for (const Element *const *place = model_schema(model)->elements; *place != NULL; place++) {
        const Element *element = *place;
        gboolean is_good = TRUE;
        if (element->read != NULL)
            is_good = element->read(self, model_items(model, element), error);
        else if (element->single)
            is_good = map_read_item(self, model_add(model, element), map_machine(self), error);
        else if (element->slot != NULL)
            is_good = read_slots(self, element, error);
        if (!is_good)
            return FALSE;
    }
    return TRUE;
}

/* --- preparing ----------------------------------------------------------------------------- */

/* Whether VirtualBox can take the value at all: it has the attribute, the word. */
static gboolean check_field(const Item *item, const Field *field, GError **error)
{
    if (field->keep || (field->attribute == NULL && field->set == NULL))
        return TRUE;
    g_autofree char *text = field->kind->format(field, field_member(field, item));
    if (text == NULL)
        return TRUE;
    if (!is_bound(field)) {
        if (g_strcmp0(text, field->fallback) == 0 || field->kind == &kind_present)
            return TRUE;
        guint version = vbox_version();
        (void)fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "VirtualBox %u.%u.%u has no %s",
                   version / 1000000, version / 1000 % 1000, version % 1000, field->attribute);
        return fail_at(item, field, error);
    }
    g_auto(Value) value = {0};
    return field->kind->to_value(field, field_member(field, item), &value, error) ||
           fail_at(item, field, error);
}

static gboolean check_items(const GPtrArray *items, GError **error)
{
    g_autoptr(Refusals) refusals = refusals_new();
    for (guint i = 0; i < items->len; i++) {
        const Item *item = g_ptr_array_index(items, i);
        GError *reason = NULL;
        FIELDS(item->element, field)
        if (field_has_member(field) && field_applies(field, item))
            refusals_note(refusals, check_field(item, field, &reason), &reason);
    }
    return refusals_tell(refusals, error);
}

static void look_at(MapContext *self, const GPtrArray *items, Refusals *refusals)
{
    for (guint i = 0; i < items->len; i++) {
        Item *item = g_ptr_array_index(items, i);
        GError *reason = NULL;
        if (item->element->look != NULL)
            refusals_note(refusals, item->element->look(self, item, &reason), &reason);
    }
}

/* Those that a check refused may be wrong in this way, too. */
void map_look(MapContext *self, Refusals *refusals)
{
    Model *model = map_model(self);
    for (const Element *const *place = model_schema(model)->elements; *place != NULL; place++) {
        const GPtrArray *items = model_items(model, *place);
        GError *reason = NULL;
        refusals_note(refusals, check_items(items, &reason), &reason);
        look_at(self, items, refusals);
    }
    look_at(self, model_aside(model), refusals);
}

static Item *item_of_slot(const GPtrArray *items, guint slot)
{
    for (guint i = 0; i < items->len; i++) {
        Item *item = g_ptr_array_index(items, i);
        if (item->slot == slot)
            return item;
    }
    return NULL;
}

gboolean map_place(MapContext *self, GPtrArray *items, GError **error)
{
    guint count = 0;
    for (guint i = 0; i < items->len; i++) {
        Item *item = g_ptr_array_index(items, i);
        if (count == 0 && !item->element->slots(self, &count, error))
            return FALSE;
        for (guint slot = 0; slot < count && item->slot == SLOT_NONE; slot++)
            if (item_of_slot(items, slot) == NULL)
                item->slot = slot;
        if (item->slot >= count) {
            (void)fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "VirtualBox has only %u of them", count);
            return fail_at(item, NULL, error);
        }
        if (item_of_slot(items, item->slot) != item) {
            (void)fail(error, VIR_ERR_XML_ERROR, "another one is in slot %u", item->slot);
            return fail_at(item, NULL, error);
        }
    }
    return TRUE;
}

gboolean map_prepare(MapContext *self, GError **error)
{
    Model *model = map_model(self);
    g_autoptr(Refusals) refusals = refusals_new();
    map_look(self, refusals);
    if (!refusals_tell(refusals, error))
        return FALSE;
    for (const Element *const *place = model_schema(model)->elements; *place != NULL; place++) {
        const Element *element = *place;
        GPtrArray *items = model_items(model, element);
        gboolean is_good = TRUE;
        if (element->prepare != NULL)
            is_good = element->prepare(self, items, error);
        else if (element->slot != NULL)
            is_good = map_place(self, items, error);
        if (!is_good || !check_items(items, error))
            return FALSE;
    }
    return TRUE;
}

/* --- applying ------------------------------------------------------------------------------ */

/* Whether VirtualBox has that value already, as the XML would say it. */
static gboolean is_same(const Field *field, const Item *item, const Value *have)
{
    union { /* what members are made of */
        gint64 number;
        char *text;
        Switch state;
    } other = {0};
    if (field->kind->is_number)
        other.number = NUMBER_ABSENT;
    field->kind->from_value(field, have, &other);
    g_autofree char *has = field->kind->format(field, &other);
    g_autofree char *wants = field->kind->format(field, field_member(field, item));
    if (field->kind->is_owned)
        g_free(other.text);
    return g_strcmp0(has, wants) == 0;
}

static gboolean set_field(MapContext *self, Object *object, const Field *field, const Item *item,
                          GError **error)
{
    g_auto(Value) value = {0};
    if (!field->kind->to_value(field, field_member(field, item), &value, error))
        return FALSE;
    if (field->set != NULL)
        return field->set(self, object, field, &value, error);
    const Binding *binding = binding_find(field);
    return binding == NULL || binding_set(binding, self, object, &value, error);
}

static gboolean apply_field(MapContext *self, Item *item, const Field *field, Object *object,
                            GError **error)
{
    if (field->attribute == NULL && field->set == NULL)
        return TRUE;
    if (field_is_absent(field, item))
        return TRUE;
    g_auto(Value) have = {0};
    gboolean is_there;
    if (!field_get(self, object, field, &have, &is_there, error))
        return fail_at(item, field, error);
    hits_count(field, MAP_APPLY);
    if (!is_there || is_same(field, item, &have))
        return TRUE;
    return set_field(self, object, field, item, error) || fail_at(item, field, error);
}

gboolean map_apply_item(MapContext *self, Item *item, Object *object, GError **error)
{
    FIELDS(item->element, field)
    if (field_has_member(field) && !field->keep && field_applies(field, item) &&
        !apply_field(self, item, field, object, error))
        return FALSE;
    return TRUE;
}

static gboolean set_slot_enabled(MapContext *self, const Element *element, Object *object,
                                 gboolean wanted, GError **error)
{
    gboolean is_enabled;
    if (!slot_is_enabled(self, element, object, &is_enabled, error))
        return FALSE;
    if (is_enabled == wanted || element->enabled == NULL)
        return TRUE;
    return binding_set(binding_find_enabled(element), self, object, &(Value){.number = wanted},
                       error);
}

static gboolean apply_slots(MapContext *self, const Element *element, GPtrArray *items,
                            GError **error)
{
    guint count = 0;
    if (!element->slots(self, &count, error))
        return FALSE;
    for (guint slot = 0; slot < count; slot++) {
        Item *item = item_of_slot(items, slot);
        if (item == NULL && element->enabled == NULL)
            continue;
        Object *object = map_slot(self, element, slot, error);
        if (object == NULL || (item != NULL && !map_apply_item(self, item, object, error)) ||
            !set_slot_enabled(self, element, object, item != NULL, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean apply_element(MapContext *self, const Element *element, GError **error)
{
    GPtrArray *items = model_items(map_model(self), element);
    if (element->apply != NULL)
        return element->apply(self, items, error);
    if (element->single)
        return map_apply_item(self, g_ptr_array_index(items, 0), map_machine(self), error);
    return element->slot == NULL || apply_slots(self, element, items, error);
}

static gboolean is_chosen(const Element *element, const GPtrArray *elements)
{
    for (guint i = 0; elements != NULL && i < elements->len; i++) {
        const Element *other = g_ptr_array_index(elements, i);
        if (other == element || (other->late != 0 && other->late == element->late))
            return TRUE;
    }
    return elements == NULL;
}

gboolean map_apply_some(MapContext *self, const GPtrArray *elements, GError **error)
{
    for (guint late = 0; late <= LAST; late++)
        for (const Element *const *place = model_schema(map_model(self))->elements; *place != NULL;
             place++)
            if ((*place)->late == late && is_chosen(*place, elements) &&
                !apply_element(self, *place, error))
                return FALSE;
    return TRUE;
}

gboolean map_apply(MapContext *self, GError **error)
{
    return map_apply_some(self, NULL, error);
}

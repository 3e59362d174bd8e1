/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Context: the machine, the objects that were fetched, what is kept, what to undo. */
#include "map/context.h"
#include "map/kind.h"
#include "vbox/machine.h"
#include <string.h>

typedef struct Cached {
    Object *from; /* a reference: its address stays its own */
    gconstpointer tag;
    guint number;
    Object *object;
} Cached;

typedef struct Ending {
    gboolean on_success;
    void (*action)(gpointer data);
    gpointer data;
    GDestroyNotify free;
} Ending;

struct MapContext {
    Model *model;
    Object *machine; /* NULL: yet to be made */
    GArray *cache, *endings;
    GKeyFile *kept;
    GData *data;
};

static void cached_clear(gpointer data)
{
    Cached *cached = data;
    object_unref(cached->from);
    object_unref(cached->object);
}

static void ending_clear(gpointer data)
{
    Ending *ending = data;
    if (ending->free != NULL)
        ending->free(ending->data);
}

MapContext *map_context_new(Model *model, Object *machine)
{
    MapContext *self = g_new0(MapContext, 1);
    self->model = model;
    self->machine = machine == NULL ? NULL : object_ref(machine);
    self->cache = g_array_new(FALSE, FALSE, sizeof(Cached));
    g_array_set_clear_func(self->cache, cached_clear);
    self->endings = g_array_new(FALSE, FALSE, sizeof(Ending));
    g_array_set_clear_func(self->endings, ending_clear);
    g_datalist_init(&self->data);
    return self;
}

/* Runs the actions of one outcome, the last first, and forgets all. */
static void end(MapContext *self, gboolean is_success)
{
    for (guint i = self->endings->len; i > 0; i--) {
        const Ending *ending = &g_array_index(self->endings, Ending, i - 1);
        if (ending->on_success == is_success)
            ending->action(ending->data);
    }
    g_array_set_size(self->endings, 0);
}

void map_context_free(MapContext *self)
{
    if (self == NULL)
        return;
    g_array_unref(self->cache);
    end(self, FALSE);
    g_array_unref(self->endings);
    g_datalist_clear(&self->data);
    g_clear_pointer(&self->kept, g_key_file_unref);
    object_unref(self->machine);
    g_free(self);
}

Object *map_machine(const MapContext *self)
{
    return self->machine;
}

void map_context_set_machine(MapContext *self, Object *machine)
{
    g_array_set_size(self->cache, 0);
    Object *old = self->machine;
    self->machine = machine == NULL ? NULL : object_ref(machine);
    object_unref(old);
}

Model *map_model(const MapContext *self)
{
    return self->model;
}

void map_on_failure(MapContext *self, void (*action)(gpointer data), gpointer data,
                    GDestroyNotify free)
{
    g_array_append_val(self->endings, ((Ending){FALSE, action, data, free}));
}

void map_on_success(MapContext *self, void (*action)(gpointer data), gpointer data,
                    GDestroyNotify free)
{
    g_array_append_val(self->endings, ((Ending){TRUE, action, data, free}));
}

void map_commit(MapContext *self)
{
    end(self, TRUE);
}

gpointer map_data(MapContext *self, const char *key)
{
    return g_datalist_get_data(&self->data, key);
}

void map_set_data(MapContext *self, const char *key, gpointer data, GDestroyNotify free)
{
    g_datalist_set_data_full(&self->data, key, data, free);
}

Object *map_cached(MapContext *self, Object *from, gconstpointer tag, guint number)
{
    for (guint i = 0; i < self->cache->len; i++) {
        const Cached *cached = &g_array_index(self->cache, Cached, i);
        if (cached->from == from && cached->tag == tag && cached->number == number)
            return cached->object;
    }
    return NULL;
}

Object *map_cache(MapContext *self, Object *from, gconstpointer tag, guint number, Object *object)
{
    if (object == NULL)
        return NULL;
    Cached cached = {object_ref(from), tag, number, object};
    g_array_append_val(self->cache, cached);
    return object;
}

gboolean map_object(MapContext *self, Object *from, VboxName getter, Object **ret_object,
                    GError **error)
{
    Object *object = map_cached(self, from, &self->cache, (guint)getter);
    if (object == NULL) {
        if (!vbox_call(from, getter, error, &object))
            return FALSE;
        object = map_cache(self, from, &self->cache, (guint)getter, object);
    }
    *ret_object = object;
    return TRUE;
}

Object *map_slot(MapContext *self, const Element *element, guint slot, GError **error)
{
    Object *object = map_cached(self, self->machine, element, slot);
    if (object != NULL)
        return object;
    return map_cache(self, self->machine, element, slot, element->slot(self, slot, error));
}

/* --- what is kept -------------------------------------------------------------------------- */

char *context_group(const Item *item)
{
    const Element *element = item->element;
    if (element->name != NULL)
        return element->name(item);
    const char *last = strrchr(element->path, '/');
    const char *noun = last != NULL ? last + 1 : element->path;
    if (element->single)
        return g_strdup(*noun == '\0' ? item->schema->root : noun);
    return g_strdup_printf("%s %u", noun, item->slot);
}

GKeyFile *context_kept(MapContext *self, GError **error)
{
    if (self->kept != NULL)
        return self->kept;
    g_autoptr(GKeyFile) kept = g_key_file_new();
    if (self->machine != NULL) {
        g_autofree char *text =
            extra_data_get(self->machine, model_schema(self->model)->store, error);
        if (text == NULL)
            return NULL;
        /* Somebody else's text under our key is as good as none. */
        g_autoptr(GError) failure = NULL;
        if (*text != '\0' &&
            !g_key_file_load_from_data(kept, text, (gsize)-1, G_KEY_FILE_NONE, &failure))
            g_debug("%s is not ours: %s", model_schema(self->model)->store, failure->message);
    }
    self->kept = g_steal_pointer(&kept);
    return self->kept;
}

/* A row's path, without the characters that mean something else in such a file. */
char *context_key(const Field *field)
{
    char *key = g_strdup(field->path);
    return g_strdelimit(g_strdelimit(g_strdelimit(key, "[", '('), "]", ')'), "=", ':');
}

static void keep_item(GKeyFile *kept, const Item *item)
{
    g_autofree char *group = context_group(item);
    FIELDS(item->element, field)
    {
        if (!field->keep || !field_applies(field, item))
            continue;
        g_autofree char *text = field->kind->format(field, field_member(field, item));
        if (text == NULL || g_strcmp0(text, field->fallback) == 0)
            continue;
        g_autofree char *key = context_key(field);
        g_key_file_set_string(kept, group, key, text);
        hits_count(field, MAP_APPLY);
    }
}

static gint compare_groups(gconstpointer first, gconstpointer second)
{
    return strcmp(*(char *const *)first, *(char *const *)second);
}

/* The same text for the same content: implied items may come in another order the next time. */
static char *kept_text(GKeyFile *kept)
{
    gsize count = 0;
    g_autoptr(GKeyFile) sorted = g_key_file_new();
    g_auto(GStrv) groups = g_key_file_get_groups(kept, &count);
    qsort(groups, count, sizeof(*groups), compare_groups);
    for (char **group = groups; *group != NULL; group++) {
        g_auto(GStrv) keys = g_key_file_get_keys(kept, *group, NULL, NULL);
        for (char **key = keys; *key != NULL; key++) {
            g_autofree char *value = g_key_file_get_value(kept, *group, *key, NULL);
            g_key_file_set_value(sorted, *group, *key, value);
        }
    }
    return g_key_file_to_data(sorted, NULL, NULL);
}

gboolean map_keep(MapContext *self, gboolean *ret_saved, GError **error)
{
    const Schema *schema = model_schema(self->model);
    g_autoptr(GKeyFile) kept = g_key_file_new();
    for (const Element *const *element = schema->elements; *element != NULL; element++) {
        GPtrArray *items = model_items(self->model, *element);
        for (guint i = 0; i < items->len; i++)
            keep_item(kept, g_ptr_array_index(items, i));
    }
    g_autofree char *old = extra_data_get(self->machine, schema->store, error);
    if (old == NULL)
        return FALSE;
    g_autofree char *new = kept_text(kept);
    *ret_saved = !g_str_equal(old, new);
    return !*ret_saved || extra_data_set(self->machine, schema->store, new, error);
}

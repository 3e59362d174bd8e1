/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bag: see bag.h.  Here is what objects have; how they are called is in bag_call.c. */
#include "tests/unit/versions/bag.h"
#include <string.h>
#include "tests/unit/versions/bag_call.h"

BagWorld world;

static GPtrArray *bags; /* all of them */

static void cell_free(gpointer data)
{
    Cell *self = data;
    g_free(self->text);
    g_clear_pointer(&self->list, g_ptr_array_unref);
    g_clear_pointer(&self->numbers, g_array_unref);
    g_free(self);
}

Bag *bag_new(const char *interface, Bag *whole)
{
    const Interface *type = typelib_find(world.typelib, interface);
    if (type == NULL)
        g_error("the type library has no %s", interface);
    Bag *self = g_new0(Bag, 1);
    self->interface = type;
    self->whole = whole;
    self->fake.table = bag_table(type);
    const Interface *each = type;
    for (guint i = 0; i < G_N_ELEMENTS(self->fake.interfaces) && each != NULL; i++) {
        self->fake.interfaces[i] = each->name;
        each = each->parent;
    }
    self->cells = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, cell_free);
    if (bags == NULL)
        bags = g_ptr_array_new();
    g_ptr_array_add(bags, self);
    return self;
}

static void bag_free(Bag *self)
{
    if (self->fake.refs != 0)
        g_error("%d references to an object of %s are left", self->fake.refs,
                self->interface->name);
    g_hash_table_unref(self->cells);
    g_free(self);
}

void bags_clear(void)
{
    g_autoptr(GPtrArray) old = g_steal_pointer(&bags);
    bags = g_ptr_array_new();
    for (guint i = 0; old != NULL && i < old->len; i++) {
        Bag *bag = g_ptr_array_index(old, i);
        if (bag->is_lasting) {
            g_hash_table_remove_all(bag->cells);
            g_ptr_array_add(bags, bag);
        } else {
            bag_free(bag);
        }
    }
}

void bags_free(void)
{
    for (guint i = 0; i < bags->len; i++)
        bag_free(g_ptr_array_index(bags, i));
    g_clear_pointer(&bags, g_ptr_array_unref);
    bag_tables_free();
    g_clear_pointer(&world.failed, g_free);
    g_string_free(g_steal_pointer(&world.changes), TRUE);
}

/* --- cells --------------------------------------------------------------------------------- */

Cell *bag_cell(Bag *self, const char *key)
{
    Cell *cell = g_hash_table_lookup(self->cells, key);
    if (cell == NULL) {
        cell = g_new0(Cell, 1);
        g_hash_table_insert(self->cells, g_strdup(key), cell);
    }
    return cell;
}

gint64 bag_number(Bag *self, const char *key)
{
    return bag_cell(self, key)->number;
}

void bag_set_number(Bag *self, const char *key, gint64 value)
{
    bag_cell(self, key)->number = value;
}

const char *bag_text(Bag *self, const char *key)
{
    const char *text = bag_cell(self, key)->text;
    return text == NULL ? "" : text;
}

void bag_set_text(Bag *self, const char *key, const char *value)
{
    Cell *cell = bag_cell(self, key);
    char *copy = g_strdup(value);
    g_free(cell->text);
    cell->text = copy;
}

Bag *bag_object(Bag *self, const char *key)
{
    return bag_cell(self, key)->object;
}

void bag_set_object(Bag *self, const char *key, Bag *object)
{
    Cell *cell = bag_cell(self, key);
    cell->object = object;
    cell->is_object = TRUE;
}

GPtrArray *bag_list(Bag *self, const char *key)
{
    Cell *cell = bag_cell(self, key);
    if (cell->list == NULL)
        cell->list = g_ptr_array_new();
    return cell->list;
}

void bag_set_numbers(Bag *self, const char *key, const char *numbers)
{
    Cell *cell = bag_cell(self, key);
    g_auto(GStrv) words = g_strsplit(numbers, " ", -1);
    g_clear_pointer(&cell->numbers, g_array_unref);
    cell->numbers = g_array_new(FALSE, FALSE, sizeof(guint32));
    for (char **word = words; *word != NULL; word++) {
        guint32 number = (guint32)g_ascii_strtoull(*word, NULL, 10);
        g_array_append_val(cell->numbers, number);
    }
}

static int compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *bag_keys(Bag *self, const char *prefix)
{
    GPtrArray *keys = g_ptr_array_new();
    GHashTableIter iterator;
    gpointer key;
    g_hash_table_iter_init(&iterator, self->cells);
    while (g_hash_table_iter_next(&iterator, &key, NULL))
        if (g_str_has_prefix(key, prefix))
            g_ptr_array_add(keys, (char *)key + strlen(prefix));
    g_ptr_array_sort(keys, compare_texts);
    return keys;
}

GPtrArray *bag_names(Bag *self, const char *prefix)
{
    g_autoptr(GPtrArray) keys = bag_keys(self, prefix);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < keys->len; i++)
        g_ptr_array_add(names, g_strndup(keys->pdata[i], strlen(keys->pdata[i]) - 1));
    return names;
}

Bag *bag_find(const GPtrArray *list, const char *key, const char *text)
{
    for (guint i = 0; i < list->len; i++)
        if (g_str_equal(bag_text(g_ptr_array_index(list, i), key), text))
            return g_ptr_array_index(list, i);
    return NULL;
}

/* --- all of it ----------------------------------------------------------------------------- */

/* A part is copied, what is only referred to is shared. */
static Bag *adopt(Bag *self, const Bag *other, Bag *object)
{
    if (object == NULL || object->whole != other)
        return object;
    Bag *copy = bag_new(object->interface->name, self);
    bag_assign(copy, object);
    return copy;
}

void bag_assign(Bag *self, Bag *other)
{
    g_hash_table_remove_all(self->cells);
    GHashTableIter iterator;
    gpointer key, value;
    g_hash_table_iter_init(&iterator, other->cells);
    while (g_hash_table_iter_next(&iterator, &key, &value)) {
        const Cell *cell = value;
        Cell *copy = bag_cell(self, key);
        copy->number = cell->number;
        copy->text = g_strdup(cell->text);
        copy->is_object = cell->is_object;
        copy->object = adopt(self, other, cell->object);
        copy->numbers = cell->numbers == NULL ? NULL : g_array_ref(cell->numbers);
        for (guint i = 0; cell->list != NULL && i < cell->list->len; i++)
            g_ptr_array_add(bag_list(self, key), adopt(self, other, cell->list->pdata[i]));
    }
}

static void print_object(Bag *self, Bag *object, const char *path, GString *lines)
{
    if (object != NULL && object->whole == self)
        bag_print(object, path, lines);
    else if (object != NULL)
        g_string_append_printf(lines, "%s is %s%s\n", path, bag_text(object, "name"),
                               bag_text(object, "location"));
}

void bag_print(Bag *self, const char *path, GString *lines)
{
    g_autoptr(GPtrArray) keys = bag_keys(self, "");
    for (guint i = 0; i < keys->len; i++) {
        const char *key = g_ptr_array_index(keys, i);
        const Cell *cell = bag_cell(self, key);
        g_autofree char *place = g_strdup_printf("%s.%s", path, key);
        if (cell->number != 0)
            g_string_append_printf(lines, "%s = %" G_GINT64_FORMAT "\n", place, cell->number);
        if (cell->text != NULL && *cell->text != '\0')
            g_string_append_printf(lines, "%s = '%s'\n", place, cell->text);
        print_object(self, cell->object, place, lines);
        for (guint j = 0; cell->list != NULL && j < cell->list->len; j++) {
            g_autofree char *item = g_strdup_printf("%s[%u]", place, j);
            print_object(self, g_ptr_array_index(cell->list, j), item, lines);
        }
    }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Builder: see builder.h.  It shares nothing with the reader but the format. */
#include <string.h>
#include "tests/unit/xpcom/builder.h"
#include "xpcom/typelib.h"

#define HEADER_BYTES 32
#define ENTRY_BYTES 28

typedef struct Entry {
    char *name;
    char *parent;
    gboolean is_begun;
    guint n_methods, n_constants;
    GByteArray *methods, *constants;
} Entry;

struct Builder {
    GPtrArray *entries;
    Entry *current;
    GByteArray *names; /* the first part of the data pool */
};

static void entry_free(gpointer data)
{
    Entry *self = data;
    g_free(self->name);
    g_free(self->parent);
    g_byte_array_unref(self->methods);
    g_byte_array_unref(self->constants);
    g_free(self);
}

Builder *builder_new(void)
{
    Builder *self = g_new0(Builder, 1);
    self->entries = g_ptr_array_new_with_free_func(entry_free);
    self->names = g_byte_array_new();
    return self;
}

void builder_free(Builder *self)
{
    g_ptr_array_unref(self->entries);
    g_byte_array_unref(self->names);
    g_free(self);
}

static void put(GByteArray *bytes, guint64 value, guint width)
{
    while (width-- > 0) {
        guint8 byte = (guint8)(value >> (8 * width));
        g_byte_array_append(bytes, &byte, 1);
    }
}

/* Adds a name to the pool; its 1-based offset. */
static guint32 put_name(Builder *self, const char *name)
{
    guint32 offset = self->names->len + 1;
    g_byte_array_append(self->names, (const guint8 *)name, (guint)strlen(name) + 1);
    return offset;
}

/* The entry's 1-based index, made when there is none; 0 for no name. */
static guint entry_index(Builder *self, const char *name)
{
    if (name == NULL)
        return 0;
    for (guint i = 0; i < self->entries->len; i++) {
        const Entry *entry = g_ptr_array_index(self->entries, i);
        if (g_str_equal(entry->name, name))
            return i + 1;
    }
    Entry *entry = g_new0(Entry, 1);
    entry->name = g_strdup(name);
    entry->methods = g_byte_array_new();
    entry->constants = g_byte_array_new();
    g_ptr_array_add(self->entries, entry);
    return self->entries->len;
}

void builder_interface(Builder *self, const char *name, const char *parent)
{
    guint index = entry_index(self, name);
    self->current = g_ptr_array_index(self->entries, index - 1);
    self->current->is_begun = TRUE;
    self->current->parent = g_strdup(parent);
    entry_index(self, parent);
}

static guint8 letter_type(char letter)
{
    static const struct {
        char letter;
        guint8 type; /* with the flag of a pointer */
    } types[] = {
        {'b', TYPE_BOOL},          {'y', TYPE_UINT8},        {'Y', TYPE_INT8},
        {'h', TYPE_INT16},         {'q', TYPE_UINT16},       {'i', TYPE_INT32},
        {'u', TYPE_UINT32},        {'l', TYPE_INT64},        {'t', TYPE_UINT64},
        {'s', TYPE_WSTRING | 128}, {'S', TYPE_STRING | 128}, {'o', TYPE_INTERFACE | 128},
        {'F', TYPE_FLOAT},         {'D', TYPE_DOUBLE},       {'N', TYPE_IID | 128},
        {'V', TYPE_VOID | 128},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        if (types[i].letter == letter)
            return types[i].type;
    }
    g_error("the builder knows no type '%c'", letter);
}

static guint8 param_flags(char first)
{
    return first == '>' ? 0x40 : first == '=' ? 0xc0 : 0x80;
}

/* One parameter, two when it is an array; how many. */
static guint put_param(Builder *self, const char *param, guint index)
{
    GByteArray *bytes = self->current->methods;
    guint8 flags = param_flags(*param);
    guint n = 1;
    param += flags != 0x80 ? 1 : 0;
    if (*param == 'a') {
        put(bytes, flags, 1);
        put(bytes, TYPE_UINT32, 1);
        n = 2;
    }
    put(bytes, flags, 1);
    if (*param == 'a' || *param == 'A') {
        guint count = *param == 'a' ? index : 0;
        put(bytes, TYPE_ARRAY | 128, 1);
        put(bytes, count, 1);
        put(bytes, count, 1);
        param++;
    }
    put(bytes, letter_type(*param), 1);
    if (*param == 'o')
        put(bytes, entry_index(self, param + 1), 2);
    return n;
}

void builder_method(Builder *self, guint8 flags, const char *name, const char *params)
{
    GByteArray *bytes = self->current->methods;
    put(bytes, flags, 1);
    put(bytes, put_name(self, name), 4);
    guint count_at = bytes->len;
    put(bytes, 0, 1);
    g_auto(GStrv) words = g_strsplit(params, " ", -1);
    guint n = 0;
    for (guint i = 0; words[i] != NULL; i++) {
        if (*words[i] != '\0')
            n += put_param(self, words[i], n);
    }
    bytes->data[count_at] = (guint8)n;
    put(bytes, 0, 1);
    put(bytes, TYPE_UINT32, 1); /* the nsresult */
    self->current->n_methods++;
}

void builder_constant(Builder *self, const char *name, guint8 tag, gint64 value)
{
    static const guint8 widths[] = {
        [TYPE_INT8] = 1,  [TYPE_INT16] = 2,  [TYPE_INT32] = 4,  [TYPE_INT64] = 8,
        [TYPE_UINT8] = 1, [TYPE_UINT16] = 2, [TYPE_UINT32] = 4, [TYPE_UINT64] = 8};
    GByteArray *bytes = self->current->constants;
    put(bytes, put_name(self, name), 4);
    put(bytes, tag, 1);
    put(bytes, (guint64)value, widths[tag]);
    self->current->n_constants++;
}

guint32 builder_iid(const char *name)
{
    return g_str_hash(name);
}

void builder_supports(Builder *self)
{
    builder_interface(self, "nsISupports", NULL);
    builder_method(self, 0, "QueryInterface", "N >V");
    builder_method(self, BUILDER_NOTXPCOM, "AddRef", "");
    builder_method(self, BUILDER_NOTXPCOM, "Release", "");
}

static void put_descriptor(Builder *self, const Entry *entry, GByteArray *pool)
{
    put(pool, entry_index(self, entry->parent), 2);
    put(pool, entry->n_methods, 2);
    g_byte_array_append(pool, entry->methods->data, entry->methods->len);
    put(pool, entry->n_constants, 2);
    g_byte_array_append(pool, entry->constants->data, entry->constants->len);
    put(pool, 0x80, 1);
}

GBytes *builder_finish(Builder *self)
{
    g_autoptr(GByteArray) directory = g_byte_array_new();
    g_autoptr(GByteArray) descriptors = g_byte_array_new();
    guint n = self->entries->len;
    g_autofree guint32 *names = g_new(guint32, n);
    for (guint i = 0; i < n; i++)
        names[i] = put_name(self, ((Entry *)g_ptr_array_index(self->entries, i))->name);
    for (guint i = 0; i < n; i++) {
        const Entry *entry = g_ptr_array_index(self->entries, i);
        put(directory, builder_iid(entry->name), 4);
        put(directory, 0, 4);
        put(directory, 0, 8);
        put(directory, names[i], 4);
        put(directory, 0, 4);
        put(directory, entry->is_begun ? self->names->len + descriptors->len + 1 : 0, 4);
        if (entry->is_begun)
            put_descriptor(self, entry, descriptors);
    }
    GByteArray *file = g_byte_array_new();
    g_byte_array_append(file, (const guint8 *)"XPCOM\nTypeLib\r\n\x1a", 16);
    guint pool = HEADER_BYTES + n * ENTRY_BYTES;
    put(file, 0x0102, 2);
    put(file, n, 2);
    put(file, pool + self->names->len + descriptors->len, 4);
    put(file, HEADER_BYTES + 1, 4);
    put(file, pool, 4);
    g_byte_array_append(file, directory->data, directory->len);
    g_byte_array_append(file, self->names->data, self->names->len);
    g_byte_array_append(file, descriptors->data, descriptors->len);
    return g_byte_array_free_to_bytes(file);
}

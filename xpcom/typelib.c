/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Type library: the interfaces of all files, their parents, slots and lookups. */
#include <string.h>
#include "base/error.h"
#include "xpcom/reader.h"
#include "xpcom/typelib.h"

#define PARENTS_MAX 32 /* VirtualBox's deepest has 4 */
#define NAME_MAX_BYTES 256

struct Typelib {
    GPtrArray *files;      /* GBytes: the names point into them */
    GHashTable *by_name;   /* name → Interface, those that are only named included */
    GPtrArray *interfaces; /* the defined ones, by name; NULL before the link */
};

static void interface_free(gpointer data)
{
    Interface *self = data;
    for (guint i = 0; i < self->n_methods; i++) {
        g_free(self->methods[i].params);
        g_free(self->methods[i].signature);
        g_free(self->methods[i].plan);
    }
    g_free(self->methods);
    g_free(self->constants);
    g_free(self->method_index);
    g_free(self->constant_index);
    g_free(self);
}

Typelib *typelib_new(void)
{
    Typelib *self = g_new0(Typelib, 1);
    self->files = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    self->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, interface_free);
    return self;
}

void typelib_free(Typelib *self)
{
    if (self == NULL)
        return;
    g_clear_pointer(&self->interfaces, g_ptr_array_unref);
    g_hash_table_unref(self->by_name);
    g_ptr_array_unref(self->files);
    g_free(self);
}

Interface *typelib_declare(Typelib *self, const char *name)
{
    Interface *interface = g_hash_table_lookup(self->by_name, name);
    if (interface != NULL)
        return interface;
    interface = g_new0(Interface, 1);
    interface->name = name;
    g_hash_table_insert(self->by_name, (gpointer)name, interface);
    return interface;
}

gboolean typelib_add(Typelib *self, const guint8 *data, gsize length, GError **error)
{
    g_assert(self->interfaces == NULL);
    GBytes *file = g_bytes_new(data, length);
    g_ptr_array_add(self->files, file);
    return reader_read(self, g_bytes_get_data(file, NULL), length, error);
}

/* Both Method and Constant begin with their name. */
static int compare_by_name(gconstpointer a, gconstpointer b)
{
    const char *const *left = *(const char *const *const *)a;
    const char *const *right = *(const char *const *const *)b;
    return strcmp(*left, *right);
}

static int compare_methods(gconstpointer a, gconstpointer b)
{
    const Method *left = *(const Method *const *)a;
    const Method *right = *(const Method *const *)b;
    int order = strcmp(left->name, right->name);
    return order != 0 ? order : (int)left->kind - (int)right->kind;
}

static void interface_index(Interface *self)
{
    self->method_index = g_new(const Method *, self->n_methods);
    for (guint i = 0; i < self->n_methods; i++)
        self->method_index[i] = &self->methods[i];
    if (self->n_methods > 0)
        qsort(self->method_index, self->n_methods, sizeof(Method *), compare_methods);
    self->constant_index = g_new(const Constant *, self->n_constants);
    for (guint i = 0; i < self->n_constants; i++)
        self->constant_index[i] = &self->constants[i];
    if (self->n_constants > 0)
        qsort(self->constant_index, self->n_constants, sizeof(Constant *), compare_by_name);
}

/* Counts the slots of all parents.  Where one is defined nowhere, the slots are unknown: the
 * interface stays for its constants, and none of its methods can be called. */
static gboolean interface_number(Interface *self, GError **error)
{
    guint first = 0;
    guint depth = 0;
    gboolean is_known = TRUE;
    for (const Interface *parent = self->parent; parent != NULL; parent = parent->parent) {
        if (++depth > PARENTS_MAX)
            return fail(error, VIR_ERR_INTERNAL_ERROR,
                        "the type library's interface %s has a cycle or more than %d parents",
                        self->name, PARENTS_MAX);
        first += parent->n_methods;
        is_known = is_known && parent->is_defined;
    }
    for (guint i = 0; i < self->n_methods; i++) {
        Method *method = &self->methods[i];
        method->slot = first + i;
        method->callable = method->callable && is_known;
        for (guint j = 0; j < method->n_params; j++) {
            Param *param = &method->params[j];
            if (param->interface != NULL && !param->interface->is_defined)
                param->interface = NULL;
        }
    }
    return TRUE;
}

gboolean typelib_link(Typelib *self, GError **error)
{
    g_assert(self->interfaces == NULL);
    g_autoptr(GPtrArray) defined = g_ptr_array_new();
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, self->by_name);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Interface *interface = value;
        if (!interface->is_defined)
            continue;
        if (!interface_number(interface, error))
            return FALSE;
        interface_index(interface);
        g_ptr_array_add(defined, interface);
    }
    g_ptr_array_sort(defined, compare_by_name);
    for (guint i = 0; i < defined->len; i++) {
        Interface *interface = g_ptr_array_index(defined, i);
        if (interface->parent != NULL && !interface->parent->is_defined)
            interface->parent = NULL;
    }
    self->interfaces = g_steal_pointer(&defined);
    return TRUE;
}

static gboolean add_file(Typelib *self, const char *directory, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_autofree char *data = NULL;
    gsize length = 0;
    g_autoptr(GError) cause = NULL;
    if (g_file_get_contents(path, &data, &length, &cause) &&
        typelib_add(self, (const guint8 *)data, length, &cause))
        return TRUE;
    return fail(error, VIR_ERR_INTERNAL_ERROR, "VirtualBox's type library %s is unusable: %s", path,
                cause->message);
}

static int compare_strings(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *list_files(const char *directory, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autoptr(GDir) dir = g_dir_open(directory, 0, &cause);
    if (dir == NULL) {
        fail(error, VIR_ERR_INTERNAL_ERROR, "VirtualBox has no type libraries: %s", cause->message);
        return NULL;
    }
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir)) {
        if (g_str_has_suffix(name, ".xpt"))
            g_ptr_array_add(names, g_strdup(name));
    }
    g_ptr_array_sort(names, compare_strings);
    return g_steal_pointer(&names);
}

Typelib *typelib_load(const char *directory, GError **error)
{
    g_autofree char *components = g_build_filename(directory, "components", NULL);
    g_autoptr(GPtrArray) names = list_files(components, error);
    if (names == NULL)
        return NULL;
    if (names->len == 0) {
        fail(error, VIR_ERR_INTERNAL_ERROR,
             "VirtualBox has no type libraries: there is no .xpt file in %s", components);
        return NULL;
    }
    g_autoptr(Typelib) self = typelib_new();
    for (guint i = 0; i < names->len; i++) {
        if (!add_file(self, components, g_ptr_array_index(names, i), error))
            return NULL;
    }
    if (!typelib_link(self, error))
        return NULL;
    return g_steal_pointer(&self);
}

const Interface *typelib_find(const Typelib *self, const char *name)
{
    const Interface *interface = g_hash_table_lookup(self->by_name, name);
    return interface != NULL && interface->is_defined ? interface : NULL;
}

const Interface *const *typelib_interfaces(const Typelib *self, guint *ret_n)
{
    *ret_n = self->interfaces->len;
    return (const Interface *const *)self->interfaces->pdata;
}

static const Method *find_own(const Interface *self, const char *name, MethodKind kind)
{
    const Method key = {.name = name, .kind = kind};
    const Method *key_pointer = &key;
    if (self->n_methods == 0)
        return NULL;
    const Method **found = bsearch(&key_pointer, self->method_index, self->n_methods,
                                   sizeof(Method *), compare_methods);
    return found != NULL ? *found : NULL;
}

/* An attribute of array type: a plain method "getXxx" or "setXxx" with that one parameter. */
static const Method *find_array_accessor(const Interface *self, const char *accessor,
                                         MethodKind kind)
{
    const Method *method = find_own(self, accessor, METHOD_CALL);
    if (method == NULL || method->n_params != 1 || !method->params[0].is_array ||
        method->params[0].is_out != (kind == METHOD_GET))
        return NULL;
    return method;
}

const Method *method_find(const Interface *self, const char *name, MethodKind kind)
{
    char accessor[NAME_MAX_BYTES + 4] = "";
    if (kind != METHOD_CALL)
        g_snprintf(accessor, sizeof accessor, "%s%c%s", kind == METHOD_GET ? "get" : "set",
                   g_ascii_toupper(name[0]), name[0] == '\0' ? "" : name + 1);
    for (const Interface *i = self; i != NULL; i = i->parent) {
        const Method *method = find_own(i, name, kind);
        if (method == NULL && kind != METHOD_CALL)
            method = find_array_accessor(i, accessor, kind);
        if (method != NULL)
            return method;
    }
    return NULL;
}

gboolean constant_find(const Interface *self, const char *name, gint64 *ret_value)
{
    const Constant key = {.name = name};
    const Constant *key_pointer = &key;
    if (self->n_constants == 0)
        return FALSE;
    const Constant **found = bsearch(&key_pointer, self->constant_index, self->n_constants,
                                     sizeof(Constant *), compare_by_name);
    if (found == NULL)
        return FALSE;
    *ret_value = (*found)->value;
    return TRUE;
}

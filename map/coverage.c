/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Coverage: which attributes of VirtualBox the tables map, for docs/mapping.md.
 *
 * An attribute is known by a key: "IMachine.memorySize"; "IMachine.getBootOrder" of a value that a
 * pair of methods gets and sets; "IPlatformX86.getCPUProperty(PAE)" of one that such a pair keeps
 * for each constant of an enum. */
#include <string.h>
#include "map/map.h"

/* VirtualBox fills its interfaces up with these, for later. */
#define RESERVED "InternalAndReserved"

typedef struct Coverage {
    const Typelib *typelib;
    const Unmapped *table;
    GHashTable *places;  /* key → the rows and elements that map it, GPtrArray of text */
    GHashTable *reasons; /* key → why none does */
    GHashTable *listed;  /* the keys of all attributes */
} Coverage;

/* --- what the tables map ------------------------------------------------------------------- */

static void add_place(Coverage *self, const char *key, const char *place)
{
    GPtrArray *places = g_hash_table_lookup(self->places, key);
    if (places == NULL) {
        places = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_insert(self->places, g_strdup(key), places);
    }
    if (!g_ptr_array_find_with_equal_func(places, place, g_str_equal, NULL))
        g_ptr_array_add(places, g_strdup(place));
}

/* The next name of "platform.x86.getCPUProperty(LongMode)"; *text moves on.  Owned. */
static char *next_step(const char **text)
{
    gsize length = strcspn(*text, ".(");
    if ((*text)[length] == '(')
        length = strlen(*text);
    char *step = g_strndup(*text, length);
    *text += length + ((*text)[length] == '.');
    return step;
}

/* The getter that a step names; *ret_key is its key, owned. */
static const Method *find_step(const Interface *interface, const char *step, char **ret_key)
{
    g_autofree char *name = g_strndup(step, strcspn(step, "("));
    const Method *method = method_find(interface, name, METHOD_GET);
    if (method == NULL)
        method = method_find(interface, name, METHOD_CALL);
    *ret_key = method == NULL ? NULL : g_strdup_printf("%s.%s", method->owner->name, step);
    return method;
}

/* One alternative of a row's attribute.  FALSE: this library has no such thing. */
static gboolean add_path(Coverage *self, const Interface *interface, const char *path,
                         const char *place, gboolean is_test)
{
    while (*path != '\0') {
        g_autofree char *step = next_step(&path), *key = NULL;
        const Method *method = interface == NULL ? NULL : find_step(interface, step, &key);
        if (method == NULL)
            return FALSE;
        interface = method->n_params > 0 ? method->params[0].interface : NULL;
        if (is_test)
            continue;
        add_place(self, key, place);
        char *arguments = strchr(key, '(');
        if (arguments == NULL)
            continue;
        *arguments = '\0';
        add_place(self, key, place);
    }
    return TRUE;
}

static void add_paths(Coverage *self, const Interface *interface, const char *paths,
                      const char *place)
{
    g_auto(GStrv) alternatives = g_strsplit(paths, "|", -1);
    for (char **path = alternatives; *path != NULL; path++)
        if (add_path(self, interface, *path, place, TRUE)) {
            (void)add_path(self, interface, *path, place, FALSE);
            return;
        }
}

/* "IUSBDeviceFilter.active" of an element's `serves`. */
static void add_served(Coverage *self, const char *key, const char *place, GString *problems)
{
    g_autofree char *name = g_strndup(key, strcspn(key, "."));
    const Interface *interface = typelib_find(self->typelib, name);
    const char *step = key + strlen(name) + (key[strlen(name)] == '.');
    if (!add_path(self, interface, step, place, TRUE))
        g_string_append_printf(problems, "%s serves %s, which this VirtualBox has not\n", place,
                               key);
    else
        (void)add_path(self, interface, step, place, FALSE);
}

static void add_element(Coverage *self, const Schema *schema, const Element *element,
                        GString *problems)
{
    const Interface *interface =
        element->interface == NULL ? NULL : typelib_find(self->typelib, element->interface);
    g_autofree char *place =
        g_strdup_printf("/%s%s%s", schema->root, *element->path != '\0' ? "/" : "", element->path);
    FIELDS(element, field)
    {
        g_autofree char *row = g_strdup_printf("%s%s%s", place, field->path != NULL ? "/" : "",
                                               field->path != NULL ? field->path : "");
        if (field->attribute != NULL)
            add_paths(self, interface, field->attribute, row);
    }
    if (element->enabled != NULL)
        add_paths(self, interface, element->enabled, place);
    g_auto(GStrv) served = g_strsplit(element->serves != NULL ? element->serves : "", " ", -1);
    for (char **key = served; *key != NULL; key++)
        if (**key != '\0')
            add_served(self, *key, place, problems);
}

/* --- what VirtualBox has ------------------------------------------------------------------- */

/* The enum whose constants a pair of methods keeps a value for; NULL: it is none such. */
static const Interface *property_type(const Coverage *self, const Method *method)
{
    for (const Unmapped *row = self->table; row->interface != NULL; row++)
        if (row->enum_type != NULL && g_str_equal(row->interface, method->owner->name) &&
            g_str_equal(row->attributes, method->name))
            return typelib_find(self->typelib, row->enum_type);
    return NULL;
}

static gboolean is_array_getter(const Method *method)
{
    return method->n_params == 1 && method->params[0].is_out && method->params[0].is_array;
}

/* "getX" beside a "setX": a value with parameters. */
static gboolean has_setter(const Interface *interface, const Method *method)
{
    g_autofree char *setter = g_strconcat("set", method->name + strlen("get"), NULL);
    return method_find(interface, setter, METHOD_CALL) != NULL;
}

/* Names of the attributes that a method is the getter of. */
static void list_getter(const Coverage *self, const Interface *interface, const Method *method,
                        GPtrArray *names)
{
    const Interface *type = property_type(self, method);
    if (g_str_has_prefix(method->name, RESERVED))
        return;
    for (guint i = 0; type != NULL && i < type->n_constants; i++)
        if (type->constants[i].value != 0)
            g_ptr_array_add(names,
                            g_strdup_printf("%s(%s)", method->name, type->constants[i].name));
    if (method->kind == METHOD_GET) {
        g_ptr_array_add(names, g_strdup(method->name));
        return;
    }
    if (type != NULL || method->kind != METHOD_CALL || !g_str_has_prefix(method->name, "get"))
        return;
    if (is_array_getter(method)) {
        char *name = g_strdup(method->name + strlen("get"));
        if (!g_ascii_isupper(name[0]) || !g_ascii_isupper(name[1]))
            name[0] = g_ascii_tolower(name[0]);
        g_ptr_array_add(names, name);
    } else if (has_setter(interface, method)) {
        g_ptr_array_add(names, g_strdup(method->name));
    }
}

static GPtrArray *list_attributes(const Coverage *self, const Interface *interface)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < interface->n_methods; i++)
        list_getter(self, interface, &interface->methods[i], names);
    return names;
}

/* The interface of an attribute that leads to objects which have a list of their own. */
static const Interface *leads_to(const Coverage *self, const Interface *interface, const char *name)
{
    const Method *getter = method_find(interface, name, METHOD_GET);
    const Interface *to =
        getter != NULL && getter->n_params == 1 ? getter->params[0].interface : NULL;
    for (const Unmapped *row = self->table; to != NULL && row->interface != NULL; row++)
        if (row->attributes == NULL && g_str_equal(row->interface, to->name))
            return to;
    return NULL;
}

/* --- both together ------------------------------------------------------------------------- */

static void print_places(const GPtrArray *places, GString *markdown)
{
    for (guint i = 0; i < places->len; i++)
        g_string_append_printf(markdown, "%s`%s`", i > 0 ? ", " : "", (char *)places->pdata[i]);
}

static void print_attribute(Coverage *self, const Interface *interface, const char *name,
                            GString *markdown, GString *problems)
{
    g_autofree char *key = g_strdup_printf("%s.%s", interface->name, name);
    const GPtrArray *places = g_hash_table_lookup(self->places, key);
    const char *reason = g_hash_table_lookup(self->reasons, key);
    const Interface *to = leads_to(self, interface, name);
    g_hash_table_add(self->listed, g_strdup(key));
    g_string_append_printf(markdown, "| %s | ", name);
    if (to != NULL && reason == NULL)
        g_string_append_printf(markdown, "see %s", to->name);
    else if (places != NULL)
        print_places(places, markdown);
    else if (reason != NULL)
        g_string_append_printf(markdown, "not mapped: %s", reason);
    else
        g_string_append(markdown, "**unmapped**");
    g_string_append(markdown, " |\n");
    if (to == NULL && places == NULL && reason == NULL)
        g_string_append_printf(problems,
                               "%s is unmapped: no row, no element's `serves` and no "
                               "reason in domain/unmapped.def names it\n",
                               key);
    if (reason != NULL && places != NULL)
        g_string_append_printf(problems, "%s is mapped by %s: take it out of domain/unmapped.def\n",
                               key, (char *)places->pdata[0]);
}

static void print_interface(Coverage *self, const char *name, GString *markdown, GString *problems)
{
    const Interface *interface = typelib_find(self->typelib, name);
    g_string_append_printf(markdown, "\n### %s\n\n| attribute | mapped by |\n|---|---|\n", name);
    if (interface == NULL) {
        g_string_append_printf(problems, "this VirtualBox has no interface %s\n", name);
        return;
    }
    g_autoptr(GPtrArray) names = list_attributes(self, interface);
    for (guint i = 0; i < names->len; i++)
        print_attribute(self, interface, names->pdata[i], markdown, problems);
}

static void read_reasons(Coverage *self, GString *problems)
{
    for (const Unmapped *row = self->table; row->interface != NULL; row++) {
        g_auto(GStrv) names = g_strsplit(row->reason != NULL ? row->attributes : "", " ", -1);
        for (char **name = names; *name != NULL; name++) {
            char *key = g_strdup_printf("%s.%s", row->interface, *name);
            if (!g_hash_table_replace(self->reasons, key, (gpointer)row->reason))
                g_string_append_printf(problems, "%s has two reasons\n", key);
        }
    }
}

static void check_reasons(const Coverage *self, GString *problems)
{
    GHashTableIter iterator;
    gpointer key;
    g_hash_table_iter_init(&iterator, self->reasons);
    while (g_hash_table_iter_next(&iterator, &key, NULL))
        if (!g_hash_table_contains(self->listed, key))
            g_string_append_printf(problems,
                                   "domain/unmapped.def names %s, which this VirtualBox has not\n",
                                   (char *)key);
}

void map_coverage(const Schema *schema, const Typelib *typelib, const Unmapped *table,
                  GString *markdown, GString *problems)
{
    Coverage self = {
        .typelib = typelib,
        .table = table,
        .places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify)g_ptr_array_unref),
        .reasons = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .listed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
    };
    for (const Element *const *element = schema->elements; *element != NULL; element++)
        add_element(&self, schema, *element, problems);
    read_reasons(&self, problems);
    for (const Unmapped *row = table; row->interface != NULL; row++)
        if (row->attributes == NULL)
            print_interface(&self, row->interface, markdown, problems);
    check_reasons(&self, problems);
    g_hash_table_unref(self.places);
    g_hash_table_unref(self.reasons);
    g_hash_table_unref(self.listed);
}

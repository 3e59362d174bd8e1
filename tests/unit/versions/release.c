/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Release: see release.h.  The library is written anew as a file, and read as any other. */
#include "tests/unit/versions/release.h"
#include <string.h>
#include "tests/unit/xpcom/builder.h"

static const char *members_of(const Change *changes, const char *interface)
{
    for (; changes != NULL && changes->interface != NULL; changes++)
        if (g_str_equal(changes->interface, interface))
            return changes->members;
    return "";
}

/* An attribute that is an array is a method "getXxx" in the library, and "-xxx" means it too. */
static gboolean is_gone(char **members, const char *name)
{
    for (; *members != NULL; members++)
        if (**members == '-' && g_str_equal(*members + 1, name))
            return TRUE;
    return FALSE;
}

static char *param_text(const Param *param)
{
    static const char letters[] = {
        [TYPE_INT8] = 'Y',   [TYPE_INT16] = 'h',   [TYPE_INT32] = 'i',  [TYPE_INT64] = 'l',
        [TYPE_UINT8] = 'y',  [TYPE_UINT16] = 'q',  [TYPE_UINT32] = 'u', [TYPE_UINT64] = 't',
        [TYPE_STRING] = 'S', [TYPE_WSTRING] = 's', [TYPE_BOOL] = 'b',   [TYPE_INTERFACE] = 'o',
    };
    const char *interface = param->interface != NULL ? param->interface->name : "nsISupports";
    return g_strdup_printf("%s%s%c%s", param->is_out ? ">" : "", param->is_array ? "a" : "",
                           letters[param->tag], param->tag == TYPE_INTERFACE ? interface : "");
}

static void copy_method(Builder *builder, const Method *method)
{
    static const guint8 flags[] = {
        [METHOD_GET] = BUILDER_GETTER, [METHOD_SET] = BUILDER_SETTER, [METHOD_CALL] = 0};
    g_autoptr(GString) params = g_string_new(NULL);
    for (guint i = 0; method->callable && i < method->n_params; i++) {
        g_autofree char *text = param_text(&method->params[i]);
        g_string_append_printf(params, "%s ", text);
    }
    /* One that cannot be called only keeps its slot. */
    builder_method(builder, flags[method->kind] | (method->callable ? 0 : BUILDER_HIDDEN),
                   method->name, params->str);
}

static void copy_interface(Builder *builder, const Interface *interface, char **members)
{
    builder_interface(builder, interface->name,
                      interface->parent != NULL ? interface->parent->name : NULL);
    for (guint i = 0; i < interface->n_methods; i++)
        if (!is_gone(members, interface->methods[i].name))
            copy_method(builder, &interface->methods[i]);
    for (guint i = 0; i < interface->n_constants; i++)
        if (!is_gone(members, interface->constants[i].name))
            builder_constant(builder, interface->constants[i].name, TYPE_UINT32,
                             interface->constants[i].value);
}

static void add_member(Builder *builder, const char *member)
{
    gsize length = strcspn(member, "=:(#");
    if (*member == '-')
        return;
    g_autofree char *name = g_strndup(member, length);
    g_autofree char *params = g_strdup(member + length + 1);
    g_autofree char *result = g_strconcat(">", params, NULL);
    switch (member[length]) {
    case '=':
        builder_method(builder, BUILDER_GETTER, name, result);
        builder_method(builder, BUILDER_SETTER, name, params);
        return;
    case ':':
        builder_method(builder, BUILDER_GETTER, name, result);
        return;
    case '(':
        params[strlen(params) - 1] = '\0';
        builder_method(builder, 0, name, g_strdelimit(params, ",", ' '));
        return;
    case '#':
        builder_constant(builder, name, TYPE_UINT32, g_ascii_strtoll(params, NULL, 10));
        return;
    default:
        g_error("'%s' is no member of an interface", member);
    }
}

static void add_interface(Builder *builder, const Typelib *newer, const Change *change)
{
    g_auto(GStrv) members = g_strsplit_set(change->members, " ", -1);
    const Interface *interface = typelib_find(newer, change->interface);
    if (interface != NULL)
        copy_interface(builder, interface, members);
    else
        builder_interface(builder, change->interface,
                          strchr(change->members, '#') != NULL ? NULL : "nsISupports");
    for (char **member = members; *member != NULL; member++)
        add_member(builder, *member);
}

Typelib *release_typelib(const Release *self, const Typelib *newer)
{
    static char *nothing[] = {NULL};
    g_autoptr(Builder) builder = builder_new();
    guint count;
    const Interface *const *interfaces = typelib_interfaces(newer, &count);
    for (guint i = 0; i < count; i++)
        if (*members_of(self->changes, interfaces[i]->name) == '\0')
            copy_interface(builder, interfaces[i], nothing);
    for (const Change *change = self->changes; change->interface != NULL; change++)
        if (!g_str_equal(change->members, "-"))
            add_interface(builder, newer, change);
    g_autoptr(GBytes) file = builder_finish(builder);
    g_autoptr(GError) error = NULL;
    Typelib *typelib = typelib_new();
    gsize length;
    const guint8 *data = g_bytes_get_data(file, &length);
    g_assert_true(typelib_add(typelib, data, length, &error));
    g_assert_true(typelib_link(typelib, &error));
    return typelib;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fuzzer of the type library: any two files are read, linked and looked through. */
#include <string.h>
#include "xpcom/typelib.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize length);

static gboolean add_copy(Typelib *typelib, const guint8 *data, gsize length)
{
    return length == 0 || typelib_add(typelib, data, length, NULL);
}

static void check_method(const Interface *interface, const Method *method)
{
    g_assert_true(method->owner == interface);
    g_assert_true(method_find(interface, method->name, method->kind) != NULL);
    gsize groups = 0;
    for (const char *at = method->signature; *at != '\0'; at++)
        groups += strchr(">a", *at) == NULL ? 1 : 0;
    g_assert_cmpuint(groups, ==, method->n_params);
    if (method->callable)
        g_assert_null(strchr(method->signature, '?'));
}

static void check(const Typelib *typelib)
{
    guint n;
    const Interface *const *interfaces = typelib_interfaces(typelib, &n);
    for (guint i = 0; i < n; i++) {
        const Interface *interface = interfaces[i];
        g_assert_true(typelib_find(typelib, interface->name) == interface);
        for (guint j = 0; j < interface->n_methods; j++)
            check_method(interface, &interface->methods[j]);
        for (guint j = 0; j < interface->n_constants; j++) {
            gint64 value;
            g_assert_true(constant_find(interface, interface->constants[j].name, &value));
        }
    }
}

/* The input: the first file's length in two bytes, the first file, the second. */
int LLVMFuzzerTestOneInput(const guint8 *data, gsize length)
{
    if (length < 2)
        return 0;
    gsize first = MIN((gsize)data[0] << 8 | data[1], length - 2);
    g_autoptr(Typelib) typelib = typelib_new();
    if (add_copy(typelib, data + 2, first) &&
        add_copy(typelib, data + 2 + first, length - 2 - first) && typelib_link(typelib, NULL))
        check(typelib);
    return 0;
}

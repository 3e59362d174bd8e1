/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xpcom-dump: prints interfaces of the installed type library, for whoever writes calls.  A
 * developer's tool, not installed: xpcom-dump [-d DIRECTORY] [INTERFACE…], without a name all. */
#include <stdio.h>
#include <string.h>
#include "xpcom/xpcom.h"

static void print_method(const Method *method)
{
    static const char *const kinds[] = {"call", "get", "set"};
    printf("  %-4s %s %s%s slot %u", kinds[method->kind], method->name,
           *method->signature == '\0' ? "-" : method->signature,
           method->callable ? "" : " (not callable)", method->slot);
    for (guint i = 0; i < method->n_params; i++) {
        if (method->params[i].interface != NULL)
            printf(" %u=%s", i, method->params[i].interface->name);
    }
    printf("\n");
}

static void print_interface(const Interface *interface)
{
    printf("%s%s%s\n", interface->name, interface->parent != NULL ? " : " : "",
           interface->parent != NULL ? interface->parent->name : "");
    for (guint i = 0; i < interface->n_methods; i++)
        print_method(&interface->methods[i]);
    for (guint i = 0; i < interface->n_constants; i++)
        printf("  = %s %" G_GINT64_FORMAT "\n", interface->constants[i].name,
               interface->constants[i].value);
}

static void print_all(const Typelib *typelib)
{
    guint n;
    const Interface *const *interfaces = typelib_interfaces(typelib, &n);
    for (guint i = 0; i < n; i++)
        print_interface(interfaces[i]);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = NULL;
    int first = 1;
    if (argc > 2 && strcmp(argv[1], "-d") == 0) {
        directory = g_strdup(argv[2]);
        first = 3;
    } else {
        directory = xpcom_find(&error);
    }
    g_autoptr(Typelib) typelib = directory != NULL ? typelib_load(directory, &error) : NULL;
    if (typelib == NULL) {
        g_assert(error != NULL);
        fprintf(stderr, "xpcom-dump: %s\n", error->message);
        return 1;
    }
    if (first == argc)
        print_all(typelib);
    for (int i = first; i < argc; i++) {
        const Interface *interface = typelib_find(typelib, argv[i]);
        if (interface == NULL) {
            fprintf(stderr, "xpcom-dump: there is no interface %s\n", argv[i]);
            return 1;
        }
        print_interface(interface);
    }
    return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The type library's reader and lookups, on libraries that the builder makes. */
#include <glib/gstdio.h>
#include <string.h>
#include "base/error.h"
#include "tests/unit/xpcom/builder.h"
#include "tests/unit/xpcom/samples.h"
#include "xpcom/typelib.h"

/* Offsets in a file's header. */
#define MAJOR_AT 16
#define COUNT_AT 18
#define LENGTH_AT 20
#define DIRECTORY_AT 24
#define POOL_AT 28

static gboolean add_bytes(Typelib *typelib, GBytes *bytes, GError **error)
{
    gsize length;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    return typelib_add(typelib, data, length, error);
}

static Typelib *link_samples(GBytes *first, GBytes *second)
{
    g_autoptr(Typelib) typelib = typelib_new();
    g_autoptr(GError) error = NULL;
    g_assert_true(add_bytes(typelib, first, &error));
    if (second != NULL)
        g_assert_true(add_bytes(typelib, second, &error));
    g_assert_true(typelib_link(typelib, &error));
    g_assert_no_error(error);
    return g_steal_pointer(&typelib);
}

static void assert_method(const Typelib *typelib, const char *interface, const char *name,
                          MethodKind kind, guint slot, const char *signature)
{
    const Method *method = method_find(typelib_find(typelib, interface), name, kind);
    g_assert_nonnull(method);
    g_assert_cmpuint(method->slot, ==, slot);
    g_assert_cmpstr(method->signature, ==, signature);
    g_assert_true(method->callable);
}

static void test_methods(void)
{
    g_autoptr(GBytes) whole = sample_whole();
    g_autoptr(Typelib) typelib = link_samples(whole, NULL);
    assert_method(typelib, "IAnimal", "name", METHOD_GET, 3, ">s");
    assert_method(typelib, "IAnimal", "name", METHOD_SET, 4, "s");
    assert_method(typelib, "IAnimal", "age", METHOD_GET, 5, ">u");
    assert_method(typelib, "IAnimal", "everything", METHOD_CALL, 6, "byyhqiultssoabayaqauatasao");
    assert_method(typelib, "IAnimal", "everythingOut", METHOD_CALL, 7,
                  ">b>y>y>h>q>i>u>l>t>s>s>o>ab>ay>au>at>as>ao");
    assert_method(typelib, "IDog", "bark", METHOD_CALL, 9, "uso>o");
    assert_method(typelib, "IDog", "name", METHOD_GET, 3, ">s"); /* its parent's */
    assert_method(typelib, "IDog", "collar", METHOD_GET, 15, ">s");

    const Interface *dog = typelib_find(typelib, "IDog");
    g_assert_null(method_find(dog, "name", METHOD_CALL));
    g_assert_null(method_find(dog, "age", METHOD_SET));
    g_assert_null(method_find(dog, "", METHOD_GET));
    g_assert_null(method_find(dog, "bark", METHOD_GET));
    g_assert_null(method_find(typelib_find(typelib, "Mood"), "name", METHOD_GET));
    g_assert_true(dog->parent == typelib_find(typelib, "IAnimal"));
    const Method *bark = method_find(dog, "bark", METHOD_CALL);
    g_assert_true(bark->owner == dog);
    g_assert_cmpuint(bark->n_params, ==, 4);
    g_assert_true(bark->params[2].interface == dog->parent);
    g_assert_true(bark->params[3].interface == dog);
}

static void test_array_attributes(void)
{
    g_autoptr(GBytes) whole = sample_whole();
    g_autoptr(Typelib) typelib = link_samples(whole, NULL);
    assert_method(typelib, "IDog", "bones", METHOD_GET, 10, ">ay");
    assert_method(typelib, "IDog", "bones", METHOD_SET, 11, "ay");
    assert_method(typelib, "IDog", "getBones", METHOD_CALL, 10, ">ay");
    assert_method(typelib, "IDog", "USBTags", METHOD_GET, 12, ">as");
    assert_method(typelib, "IDog", "getFleas", METHOD_CALL, 13, "u>ao");
    const Interface *dog = typelib_find(typelib, "IDog");
    g_assert_null(method_find(dog, "fleas", METHOD_GET));
    g_assert_null(method_find(dog, "USBTags", METHOD_SET));
    g_autofree char *longest = g_strnfill(300, 'x');
    g_assert_null(method_find(dog, longest, METHOD_GET));
}

static void test_not_callable(void)
{
    g_autoptr(GBytes) whole = sample_whole();
    g_autoptr(Typelib) typelib = link_samples(whole, NULL);
    const Interface *supports = typelib_find(typelib, "nsISupports");
    const Method *query = method_find(supports, "QueryInterface", METHOD_CALL);
    g_assert_cmpstr(query->signature, ==, "?>?");
    g_assert_false(query->callable);
    const Method *release = method_find(supports, "Release", METHOD_CALL);
    g_assert_cmpuint(release->slot, ==, 2);
    g_assert_false(release->callable);
    const Interface *dog = typelib_find(typelib, "IDog");
    g_assert_false(method_find(dog, "secret", METHOD_CALL)->callable);
    g_assert_cmpuint(method_find(dog, "secret", METHOD_CALL)->slot, ==, 14);
    g_assert_false(method_find(dog, "weigh", METHOD_CALL)->callable);
}

static void test_constants(void)
{
    g_autoptr(GBytes) whole = sample_whole();
    g_autoptr(Typelib) typelib = link_samples(whole, NULL);
    static const Constant expected[] = {
        {"Sleepy", 7}, {"Angry", 0xffffffff}, {"Low", -2}, {"Big", G_MININT64}, {"Small", 255}};
    const Interface *mood = typelib_find(typelib, "Mood");
    g_assert_cmpuint(mood->n_constants, ==, G_N_ELEMENTS(expected));
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
        gint64 value = 0;
        g_assert_true(constant_find(mood, expected[i].name, &value));
        g_assert_cmpint(value, ==, expected[i].value);
        g_assert_cmpstr(mood->constants[i].name, ==, expected[i].name); /* in the file's order */
    }
    gint64 untouched = 42;
    g_assert_false(constant_find(mood, "Hungry", &untouched));
    g_assert_false(constant_find(typelib_find(typelib, "IDog"), "Sleepy", &untouched));
    g_assert_cmpint(untouched, ==, 42);
}

static void test_interfaces(void)
{
    g_autoptr(GBytes) whole = sample_whole();
    g_autoptr(Typelib) typelib = link_samples(whole, NULL);
    static const char *const expected[] = {"IAnimal", "IDog", "Mood", "nsISupports"};
    guint n = 0;
    const Interface *const *interfaces = typelib_interfaces(typelib, &n);
    g_assert_cmpuint(n, ==, G_N_ELEMENTS(expected));
    for (guint i = 0; i < n; i++)
        g_assert_cmpstr(interfaces[i]->name, ==, expected[i]);
    g_assert_null(typelib_find(typelib, "IFlea")); /* named, and defined nowhere */
    g_assert_null(typelib_find(typelib, "INothing"));
    guint32 iid;
    memcpy(&iid, interfaces[0]->iid, sizeof iid); /* a number, so in the machine's order */
    g_assert_cmphex(iid, ==, builder_iid("IAnimal"));
}

static void check_merged(GBytes *first, GBytes *second)
{
    g_autoptr(Typelib) typelib = link_samples(first, second);
    assert_method(typelib, "ICat", "name", METHOD_GET, 3, ">s");
    assert_method(typelib, "ICat", "meow", METHOD_CALL, 9, "o>o");
    assert_method(typelib, "IFlea", "jump", METHOD_CALL, 3, "l");
    const Interface *dog = typelib_find(typelib, "IDog");
    const Method *meow = method_find(typelib_find(typelib, "ICat"), "meow", METHOD_CALL);
    g_assert_true(meow->params[0].interface == dog);
    g_assert_null(meow->params[1].interface); /* INowhere */
    const Method *fleas = method_find(dog, "getFleas", METHOD_CALL);
    g_assert_true(fleas->params[1].interface == typelib_find(typelib, "IFlea"));
    /* Its parent is unknown, so are its slots; its constants are of use all the same. */
    const Interface *lost = typelib_find(typelib, "ILost");
    g_assert_null(lost->parent);
    g_assert_false(method_find(lost, "wander", METHOD_CALL)->callable);
    gint64 way = 0;
    g_assert_true(constant_find(lost, "Way", &way));
}

static void test_merge(void)
{
    g_autoptr(GBytes) whole = sample_whole();
    g_autoptr(GBytes) part = sample_part();
    check_merged(whole, part);
    check_merged(part, whole);
}

static void test_first_definition_wins(void)
{
    g_autoptr(Builder) builder = builder_new();
    builder_interface(builder, "IDog", NULL);
    builder_method(builder, 0, "roll", "");
    g_autoptr(GBytes) other = builder_finish(builder);
    g_autoptr(GBytes) whole = sample_whole();
    g_autoptr(Typelib) typelib = link_samples(whole, other);
    g_assert_nonnull(method_find(typelib_find(typelib, "IDog"), "bark", METHOD_CALL));
    g_assert_null(method_find(typelib_find(typelib, "IDog"), "roll", METHOD_CALL));
}

static void test_cycle(void)
{
    g_autoptr(GBytes) cycle = sample_cycle();
    g_autoptr(Typelib) typelib = typelib_new();
    g_autoptr(GError) error = NULL;
    g_assert_true(add_bytes(typelib, cycle, &error));
    g_assert_false(typelib_link(typelib, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_INTERNAL_ERROR);
}

/* Reads, links and looks at everything; whatever it answers, it must not go astray. */
static gboolean read_all(const guint8 *data, gsize length)
{
    g_autoptr(Typelib) typelib = typelib_new();
    g_autoptr(GError) error = NULL;
    /* A copy of the exact size, so that a sanitizer sees any step past the end. */
    g_autofree guint8 *copy = length > 0 ? g_memdup2(data, length) : g_malloc(1);
    if (!typelib_add(typelib, copy, length, &error) || !typelib_link(typelib, &error)) {
        g_assert_error(error, VIR_ERROR, VIR_ERR_INTERNAL_ERROR);
        return FALSE;
    }
    guint n;
    const Interface *const *interfaces = typelib_interfaces(typelib, &n);
    for (guint i = 0; i < n; i++) {
        const Interface *own = interfaces[i];
        for (guint j = 0; j < own->n_methods; j++)
            g_assert_nonnull(method_find(own, own->methods[j].name, own->methods[j].kind));
    }
    return TRUE;
}

static void test_truncations(void)
{
    g_autoptr(GBytes) whole = sample_whole();
    gsize length;
    const guint8 *data = g_bytes_get_data(whole, &length);
    g_autofree guint8 *honest = g_memdup2(data, length);
    g_assert_true(read_all(data, length));
    for (gsize i = 0; i < length; i++) {
        g_assert_false(read_all(data, i));
        /* Now with a header that says so, so that the end comes later as a surprise. */
        guint32 shorter = GUINT32_TO_BE((guint32)i);
        memcpy(honest + LENGTH_AT, &shorter, sizeof shorter);
        g_assert_false(read_all(honest, i));
    }
}

/* Any byte wrong: an error or another library, nothing worse. */
static void test_any_byte(void)
{
    static const guint8 values[] = {0x00, 0x01, 0x14, 0x7f, 0x80, 0xff};
    g_autoptr(GBytes) whole = sample_whole();
    gsize length;
    const guint8 *data = g_bytes_get_data(whole, &length);
    g_autofree guint8 *broken = g_memdup2(data, length);
    guint n_refused = 0;
    for (gsize i = 0; i < length; i++) {
        for (gsize j = 0; j < G_N_ELEMENTS(values); j++) {
            broken[i] = values[j];
            n_refused += read_all(broken, length) ? 0 : 1;
        }
        broken[i] = data[i];
    }
    g_assert_cmpuint(n_refused, >, length / 2);
}

static void check_refused(gsize at, guint32 value, guint width, const char *pattern)
{
    g_autoptr(GBytes) whole = sample_whole();
    gsize length;
    g_autofree guint8 *data = g_memdup2(g_bytes_get_data(whole, &length), g_bytes_get_size(whole));
    for (guint i = 0; i < width; i++)
        data[at + i] = (guint8)(value >> (8 * (width - 1 - i)));
    g_autoptr(Typelib) typelib = typelib_new();
    g_autoptr(GError) error = NULL;
    g_assert_false(typelib_add(typelib, data, length, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_INTERNAL_ERROR);
    if (!g_pattern_match_simple(pattern, error->message))
        g_error("offset %zu: %s", at, error->message);
}

static void test_hostile_header(void)
{
    check_refused(0, 0, 1, "*no XPCOM type library*");
    check_refused(MAJOR_AT, 2, 1, "*format 2*");
    check_refused(COUNT_AT, 0xffff, 2, "*directory of 65535*");
    check_refused(LENGTH_AT, 0xffffffff, 4, "*cut short*");
    check_refused(DIRECTORY_AT, 0, 4, "*directory*outside*");
    check_refused(DIRECTORY_AT, 0xffffffff, 4, "*directory*outside*");
    check_refused(POOL_AT, 0xffffffff, 4, "*entry 1 has no valid name*");
    guint entry = 32; /* the directory follows the header: IDog */
    check_refused(entry + 16, 0, 4, "*entry 1 has no valid name*");
    check_refused(entry + 16, 0xffffffff, 4, "*entry 1 has no valid name*");
    check_refused(entry + 24, 0xffffffff, 4, "*IDog lies outside*");
}

/* 4,000 entries that share one large descriptor would be 4,000 times its size in memory. */
static void test_shared_descriptor(void)
{
    g_autoptr(Builder) builder = builder_new();
    builder_interface(builder, "IA0", NULL);
    for (guint i = 0; i < 4000; i++)
        builder_method(builder, 0, "m", "u u u u u u u u");
    for (guint i = 1; i < 4000; i++) {
        g_autofree char *name = g_strdup_printf("IA%u", i);
        builder_interface(builder, name, NULL);
    }
    g_autoptr(GBytes) bytes = builder_finish(builder);
    gsize length;
    g_autofree guint8 *data = g_memdup2(g_bytes_get_data(bytes, &length), g_bytes_get_size(bytes));
    for (guint i = 1; i < 4000; i++)
        memcpy(data + 32 + i * 28 + 24, data + 32 + 24, 4);
    g_autoptr(Typelib) typelib = typelib_new();
    g_autoptr(GError) error = NULL;
    g_assert_false(typelib_add(typelib, data, length, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_INTERNAL_ERROR);
}

static void test_names(void)
{
    static const char *const bad[] = {"", "I-Dog", "I Dog", "I\303\244"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(Builder) builder = builder_new();
        builder_interface(builder, bad[i], NULL);
        g_autoptr(GBytes) bytes = builder_finish(builder);
        g_autoptr(Typelib) typelib = typelib_new();
        g_autoptr(GError) error = NULL;
        g_assert_false(add_bytes(typelib, bytes, &error));
        g_assert_error(error, VIR_ERROR, VIR_ERR_INTERNAL_ERROR);
    }
    for (guint length = 255; length <= 256; length++) {
        g_autofree char *name = g_strnfill(length, 'I');
        g_autoptr(Builder) builder = builder_new();
        builder_interface(builder, name, NULL);
        g_autoptr(GBytes) bytes = builder_finish(builder);
        g_autoptr(Typelib) typelib = typelib_new();
        g_assert_cmpint(add_bytes(typelib, bytes, NULL), ==, length == 255);
    }
}

/* More parameters than a call can have, and arrays whose count is not where it must be. */
static void test_strange_params(void)
{
    g_autofree char *many = g_strnfill(2 * 33, ' ');
    for (guint i = 0; i < 33; i++)
        many[2 * i] = 'u';
    const struct {
        const char *params;
        guint n_params; /* counts not counted */
        gboolean callable;
    } methods[] = {
        {"u u", 2, TRUE},    {many, 33, FALSE},  {many + 2, 32, TRUE}, {"=u", 1, FALSE},
        {">D", 1, FALSE},    {"u Ay", 1, TRUE},  {"u s Ay", 3, FALSE}, {"Ay", 1, FALSE},
        {"u >Ay", 2, FALSE}, {"s Ay", 2, FALSE}, {">u >Ay", 1, TRUE},  {"u Ay Ay", 2, FALSE},
        {"ay ay", 2, TRUE},  {"ab u", 2, TRUE},  {"aN", 1, FALSE},
    };
    g_autoptr(Builder) builder = builder_new();
    builder_interface(builder, "IStrange", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(methods); i++)
        builder_method(builder, 0, "m", methods[i].params);
    g_autoptr(GBytes) bytes = builder_finish(builder);
    g_autoptr(Typelib) typelib = link_samples(bytes, NULL);
    const Interface *strange = typelib_find(typelib, "IStrange");
    for (gsize i = 0; i < G_N_ELEMENTS(methods); i++) {
        g_test_message("%s: %s", methods[i].params, strange->methods[i].signature);
        g_assert_cmpuint(strange->methods[i].n_params, ==, methods[i].n_params);
        g_assert_cmpint(strange->methods[i].callable, ==, methods[i].callable);
    }
}

static void test_load(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = g_dir_make_tmp("xpcom-XXXXXX", &error);
    g_assert_no_error(error);
    g_assert_null(typelib_load(directory, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_INTERNAL_ERROR);
    g_clear_error(&error);

    g_autofree char *components = g_build_filename(directory, "components", NULL);
    g_assert_cmpint(g_mkdir(components, 0700), ==, 0);
    g_assert_null(typelib_load(directory, &error));
    g_assert_true(g_pattern_match_simple("*no .xpt file in *components", error->message));
    g_clear_error(&error);

    g_autoptr(GBytes) whole = sample_whole();
    g_autoptr(GBytes) part = sample_part();
    static const char *const names[] = {"a.xpt", "b.xpt", "other.so"};
    GBytes *const files[] = {part, whole, part};
    char *paths[3];
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        paths[i] = g_build_filename(components, names[i], NULL);
        g_assert_true(g_file_set_contents(paths[i], g_bytes_get_data(files[i], NULL),
                                          i == 2 ? 5 : (gssize)g_bytes_get_size(files[i]), &error));
    }
    g_autoptr(Typelib) typelib = typelib_load(directory, &error);
    g_assert_no_error(error);
    assert_method(typelib, "ICat", "name", METHOD_GET, 3, ">s");

    g_assert_true(g_file_set_contents(paths[0], "XPCOM", 5, &error));
    g_assert_null(typelib_load(directory, &error));
    g_assert_true(g_pattern_match_simple("*a.xpt is unusable*", error->message));
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_assert_cmpint(g_unlink(paths[i]), ==, 0);
        g_free(paths[i]);
    }
    g_assert_cmpint(g_rmdir(components), ==, 0);
    g_assert_cmpint(g_rmdir(directory), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/typelib/methods", test_methods);
    g_test_add_func("/typelib/array-attributes", test_array_attributes);
    g_test_add_func("/typelib/not-callable", test_not_callable);
    g_test_add_func("/typelib/constants", test_constants);
    g_test_add_func("/typelib/interfaces", test_interfaces);
    g_test_add_func("/typelib/merge", test_merge);
    g_test_add_func("/typelib/first-definition-wins", test_first_definition_wins);
    g_test_add_func("/typelib/cycle", test_cycle);
    g_test_add_func("/typelib/truncations", test_truncations);
    g_test_add_func("/typelib/any-byte", test_any_byte);
    g_test_add_func("/typelib/hostile-header", test_hostile_header);
    g_test_add_func("/typelib/shared-descriptor", test_shared_descriptor);
    g_test_add_func("/typelib/names", test_names);
    g_test_add_func("/typelib/strange-params", test_strange_params);
    g_test_add_func("/typelib/load", test_load);
    return g_test_run();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What docs/mapping.md says of attributes: a library and tables made for it. */
#include <string.h>
#include "map/map.h"
#include "tests/unit/xpcom/builder.h"

typedef struct Dog {
    Item item;
    char *collar, *color;
    Switch is_wild;
} Dog;

static const Field fields[] = {
    F("collar/@name", Dog, collar, "home.kennel.label|collar", STR),
    F("@color", Dog, color, "coat.color|color", STR),
    F("@wild", Dog, is_wild, "getTrait(Wild)", YESNO),
    END,
};

static const Element dog = {
    .path = "dog",
    .interface = "IDog",
    .size = sizeof(Dog),
    .fields = fields,
    .enabled = "awake",
    .serves = "IDog.getToy ICoat.length",
};
static const Element *const elements[] = {&dog, NULL};
static const Schema schema = {.root = "pack", .elements = elements};

static Typelib *library(void)
{
    g_autoptr(Builder) builder = builder_new();
    g_autoptr(Typelib) typelib = typelib_new();
    builder_supports(builder);
    builder_interface(builder, "IDog", "nsISupports");
    builder_method(builder, BUILDER_GETTER, "collar", ">s");
    builder_method(builder, BUILDER_GETTER, "color", ">s");
    builder_method(builder, BUILDER_GETTER, "awake", ">b");
    builder_method(builder, BUILDER_GETTER, "coat", ">oICoat");
    builder_method(builder, BUILDER_GETTER, "age", ">u");
    builder_method(builder, BUILDER_GETTER, "InternalAndReservedAttribute1IDog", ">u");
    builder_method(builder, 0, "getTrait", "u >b");
    builder_method(builder, 0, "setTrait", "u b");
    builder_method(builder, 0, "getToy", "u >s");
    builder_method(builder, 0, "setToy", "u s");
    builder_method(builder, 0, "getScent", "u >s"); /* no attribute: nothing sets it */
    builder_method(builder, 0, "getUSBTags", ">as");
    builder_interface(builder, "ICoat", "nsISupports");
    builder_method(builder, BUILDER_GETTER, "color", ">s");
    builder_method(builder, BUILDER_GETTER, "length", ">u");
    builder_interface(builder, "Trait", NULL);
    builder_constant(builder, "Null", TYPE_UINT32, 0);
    builder_constant(builder, "Wild", TYPE_UINT32, 1);
    builder_constant(builder, "Old", TYPE_UINT32, 2);
    g_autoptr(GBytes) bytes = builder_finish(builder);
    gsize length;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    g_assert_true(typelib_add(typelib, data, length, NULL));
    g_assert_true(typelib_link(typelib, NULL));
    return g_steal_pointer(&typelib);
}

/* What the tables lack and what VirtualBox lacks are told apart. */
static void test_good(void)
{
    static const Unmapped table[] = {
        {"IDog", NULL, NULL, NULL},
        {"IDog", "getTrait", "Trait", NULL},
        {"IDog", "age USBTags color getTrait(Old)", NULL, "it is the dog's"},
        {"ICoat", NULL, NULL, NULL},
        {NULL, NULL, NULL, NULL},
    };
    g_autoptr(Typelib) typelib = library();
    g_autoptr(GString) page = g_string_new(NULL);
    g_autoptr(GString) problems = g_string_new(NULL);
    map_coverage(&schema, typelib, table, page, problems);
    g_assert_cmpstr(problems->str, ==, "");
    g_assert_cmpstr(page->str, ==,
                    "\n### IDog\n\n| attribute | mapped by |\n|---|---|\n"
                    "| collar | `/pack/dog/collar/@name` |\n"
                    "| color | not mapped: it is the dog's |\n"
                    "| awake | `/pack/dog` |\n"
                    "| coat | see ICoat |\n"
                    "| age | not mapped: it is the dog's |\n"
                    "| getTrait(Wild) | `/pack/dog/@wild` |\n"
                    "| getTrait(Old) | not mapped: it is the dog's |\n"
                    "| getToy | `/pack/dog` |\n"
                    "| USBTags | not mapped: it is the dog's |\n"
                    "\n### ICoat\n\n| attribute | mapped by |\n|---|---|\n"
                    "| color | `/pack/dog/@color` |\n"
                    "| length | `/pack/dog` |\n");
}

static void test_problems(void)
{
    static const Unmapped table[] = {
        {"IDog", NULL, NULL, NULL},
        {"IDog", "getTrait", "Trait", NULL},
        {"IDog", "color collar tail", NULL, "it is the dog's"},
        {"IDog", "color", NULL, "it is not"},
        {"ICat", NULL, NULL, NULL},
        {NULL, NULL, NULL, NULL},
    };
    static const char *const says[] = {
        "IDog.age is unmapped",
        "IDog.USBTags is unmapped",
        "IDog.getTrait(Old) is unmapped",
        "IDog.collar is mapped by /pack/dog/collar/@name",
        "IDog.color has two reasons",
        "names IDog.tail,",
        "no interface ICat",
    };
    g_autoptr(Typelib) typelib = library();
    g_autoptr(GString) page = g_string_new(NULL);
    g_autoptr(GString) problems = g_string_new(NULL);
    map_coverage(&schema, typelib, table, page, problems);
    for (guint i = 0; i < G_N_ELEMENTS(says); i++)
        g_assert_nonnull(strstr(problems->str, says[i]));
    g_auto(GStrv) lines = g_strsplit(problems->str, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, G_N_ELEMENTS(says) + 1);
    g_assert_nonnull(strstr(page->str, "| age | **unmapped** |"));
}

static void test_serves(void)
{
    static const Element cat = {
        .path = "cat",
        .interface = "ICat",
        .size = sizeof(Dog),
        .fields = fields + 3,
        .serves = "IDog.tail",
    };
    static const Element *const cats[] = {&cat, NULL};
    static const Schema wrong = {.root = "pack", .elements = cats};
    static const Unmapped none[] = {{NULL, NULL, NULL, NULL}};
    g_autoptr(Typelib) typelib = library();
    g_autoptr(GString) page = g_string_new(NULL);
    g_autoptr(GString) problems = g_string_new(NULL);
    map_coverage(&wrong, typelib, none, page, problems);
    g_assert_cmpstr(problems->str, ==,
                    "/pack/cat serves IDog.tail, which this VirtualBox has not\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/coverage/good", test_good);
    g_test_add_func("/coverage/problems", test_problems);
    g_test_add_func("/coverage/serves", test_serves);
    return g_test_run();
}

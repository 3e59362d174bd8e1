/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every row of every element's table must be used in each direction that it has: rows FILE…
 *
 * The files are documents of domains.  Each is defined, dumped, defined by its own dump and dumped
 * again, on a real VirtualBox, in this process.  What they need besides is made by VBoxManage. */
#include "domain/build.h"
#include "domain/define.h"
#include "domain/domain.h"
#include "map/kind.h"
#include "vbox/machine.h"
#include <glib/gstdio.h>

/* Of rows/storage.xml and rows/disks.xml. */
static const char *const images[] = {"/tmp/rows.vdi", "/tmp/rows-shared.vdi",
                                     "/tmp/rows-transient.vdi", "/tmp/rows-through.vdi"};

/* clang-format off */
static const char *const before[] = {
    "hostonlyif create",
    NULL };
static const char *const after[] = {
    "hostonlyif remove vboxnet0", NULL };
/* clang-format on */

/* Rows that no document can use: what others attached an adapter to is kept, not made. */
static const char *const others[] = {"NATNetwork", "genericDriver", "cloudNetwork",
                                     "hostOnlyNetwork", NULL};

static char **files;

static void manage(const char *const *commands)
{
    for (; *commands != NULL; commands++) {
        g_autofree char *line = g_strdup_printf("%s/VBoxManage %s", vbox_directory(), *commands);
        g_autofree char *said = NULL, *complained = NULL;
        g_autoptr(GError) error = NULL;
        gint status = 0;
        g_assert_true(g_spawn_command_line_sync(line, &said, &complained, &status, &error));
        g_assert_true(g_spawn_check_wait_status(status, &error));
    }
}

/* What is shared must have a fixed size. */
static void make_images(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(images); i++) {
        g_autofree char *create =
            g_strdup_printf("createmedium disk --filename %s --size 1 --variant Fixed", images[i]);
        g_autofree char *close = g_strdup_printf("closemedium disk %s", images[i]);
        manage((const char *const[]){create, close, NULL});
    }
}

static char *dump(Object *machine, guint flags)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Model) domain = domain_read(machine, &error);
    g_assert_no_error(error);
    if (flags & MAP_ACTIVE)
        domain_general(domain)->id = 1;
    char *text = map_format(domain, flags, &error);
    g_assert_no_error(error);
    return text;
}

static Object *define(const char *xml)
{
    g_autoptr(GError) error = NULL;
    guint8 uuid[UUID_BYTES];
    Object *machine = build_machine(xml, FALSE, uuid, &error);
    g_assert_no_error(error);
    return machine;
}

static Object *use(const char *file)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *xml = NULL;
    g_assert_true(g_file_get_contents(file, &xml, NULL, &error));
    g_autoptr(Object) machine = define(xml);
    g_autofree char *first = dump(machine, MAP_ACTIVE | MAP_SECURE);
    g_autofree char *lasting = dump(machine, MAP_SECURE);
    Object *again = define(lasting);
    g_autofree char *second = dump(again, MAP_ACTIVE | MAP_SECURE);
    g_assert_cmpstr(first, ==, second);
    return again;
}

/* Whether a row knows one word only, and that is its fallback: it is neither shown when it is
 * quiet, nor ever kept. */
static gboolean is_constant(const Field *field)
{
    return field->words != NULL && field->words[1].word == NULL &&
           g_strcmp0(field->words[0].word, field->fallback) == 0;
}

static gboolean applies(const Field *field)
{
    return field->keep ? !is_constant(field) : field->attribute != NULL || field->set != NULL;
}

/* The directions that a row has, as bits. */
static guint directions(const Element *element, const Field *field)
{
    guint has = field->path == NULL ? 0 : 1 << MAP_PARSE;
    if (field->attribute != NULL && g_strv_contains(others, field->attribute))
        return 0;
    if (field->kind == &kind_refuse || field->kind == &kind_ignore || field->input)
        return has;
    if (field->path != NULL && !(field->quiet && is_constant(field)))
        has |= 1 << MAP_FORMAT;
    if (field->attribute != NULL || field->get != NULL || field->keep)
        has |= 1 << MAP_READ;
    /* A disk is attached as a whole, not row by row. */
    if (element != &domain_disk_element || field->keep)
        has |= applies(field) ? 1 << MAP_APPLY : 0;
    return has;
}

/* The report has a line a row, in the order of the tables. */
static guint check_row(const Element *element, const Field *field, const char *line)
{
    static const char *const names[] = {"parse", "apply", "read", "format"};
    g_auto(GStrv) cells = g_strsplit(line, "\t", -1);
    guint count = 0;
    g_assert_cmpuint(g_strv_length(cells), ==, 3 + MAP_DIRECTIONS);
    for (guint i = 0; i < MAP_DIRECTIONS; i++) {
        if (!(directions(element, field) & 1u << i) || !g_str_equal(cells[3 + i], "0"))
            continue;
        g_test_message("%s %s %s: never used to %s", cells[0], cells[1], cells[2], names[i]);
        count++;
    }
    return count;
}

static void test_rows(void)
{
    map_hits_start();
    manage(before);
    make_images();
    g_autoptr(GPtrArray) machines = g_ptr_array_new_with_free_func((GDestroyNotify)object_unref);
    for (char **file = files; *file != NULL; file++)
        g_ptr_array_add(machines, use(*file));
    for (guint i = machines->len; i > 0; i--)
        g_assert_true(domain_remove(g_ptr_array_index(machines, i - 1), NVRAM_GOES, NULL));
    manage(after);
    for (guint i = 0; i < G_N_ELEMENTS(images); i++)
        g_assert_cmpint(g_unlink(images[i]), ==, 0);
    g_autofree char *report = map_hits_report(&domain_schema);
    g_auto(GStrv) lines = g_strsplit(report, "\n", -1);
    guint line = 0, count = 0;
    for (const Element *const *element = domain_schema.elements; *element != NULL; element++)
        for (const Field *field = (*element)->fields; field->kind != NULL; field++)
            count += check_row(*element, field, lines[line++]);
    g_assert_cmpuint(count, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    files = argv + 1;
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) lacking = g_string_new(NULL);
    if (!vbox_start(&error))
        g_error("%s", error->message);
    if (!domain_bind(lacking))
        g_test_message("VirtualBox lacks:\n%s", lacking->str);
    g_test_add_func("/domain/rows", test_rows);
    return g_test_run();
}

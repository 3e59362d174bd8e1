/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The domain's tables with other releases of VirtualBox: versions FILE…
 *
 * The type library is the installed one, made into that of each release; the VirtualBox behind it
 * is a property bag.  The first two files are documents of one domain, each to be made of the
 * other; the rest are others. */
#include "domain/build.h"
#include "domain/domain.h"
#include "domain/next.h"
#include "domain/nic.h"
#include "host/check.h"
#include "tests/unit/versions/virtualbox.h"
#include "vbox/machine.h"
#include "vbox/platform.h"
#include <glib/gstdio.h>
#include <string.h>

#define DISK "/tmp/rows.vdi" /* as documents name a disk that the test brings */
#define NEW_UUID "6b5a3c1e-0d4f-4b62-9f5e-0000000000ff" /* of documents that have none */

static char **files;
static char *disk;
static char *first_dumps; /* of the newest release */

/* --- a release ----------------------------------------------------------------------------- */

static void start(const Release *release)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = xpcom_find(&error);
    g_assert_no_error(error);
    Typelib *typelib = typelib_load(directory, &error);
    g_assert_no_error(error);
    for (const Release *each = releases; each <= release; each++) {
        Typelib *older = release_typelib(each, typelib);
        typelib_free(typelib);
        typelib = older;
    }
    virtualbox_start(release, typelib);
}

/* What the tables miss is what the release truly has not. */
static char *bind_tables(const Release *release)
{
    g_autoptr(GString) report = g_string_new(NULL);
    gboolean has_all = domain_bind(report), is_right = TRUE;
    g_assert_true(has_all == (report->len == 0));
    g_auto(GStrv) lines = g_strsplit(report->str, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        if (**line == '\0' || g_strv_contains(release->lacking, *line))
            continue;
        g_test_message("%s: %s; if it has that by another name, write it into the row, after '|'; "
                       "else this line into releases.c",
                       release->name, *line);
        is_right = FALSE;
    }
    for (const char *const *line = release->lacking; *line != NULL; line++) {
        if (g_strv_contains((const char *const *)lines, *line))
            continue;
        g_test_message("%s: it is not reported any more: %s", release->name, *line);
        is_right = FALSE;
    }
    g_assert_true(is_right);
    return g_string_free(g_steal_pointer(&report), FALSE);
}

/* Both are lines; says which is the first that differs. */
static void check_same(const char *is, const char *should)
{
    g_auto(GStrv) lines = g_strsplit(is, "\n", -1), others = g_strsplit(should, "\n", -1);
    for (guint i = 0; lines[i] != NULL && others[i] != NULL; i++)
        g_assert_cmpstr(lines[i], ==, others[i]);
    g_assert_cmpuint(g_strv_length(lines), ==, g_strv_length(others));
}

/* --- documents ----------------------------------------------------------------------------- */

static char *replace(char *text, const char *old, const char *new)
{
    g_auto(GStrv) parts = g_strsplit(text, old, -1);
    g_free(text);
    return g_strjoinv(new, parts);
}

/* One that every release can be asked for. */
static char *read_document(const char *file)
{
    g_autoptr(GError) error = NULL;
    char *text = NULL;
    g_assert_true(g_file_get_contents(file, &text, NULL, &error));
    for (const char *const *word = newer_words; *word != NULL; word++)
        text = replace(text, *word, "");
    if (strstr(text, "<uuid>") == NULL)
        text = replace(text, "</name>", "</name><uuid>" NEW_UUID "</uuid>");
    return replace(text, DISK, disk);
}

static Object *define(const char *xml, GError **error)
{
    guint8 uuid[UUID_BYTES];
    return build_machine(xml, FALSE, uuid, error);
}

static Object *define_well(const char *xml)
{
    g_autoptr(GError) error = NULL;
    Object *machine = define(xml, &error);
    g_assert_no_error(error);
    return machine;
}

static char *dump(Object *machine)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Model) domain = domain_read(machine, &error);
    g_assert_no_error(error);
    char *text = map_format(domain, MAP_SECURE, &error);
    g_assert_no_error(error);
    return text;
}

/* Defined, dumped, and defined by its own dump, which changes nothing. */
static char *use(const char *file)
{
    g_autofree char *xml = read_document(file);
    g_autoptr(Object) machine = define_well(xml);
    g_autofree char *before = virtualbox_print();
    char *first = dump(machine);
    g_string_truncate(world.changes, 0);
    g_autoptr(Object) again = define_well(first);
    g_assert_cmpstr(world.changes->str, ==, "");
    g_autofree char *after = virtualbox_print(), *second = dump(again);
    check_same(after, before);
    check_same(second, first);
    return first;
}

/* The same XML, whatever the release. */
static void test_documents(gconstpointer release)
{
    g_autoptr(GString) dumps = g_string_new(NULL);
    start(release);
    g_free(bind_tables(release));
    for (char **file = files; *file != NULL; file++) {
        g_autofree char *text = use(*file);
        g_string_append(dumps, text);
        virtualbox_reset();
    }
    virtualbox_stop();
    if (first_dumps == NULL)
        first_dumps = g_strdup(dumps->str);
    check_same(dumps->str, first_dumps);
}

/* --- what is lacking ------------------------------------------------------------------------ */

/* What a client may ask for follows from lists that moved. */
static void check_platforms(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) arches = platform_arches(&error);
    g_assert_no_error(error);
    g_assert_cmpuint(arches->len, ==, 2);
    for (guint i = 0; i < arches->len; i++) {
        const PlatformArch *arch = g_ptr_array_index(arches, i);
        g_autofree char *names = g_strjoinv(" ", arch->machines);
        g_assert_cmpstr(names, ==, "piix3 ich9");
    }
}

static void test_check(gconstpointer data)
{
    const Release *release = data;
    gboolean has_names;
    start(release);
    g_autofree char *names = vbox_names_report(&has_names);
    g_test_message("%s", names);
    g_assert_true(has_names);
    g_autofree char *lacking = bind_tables(release);
    g_autofree char *report = host_check_report(CHECK_ALL, NULL, lacking);
    for (const char *const *line = release->lacking; *line != NULL; line++) {
        g_autofree char *note =
            g_strdup_printf("note     a domain's XML cannot use with this VirtualBox %s\n", *line);
        g_assert_nonnull(strstr(report, note));
    }
    check_platforms();
    virtualbox_stop();
}

/* What a release has not is refused before anything is made. */
static void test_refused(gconstpointer data)
{
    const Release *release = data;
    g_autoptr(GError) error = NULL;
    start(release);
    g_free(bind_tables(release));
    g_autofree char *xml = replace(read_document(files[1]), "'e1000'", "'e1000e'");
    g_autoptr(Object) machine = define(xml, &error);
    if (*release->lacking == NULL) {
        g_assert_no_error(error);
    } else {
        g_autofree char *made = virtualbox_print();
        g_assert_cmpstr(made, ==, "");
        g_assert_true(g_str_has_prefix(error->message, "/domain/devices/interface[1]/model/@type"));
    }
    g_clear_pointer(&machine, object_unref);
    virtualbox_stop();
}

/* --- a start that fails ---------------------------------------------------------------------- */

#define FILTER                                                                   \
    "Failed to open/create the internal network 'HostInterfaceNetworking-eth0' " \
    "(VERR_SUPDRV_COMPONENT_NOT_FOUND).\nFailed to attach the network LUN "      \
    "(VERR_SUPDRV_COMPONENT_NOT_FOUND)"

/* What VirtualBox said of the start of a machine with that interface, and what we add. */
static void check_start(const char *interface, const char *said, const char *wanted)
{
    g_autofree char *xml = g_strdup_printf(
        "<domain type='vbox'><name>n</name><uuid>" NEW_UUID "</uuid><memory>65536</memory>"
        "<os><type>hvm</type></os><devices>%s</devices></domain>",
        interface);
    g_autoptr(Object) machine = define_well(xml);
    GError *failure = g_error_new(VIR_ERROR, VIR_ERR_INTERNAL_ERROR, "%s", said);
    nic_explain_start(machine, &failure);
    g_assert_nonnull(strstr(failure->message, said));
    g_assert_cmpint(strstr(failure->message, "(VirtualBox says: ") != NULL, ==, wanted != NULL);
    g_assert_true(wanted == NULL || g_str_has_prefix(failure->message, wanted));
    g_error_free(failure);
}

static void test_start(gconstpointer release)
{
    static const char bridged[] = "<interface type='bridge'><source bridge='eth0'/></interface>";
    static const char host_only[] =
        "<interface type='network'><source network='vboxnet0'/></interface>";
    static const char internal[] = "<interface type='network'><source network='lan'/></interface>";
    static const char gone[] =
        "<interface type='network'><source network='vboxnet99'/></interface>";
    static const char driver[] =
        "bridged and host-only interfaces need VirtualBox's kernel driver "
        "vboxnetflt, which is not loaded: as root run `modprobe vboxnetflt`";
    start(release);
    g_free(bind_tables(release));
    check_start(bridged, FILTER, driver);
    check_start(host_only, FILTER, driver);
    check_start(internal, FILTER, NULL);
    check_start(bridged, "it did not like it", NULL);
    check_start(gone, "it did not like it", "the host-only adapter 'vboxnet99' has gone");
    virtualbox_stop();
}

/* --- failures ------------------------------------------------------------------------------- */

/* One call of a change fails: the change either fails, and all is as before, or is made whole. */
static gboolean fail_once(const char *from, const char *to, const char *wanted, guint at)
{
    virtualbox_reset();
    g_autoptr(Object) old = from == NULL ? NULL : define_well(from);
    if (old != NULL) /* as after a definition while it ran */
        g_assert_true(extra_data_set(old, DOMAIN_NEXT_KEY, from, NULL));
    g_autofree char *before = virtualbox_print();
    g_autoptr(GError) error = NULL;
    world.calls = 0;
    world.fail_at = at;
    world.fail_with = NS_ERROR_CALL_FAILED; /* which is never an answer */
    g_autoptr(Object) new = define(to, &error);
    gboolean has_failed = world.calls >= at;
    g_test_message("call %u, %s: %s", at, has_failed ? world.failed : "none",
                   new == NULL ? error->message : "is made all the same");
    world.fail_at = 0;
    if (new == NULL) {
        g_autofree char *after = virtualbox_print();
        check_same(after, before);
    } else {
        g_autofree char *after = virtualbox_print_machines();
        check_same(after, wanted);
    }
    return has_failed;
}

static void fail_each(const char *from, const char *to)
{
    virtualbox_reset();
    g_autoptr(Object) old = from == NULL ? NULL : define_well(from);
    g_autoptr(Object) new = define_well(to);
    g_autofree char *wanted = virtualbox_print_machines();
    g_clear_pointer(&old, object_unref);
    g_clear_pointer(&new, object_unref);
    guint at = 1;
    while (fail_once(from, to, wanted, at))
        at++;
    g_test_message("%u calls", at - 1);
    g_assert_cmpuint(at, >, 100);
}

/* Each takes some thousand definitions; an older release has less to tell of the other documents.
 */
static void test_failures(gconstpointer release)
{
    g_autofree char *one = read_document(files[0]), *other = read_document(files[1]);
    start(release);
    g_free(bind_tables(release));
    fail_each(one, other);
    fail_each(other, one);
    for (char **file = files; release == releases && *file != NULL; file++) {
        g_autofree char *new = read_document(*file);
        fail_each(NULL, new);
    }
    virtualbox_reset();
    virtualbox_stop();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    /* A failure on the way out is a warning. */
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
    files = argv + 1;
    int fd = g_file_open_tmp("rows-XXXXXX.vdi", &disk, NULL);
    g_assert_true(g_close(fd, NULL));
    static const struct {
        const char *name;
        GTestDataFunc run;
    } tests[] = {{"check", test_check},
                 {"documents", test_documents},
                 {"refused", test_refused},
                 {"start", test_start},
                 {"failures", test_failures}};
    for (const Release *release = releases; release->name != NULL; release++) {
        for (guint i = 0; i < G_N_ELEMENTS(tests); i++) {
            g_autofree char *path =
                g_strdup_printf("/versions/%s/%s", release->name, tests[i].name);
            g_test_add_data_func(path, release, tests[i].run);
        }
    }
    int status = g_test_run();
    g_assert_cmpint(g_unlink(disk), ==, 0);
    g_free(disk);
    g_free(first_dumps);
    return status;
}

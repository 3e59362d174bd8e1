/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Claim: see claim.h. */
#include "storage/claim.h"
#include <string.h>
#include <sys/stat.h>
#include "base/path.h"
#include "storage/flat.h"
#include "storage/known.h"
#include "vbox/machine.h"

#define SETTINGS_MAX (16 * 1024 * 1024) /* bytes; a thousand snapshots take five */
#define LAST "</VirtualBox>"            /* the last that VirtualBox writes */

typedef struct Wanted {
    const char *path;
    char *id; /* of its medium; NULL: VirtualBox has none */
} Wanted;

/* NULL: there is none, or it is no settings file. */
static char *read_settings(const char *path)
{
    struct stat file;
    char *text = NULL;
    if (stat(path, &file) < 0 || !S_ISREG(file.st_mode) || file.st_size > SETTINGS_MAX)
        return NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

/* What stands in an attribute. */
static char *unescaped(const char *value)
{
    static const char *const words[][2] = {
        {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&amp;", "&"}};
    GString *text = g_string_new(value);
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        g_string_replace(text, words[i][0], words[i][1], 0);
    return g_string_free(text, FALSE);
}

/* folder: that of the settings, below which VirtualBox gives the path. */
static gboolean is_place(const char *value, const char *folder, const Wanted *wanted)
{
    g_autofree char *written = unescaped(value);
    g_autofree char *path = g_canonicalize_filename(written, folder);
    g_autofree char *image = flat_image(path);
    return path_is_same(image != NULL ? image : path, wanted->path);
}

static gboolean has(const char *text, const char *folder, const Wanted *wanted)
{
    static const char place[] = " location=\"";
    if (wanted->id != NULL && strstr(text, wanted->id) != NULL)
        return TRUE;
    for (const char *at = text; (at = strstr(at, place)) != NULL;) {
        at += strlen(place);
        const char *end = strchr(at, '"');
        g_autofree char *value = end != NULL ? g_strndup(at, (gsize)(end - at)) : NULL;
        if (value != NULL && is_place(value, folder, wanted))
            return TRUE;
    }
    return FALSE;
}

static gboolean is_below(const char *path, const char *folder)
{
    g_autofree char *above = g_path_get_dirname(path);
    struct stat one, other;
    if (stat(above, &one) == 0 && stat(folder, &other) == 0 && one.st_dev == other.st_dev &&
        one.st_ino == other.st_ino)
        return TRUE;
    return !g_str_equal(above, path) && is_below(above, folder);
}

static gboolean refuse(const Volume *volume, Object *machine, const char *path, gboolean is_sure,
                       GError **error)
{
    g_autofree char *name = machine_name(machine, NULL);
    return fail(error, VIR_ERR_OPERATION_INVALID,
                "storage volume '%s' %s domain '%s', whose settings, %s, VirtualBox cannot read: "
                "mend or restore that file, or undefine the domain, first",
                volume->name, is_sure ? "is in use by" : "may be in use, in the folder of",
                name != NULL ? name : "of that file", path);
}

static gboolean check_machine(const Volume *volume, const Wanted *wanted, Object *machine,
                              GError **error)
{
    g_autofree char *path = NULL;
    if (!vbox_call(machine, IMachine_get_settingsFilePath, error, &path))
        return FALSE;
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *backup = g_strconcat(path, "-prev", NULL);
    g_autofree char *now = read_settings(path), *before = read_settings(backup);
    if ((now != NULL && has(now, folder, wanted)) ||
        (before != NULL && has(before, folder, wanted)))
        return refuse(volume, machine, path, TRUE, error);
    gboolean is_whole = now != NULL && strstr(now, LAST) != NULL;
    return is_whole || !is_below(volume->path, folder) ||
           refuse(volume, machine, path, FALSE, error);
}

gboolean claim_check(const Volume *volume, GError **error)
{
    g_autoptr(GPtrArray) machines = machine_all_inaccessible(error);
    g_autoptr(Object) medium = NULL;
    g_autofree char *id = NULL;
    if (machines == NULL || machines->len == 0)
        return machines != NULL;
    if (!known_find(volume->path, &medium, error) ||
        (medium != NULL && !vbox_call(medium, IMedium_get_id, error, &id)))
        return FALSE;
    Wanted wanted = {volume->path, id};
    for (guint i = 0; i < machines->len; i++)
        if (!check_machine(volume, &wanted, machines->pdata[i], error))
            return FALSE;
    return TRUE;
}

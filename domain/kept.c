/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kept: see kept.h. */
#include "domain/kept.h"
#include "vbox/machine.h"
#include "vbox/record.h"
#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>

#define RECORD_PREFIX "vboxvirt/nvram/"
#define SUFFIX ".nvram"
#define ASIDE ".kept" /* while VirtualBox deletes its machine's files; an engine may die then */

void kept_clear(Kept *self)
{
    g_clear_pointer(&self->path, g_free);
    g_clear_pointer(&self->aside, g_free);
}

static gboolean exists(const char *path)
{
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static gboolean move(const char *from, const char *to, GError **error)
{
    g_autoptr(GFile) source = g_file_new_for_path(from), target = g_file_new_for_path(to);
    g_autoptr(GError) failure = NULL;
    /* The folders of two machines may be on two file systems. */
    return g_file_move(source, target, G_FILE_COPY_ALL_METADATA, NULL, NULL, NULL, &failure) ||
           fail(error, VIR_ERR_SYSTEM_ERROR, "cannot move the NVRAM file %s to %s: %s", from, to,
                failure->message);
}

/* --- keeping ------------------------------------------------------------------------------- */

static gboolean nvram_path(Object *machine, char **ret_path, GError **error)
{
    g_autoptr(Object) store = NULL;
    return vbox_call(machine, IMachine_get_nonVolatileStore, error, &store) &&
           vbox_call(store, INvramStore_get_nonVolatileStorageFile, error, ret_path);
}

static gboolean record_set(Object *machine, const char *path, GError **error)
{
    guint8 uuid[UUID_BYTES];
    if (!machine_uuid(machine, uuid, error))
        return FALSE;
    g_autofree char *key = vbox_record_key(RECORD_PREFIX, uuid);
    return extra_data_set(NULL, key, path, error);
}

gboolean kept_put_aside(Object *machine, Kept *ret_kept, GError **error)
{
    g_auto(Kept) kept = {NULL, NULL};
    if (!nvram_path(machine, &kept.path, error))
        return FALSE;
    if (!exists(kept.path))
        return TRUE;
    kept.aside = g_strconcat(kept.path, ASIDE, NULL);
    if (!record_set(machine, kept.path, error) || !move(kept.path, kept.aside, error))
        return FALSE;
    ret_kept->path = g_steal_pointer(&kept.path);
    ret_kept->aside = g_steal_pointer(&kept.aside);
    return TRUE;
}

gboolean kept_put_back(const Kept *self, GError **error)
{
    return self->path == NULL || move(self->aside, self->path, error);
}

/* --- finding it again ---------------------------------------------------------------------- */

typedef struct Record {
    guint8 uuid[UUID_BYTES];
    char *path;
} Record;

static gpointer record_parse(const guint8 uuid[UUID_BYTES], const char *text, GError **error)
{
    Record *record = g_new0(Record, 1);
    memcpy(record->uuid, uuid, UUID_BYTES);
    record->path = g_strdup(text);
    return record;
}

static void record_free(gpointer data)
{
    Record *record = data;
    g_free(record->path);
    g_free(record);
}

/* Where the file of a record is; NULL: it has gone.  Owned. */
static char *record_file(const Record *self)
{
    g_autofree char *aside = g_strconcat(self->path, ASIDE, NULL);
    if (exists(self->path))
        return g_strdup(self->path);
    return exists(aside) ? g_steal_pointer(&aside) : NULL;
}

/* The record of that uuid, else one of that file's name. */
static const Record *record_choose(const GPtrArray *records, const guint8 uuid[UUID_BYTES],
                                   const char *file_name)
{
    const Record *same_name = NULL;
    for (guint i = 0; i < records->len; i++) {
        const Record *record = records->pdata[i];
        g_autofree char *name = g_path_get_basename(record->path);
        if (memcmp(record->uuid, uuid, UUID_BYTES) == 0)
            return record;
        if (g_str_equal(name, file_name))
            same_name = record;
    }
    return same_name;
}

/* A machine that another program made may have taken the file meanwhile. */
static gboolean is_used(const char *path, gboolean *ret_used, GError **error)
{
    g_autoptr(GPtrArray) machines = machine_all(error);
    *ret_used = FALSE;
    for (guint i = 0; machines != NULL && i < machines->len && !*ret_used; i++) {
        g_autofree char *theirs = NULL;
        gboolean is_accessible;
        if (!vbox_call(machines->pdata[i], IMachine_get_accessible, error, &is_accessible) ||
            (is_accessible && !nvram_path(machines->pdata[i], &theirs, error)))
            return FALSE;
        *ret_used = g_strcmp0(theirs, path) == 0;
    }
    return machines != NULL;
}

/* Where VirtualBox has the file of a machine by default. */
static char *default_path(Object *machine, GError **error)
{
    g_autofree char *settings = NULL, *name = NULL;
    if (!vbox_call(machine, IMachine_get_settingsFilePath, error, &settings) ||
        !vbox_call(machine, IMachine_get_name, error, &name))
        return NULL;
    g_autofree char *folder = g_path_get_dirname(settings);
    g_autofree char *file = g_strconcat(name, SUFFIX, NULL);
    return g_build_filename(folder, file, NULL);
}

/* Moves the record's file to path; its old folder goes when that was all in it. */
static gboolean take(const Record *record, const char *path, gboolean *ret_found, GError **error)
{
    gboolean used;
    g_autofree char *file = record_file(record), *folder = g_path_get_dirname(record->path);
    g_autofree char *key = vbox_record_key(RECORD_PREFIX, record->uuid);
    g_autofree char *new_folder = g_path_get_dirname(path);
    if (file != NULL && !is_used(record->path, &used, error))
        return FALSE;
    if (file != NULL && !used) {
        if (g_mkdir_with_parents(new_folder, 0700) < 0)
            return fail(error, VIR_ERR_SYSTEM_ERROR, "cannot make the folder %s: %s", new_folder,
                        g_strerror(errno));
        if (!move(file, path, error))
            return FALSE;
        *ret_found = TRUE;
        if (g_rmdir(folder) < 0)
            g_debug("%s has more in it than an NVRAM file", folder);
    }
    return extra_data_set(NULL, key, NULL, error);
}

gboolean kept_adopt(Object *machine, gboolean *ret_found, GError **error)
{
    guint8 uuid[UUID_BYTES];
    g_autofree char *path = default_path(machine, error);
    if (path == NULL || !machine_uuid(machine, uuid, error))
        return FALSE;
    *ret_found = exists(path);
    g_autoptr(GPtrArray) records =
        vbox_records(RECORD_PREFIX, "NVRAM file", record_parse, record_free, error);
    if (records == NULL)
        return FALSE;
    g_autofree char *name = g_path_get_basename(path);
    const Record *record = record_choose(records, uuid, name);
    if (record == NULL || (*ret_found && !g_str_equal(record->path, path)))
        return TRUE;
    if (!*ret_found)
        return take(record, path, ret_found, error);
    g_autofree char *key = vbox_record_key(RECORD_PREFIX, record->uuid);
    return extra_data_set(NULL, key, NULL, error);
}

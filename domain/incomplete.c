/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Incomplete: see incomplete.h.
 *
 * Theory of operation.  VirtualBox's own extra data says which machines are being made, as words
 * "uuid/name" with the name escaped as in URIs.  The next engine finds there what one that died
 * left: a registered machine, or only its settings file, which would be in the way of every later
 * machine of that name.  The same key serves as a fence for events: VirtualBox tells of things in
 * their order, so once it has told that a machine is no longer in the list, all that was done to
 * the machine before has been told of too. */
#include "domain/incomplete.h"
#include <string.h>
#include <unistd.h>
#include "domain/define.h"
#include "vbox/machine.h"

static struct {
    GMutex mutex;
    GHashTable *words; /* uuid → "uuid/name" */
    GHashTable *ended; /* uuids that VirtualBox has not told of yet */
} incomplete;

/* Writes the list; the mutex is held. */
static gboolean save(GError **error)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    GHashTableIter iterator;
    gpointer uuid, word;
    g_hash_table_iter_init(&iterator, incomplete.words);
    while (g_hash_table_iter_next(&iterator, &uuid, &word))
        g_ptr_array_add(words, word);
    g_ptr_array_add(words, NULL);
    g_autofree char *text = g_strjoinv(" ", (char **)words->pdata);
    return extra_data_set(NULL, INCOMPLETE_KEY, text, error);
}

gboolean incomplete_begin(const char *uuid, const char *name, GError **error)
{
    g_autofree char *escaped = g_uri_escape_string(name, NULL, FALSE);
    g_mutex_lock(&incomplete.mutex);
    if (incomplete.words == NULL) {
        incomplete.words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        incomplete.ended = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    }
    g_hash_table_replace(incomplete.words, g_strdup(uuid), g_strconcat(uuid, "/", escaped, NULL));
    gboolean ok = save(error);
    if (!ok)
        g_hash_table_remove(incomplete.words, uuid);
    g_mutex_unlock(&incomplete.mutex);
    return ok;
}

static void end(const char *uuid)
{
    g_autoptr(GError) failure = NULL;
    g_hash_table_add(incomplete.ended, g_strdup(uuid));
    if (save(&failure))
        return;
    g_hash_table_remove(incomplete.ended, uuid);
    g_warning("machine %s stays marked as incomplete: %s", uuid, failure->message);
}

void incomplete_end(const char *uuid)
{
    g_mutex_lock(&incomplete.mutex);
    if (g_hash_table_remove(incomplete.words, uuid))
        end(uuid);
    g_mutex_unlock(&incomplete.mutex);
}

gboolean incomplete_is(const guint8 uuid[UUID_BYTES])
{
    char text[UUID_STRING];
    uuid_format(uuid, text);
    g_mutex_lock(&incomplete.mutex);
    gboolean is_so = incomplete.words != NULL && (g_hash_table_contains(incomplete.words, text) ||
                                                  g_hash_table_contains(incomplete.ended, text));
    g_mutex_unlock(&incomplete.mutex);
    return is_so;
}

static gboolean is_not_in(gpointer uuid, gpointer unused, gpointer value)
{
    return strstr(value, uuid) == NULL;
}

void incomplete_told(const char *value)
{
    g_mutex_lock(&incomplete.mutex);
    if (incomplete.ended != NULL)
        g_hash_table_foreach_remove(incomplete.ended, is_not_in, (gpointer)value);
    g_mutex_unlock(&incomplete.mutex);
}

/* --- what an engine that died has left ----------------------------------------------------- */

/* A settings file that no machine has: VirtualBox wrote it just before it died. */
static void remove_file(const char *uuid, const char *name)
{
    g_autofree char *path = NULL, *text = NULL;
    if (!vbox_call(vbox_root(), IVirtualBox_composeMachineFilename, NULL, name, NULL, NULL, NULL,
                   &path) ||
        !g_file_get_contents(path, &text, NULL, NULL) || strstr(text, uuid) == NULL)
        return;
    g_autofree char *folder = g_path_get_dirname(path);
    g_message("removing %s, which an engine that died left", path);
    if (unlink(path) < 0 || rmdir(folder) < 0)
        g_warning("removing %s: it is not quite empty", folder);
}

static void remove_one(const char *word)
{
    guint8 uuid[UUID_BYTES];
    g_autoptr(GError) failure = NULL;
    g_auto(GStrv) parts = g_strsplit(word, "/", 2);
    g_autofree char *name = parts[0] != NULL ? g_uri_unescape_string(parts[1], NULL) : NULL;
    if (name == NULL || !uuid_parse(parts[0], uuid))
        return;
    g_autoptr(Object) machine = machine_find(uuid, NULL, NULL);
    if (machine == NULL) {
        remove_file(parts[0], name);
        return;
    }
    g_message("removing machine %s, which was not completed when its engine died", name);
    if (!domain_remove(machine, &failure))
        g_warning("removing machine %s: %s", name, failure->message);
}

void incomplete_clean_up(void)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *text = extra_data_get(NULL, INCOMPLETE_KEY, &failure);
    if (text != NULL && *text == '\0')
        return;
    g_auto(GStrv) words = g_strsplit(text != NULL ? text : "", " ", -1);
    for (guint i = 0; words[i] != NULL; i++)
        remove_one(words[i]);
    if (text == NULL || !extra_data_set(NULL, INCOMPLETE_KEY, NULL, &failure))
        g_warning("machines that were not completed: %s", failure->message);
}

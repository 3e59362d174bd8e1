/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Incomplete: see incomplete.h.
 *
 * Theory of operation.  The marks (vbox/mark.h) of machines that are being made are words
 * "uuid/name".  The next engine, of whichever daemon, finds there what one that died left: a
 * registered machine, or only its settings file, which would be in the way of every later machine
 * of that name. */
#include "domain/incomplete.h"
#include <string.h>
#include <unistd.h>
#include "domain/define.h"
#include "vbox/machine.h"
#include "vbox/orphan.h"

static char *told; /* the list as VirtualBox told it last; of the event thread alone */

Mark *incomplete_begin(const char *uuid, const char *name, GError **error)
{
    guint8 bytes[UUID_BYTES];
    g_assert(uuid_parse(uuid, bytes));
    return mark_begin(INCOMPLETE_KEY, bytes, (const char *const[]){name, NULL}, error);
}

gboolean incomplete_is(const guint8 uuid[UUID_BYTES])
{
    return marks_have(told, uuid);
}

void incomplete_told(const char *value, void (*complete)(const guint8 uuid[UUID_BYTES]))
{
    guint8 uuid[UUID_BYTES];
    g_auto(GStrv) ended = marks_ended(told, value);
    g_free(told);
    told = g_strdup(value);
    for (char **word = ended; *word != NULL; word++) {
        g_auto(GStrv) parts = mark_parts(*word, uuid);
        if (parts != NULL)
            complete(uuid);
    }
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

/* FALSE: VirtualBox keeps it locked, and the next engine can try. */
static gboolean remove_one(const char *word)
{
    guint8 uuid[UUID_BYTES];
    g_autoptr(GError) failure = NULL;
    char text[UUID_STRING];
    g_auto(GStrv) parts = mark_parts(word, uuid);
    if (parts == NULL || parts[0] == NULL)
        return TRUE;
    uuid_format(uuid, text);
    g_autoptr(Object) machine = machine_find(uuid, NULL, NULL);
    if (machine == NULL) {
        remove_file(text, parts[0]);
        return TRUE;
    }
    g_message("removing machine %s, which was not completed when its engine died", parts[0]);
    if (domain_remove(machine, NVRAM_AS_MARKED, &failure))
        return TRUE;
    g_warning("removing machine %s: %s", parts[0], failure->message);
    return !orphan_is(machine);
}

void incomplete_clean_up(void)
{
    g_autoptr(GError) failure = NULL;
    g_auto(GStrv) words = marks_left(INCOMPLETE_KEY, &failure);
    for (char **word = words; word != NULL && *word != NULL && failure == NULL; word++)
        if (remove_one(*word) && !mark_drop(INCOMPLETE_KEY, *word, &failure))
            break;
    if (failure != NULL)
        g_warning("machines that were not completed: %s", failure->message);
}

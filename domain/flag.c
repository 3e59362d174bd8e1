/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Flag: see flag.h.
 *
 * VirtualBox saves the machine when extra data is set by a session, and then says once that the
 * machine's data has changed (measured on 7.2.22): that one is not for clients. */
#include "domain/flag.h"
#include "vbox/session.h"

static GMutex changes_lock;
static GHashTable *changes; /* uuid as text → changes of ours that VirtualBox will tell of */

static gboolean add(const guint8 uuid[UUID_BYTES], gint count)
{
    char text[UUID_STRING];
    uuid_format(uuid, text);
    g_mutex_lock(&changes_lock);
    if (changes == NULL)
        changes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    gint before = GPOINTER_TO_INT(g_hash_table_lookup(changes, text));
    if (before + count > 0)
        g_hash_table_replace(changes, g_strdup(text), GINT_TO_POINTER(before + count));
    else
        g_hash_table_remove(changes, text);
    g_mutex_unlock(&changes_lock);
    return before > 0;
}

gboolean flag_caused_change(const guint8 uuid[UUID_BYTES])
{
    return add(uuid, -1);
}

gboolean flag_set_text(Entry *entry, const char *key, const char *text, GError **error)
{
    add(entry_uuid(entry), 1);
    gboolean ok = session_set_extra_data(entry_machine(entry), key, text, error);
    if (!ok)
        add(entry_uuid(entry), -1);
    registry_forget_settings(entry_uuid(entry));
    return ok;
}

gboolean flag_set(Entry *entry, const char *key, gboolean now, gboolean on, GError **error)
{
    return now == on || flag_set_text(entry, key, on ? "yes" : NULL, error);
}

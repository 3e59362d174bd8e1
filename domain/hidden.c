/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hidden: see hidden.h. */
#include "domain/hidden.h"

static struct {
    GMutex mutex;
    GHashTable *uuids; /* as text */
} hidden;

void hidden_add(const guint8 uuid[UUID_BYTES])
{
    char text[UUID_STRING];
    uuid_format(uuid, text);
    g_mutex_lock(&hidden.mutex);
    if (hidden.uuids == NULL)
        hidden.uuids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_add(hidden.uuids, g_strdup(text));
    g_mutex_unlock(&hidden.mutex);
}

void hidden_remove(const guint8 uuid[UUID_BYTES])
{
    char text[UUID_STRING];
    uuid_format(uuid, text);
    g_mutex_lock(&hidden.mutex);
    if (hidden.uuids != NULL)
        g_hash_table_remove(hidden.uuids, text);
    g_mutex_unlock(&hidden.mutex);
}

gboolean hidden_has(const guint8 uuid[UUID_BYTES])
{
    char text[UUID_STRING];
    uuid_format(uuid, text);
    g_mutex_lock(&hidden.mutex);
    gboolean has = hidden.uuids != NULL && g_hash_table_contains(hidden.uuids, text);
    g_mutex_unlock(&hidden.mutex);
    return has;
}

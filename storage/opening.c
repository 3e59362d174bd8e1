/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opening: see opening.h. */
#include "storage/opening.h"

typedef struct Use {
    guint count;
    gboolean is_left;
} Use;

static GMutex lock;      /* held while a medium is closed, never while one is opened */
static GHashTable *uses; /* path → Use */

void opening_begin(const char *path)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&lock);
    if (uses == NULL)
        uses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    Use *use = g_hash_table_lookup(uses, path);
    if (use == NULL) {
        use = g_new0(Use, 1);
        g_hash_table_insert(uses, g_strdup(path), use);
    }
    use->count++;
}

gboolean opening_end(const char *path, gboolean is_left)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&lock);
    Use *use = g_hash_table_lookup(uses, path);
    is_left = use->is_left = use->is_left || is_left;
    if (--use->count > 0)
        return FALSE;
    g_hash_table_remove(uses, path);
    return is_left;
}

gboolean opening_close(Object *medium, GError **error)
{
    g_autofree char *path = NULL;
    if (!vbox_call(medium, IMedium_get_location, error, &path))
        return FALSE;
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&lock);
    Use *use = uses == NULL ? NULL : g_hash_table_lookup(uses, path);
    if (use != NULL) {
        use->is_left = TRUE;
        return fail(error, VIR_ERR_RESOURCE_BUSY, "'%s' is being attached to another domain", path);
    }
    return vbox_call(medium, IMedium_close, error);
}

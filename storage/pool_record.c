/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pool records: see pool_record.h. */
#include "storage/pool_record.h"
#include <string.h>
#include "vbox/machine.h"
#include "vbox/record.h"

#define KEY_PREFIX "vboxvirt/pool/"
#define GROUP "pool"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

/* Which life of the host this is: what was started in another one is not any more. */
static const char *boot_id(void)
{
    static char *id;
    static gsize once;
    if (g_once_init_enter(&once)) {
        id = NULL;
        if (g_file_get_contents(BOOT_ID, &id, NULL, NULL))
            g_strstrip(id);
        else
            id = g_strdup("unknown");
        g_once_init_leave(&once, 1);
    }
    return id;
}

gboolean pool_record_key_parse(const char *key, guint8 ret_uuid[UUID_BYTES])
{
    return vbox_record_key_parse(KEY_PREFIX, key, ret_uuid);
}

/* What the folder is to be made with: numbers of a Pool. */
static const struct {
    const char *key;
    gsize offset;
} numbers[] = {
    {"mode", G_STRUCT_OFFSET(Pool, mode)},
    {"owner", G_STRUCT_OFFSET(Pool, owner)},
    {"group", G_STRUCT_OFFSET(Pool, group)},
};

char *pool_record_format(const Pool *pool, const char *old)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) ignored = NULL;
    if (old != NULL && !g_key_file_load_from_data(file, old, (gsize)-1, 0, &ignored))
        g_debug("a record is rewritten: %s", ignored->message);
    g_key_file_set_string(file, GROUP, "name", pool->name);
    g_key_file_set_string(file, GROUP, "path", pool->path);
    g_key_file_set_boolean(file, GROUP, "persistent", pool->persistent);
    g_key_file_set_boolean(file, GROUP, "autostart", pool->autostart);
    if (pool->active)
        g_key_file_set_string(file, GROUP, "started", boot_id());
    else
        g_key_file_remove_key(file, GROUP, "started", NULL);
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        gint64 number = G_STRUCT_MEMBER(gint64, pool, numbers[i].offset);
        if (number != NUMBER_ABSENT)
            g_key_file_set_int64(file, GROUP, numbers[i].key, number);
        else
            g_key_file_remove_key(file, GROUP, numbers[i].key, NULL);
    }
    return g_key_file_to_data(file, NULL, NULL);
}

Pool *pool_record_parse(const guint8 uuid[UUID_BYTES], const char *text, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    if (!g_key_file_load_from_data(file, text, (gsize)-1, 0, error))
        return NULL;
    g_autoptr(Pool) self = pool_new();
    memcpy(self->uuid, uuid, UUID_BYTES);
    self->name = g_key_file_get_string(file, GROUP, "name", error);
    self->path = self->name != NULL ? g_key_file_get_string(file, GROUP, "path", error) : NULL;
    if (self->path == NULL)
        return NULL;
    if (!g_path_is_absolute(self->path)) {
        fail(error, VIR_ERR_INTERNAL_ERROR, "'%s' is no absolute path", self->path);
        return NULL;
    }
    self->persistent = g_key_file_get_boolean(file, GROUP, "persistent", NULL);
    self->autostart = g_key_file_get_boolean(file, GROUP, "autostart", NULL);
    g_autofree char *started = g_key_file_get_string(file, GROUP, "started", NULL);
    self->active = g_strcmp0(started, boot_id()) == 0;
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        if (g_key_file_has_key(file, GROUP, numbers[i].key, NULL))
            G_STRUCT_MEMBER(gint64, self, numbers[i].offset) =
                g_key_file_get_int64(file, GROUP, numbers[i].key, NULL);
    return g_steal_pointer(&self);
}

static gpointer parse_any(const guint8 uuid[UUID_BYTES], const char *text, GError **error)
{
    return pool_record_parse(uuid, text, error);
}

GPtrArray *pool_record_all(GError **error)
{
    return vbox_records(KEY_PREFIX, "storage pool", parse_any, (GDestroyNotify)pool_free, error);
}

gboolean pool_record_save(const Pool *pool, GError **error)
{
    g_autofree char *key = vbox_record_key(KEY_PREFIX, pool->uuid);
    g_autofree char *old = extra_data_get(NULL, key, error);
    if (old == NULL)
        return FALSE;
    g_autofree char *text = pool_record_format(pool, old);
    return g_str_equal(old, text) || extra_data_set(NULL, key, text, error);
}

gboolean pool_record_remove(const Pool *pool, GError **error)
{
    g_autofree char *key = vbox_record_key(KEY_PREFIX, pool->uuid);
    return extra_data_set(NULL, key, NULL, error);
}

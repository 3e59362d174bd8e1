/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pool: see pool.h. */
#include "storage/pool.h"
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "storage/pool_record.h"

Pool *pool_new(void)
{
    Pool *self = g_new0(Pool, 1);
    self->mode = self->owner = self->group = NUMBER_ABSENT;
    return self;
}

void pool_free(Pool *self)
{
    g_free(self->name);
    g_free(self->path);
    g_free(self);
}

Pool *pool_in_by_name(const GPtrArray *pools, const char *name)
{
    for (guint i = 0; i < pools->len; i++) {
        Pool *pool = pools->pdata[i];
        if (g_str_equal(pool->name, name))
            return pool;
    }
    return NULL;
}

Pool *pool_in_by_uuid(const GPtrArray *pools, const guint8 uuid[UUID_BYTES])
{
    for (guint i = 0; i < pools->len; i++) {
        Pool *pool = pools->pdata[i];
        if (memcmp(pool->uuid, uuid, UUID_BYTES) == 0)
            return pool;
    }
    return NULL;
}

Pool *pool_in_by_path(const GPtrArray *pools, const char *path)
{
    for (guint i = 0; i < pools->len; i++) {
        Pool *pool = pools->pdata[i];
        if (g_str_equal(pool->path, path))
            return pool;
    }
    return NULL;
}

/* Out of the list, to the caller. */
static Pool *steal(GPtrArray *pools, Pool *pool)
{
    guint index;
    if (pool == NULL || !g_ptr_array_find(pools, pool, &index))
        return NULL;
    return g_ptr_array_steal_index(pools, index);
}

Pool *pool_find(const guint8 uuid[UUID_BYTES], const char *name, GError **error)
{
    g_autoptr(GPtrArray) pools = pool_record_all(error);
    if (pools == NULL)
        return NULL;
    Pool *pool = steal(pools, pool_in_by_uuid(pools, uuid));
    char text[UUID_STRING];
    uuid_format(uuid, text);
    if (pool == NULL && name != NULL)
        fail(error, VIR_ERR_NO_STORAGE_POOL,
             "Storage pool not found: no storage pool with matching uuid '%s' (%s)", text, name);
    else if (pool == NULL)
        fail(error, VIR_ERR_NO_STORAGE_POOL,
             "Storage pool not found: no storage pool with matching uuid '%s'", text);
    return pool;
}

Pool *pool_find_by_name(const char *name, GError **error)
{
    g_autoptr(GPtrArray) pools = pool_record_all(error);
    if (pools == NULL)
        return NULL;
    Pool *pool = steal(pools, pool_in_by_name(pools, name));
    if (pool == NULL)
        fail(error, VIR_ERR_NO_STORAGE_POOL,
             "Storage pool not found: no storage pool with matching name '%s'", name);
    return pool;
}

Pool *pool_find_by_path(const char *path, GError **error)
{
    g_autofree char *clean = pool_clean_path(path);
    g_autoptr(GPtrArray) pools = pool_record_all(error);
    if (pools == NULL)
        return NULL;
    Pool *pool = clean != NULL ? steal(pools, pool_in_by_path(pools, clean)) : NULL;
    if (pool == NULL)
        fail(error, VIR_ERR_NO_STORAGE_POOL,
             "Storage pool not found: no storage pool with matching target path '%s'", path);
    return pool;
}

gboolean pool_check_active(const Pool *self, GError **error)
{
    return self->active ||
           fail(error, VIR_ERR_OPERATION_INVALID, "storage pool '%s' is not active", self->name);
}

Pool *pool_find_active(const guint8 uuid[UUID_BYTES], const char *name, GError **error)
{
    g_autoptr(Pool) pool = pool_find(uuid, name, error);
    if (pool == NULL || !pool_check_active(pool, error))
        return NULL;
    return g_steal_pointer(&pool);
}

gboolean pool_check_folder(const Pool *self, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GDir) folder = g_dir_open(self->path, 0, &failure);
    if (folder == NULL)
        return fail(error, VIR_ERR_SYSTEM_ERROR, "storage pool '%s': %s", self->name,
                    failure->message);
    return access(self->path, X_OK) == 0 ||
           fail(error, VIR_ERR_SYSTEM_ERROR, "storage pool '%s': cannot enter the folder '%s': %s",
                self->name, self->path, g_strerror(errno));
}

gboolean pool_space(const Pool *self, PoolSpace *ret_space)
{
    struct statvfs disk;
    if (statvfs(self->path, &disk) < 0)
        return FALSE;
    ret_space->capacity = (guint64)disk.f_frsize * disk.f_blocks;
    ret_space->available = (guint64)disk.f_frsize * disk.f_bavail;
    ret_space->allocation = ret_space->capacity - ret_space->available;
    return TRUE;
}

char *pool_clean_path(const char *path)
{
    return g_path_is_absolute(path) ? g_canonicalize_filename(path, "/") : NULL;
}

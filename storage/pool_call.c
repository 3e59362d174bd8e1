/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The calls about one pool. */
#include <string.h>
#include "base/libvirt.h"
#include "rpc/handlers.h"
#include "storage/pool_define.h"
#include "storage/pool_event.h"

#define WHICH(args) (args)->pool.uuid, (args)->pool.name

/* Takes the pool over. */
static gboolean made(Call *call, Pool *pool, RemoteStoragePool *ret)
{
    if (pool == NULL)
        return FALSE;
    ret->name = call_strdup(call, pool->name);
    memcpy(ret->uuid, pool->uuid, UUID_BYTES);
    pool_free(pool);
    return TRUE;
}

/* Strict parsing already refuses what the schema would (…_DEFINE_VALIDATE). */
gboolean do_storage_pool_define_xml(Call *call, const StoragePoolDefineXmlArgs *args,
                                    StoragePoolDefineXmlRet *ret, GError **error)
{
    return made(call, pool_define(args->xml, error), &ret->pool);
}

gboolean do_storage_pool_create_xml(Call *call, const StoragePoolCreateXmlArgs *args,
                                    StoragePoolCreateXmlRet *ret, GError **error)
{
    gboolean build = (args->flags & VIR_STORAGE_POOL_CREATE_WITH_BUILD) != 0;
    return made(call, pool_create(args->xml, build, error), &ret->pool);
}

gboolean do_storage_pool_create(Call *call, const StoragePoolCreateArgs *args, GError **error)
{
    return pool_start(WHICH(args), (args->flags & VIR_STORAGE_POOL_CREATE_WITH_BUILD) != 0, error);
}

gboolean do_storage_pool_build(Call *call, const StoragePoolBuildArgs *args, GError **error)
{
    return pool_build(WHICH(args), error);
}

gboolean do_storage_pool_destroy(Call *call, const StoragePoolDestroyArgs *args, GError **error)
{
    return pool_stop(WHICH(args), error);
}

gboolean do_storage_pool_delete(Call *call, const StoragePoolDeleteArgs *args, GError **error)
{
    return pool_delete(WHICH(args), error);
}

gboolean do_storage_pool_undefine(Call *call, const StoragePoolUndefineArgs *args, GError **error)
{
    return pool_undefine(WHICH(args), error);
}

/* There is nothing to be brought up to date but what clients remember. */
gboolean do_storage_pool_refresh(Call *call, const StoragePoolRefreshArgs *args, GError **error)
{
    g_autoptr(Pool) pool = pool_find_active(WHICH(args), error);
    if (pool == NULL || !pool_check_folder(pool, error))
        return FALSE;
    pool_event_tell_refresh(pool);
    return TRUE;
}

gboolean do_storage_pool_get_info(Call *call, const StoragePoolGetInfoArgs *args,
                                  StoragePoolGetInfoRet *ret, GError **error)
{
    g_autoptr(Pool) pool = pool_find(WHICH(args), error);
    if (pool == NULL)
        return FALSE;
    PoolSpace space = {0};
    ret->state = VIR_STORAGE_POOL_INACTIVE;
    if (pool->active)
        ret->state = pool_space(pool, &space) && pool_check_folder(pool, NULL)
                         ? VIR_STORAGE_POOL_RUNNING
                         : VIR_STORAGE_POOL_INACCESSIBLE;
    ret->capacity = space.capacity;
    ret->allocation = space.allocation;
    ret->available = space.available;
    return TRUE;
}

gboolean do_storage_pool_get_xml_desc(Call *call, const StoragePoolGetXmlDescArgs *args,
                                      StoragePoolGetXmlDescRet *ret, GError **error)
{
    g_autoptr(Pool) pool = pool_find(WHICH(args), error);
    if (pool == NULL)
        return FALSE;
    /* There is but one configuration, so the inactive one is the same. */
    char *xml = pool_format(pool, error);
    ret->xml = call_take(call, xml);
    return xml != NULL;
}

gboolean do_storage_pool_get_autostart(Call *call, const StoragePoolGetAutostartArgs *args,
                                       StoragePoolGetAutostartRet *ret, GError **error)
{
    g_autoptr(Pool) pool = pool_find(WHICH(args), error);
    if (pool == NULL)
        return FALSE;
    ret->autostart = pool->autostart;
    return TRUE;
}

gboolean do_storage_pool_set_autostart(Call *call, const StoragePoolSetAutostartArgs *args,
                                       GError **error)
{
    return pool_set_autostart(WHICH(args), args->autostart != 0, error);
}

gboolean do_storage_pool_is_active(Call *call, const StoragePoolIsActiveArgs *args,
                                   StoragePoolIsActiveRet *ret, GError **error)
{
    g_autoptr(Pool) pool = pool_find(WHICH(args), error);
    if (pool == NULL)
        return FALSE;
    ret->active = pool->active;
    return TRUE;
}

gboolean do_storage_pool_is_persistent(Call *call, const StoragePoolIsPersistentArgs *args,
                                       StoragePoolIsPersistentRet *ret, GError **error)
{
    g_autoptr(Pool) pool = pool_find(WHICH(args), error);
    if (pool == NULL)
        return FALSE;
    ret->persistent = pool->persistent;
    return TRUE;
}

gboolean do_connect_find_storage_pool_sources(Call *call,
                                              const ConnectFindStoragePoolSourcesArgs *args,
                                              ConnectFindStoragePoolSourcesRet *ret, GError **error)
{
    return fail(error, VIR_ERR_NO_SUPPORT,
                "pool type '%s' does not support source discovery: pools here are folders of this "
                "host (type 'dir')",
                args->type);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists and lookups of pools. */
#include <string.h>
#include "base/libvirt.h"
#include "rpc/handlers.h"
#include "storage/pool.h"
#include "storage/pool_record.h"

static void put(Call *call, const Pool *pool, RemoteStoragePool *ret)
{
    ret->name = call_strdup(call, pool->name);
    memcpy(ret->uuid, pool->uuid, UUID_BYTES);
}

#define ANY_TYPE                                                                     \
    (VIR_CONNECT_LIST_STORAGE_POOLS_DIR | VIR_CONNECT_LIST_STORAGE_POOLS_FS |        \
     VIR_CONNECT_LIST_STORAGE_POOLS_NETFS | VIR_CONNECT_LIST_STORAGE_POOLS_LOGICAL | \
     VIR_CONNECT_LIST_STORAGE_POOLS_DISK | VIR_CONNECT_LIST_STORAGE_POOLS_ISCSI |    \
     VIR_CONNECT_LIST_STORAGE_POOLS_SCSI | VIR_CONNECT_LIST_STORAGE_POOLS_MPATH |    \
     VIR_CONNECT_LIST_STORAGE_POOLS_RBD | VIR_CONNECT_LIST_STORAGE_POOLS_SHEEPDOG |  \
     VIR_CONNECT_LIST_STORAGE_POOLS_GLUSTER | VIR_CONNECT_LIST_STORAGE_POOLS_ZFS |   \
     VIR_CONNECT_LIST_STORAGE_POOLS_VSTORAGE | VIR_CONNECT_LIST_STORAGE_POOLS_ISCSI_DIRECT)

static gboolean passes(const Pool *pool, guint32 flags)
{
    const struct {
        guint32 both, is;
    } filters[] = {
        {VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE | VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE,
         pool->active ? VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE
                      : VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE},
        {VIR_CONNECT_LIST_STORAGE_POOLS_PERSISTENT | VIR_CONNECT_LIST_STORAGE_POOLS_TRANSIENT,
         pool->persistent ? VIR_CONNECT_LIST_STORAGE_POOLS_PERSISTENT
                          : VIR_CONNECT_LIST_STORAGE_POOLS_TRANSIENT},
        {VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART | VIR_CONNECT_LIST_STORAGE_POOLS_NO_AUTOSTART,
         pool->autostart ? VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART
                         : VIR_CONNECT_LIST_STORAGE_POOLS_NO_AUTOSTART},
        {ANY_TYPE, VIR_CONNECT_LIST_STORAGE_POOLS_DIR},
    };
    for (guint i = 0; i < G_N_ELEMENTS(filters); i++)
        if ((flags & filters[i].both) != 0 && (flags & filters[i].is) == 0)
            return FALSE;
    return TRUE;
}

/* Those that pass the filters. */
static GPtrArray *list(guint32 flags, GError **error)
{
    GPtrArray *pools = pool_record_all(error);
    for (guint i = pools != NULL ? pools->len : 0; i-- > 0;)
        if (!passes(pools->pdata[i], flags))
            g_ptr_array_remove_index(pools, i);
    return pools;
}

static gboolean count(guint32 flags, gint32 *ret_count, GError **error)
{
    g_autoptr(GPtrArray) pools = list(flags, error);
    if (pools == NULL)
        return FALSE;
    *ret_count = (gint32)pools->len;
    return TRUE;
}

static gboolean names(Call *call, guint32 flags, gint32 most, guint32 *ret_count, char ***ret_names,
                      GError **error)
{
    if (most < 0)
        return fail(error, VIR_ERR_INVALID_ARG, "maxnames is %d: it cannot be negative", most);
    g_autoptr(GPtrArray) pools = list(flags, error);
    if (pools == NULL)
        return FALSE;
    *ret_count = MIN(pools->len, (guint)most);
    *ret_names = arena_alloc(call->arena, (*ret_count + 1) * sizeof(char *));
    for (guint i = 0; i < *ret_count; i++)
        (*ret_names)[i] = call_strdup(call, ((Pool *)pools->pdata[i])->name);
    return TRUE;
}

gboolean do_connect_num_of_storage_pools(Call *call, ConnectNumOfStoragePoolsRet *ret,
                                         GError **error)
{
    return count(VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE, &ret->num, error);
}

gboolean do_connect_num_of_defined_storage_pools(Call *call,
                                                 ConnectNumOfDefinedStoragePoolsRet *ret,
                                                 GError **error)
{
    return count(VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE, &ret->num, error);
}

gboolean do_connect_list_storage_pools(Call *call, const ConnectListStoragePoolsArgs *args,
                                       ConnectListStoragePoolsRet *ret, GError **error)
{
    return names(call, VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE, args->maxnames, &ret->names_len,
                 &ret->names, error);
}

gboolean do_connect_list_defined_storage_pools(Call *call,
                                               const ConnectListDefinedStoragePoolsArgs *args,
                                               ConnectListDefinedStoragePoolsRet *ret,
                                               GError **error)
{
    return names(call, VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE, args->maxnames, &ret->names_len,
                 &ret->names, error);
}

gboolean do_connect_list_all_storage_pools(Call *call, const ConnectListAllStoragePoolsArgs *args,
                                           ConnectListAllStoragePoolsRet *ret, GError **error)
{
    g_autoptr(GPtrArray) pools = list(args->flags, error);
    if (pools == NULL)
        return FALSE;
    ret->ret = pools->len;
    if (!args->need_results)
        return TRUE;
    ret->pools_len = pools->len;
    ret->pools = arena_alloc(call->arena, (pools->len + 1) * sizeof(*ret->pools));
    for (guint i = 0; i < pools->len; i++)
        put(call, pools->pdata[i], &ret->pools[i]);
    return TRUE;
}

/* The answer to a lookup: takes the pool over. */
static gboolean found(Call *call, Pool *pool, RemoteStoragePool *ret)
{
    if (pool == NULL)
        return FALSE;
    put(call, pool, ret);
    pool_free(pool);
    return TRUE;
}

gboolean do_storage_pool_lookup_by_name(Call *call, const StoragePoolLookupByNameArgs *args,
                                        StoragePoolLookupByNameRet *ret, GError **error)
{
    return found(call, pool_find_by_name(args->name, error), &ret->pool);
}

gboolean do_storage_pool_lookup_by_uuid(Call *call, const StoragePoolLookupByUuidArgs *args,
                                        StoragePoolLookupByUuidRet *ret, GError **error)
{
    return found(call, pool_find(args->uuid, NULL, error), &ret->pool);
}

gboolean do_storage_pool_lookup_by_volume(Call *call, const StoragePoolLookupByVolumeArgs *args,
                                          StoragePoolLookupByVolumeRet *ret, GError **error)
{
    return found(call, pool_find_by_name(args->vol.pool, error), &ret->pool);
}

gboolean do_storage_pool_lookup_by_target_path(Call *call,
                                               const StoragePoolLookupByTargetPathArgs *args,
                                               StoragePoolLookupByTargetPathRet *ret,
                                               GError **error)
{
    return found(call, pool_find_by_path(args->path, error), &ret->pool);
}

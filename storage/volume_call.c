/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The calls that look at volumes: see volume_call.h. */
#include "storage/volume_call.h"
#include "base/libvirt.h"

static void put(Call *call, const char *pool, const char *path, RemoteStorageVol *ret)
{
    g_autofree char *name = g_path_get_basename(path);
    ret->pool = call_strdup(call, pool);
    ret->name = call_strdup(call, name);
    ret->key = call_strdup(call, path);
}

gboolean volume_call_put(Call *call, Volume *volume, RemoteStorageVol *ret)
{
    if (volume == NULL)
        return FALSE;
    put(call, volume->pool, volume->path, ret);
    volume_free(volume);
    return TRUE;
}

Volume *volume_call_find(const RemoteStorageVol *which, GError **error)
{
    g_autoptr(Pool) pool = pool_find_by_name(which->pool, error);
    return pool != NULL && pool_check_active(pool, error) ? volume_find(pool, which->name, error)
                                                          : NULL;
}

/* The same, with what the image says of itself. */
static Volume *read_volume(const RemoteStorageVol *which, GError **error)
{
    g_autoptr(Volume) volume = volume_call_find(which, error);
    return volume != NULL && volume_read(volume, error) ? g_steal_pointer(&volume) : NULL;
}

static GPtrArray *list(const RemoteStoragePool *which, Pool **ret_pool, GError **error)
{
    *ret_pool = pool_find_active(which->uuid, which->name, error);
    return *ret_pool != NULL ? volume_names(*ret_pool, error) : NULL;
}

gboolean do_storage_pool_num_of_volumes(Call *call, const StoragePoolNumOfVolumesArgs *args,
                                        StoragePoolNumOfVolumesRet *ret, GError **error)
{
    g_autoptr(Pool) pool = NULL;
    g_autoptr(GPtrArray) names = list(&args->pool, &pool, error);
    if (names == NULL)
        return FALSE;
    ret->num = (gint32)names->len;
    return TRUE;
}

gboolean do_storage_pool_list_volumes(Call *call, const StoragePoolListVolumesArgs *args,
                                      StoragePoolListVolumesRet *ret, GError **error)
{
    if (args->maxnames < 0)
        return fail(error, VIR_ERR_INVALID_ARG, "maxnames is %d: it cannot be negative",
                    args->maxnames);
    g_autoptr(Pool) pool = NULL;
    g_autoptr(GPtrArray) names = list(&args->pool, &pool, error);
    if (names == NULL)
        return FALSE;
    ret->names_len = MIN(names->len, (guint)args->maxnames);
    ret->names = arena_alloc(call->arena, (ret->names_len + 1) * sizeof(char *));
    for (guint i = 0; i < ret->names_len; i++)
        ret->names[i] = call_strdup(call, names->pdata[i]);
    return TRUE;
}

gboolean do_storage_pool_list_all_volumes(Call *call, const StoragePoolListAllVolumesArgs *args,
                                          StoragePoolListAllVolumesRet *ret, GError **error)
{
    g_autoptr(Pool) pool = NULL;
    g_autoptr(GPtrArray) names = list(&args->pool, &pool, error);
    if (names == NULL)
        return FALSE;
    ret->ret = names->len;
    if (!args->need_results)
        return TRUE;
    ret->vols_len = names->len;
    ret->vols = arena_alloc(call->arena, (names->len + 1) * sizeof(*ret->vols));
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *path = g_build_filename(pool->path, names->pdata[i], NULL);
        put(call, pool->name, path, &ret->vols[i]);
    }
    return TRUE;
}

gboolean do_storage_vol_lookup_by_name(Call *call, const StorageVolLookupByNameArgs *args,
                                       StorageVolLookupByNameRet *ret, GError **error)
{
    g_autoptr(Pool) pool = pool_find_active(args->pool.uuid, args->pool.name, error);
    return pool != NULL && volume_call_put(call, volume_find(pool, args->name, error), &ret->vol);
}

gboolean do_storage_vol_lookup_by_key(Call *call, const StorageVolLookupByKeyArgs *args,
                                      StorageVolLookupByKeyRet *ret, GError **error)
{
    return volume_call_put(call, volume_find_by_path(args->key, "key", error), &ret->vol);
}

gboolean do_storage_vol_lookup_by_path(Call *call, const StorageVolLookupByPathArgs *args,
                                       StorageVolLookupByPathRet *ret, GError **error)
{
    return volume_call_put(call, volume_find_by_path(args->path, "path", error), &ret->vol);
}

gboolean do_storage_vol_get_path(Call *call, const StorageVolGetPathArgs *args,
                                 StorageVolGetPathRet *ret, GError **error)
{
    g_autoptr(Volume) volume = volume_call_find(&args->vol, error);
    if (volume == NULL)
        return FALSE;
    ret->name = call_strdup(call, volume->path);
    return TRUE;
}

gboolean do_storage_vol_get_info(Call *call, const StorageVolGetInfoArgs *args,
                                 StorageVolGetInfoRet *ret, GError **error)
{
    g_autoptr(Volume) volume = read_volume(&args->vol, error);
    if (volume == NULL)
        return FALSE;
    ret->type = VIR_STORAGE_VOL_FILE;
    ret->capacity = volume->image.capacity;
    ret->allocation = volume_allocation(volume);
    return TRUE;
}

gboolean do_storage_vol_get_info_flags(Call *call, const StorageVolGetInfoFlagsArgs *args,
                                       StorageVolGetInfoFlagsRet *ret, GError **error)
{
    g_autoptr(Volume) volume = read_volume(&args->vol, error);
    if (volume == NULL)
        return FALSE;
    gboolean is_physical = (args->flags & VIR_STORAGE_VOL_GET_PHYSICAL) != 0;
    ret->type = VIR_STORAGE_VOL_FILE;
    ret->capacity = volume->image.capacity;
    ret->allocation = is_physical ? (guint64)volume->file.st_size : volume_allocation(volume);
    return TRUE;
}

gboolean do_storage_vol_get_xml_desc(Call *call, const StorageVolGetXmlDescArgs *args,
                                     StorageVolGetXmlDescRet *ret, GError **error)
{
    g_autoptr(Volume) volume = read_volume(&args->vol, error);
    char *xml = volume != NULL ? volume_format(volume, error) : NULL;
    ret->xml = call_take(call, xml);
    return xml != NULL;
}

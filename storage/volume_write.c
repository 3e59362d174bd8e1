/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The calls that make, change and delete volumes. */
#include "base/libvirt.h"
#include "rpc/handlers.h"
#include "storage/volume_call.h"
#include "storage/volume_make.h"

gboolean do_storage_vol_create_xml(Call *call, const StorageVolCreateXmlArgs *args,
                                   StorageVolCreateXmlRet *ret, GError **error)
{
    g_autoptr(Pool) pool = pool_find_active(args->pool.uuid, args->pool.name, error);
    return pool != NULL && volume_call_put(call, volume_create(pool, args->xml, error), &ret->vol);
}

gboolean do_storage_vol_create_xml_from(Call *call, const StorageVolCreateXmlFromArgs *args,
                                        StorageVolCreateXmlFromRet *ret, GError **error)
{
    g_autoptr(Pool) pool = pool_find_active(args->pool.uuid, args->pool.name, error);
    g_autoptr(Volume) source = pool != NULL ? volume_call_find(&args->clonevol, error) : NULL;
    return source != NULL &&
           volume_call_put(call, volume_clone(pool, args->xml, source, error), &ret->vol);
}

gboolean do_storage_vol_delete(Call *call, const StorageVolDeleteArgs *args, GError **error)
{
    g_autoptr(Volume) volume = volume_call_find(&args->vol, error);
    return volume != NULL && volume_delete(volume, error);
}

gboolean do_storage_vol_resize(Call *call, const StorageVolResizeArgs *args, GError **error)
{
    g_autoptr(Volume) volume = volume_call_find(&args->vol, error);
    if (volume == NULL || !volume_read(volume, error))
        return FALSE;
    gboolean shrinks = (args->flags & VIR_STORAGE_VOL_RESIZE_SHRINK) != 0;
    guint64 now = volume->image.capacity, size = args->capacity;
    if ((args->flags & VIR_STORAGE_VOL_RESIZE_DELTA) != 0)
        size = shrinks ? now - MIN(size, now) : now + MIN(size, G_MAXINT64 - now);
    if (size > G_MAXINT64)
        return fail(error, VIR_ERR_INVALID_ARG, "no image has %" G_GUINT64_FORMAT " bytes", size);
    return volume_resize(volume, size, args->flags, error);
}

static gboolean refuse_wipe(GError **error)
{
    return fail(error, VIR_ERR_OPERATION_UNSUPPORTED,
                "VirtualBox does not wipe images, and a file that is written over leaves copies "
                "behind on most disks: delete the volume, and encrypt the disk");
}

gboolean do_storage_vol_wipe(Call *call, const StorageVolWipeArgs *args, GError **error)
{
    return refuse_wipe(error);
}

gboolean do_storage_vol_wipe_pattern(Call *call, const StorageVolWipePatternArgs *args,
                                     GError **error)
{
    return refuse_wipe(error);
}

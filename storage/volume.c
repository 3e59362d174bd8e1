/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Volume: see volume.h. */
#include "storage/volume.h"
#include <string.h>
#include <unistd.h>
#include "storage/flat.h"
#include "storage/pool_record.h"

#define STAT_BLOCK 512 /* the unit of st_blocks */

void volume_free(Volume *self)
{
    g_free(self->pool);
    g_free(self->name);
    g_free(self->path);
    image_clear(&self->image);
    g_free(self);
}

static gboolean is_name(const char *name)
{
    if (*name == '\0' || g_str_equal(name, ".") || g_str_equal(name, "..") ||
        strchr(name, '/') != NULL || !g_utf8_validate(name, -1, NULL))
        return FALSE;
    for (const char *p = name; *p != '\0'; p = g_utf8_next_char(p))
        if (g_unichar_iscntrl(g_utf8_get_char(p)))
            return FALSE;
    return TRUE;
}

gboolean volume_check_name(const char *name, GError **error)
{
    return is_name(name) ||
           fail(error, VIR_ERR_XML_ERROR,
                "/volume/name: '%s' is no name of a file in the pool's folder", name);
}

/* NULL: there is no such volume. */
static Volume *open_volume(const Pool *pool, const char *name)
{
    if (!is_name(name))
        return NULL;
    g_autoptr(Volume) self = g_new0(Volume, 1);
    self->path = g_build_filename(pool->path, name, NULL);
    /* It is a part of the raw image, which is a volume. */
    g_autofree char *image = flat_image(self->path);
    if (image != NULL)
        return NULL;
    if (stat(self->path, &self->file) < 0 || !S_ISREG(self->file.st_mode) ||
        access(self->path, R_OK) < 0)
        return NULL;
    self->pool = g_strdup(pool->name);
    self->name = g_strdup(name);
    return g_steal_pointer(&self);
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *volume_names(const Pool *pool, GError **error)
{
    if (!pool_check_folder(pool, error))
        return NULL;
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) folder = g_dir_open(pool->path, 0, NULL);
    for (const char *name; folder != NULL && (name = g_dir_read_name(folder)) != NULL;) {
        g_autoptr(Volume) volume = open_volume(pool, name);
        if (volume != NULL)
            g_ptr_array_add(names, g_steal_pointer(&volume->name));
    }
    g_ptr_array_sort(names, compare_names);
    return names;
}

Volume *volume_find(const Pool *pool, const char *name, GError **error)
{
    Volume *volume = open_volume(pool, name);
    if (volume == NULL)
        fail(error, VIR_ERR_NO_STORAGE_VOL,
             "Storage volume not found: no storage vol with matching name '%s'", name);
    return volume;
}

Volume *volume_find_by_path(const char *path, const char *what, GError **error)
{
    g_autofree char *clean = pool_clean_path(path);
    g_autoptr(GPtrArray) pools = pool_record_all(error);
    if (pools == NULL)
        return NULL;
    Volume *volume = NULL;
    if (clean != NULL) {
        g_autofree char *folder = g_path_get_dirname(clean);
        g_autofree char *name = g_path_get_basename(clean);
        const Pool *pool = pool_in_by_path(pools, folder);
        volume = pool != NULL && pool->active ? open_volume(pool, name) : NULL;
    }
    if (volume == NULL)
        fail(error, VIR_ERR_NO_STORAGE_VOL,
             "Storage volume not found: no storage vol with matching %s '%s'", what, path);
    return volume;
}

gboolean volume_read(Volume *self, GError **error)
{
    image_clear(&self->image);
    return image_read(self->path, &self->image, error);
}

guint64 volume_allocation(const Volume *self)
{
    return (guint64)self->file.st_blocks * STAT_BLOCK;
}

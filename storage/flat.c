/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Flat: see flat.h. */
#include "storage/flat.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "storage/image.h"

#define SUFFIX ".vmdk"
#define SECTOR 512
#define MODE 0600 /* as VirtualBox's own images have */
#define TEXT_MAX 4096

/* VirtualBox writes identities behind it, and lets comments stand. */
#define MARK "# Disk DescriptorFile\n# A raw image as a hard disk, by vboxvirt\n"

char *flat_image(const char *path)
{
    char head[sizeof MARK - 1];
    if (!g_str_has_suffix(path, SUFFIX))
        return NULL;
    gint fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    gboolean is_ours =
        read(fd, head, sizeof head) == sizeof head && memcmp(head, MARK, sizeof head) == 0;
    close(fd);
    return is_ours ? g_strndup(path, strlen(path) - strlen(SUFFIX)) : NULL;
}

static char *extent_line(const char *image, guint64 size)
{
    g_autofree char *name = g_path_get_basename(image);
    return g_strdup_printf("RW %" G_GUINT64_FORMAT " FLAT \"%s\" 0\n", size / SECTOR, name);
}

/* Whether there is one that is right.  FALSE with an error: something else has its name. */
static gboolean is_there(const char *path, const char *extent, GError **error)
{
    g_autofree char *image = flat_image(path), *text = NULL;
    gsize length;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return FALSE;
    if (image == NULL)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "'%s' is in the way of the descriptor that VirtualBox needs of a raw image: "
                    "rename it",
                    path);
    return g_file_get_contents(path, &text, &length, NULL) && length <= TEXT_MAX &&
           strstr(text, extent) != NULL;
}

static gboolean check_image(const char *image, guint64 *ret_size, GError **error)
{
    struct stat file;
    if (stat(image, &file) < 0)
        return fail(error, VIR_ERR_SYSTEM_ERROR, "cannot read '%s': %s", image, g_strerror(errno));
    if (file.st_size == 0 || file.st_size % SECTOR != 0)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "the size of '%s' is no multiple of %d bytes, as that of a disk is: resize it",
                    image, SECTOR);
    if (strpbrk(image, "\"\n") != NULL)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "VirtualBox does not find a raw image with a quotation mark in its name: "
                    "rename '%s'",
                    image);
    *ret_size = (guint64)file.st_size;
    return TRUE;
}

static gboolean write_descriptor(const char *path, const char *extent, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *text = g_strconcat(MARK "version=1\n"
                                             "CID=fffffffe\n"
                                             "parentCID=ffffffff\n"
                                             "createType=\"monolithicFlat\"\n",
                                        extent,
                                        "ddb.virtualHWVersion = \"4\"\n"
                                        "ddb.adapterType = \"ide\"\n",
                                        NULL);
    return g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, MODE,
                                    &failure) ||
           fail(error, VIR_ERR_SYSTEM_ERROR, "VirtualBox needs a descriptor of a raw image: %s",
                failure->message);
}

char *flat_describe(const char *image, gboolean *ret_is_new, GError **error)
{
    guint64 size = 0;
    g_autoptr(GError) failure = NULL;
    *ret_is_new = FALSE;
    if (!check_image(image, &size, error))
        return NULL;
    g_autofree char *path = g_strconcat(image, SUFFIX, NULL);
    g_autofree char *extent = extent_line(image, size);
    if (is_there(path, extent, &failure))
        return g_steal_pointer(&path);
    if (failure != NULL) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    *ret_is_new = write_descriptor(path, extent, error);
    return *ret_is_new ? g_steal_pointer(&path) : NULL;
}

char *flat_stand_in(const char *image)
{
    g_autofree char *path = g_strconcat(image, SUFFIX, NULL);
    g_autoptr(GError) failure = NULL;
    if (g_file_set_contents(path, MARK, -1, &failure))
        return g_steal_pointer(&path);
    g_warning("%s", failure->message);
    return NULL;
}

void flat_forget(const char *image)
{
    g_autofree char *path = g_strconcat(image, SUFFIX, NULL);
    g_autofree char *of = flat_image(path);
    if (of != NULL && g_unlink(path) < 0)
        g_warning("'%s' cannot be removed: %s", path, g_strerror(errno));
}

gboolean flat_location(Object *medium, char **ret_file, GError **error)
{
    g_autofree char *location = NULL;
    if (!vbox_call(medium, IMedium_get_location, error, &location))
        return FALSE;
    char *image = flat_image(location);
    *ret_file = image != NULL ? image : g_steal_pointer(&location);
    return TRUE;
}

/* VirtualBox has one name for all versions of QCOW; of a file that cannot be read it stays. */
static gboolean tell_qcow(const char *path, char **format)
{
    g_auto(Image) image = {0};
    if (g_strcmp0(*format, "QCOW") != 0 || !image_read(path, &image, NULL) ||
        !g_str_equal(image.format, "qcow2"))
        return TRUE;
    g_free(*format);
    *format = g_strdup("QCOW2");
    return TRUE;
}

gboolean flat_format(Object *medium, char **ret_format, GError **error)
{
    g_autofree char *location = NULL;
    if (!vbox_call(medium, IMedium_get_location, error, &location))
        return FALSE;
    g_autofree char *image = flat_image(location);
    if (image == NULL)
        return vbox_call(medium, IMedium_get_format, error, ret_format) &&
               tell_qcow(location, ret_format);
    *ret_format = g_strdup("RAW");
    return TRUE;
}

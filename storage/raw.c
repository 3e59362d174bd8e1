/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Raw images: see raw.h. */
#include "storage/raw.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE 0600 /* of a new one, as VirtualBox's images and libvirt's volumes have */

static void close_file(const gint *fd)
{
    if (*fd >= 0)
        close(*fd);
}
#define AUTO_FD __attribute__((cleanup(close_file))) gint

static gboolean fail_at(const char *what, const char *path, GError **error)
{
    return fail(error, VIR_ERR_SYSTEM_ERROR, "cannot %s '%s': %s", what, path, g_strerror(errno));
}

static gint make_file(const char *path, guint64 size)
{
    gint fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
    if (fd >= 0 && ftruncate(fd, (off_t)size) == 0)
        return fd;
    close_file(&fd);
    return -1;
}

gboolean raw_create(const char *path, guint64 size, guint64 allocation, GError **error)
{
    AUTO_FD fd = make_file(path, size);
    if (fd < 0)
        return fail_at("make", path, error);
    guint64 now = MIN(size, allocation);
    errno = now > 0 ? posix_fallocate(fd, 0, (off_t)now) : 0;
    return errno == 0 || fail_at("find room on the disk for", path, error);
}

/* What is between two holes. */
static gboolean copy_range(gint from, gint to, off_t start, off_t end)
{
    while (start < end) {
        off_t in = start, out = start;
        gssize done = copy_file_range(from, &in, to, &out, (gsize)(end - start), 0);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done == 0; /* somebody has cut the file */
        start += done;
    }
    return TRUE;
}

gboolean raw_copy(const char *from, const char *path, guint64 size, GError **error)
{
    struct stat file;
    AUTO_FD source = open(from, O_RDONLY | O_CLOEXEC);
    if (source < 0 || fstat(source, &file) < 0)
        return fail_at("read", from, error);
    AUTO_FD fd = make_file(path, MAX(size, (guint64)file.st_size));
    if (fd < 0)
        return fail_at("make", path, error);
    off_t hole = 0;
    for (off_t data; (data = lseek(source, hole, SEEK_DATA)) >= 0;) {
        hole = lseek(source, data, SEEK_HOLE);
        if (hole < 0 || !copy_range(source, fd, data, hole))
            return fail_at("copy to", path, error);
    }
    return errno == ENXIO || fail_at("copy to", path, error); /* ENXIO: no more data */
}

gboolean raw_resize(const char *path, guint64 size, gboolean allocates, GError **error)
{
    struct stat before;
    AUTO_FD fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &before) < 0 || ftruncate(fd, (off_t)size) < 0)
        return fail_at("resize", path, error);
    off_t more = (off_t)size - before.st_size;
    errno = allocates && more > 0 ? posix_fallocate(fd, before.st_size, more) : 0;
    if (errno == 0)
        return TRUE;
    fail_at("find room on the disk for", path, error);
    if (ftruncate(fd, before.st_size) < 0)
        g_warning("'%s' keeps its new size: %s", path, g_strerror(errno));
    return FALSE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lock beside a socket: see lock.h.
 *
 * Theory of operation: the lock is an flock() on a file that is never removed.  So there is no
 * moment in which two daemons hold "the" lock on two files of one name, and a crash frees it. */
#include "daemon/lock.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_MS 8000 /* more than a daemon takes to end its engine */
#define PAUSE_MS 20

gboolean lock_is_served(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return FALSE;
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return FALSE;
    /* EAGAIN: it listens, and its queue is full. */
    gboolean served =
        connect(fd, (struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN;
    close(fd);
    return served;
}

/* The pid that the holder wrote; 0: unreadable. */
static gint64 read_holder(int fd)
{
    char text[32] = "";
    gssize length = pread(fd, text, sizeof text - 1, 0);
    return length > 0 ? g_ascii_strtoll(text, NULL, 10) : 0;
}

static gboolean write_holder(int fd)
{
    g_autofree char *text = g_strdup_printf("%d\n", (gint)getpid());
    gssize length = (gssize)strlen(text);
    return ftruncate(fd, 0) == 0 && pwrite(fd, text, (gsize)length, 0) == length;
}

LockResult lock_take(const char *path, int *ret_fd, GError **error)
{
    g_autofree char *name = g_strconcat(path, ".lock", NULL);
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        fail(error, VIR_ERR_SYSTEM_ERROR, "cannot open %s: %s", name, g_strerror(errno));
        return LOCK_FAILED;
    }
    for (guint waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited += PAUSE_MS) {
        gboolean served = lock_is_served(path);
        if (!served && waited < PATIENCE_MS) {
            g_usleep(PAUSE_MS * 1000);
            continue;
        }
        if (!served)
            fail(error, VIR_ERR_SYSTEM_ERROR,
                 "process %" G_GINT64_FORMAT " holds %s but does not listen: end it",
                 read_holder(fd), name);
        close(fd);
        return served ? LOCK_SERVED : LOCK_FAILED;
    }
    if (!write_holder(fd)) {
        fail(error, VIR_ERR_SYSTEM_ERROR, "cannot write %s: %s", name, g_strerror(errno));
        close(fd);
        return LOCK_FAILED;
    }
    *ret_fd = fd;
    return LOCK_TAKEN;
}

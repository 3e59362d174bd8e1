/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Turn: see turn.h. */
#include "network/turn.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include "vbox/vbox.h"

#define FILE_NAME "vboxvirt-networks.lock"
#define PAUSE (5 * 1000) /* µs between two tries */

static GMutex mutex;

static gint open_file(void)
{
    g_autofree char *home = NULL;
    g_autoptr(GError) failure = NULL;
    if (!vbox_call(vbox_root(), IVirtualBox_get_homeFolder, &failure, &home)) {
        g_warning("VirtualBox does not say where its folder is: %s", failure->message);
        return -1;
    }
    g_autofree char *path = g_build_filename(home, FILE_NAME, NULL);
    gint fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        g_warning("networks are changed without a lock: %s: %s", path, g_strerror(errno));
    return fd;
}

static void lock_file(gint fd)
{
    gint64 end = g_get_monotonic_time() + TURN_SECONDS * G_USEC_PER_SEC;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if ((errno != EWOULDBLOCK && errno != EINTR) || g_get_monotonic_time() > end) {
            g_warning("networks are changed beside another daemon that does not come to an end");
            return;
        }
        g_usleep(PAUSE);
    }
}

Turn turn_begin(void)
{
    g_mutex_lock(&mutex);
    Turn self = {open_file()};
    if (self.fd >= 0)
        lock_file(self.fd);
    return self;
}

void turn_end(Turn *self)
{
    if (self->fd >= 0)
        close(self->fd);
    g_mutex_unlock(&mutex);
}

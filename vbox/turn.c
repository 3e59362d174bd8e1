/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Turn: see turn.h. */
#include "vbox/turn.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include "vbox/vbox.h"

#define PAUSE (5 * 1000) /* µs between two tries */

static struct {
    const char *what, *file;
    GMutex mutex;
} kinds[TURN_KINDS] = {
    [TURN_NETWORKS] = {"networks", "vboxvirt-networks.lock", {0}},
    [TURN_POOLS] = {"storage pools", "vboxvirt-pools.lock", {0}},
    [TURN_MACHINES] = {"marks of machines", "vboxvirt-machines.lock", {0}},
};

static gint open_file(TurnKind kind)
{
    g_autofree char *home = NULL;
    g_autoptr(GError) failure = NULL;
    if (!vbox_call(vbox_root(), IVirtualBox_get_homeFolder, &failure, &home)) {
        g_warning("VirtualBox does not say where its folder is: %s", failure->message);
        return -1;
    }
    g_autofree char *path = g_build_filename(home, kinds[kind].file, NULL);
    gint fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        g_warning("%s are changed without a lock: %s: %s", kinds[kind].what, path,
                  g_strerror(errno));
    return fd;
}

static void lock_file(const Turn *self)
{
    gint64 end = g_get_monotonic_time() + TURN_SECONDS * G_USEC_PER_SEC;
    while (flock(self->fd, LOCK_EX | LOCK_NB) != 0) {
        if ((errno != EWOULDBLOCK && errno != EINTR) || g_get_monotonic_time() > end) {
            g_warning("%s are changed beside another daemon that does not come to an end",
                      kinds[self->kind].what);
            return;
        }
        g_usleep(PAUSE);
    }
}

Turn turn_begin(TurnKind kind)
{
    g_mutex_lock(&kinds[kind].mutex);
    Turn self = {kind, open_file(kind)};
    if (self.fd >= 0)
        lock_file(&self);
    return self;
}

void turn_end(Turn *self)
{
    if (self->fd >= 0)
        close(self->fd);
    g_mutex_unlock(&kinds[self->kind].mutex);
}

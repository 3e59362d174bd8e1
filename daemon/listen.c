/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Listening: see listen.h.
 *
 * Theory of operation: a path that clients look at never lacks a socket, not even for a moment,
 * because a client that finds none starts libvirt's own daemon.  So a socket is made under another
 * name and renamed over what is there: a dead socket, or the plain file that tmpfiles.d made. */
#include "daemon/listen.h"
#include "daemon/lock.h"
#include "daemon/peer.h"
#include "daemon/watch.h"
#include <errno.h>
#include <glib-unix.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define SYSTEM_SOCKET "/run/libvirt/virtvboxd-sock"
#define ACCEPTS_A_TURN 16 /* then others have their turn in the main loop */
#define RETRY_MS 500      /* after accept() found no file descriptor left */

typedef struct Place {
    Listener *owner;
    char *path;
    int fd, lock_fd;
    gboolean read_only;
    gboolean ours; /* we made the socket at path, and remove it in the end */
    Watch *watch;
} Place;

struct Listener {
    const Options *options;
    GPtrArray *places;
    ListenCall call;
    void *data;
    gboolean paused;
    guint retry; /* timer */
};

static void place_free(gpointer data)
{
    Place *self = data;
    watch_free(self->watch);
    if (self->ours)
        unlink(self->path);
    if (self->fd >= 0)
        close(self->fd);
    if (self->lock_fd >= 0)
        close(self->lock_fd);
    g_free(self->path);
    g_free(self);
}

static Place *place_new(Listener *owner, const char *path)
{
    Place *self = g_new0(Place, 1);
    self->owner = owner;
    self->path = g_strdup(path);
    self->fd = self->lock_fd = -1;
    self->read_only = g_str_has_suffix(path, "-ro");
    g_ptr_array_add(owner->places, self);
    return self;
}

static gboolean make_folder(const char *path, const Options *options, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    struct stat status;
    mode_t mask = umask(0);
    int made = g_mkdir_with_parents(folder, options->system ? 0755 : 0700);
    int reason = errno;
    umask(mask);
    if (made != 0 || stat(folder, &status) != 0)
        return fail(error, VIR_ERR_SYSTEM_ERROR, "cannot make the folder %s: %s", folder,
                    g_strerror(made != 0 ? reason : errno));
    gboolean shared = (status.st_mode & S_IWOTH) && !(status.st_mode & S_ISVTX);
    if (shared || (status.st_uid != getuid() && status.st_uid != 0))
        return fail(error, VIR_ERR_SYSTEM_ERROR,
                    "%s belongs to somebody else: give a socket in a folder of your own", folder);
    return TRUE;
}

/* Who may open the socket: its user; in system mode the group too, where it exists. */
static gboolean set_access(const char *path, const Options *options, GError **error)
{
    gboolean shared = options->system && getuid() == 0;
    const struct group *group = shared ? getgrnam(options->group) : NULL;
    if (group == NULL)
        return TRUE;
    if (chown(path, (uid_t)-1, group->gr_gid) != 0 || chmod(path, 0660) != 0)
        return fail(error, VIR_ERR_SYSTEM_ERROR, "cannot give %s to group %s: %s", path,
                    options->group, g_strerror(errno));
    return TRUE;
}

static gboolean place_bind(Place *self, const char *name, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(name) >= sizeof address.sun_path)
        return fail(error, VIR_ERR_INVALID_ARG, "the path %s is too long for a socket", self->path);
    memcpy(address.sun_path, name, strlen(name));
    unlink(name);
    self->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (self->fd < 0)
        return fail(error, VIR_ERR_SYSTEM_ERROR, "cannot make a socket: %s", g_strerror(errno));
    mode_t mask = umask(0177);
    int bound = bind(self->fd, (struct sockaddr *)&address, sizeof address);
    umask(mask);
    if (bound != 0 || listen(self->fd, SOMAXCONN) != 0)
        return fail(error, VIR_ERR_SYSTEM_ERROR, "cannot listen on %s: %s", self->path,
                    g_strerror(errno));
    return TRUE;
}

static gboolean place_listen(Place *self, const Options *options, GError **error)
{
    g_autofree char *name = g_strconcat(self->path, ".new", NULL);
    if (!place_bind(self, name, error))
        return FALSE;
    if (!set_access(name, options, error)) {
        unlink(name);
        return FALSE;
    }
    if (rename(name, self->path) != 0) {
        fail(error, VIR_ERR_SYSTEM_ERROR, "cannot put a socket at %s: %s", self->path,
             g_strerror(errno));
        unlink(name);
        return FALSE;
    }
    self->ours = TRUE;
    return TRUE;
}

static gboolean place_open(Listener *self, const char *path, gboolean *ret_served, GError **error)
{
    if (!make_folder(path, self->options, error))
        return FALSE;
    Place *place = place_new(self, path);
    switch (lock_take(path, &place->lock_fd, error)) {
    case LOCK_FAILED:
        return FALSE;
    case LOCK_SERVED:
        *ret_served = TRUE;
        return FALSE;
    case LOCK_TAKEN:
        break;
    }
    /* systemd, which starts our service in its own time, or a daemon that knows no lock. */
    *ret_served = lock_is_served(path);
    return !*ret_served && place_listen(place, self->options, error);
}

static gboolean open_all(Listener *self, gboolean *ret_served, GError **error)
{
    const Options *options = self->options;
    if (options->socket != NULL)
        return place_open(self, options->socket, ret_served, error);
    if (options->system)
        return place_open(self, SYSTEM_SOCKET, ret_served, error) &&
               place_open(self, SYSTEM_SOCKET "-ro", ret_served, error);
    g_autofree char *path =
        g_build_filename(g_get_user_runtime_dir(), "libvirt", "virtvboxd-sock", NULL);
    if (!place_open(self, path, ret_served, error))
        return FALSE;
    ((Place *)g_ptr_array_index(self->places, 0))->ours = FALSE; /* stays, see listener_free() */
    return TRUE;
}

/* One socket that systemd made.  Our lock tells a daemon that somebody starts by hand. */
static gboolean adopt(Listener *self, int fd, GError **error)
{
    struct sockaddr_un address = {0};
    socklen_t size = sizeof address - 1;
    if (sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) <= 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0 || address.sun_path[0] != '/')
        return fail(error, VIR_ERR_INVALID_ARG,
                    "descriptor %d is not a listening unix socket: see vboxvirtd.socket", fd);
    Place *place = place_new(self, address.sun_path);
    place->fd = fd;
    if (lock_take(place->path, &place->lock_fd, error) == LOCK_FAILED)
        return FALSE;
    return g_unix_set_fd_nonblocking(fd, TRUE, error);
}

static void update_watches(Listener *self)
{
    gboolean open = !self->paused && self->retry == 0;
    for (guint i = 0; i < self->places->len; i++) {
        Place *place = g_ptr_array_index(self->places, i);
        watch_set(place->watch, open ? G_IO_IN : 0);
    }
}

static gboolean retry_now(gpointer data)
{
    Listener *self = data;
    self->retry = 0;
    update_watches(self);
    return G_SOURCE_REMOVE;
}

static void admit(Place *place, int fd)
{
    Listener *self = place->owner;
    g_autoptr(GError) error = NULL;
    Peer peer;
    if (!peer_check(fd, self->options, &peer, &error)) {
        g_warning("%s", error->message);
        close(fd);
        return;
    }
    self->call(fd, place->read_only, peer.uid, peer.pid, self->data);
}

static void place_ready(GIOCondition ready, void *data)
{
    Place *place = data;
    Listener *self = place->owner;
    for (guint i = 0; i < ACCEPTS_A_TURN && !self->paused; i++) {
        int fd = accept4(place->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            admit(place, fd);
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED)
            continue;
        if (errno == EAGAIN)
            return;
        g_warning("cannot accept a client: %s", g_strerror(errno));
        self->retry = g_timeout_add(RETRY_MS, retry_now, self);
        update_watches(self);
        return;
    }
}

Listener *listener_new(const Options *options, ListenCall call, void *data, gboolean *ret_served,
                       GError **error)
{
    g_autoptr(Listener) self = g_new0(Listener, 1);
    self->options = options;
    self->call = call;
    self->data = data;
    self->places = g_ptr_array_new_with_free_func(place_free);
    *ret_served = FALSE;
    int given = sd_listen_fds(1);
    gboolean opened = given > 0 || open_all(self, ret_served, error);
    for (int i = 0; i < given && opened; i++)
        opened = adopt(self, SD_LISTEN_FDS_START + i, error);
    if (!opened)
        return NULL;
    for (guint i = 0; i < self->places->len; i++) {
        Place *place = g_ptr_array_index(self->places, i);
        place->watch = watch_new(place->fd, G_IO_IN, place_ready, place);
        g_message("listening on %s%s", place->path, place->read_only ? ", read-only" : "");
    }
    return g_steal_pointer(&self);
}

void listener_pause(Listener *self, gboolean paused)
{
    self->paused = paused;
    update_watches(self);
}

gboolean listener_has_waiting(const Listener *self)
{
    for (guint i = 0; i < self->places->len; i++) {
        const Place *place = g_ptr_array_index(self->places, i);
        struct pollfd waiting = {.fd = place->fd, .events = POLLIN};
        if (poll(&waiting, 1, 0) > 0)
            return TRUE;
    }
    return FALSE;
}

void listener_free(Listener *self)
{
    if (self == NULL)
        return;
    if (self->retry != 0)
        g_source_remove(self->retry);
    g_ptr_array_unref(self->places);
    g_free(self);
}

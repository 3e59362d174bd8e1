/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Service: see service.h.
 *
 * Theory of operation.  A client is a connection to a socket of VBoxSVC in the file system, and the
 * kernel tells of each socket there by what path it was reached (unix(7), proc(5)): once for each
 * client, and once for VBoxSVC, which is a client of its own (7.2.22). */
#include "vbox/service.h"
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#define SOCKET_NAME "/ipcd"
#define CONNECTED "03"        /* SS_CONNECTED */
#define ITSELF_AND_US 2       /* connections */
#define END_PATIENCE (12000)  /* ms; it takes 5 to 7 s */
#define END_PAUSE (20 * 1000) /* µs */

/* The path of VBoxSVC's socket when the descriptor is our end of it; owned by the caller. */
static char *service_path(gint fd)
{
    struct sockaddr_un peer = {0};
    socklen_t length = sizeof peer - 1; /* what follows is a NUL */
    if (getpeername(fd, (struct sockaddr *)&peer, &length) != 0 || peer.sun_family != AF_UNIX ||
        !g_str_has_suffix(peer.sun_path, SOCKET_NAME))
        return NULL;
    return g_strdup(peer.sun_path);
}

/* FALSE: we have no connection. */
static gboolean find_connection(char **ret_path, Pid *ret_service)
{
    g_autoptr(GDir) descriptors = g_dir_open("/proc/self/fd", 0, NULL);
    for (const char *name; descriptors != NULL && (name = g_dir_read_name(descriptors)) != NULL;) {
        gint fd = (gint)g_ascii_strtoll(name, NULL, 10);
        struct ucred peer;
        socklen_t length = sizeof peer;
        g_autofree char *path = service_path(fd);
        if (path == NULL || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
            continue;
        *ret_path = g_steal_pointer(&path);
        *ret_service = pid_now(peer.pid);
        return TRUE;
    }
    return FALSE;
}

/* A line of /proc/net/unix: number, references, protocol, flags, type, state, inode, path. */
static gboolean is_connection(const char *line, const char *path)
{
    char state[sizeof CONNECTED];
    gint end = 0;
    return sscanf(line, "%*s %*s %*s %*s %*s %2s %*s %n", state, &end) == 1 && end > 0 &&
           g_str_equal(state, CONNECTED) && g_str_equal(line + end, path);
}

static guint count_connections(const char *path)
{
    g_autofree char *text = NULL;
    guint count = 0;
    if (!g_file_get_contents("/proc/net/unix", &text, NULL, NULL))
        return 0;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        count += is_connection(*line, path) ? 1 : 0;
    return count;
}

gboolean service_is_ours_alone(Pid *ret_service)
{
    g_autofree char *path = NULL;
    return find_connection(&path, ret_service) && count_connections(path) == ITSELF_AND_US;
}

gboolean service_wait_end(const Pid *service)
{
    gint64 end = g_get_monotonic_time() + END_PATIENCE * G_TIME_SPAN_MILLISECOND;
    while (pid_lives(service)) {
        if (g_get_monotonic_time() > end)
            return FALSE;
        g_usleep(END_PAUSE);
    }
    return TRUE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Peers: see peer.h. */
#include "daemon/peer.h"
#include <errno.h>
#include <grp.h>
#include <sys/socket.h>
#include <unistd.h>

/* The groups of the process at the other end, as they were when it connected. */
static gboolean is_member(int fd, const Peer *peer, gid_t group)
{
    if (peer->gid == group)
        return TRUE;
    gid_t few[64];
    socklen_t size = sizeof few;
    const gid_t *groups = few;
    g_autofree gid_t *many = NULL;
    int got = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, few, &size);
    if (got != 0 && errno == ERANGE) {
        groups = many = g_malloc(size);
        got = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, many, &size);
    }
    if (got != 0)
        return FALSE;
    for (gsize i = 0; i < size / sizeof *groups; i++) {
        if (groups[i] == group)
            return TRUE;
    }
    return FALSE;
}

gboolean peer_check(int fd, const Options *options, Peer *ret_peer, GError **error)
{
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return fail(error, VIR_ERR_SYSTEM_ERROR, "cannot ask who connects: %s", g_strerror(errno));
    *ret_peer = (Peer){credentials.pid, credentials.uid, credentials.gid};
    if (ret_peer->uid == 0 || ret_peer->uid == getuid())
        return TRUE;
    if (options->user != NULL && ret_peer->uid == options->uid)
        return TRUE;
    const struct group *group = options->system ? getgrnam(options->group) : NULL;
    if (group != NULL && is_member(fd, ret_peer, group->gr_gid))
        return TRUE;
    return fail(error, VIR_ERR_AUTH_FAILED, "process %d of user %u may not connect here",
                (gint)ret_peer->pid, (guint)ret_peer->uid);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Peers: who is at the other end of a connection, and may it be there? */
#pragma once
#include "daemon/options.h"

typedef struct Peer {
    pid_t pid;
    uid_t uid;
    gid_t gid;
} Peer;

/* A session serves its user and root.  The system daemon serves root, the user whose VirtualBox it
 * is, and members of options->group.  FALSE, with the reason as error: refuse. */
gboolean peer_check(int fd, const Options *options, Peer *ret_peer,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

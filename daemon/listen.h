/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Listening: the sockets where libvirt's clients look, the lock beside them, and who may connect.
 */
#pragma once
#include "daemon/options.h"

typedef struct Listener Listener;

/* A client has connected and may: takes fd over.  uid, pid: the peer's. */
typedef void (*ListenCall)(int fd, gboolean read_only, uid_t uid, pid_t pid, void *data);

/* Takes systemd's sockets, or makes ours.  *ret_served: another daemon serves them already, which
 * is no error; NULL is returned then. */
Listener *listener_new(const Options *options, ListenCall call, void *data, gboolean *ret_served,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* No connection is taken while paused; they wait in the kernel. */
void listener_pause(Listener *self, gboolean paused);

/* Is somebody waiting to be accepted? */
gboolean listener_has_waiting(const Listener *self);

/* Closes.  The path stays where it is the default of a session, because clients start a daemon
 * only where a socket is, even a dead one; else it is removed, unless it is systemd's. */
void listener_free(Listener *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Listener, listener_free)

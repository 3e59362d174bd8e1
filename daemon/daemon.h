/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daemon: listener, clients and the engine's supervisor, brought together. */
#pragma once
#include "daemon/options.h"

typedef struct Daemon Daemon;

/* ended is called once, from the main loop, when the daemon has done all its work.  *ret_served:
 * another daemon serves already (and NULL is returned). */
Daemon *daemon_new(const Options *options, void (*ended)(void *data), void *data,
                   gboolean *ret_served, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Closes all connections and ends the engine in good order; then ended() is called. */
void daemon_end(Daemon *self);

/* A child process has ended. */
void daemon_child_exited(Daemon *self, pid_t pid);

void daemon_free(Daemon *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Daemon, daemon_free)

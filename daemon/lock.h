/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lock beside a socket: one daemon a socket, whoever wins the race. */
#pragma once
#include "base/error.h"
#include <sys/types.h>

typedef enum LockResult {
    LOCK_TAKEN,  /* ours until the process ends */
    LOCK_SERVED, /* another daemon listens there: nothing to do */
    LOCK_FAILED,
} LockResult;

/* Locks PATH.lock for the socket PATH and writes our pid into it.  When another process has it,
 * waits some seconds for it either to listen or to end, as a daemon does that was started a moment
 * before us or is on its way out.  *ret_fd keeps the lock. */
LockResult lock_take(const char *path, int *ret_fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Does somebody listen on the socket? */
gboolean lock_is_served(const char *path);

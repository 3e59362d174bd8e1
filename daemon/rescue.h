/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rescue: what can be done about a VBoxSVC that answers nobody. */
#pragma once
#include "base/error.h"
#include <sys/types.h>

/* Wakes every VBoxSVC of the user that a signal stopped (state T; a debugger's is left alone), and
 * logs it.  How many there were. */
guint rescue_wake(uid_t user);

/* Is the process stopped by a signal? */
gboolean rescue_is_stopped(pid_t pid);

/* Ends the VBoxSVC of the user, so that the next engine starts another.  Never while one of the
 * user's machines runs, because the machine would end with it: that is the error. */
gboolean rescue_end(uid_t user, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Front end: VirtualBox's programs that a machine runs in. */
#pragma once
#include "vbox/vbox.h"

/* Refuses one whose program is not installed, with what to install. */
gboolean front_end_check(const char *front_end, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The program that starts the machine paused.  Owned by the caller; NULL: it cannot. */
char *front_end_paused(const char *front_end, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* After a start that has failed: says what a window needs when the program ended before it came to
 * the machine.  environment: what it was given, graphics_environment().  Other failures stay. */
void front_end_explain(const char *front_end, char **environment, GError **error);

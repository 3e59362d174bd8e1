/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Autostart: starting the machines that are marked for it, once after the host has booted. */
#pragma once
#include <glib.h>

/* Starts them in a thread of its own, unless that was done since the host booted.  A machine that
 * does not start is logged, and the others follow. */
void autostart_begin(void);

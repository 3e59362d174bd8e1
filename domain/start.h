/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Start: making a VM process. */
#pragma once
#include "vbox/vbox.h"

/* By VirtualBox's own launcher, with the front end of the machine's XML. */
gboolean start_running(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Ready, but not running a single instruction: what launchVMProcess() cannot do, so the front end
 * is started with its own option. */
gboolean start_paused(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

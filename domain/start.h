/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Start: making a VM process. */
#pragma once
#include "vbox/vbox.h"

/* Starts a machine that does not run, with the front end of its XML, and waits until it runs; with
 * paused, until it is ready without having run a single instruction, which launchVMProcess() cannot
 * do: then the front end is started with its own option.  as_next: as what it is to be at its next
 * start.  Tries again what can end otherwise. */
gboolean start_machine(Object *machine, gboolean paused, gboolean as_next,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

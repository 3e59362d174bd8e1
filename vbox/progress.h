/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Progress: waits for VirtualBox's long jobs. */
#pragma once
#include "vbox/vbox.h"

/* Waits until the IProgress ends.  Its failure becomes XPCOM_ERROR with VirtualBox's own text. */
gboolean progress_wait(Object *progress, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Called with +1 before a thread waits and with -1 after it, so that the engine can run others
 * meanwhile. */
void progress_set_wait_hook(void (*hook)(gint change));

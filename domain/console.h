/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Console: what is asked of a machine that runs, and why it cannot be done. */
#pragma once
#include "domain/registry.h"

/* Calls a method without arguments of the machine's IConsole. */
gboolean console_call(const RemoteDomain *dom, VboxName name,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* After a call on a machine that runs has failed: says what is wrong and what to do in the place
 * of VirtualBox's "Invalid machine state: Paused".  Other failures stay.  Always FALSE. */
gboolean console_explain(Object *machine, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Orphans: machines that VirtualBox keeps locked for a program that has ended.
 *
 * Theory of operation.  VBoxSVC notices at once when a program that has a machine locked ends, and
 * unlocks it; but not in the moment that ends the call lockMachine().  The program has taken the
 * lock's token by then; VBoxSVC asks it for one more thing, the session's name.  When it ends just
 * then, VBoxSVC unlocks the machine in one thread, and in another one ends the call, which makes
 * it locked (7.2.22).  Nothing takes that away: not another lock of any type, nor a start, nor
 * unregistering the machine.  It stays until VBoxSVC ends, and VBoxSVC ends when its last client
 * has left. */
#pragma once
#include "base/pid.h"
#include "vbox/vbox.h"

/* For a moment that is so of every machine whose program ended. */
gboolean orphan_is(Object *machine);

/* What kept somebody from such a machine becomes a sentence that says so, and what to do
 * (VIR_ERR_RESOURCE_BUSY).  Any other error stays. */
void orphan_explain(Object *machine, GError **error);

/* One of them.  NULL: there is none. */
Object *orphans_find(void) G_GNUC_WARN_UNUSED_RESULT;

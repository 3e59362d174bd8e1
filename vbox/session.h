/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Session: a machine's lock as a scope.  What was not saved when it ends is discarded. */
#pragma once
#include "vbox/vbox.h"

typedef struct Session Session;

/* Locks a machine that is powered off, saved or aborted for change.  A machine that someone else
 * has locked is waited for, up to 2 s, for a poweroff that is just ending; then
 * VIR_ERR_RESOURCE_BUSY or, when it runs, VIR_ERR_OPERATION_INVALID. */
Session *session_write(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Joins the session of a running machine.  VIR_ERR_OPERATION_INVALID when it does not run. */
Session *session_shared(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Until nobody has locked the machine, up to 2 s as session_write() does; what starts or removes a
 * machine takes no lock itself.  VIR_ERR_RESOURCE_BUSY when somebody still has. */
gboolean session_wait_free(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* extra_data_set() of a machine in any state: VirtualBox wants a session for that. */
gboolean session_set_extra_data(Object *machine, const char *key, const char *value,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The machine to change, and the console (NULL in a write session).  Borrowed. */
Object *session_machine(Session *self);
Object *session_console(Session *self);

/* Writes the changes.  Without it the end of the scope discards them. */
gboolean session_save(Session *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes back what was changed and not saved, of a machine that runs also in its VM process. */
void session_discard(Session *self);

/* Ends the scope: discards what was not saved, unlocks. */
void session_free(Session *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_free)

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Turn: one changes networks at a time, one storage pools, and one the marks of machines (mark.h).
 *
 * Theory of operation.  A change takes several calls, and VirtualBox has no lock for them: two
 * clients would see each other's halves, and undo each other's changes of one record.  So who
 * changes networks, or compares all of them, waits for a turn, and so does who changes pools or
 * marks:
 * within the engine by a mutex, among the engines of other daemons by a lock on a file in
 * VirtualBox's own folder, which all that use this VirtualBox have.  The kernel takes the lock off
 * when a process ends, however it does.  Of a process that stands still it does not, so nobody
 * waits longer than TURN_SECONDS for a file. */
#pragma once
#include <glib.h>

#define TURN_SECONDS 30 /* a change takes one or two */

typedef enum TurnKind { TURN_NETWORKS, TURN_POOLS, TURN_MACHINES, TURN_KINDS } TurnKind;

typedef struct Turn {
    TurnKind kind;
    gint fd; /* -1: of this engine alone */
} Turn;

Turn turn_begin(TurnKind kind) G_GNUC_WARN_UNUSED_RESULT;
void turn_end(Turn *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Turn, turn_end)

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Marks: what is being done to machines right now, as VirtualBox tells it in its order.
 *
 * Theory of operation.  Whoever does something to a machine whose events need explaining puts a
 * word into a list before it begins, and takes it out at the end.  The list is a key of
 * VirtualBox's own extra data, so VirtualBox tells of each change of it in line with all its other
 * events.  For the event thread the list that it was told last is therefore the one that stood when
 * the thing happened that it is told of now, however late it is told: nothing is counted or waited
 * for.
 *
 * The list is shared by the daemons that use this VirtualBox; they change it in turn (turn.h).  A
 * word ends with "@" and the engine that put it there (pid.h), so that another one, which begins
 * meanwhile, can tell it from what an engine that died has left. */
#pragma once
#include "base/uuid.h"
#include "vbox/vbox.h"

/* A word of a list.  It leaves the list when it is freed. */
typedef struct Mark Mark;

/* Puts "uuid/part/part…@engine" into the list `key`, each part escaped as in URIs; parts end with
 * NULL. */
Mark *mark_begin(const char *key, const guint8 uuid[UUID_BYTES], const char *const *parts,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What was to be done has not been done: marks_ended() says nothing of it. */
void mark_fail(Mark *self);

void mark_free(Mark *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Mark, mark_free)

/* Whether a list, as VirtualBox told it (NULL: ""), has a word about this machine. */
gboolean marks_have(const char *list, const guint8 uuid[UUID_BYTES]);

/* The words that have left the list from `before` to `now`, but for those that failed; both as
 * VirtualBox told them.  Owned by the caller (g_strfreev()). */
char **marks_ended(const char *before, const char *now);

/* The words of a list, read now, whose engine has ended, and those that name none.  Owned by the
 * caller (g_strfreev()). */
char **marks_left(const char *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes such a word out. */
gboolean mark_drop(const char *key, const char *word, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the engine that a word names lives. */
gboolean mark_is_alive(const char *word);

/* The parts of a word, unescaped, and whose it is.  NULL: it is none of ours.  Owned by the caller
 * (g_strfreev()). */
char **mark_parts(const char *word, guint8 ret_uuid[UUID_BYTES]);

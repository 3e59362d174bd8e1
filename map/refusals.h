/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Refusals: all reasons for which a document is refused, to be told as one error.
 *
 *     g_autoptr(Refusals) refusals = refusals_new();
 *     GError *reason = NULL;
 *     refusals_note(refusals, check_this(item, &reason), &reason);
 *     refusals_note(refusals, check_that(item, &reason), &reason);
 *     return refusals_tell(refusals, error); */
#pragma once
#include <glib.h>

typedef struct Refusals Refusals;

Refusals *refusals_new(void);
void refusals_free(Refusals *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Refusals, refusals_free)

/* Takes a reason over: its message, or each line when it is several reasons itself.  What is said
 * already is dropped.  One that is not ours is a call that failed, and no reason. */
void refusals_add(Refusals *self, GError *reason);

/* What a check came to: takes over the reason of one that was not good.  Returns is_good. */
gboolean refusals_note(Refusals *self, gboolean is_good, GError **reason);

gboolean refusals_are_none(const Refusals *self);

/* Whether another one would get a line; else it need only be counted. */
gboolean refusals_have_room(const Refusals *self);
void refusals_count(Refusals *self);

/* TRUE: there is none.  One is told as it is; several have the code of the first, and a line each,
 * the last of which says how many more there are when they are many.  A call that failed is told
 * alone: what was asked is not known. */
gboolean refusals_tell(Refusals *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Told of a run: what clients know of the devices, drives and limits of each domain that runs
 * (notice.h), so that a change of them is told as what it is, once.
 *
 * Theory of operation.  Of a change by a call of ours the mark says what it is (changing.h):
 * clients hear of each, however quickly they follow each other.  Of others' changes VirtualBox only
 * says that there was one: what the domain is now is compared with what clients know.  Such a look
 * may come so late that it sees what a mark says afterwards; that is then not told again. */
#pragma once
#include "base/uuid.h"

/* From now on it is known as it is now; nothing when it is known already, or does not run.  From
 * any thread. */
void told_run_remember(const guint8 uuid[UUID_BYTES]);
void told_run_forget(const guint8 uuid[UUID_BYTES]);

/* Looks at the domain, of which something changed.  TRUE: clients have heard now what it was. */
gboolean told_run_look(const guint8 uuid[UUID_BYTES]);

/* A call changed what these parts of its mark say; FALSE: they say nothing. */
gboolean told_run_changed(const guint8 uuid[UUID_BYTES], char **parts);

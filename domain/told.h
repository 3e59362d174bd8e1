/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Told: what clients know of each domain's name and description, so that a change by others than
 * us, of which VirtualBox only says that something changed, can be told as what it is. */
#pragma once
#include "base/uuid.h"

/* From now on it is known as it is now; nothing when it is known already.  From any thread. */
void told_remember(const guint8 uuid[UUID_BYTES]);
void told_forget(const guint8 uuid[UUID_BYTES]);

/* The rest is the event thread's. */

/* Clients hear that it was renamed: of the old name's end, then of the new one. */
void told_renamed(const guint8 uuid[UUID_BYTES], const char *old, const char *name);

/* Clients hear that its metadata changed: virDomainMetadataType, and an element's namespace. */
void told_metadata(const guint8 uuid[UUID_BYTES], gint type, char *uri);

/* Looks at the machine, of which something changed.  TRUE: it was a new name, which clients have
 * heard now. */
gboolean told_new_name(const guint8 uuid[UUID_BYTES]);
/* The same of its description, which VirtualBox's own programs change as well. */
void told_new_description(const guint8 uuid[UUID_BYTES]);

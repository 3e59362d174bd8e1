/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pool records: what is kept of a pool, in VirtualBox's global extra data.
 *
 * The key is vboxvirt/pool/UUID, the value a key file with one group.  VirtualBox changes and saves
 * one key at a time, so daemons and the GUI never undo each other's pools; what a newer vboxvirt
 * wrote into a record stays when this one rewrites it. */
#pragma once
#include "storage/pool.h"

/* All that can be read (Pool *).  One that cannot is left out, with a warning in the log: it must
 * not hide the others. */
GPtrArray *pool_record_all(GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean pool_record_save(const Pool *pool, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Removes it, if there is one. */
gboolean pool_record_remove(const Pool *pool, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The text of a record; old is the one before it, NULL or "": none.  Owned by the caller. */
char *pool_record_format(const Pool *pool, const char *old);
/* NULL: it is none. */
Pool *pool_record_parse(const guint8 uuid[UUID_BYTES], const char *text, GError **error);

/* Whether an extra data key is a record's, and of which pool. */
gboolean pool_record_key_parse(const char *key, guint8 ret_uuid[UUID_BYTES]);

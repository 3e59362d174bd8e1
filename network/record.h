/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Record: what VirtualBox has no field for of a network, in its global extra data.
 *
 * The key is vboxvirt/network/UUID, the value a key file with one group.  VirtualBox changes and
 * saves one key at a time, so daemons and the GUI never undo each other's networks; what a newer
 * vboxvirt wrote into a record stays when this one rewrites it. */
#pragma once
#include "network/network.h"

/* All that can be read (Network *).  One that cannot is left out, with a warning in the log: it
 * must not hide the others. */
GPtrArray *record_all(GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes the network's record; it is ours from then on. */
gboolean record_save(Network *network, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes it, if there is one. */
gboolean record_remove(const Network *network, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Somebody else wrote or removed one: see network_names_now(). */
void record_told(void);

/* The text of a record; old is the one before it, NULL or "": none.  Owned by the caller. */
char *record_format(const Network *network, const char *old);
/* NULL: it is none. */
Network *record_parse(const guint8 uuid[UUID_BYTES], const char *text, GError **error);

/* Whether an extra data key is a record's, and of which network. */
gboolean record_key_parse(const char *key, guint8 ret_uuid[UUID_BYTES]);

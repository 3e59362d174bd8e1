/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records: what VirtualBox has no field for at all, one key of its global extra data each: a prefix
 * ("vboxvirt/network/") and a uuid.  VirtualBox changes and saves one key at a time, so daemons and
 * the GUI never undo each other's. */
#pragma once
#include "base/uuid.h"
#include "vbox/vbox.h"

/* Owned by the caller. */
char *vbox_record_key(const char *prefix, const guint8 uuid[UUID_BYTES]);

/* Whether an extra data key is such a record's, and of which uuid. */
gboolean vbox_record_key_parse(const char *prefix, const char *key, guint8 ret_uuid[UUID_BYTES]);

/* NULL with an error: the text is none. */
typedef gpointer (*VboxRecordParse)(const guint8 uuid[UUID_BYTES], const char *text,
                                    GError **error);

/* All that can be parsed, freed by free.  One that cannot is left out, with a warning in the log
 * that it is no noun: it must not hide the others. */
GPtrArray *vbox_records(const char *prefix, const char *noun, VboxRecordParse parse,
                        GDestroyNotify free, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changing: changes of a domain that clients hear of by a name of their own.
 *
 * VirtualBox only says that a machine's data have changed, once or more often.  A call that renames
 * a domain, changes its metadata, or devices, drives and limits of one that runs or starts says so
 * by a mark (vbox/mark.h) that it has until it is done; mark_fail() when nothing came of it.  What
 * changes nothing that clients know has one too (quiet.h). */
#pragma once
#include "vbox/mark.h"

Mark *changing_name(const guint8 uuid[UUID_BYTES], const char *old, const char *name,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* type: virDomainMetadataType; uri NULL: it is no element. */
Mark *changing_metadata(const guint8 uuid[UUID_BYTES], gint type, const char *uri,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* notices: Notice *, what the call is to change (domain/notice.h). */
Mark *changing_run(const guint8 uuid[UUID_BYTES], const GPtrArray *notices,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same of what is taken out of drives before a start, as its file is gone. */
Mark *changing_start(const guint8 uuid[UUID_BYTES], const GPtrArray *notices,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* For the event thread: whether what VirtualBox is telling of now is part of such a change; and
 * what it tells of the key: clients hear of the changes that are done. */
#define CHANGING_KEY "vboxvirt/changing"
gboolean changing_is(const guint8 uuid[UUID_BYTES]);
void changing_told(const char *value);

/* Marks that an engine that died has left.  At start-up, before calls. */
void changing_clean_up(void);

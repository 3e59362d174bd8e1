/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Build: a machine from an XML, all or nothing.  The handlers are in define.c. */
#pragma once
#include "base/uuid.h"
#include "domain/domain.h"

/* Makes the machine that the XML says, or changes the one of its uuid: one that runs, or has a
 * saved state, when it starts next (domain/next.h).  After a failure VirtualBox is as it was.  The
 * machine's uuid is in *ret_uuid.  is_transient: a new one is marked to be removed when it stops;
 * one that has a definition gets it back then.
 * Errors: those of map_parse(); VIR_ERR_OPERATION_FAILED, the name or the uuid is another's. */
Object *build_machine(const char *xml, gboolean is_transient, guint8 ret_uuid[UUID_BYTES],
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes a machine that has stopped what it is to be next. */
gboolean build_next(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The machine is about to get other drives than it has: without the files that are gone. */
typedef gboolean (*BuildBegin)(Domain *is, Domain *without, gpointer data, GError **error);

/* The same before it starts; then takes the files that are gone out of its drives, when they are
 * optional, and refuses the start when they are not.  begin is called once, when one is. */
gboolean build_start(Object *machine, BuildBegin begin, gpointer data,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

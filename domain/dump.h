/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dump: a machine as XML. */
#pragma once
#include "vbox/vbox.h"

/* The machine's XML with flags of virDomainXMLFlags; id: of its VM process, -1: it does not run.
 * Owned by the caller. */
char *domain_dump(Object *machine, guint32 flags, gint32 id,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

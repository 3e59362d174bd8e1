/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Live: changing a machine that runs. */
#pragma once
#include "domain/domain.h"

/* All has been checked, and is about to be changed: from one prepared domain to the other. */
typedef gboolean (*LiveBegin)(Domain *is, Domain *wanted, gpointer data, GError **error);

/* Makes a running machine what is wanted, all or nothing.  What VirtualBox cannot change while it
 * runs (rows that are not HOT) is refused before anything is changed.  config: the
 * XML of what it is to be when it starts next; NULL: nothing else.  force: take media out of drives
 * that the guest has locked.  begin is called once, unless it is refused.  Errors:
 * VIR_ERR_OPERATION_INVALID, it does not run; VIR_ERR_OPERATION_UNSUPPORTED, not while it runs. */
gboolean live_apply(Object *machine, Domain *wanted, const char *config, gboolean force,
                    LiveBegin begin, gpointer data, GError **error) G_GNUC_WARN_UNUSED_RESULT;

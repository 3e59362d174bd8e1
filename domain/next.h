/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Next: what a machine that runs, or has a saved state, is to be when it starts next.
 *
 * Theory of operation.  VirtualBox has one set of settings of a machine, and a machine that runs
 * has few that can change.  So what a definition or a change with --config asks of it, and it is
 * not, is kept as a domain XML in its extra data, shown as its inactive XML, and applied when it
 * has stopped: at once, and at the latest when it starts.  There is one only as long as it differs
 * from what runs. */
#pragma once
#include "domain/domain.h"

#define DOMAIN_NEXT_KEY "vboxvirt/next"

/* The XML; "": there is none.  Owned by the caller. */
char *next_get(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same as a model; of a machine that has none, the machine itself. */
Domain *next_read(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* From now on the machine is to be this.  What cannot be is refused, as by a definition. */
gboolean next_plan(Object *machine, const char *xml, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The machine was just made what this says, prepared, but for a file that is awaited: it is to be
 * this as soon as it can. */
gboolean next_await(Object *machine, const char *xml, Domain *prepared,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a machine that has stopped is this already, but for files that are awaited and have not
 * come. */
gboolean next_still_waits(Object *machine, const char *xml, gboolean *ret_waits,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Only whether next_plan() would refuse it. */
gboolean next_check(Object *machine, const char *xml, GError **error) G_GNUC_WARN_UNUSED_RESULT;

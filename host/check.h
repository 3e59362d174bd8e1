/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Check: what `vboxvirtd --check` tells a person. */
#pragma once
#include <glib.h>

/* What is told: of the host, which needs no VirtualBox; of who runs this; both. */
typedef enum CheckPart { CHECK_HOST = 1 << 0, CHECK_USER = 1 << 1, CHECK_ALL = 3 } CheckPart;

/* "host", "user" or "all".  FALSE: it is none of them. */
gboolean host_check_part(const char *word, CheckPart *ret_part) G_GNUC_WARN_UNUSED_RESULT;

/* What works with this VirtualBox on this host and what does not: a finding a line, "ok", "note"
 * or "problem", with what to do about it.  failure: of vbox_start(), NULL when it succeeded or was
 * not tried.  lacking: what the XML tables miss in this VirtualBox, a line each (map_bind()).
 * Owned by the caller. */
char *host_check_report(CheckPart part, const GError *failure, const char *lacking);

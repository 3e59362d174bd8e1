/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Check: what `vboxvirtd --check` tells a person. */
#pragma once
#include <glib.h>

/* What works with this VirtualBox on this host and what does not: a finding a line, "ok", "note"
 * or "problem", with what to do about it.  failure: of vbox_start(), NULL when it succeeded.
 * lacking: what the XML tables miss in this VirtualBox, a line each (map_bind()).  Owned by the
 * caller. */
char *host_check_report(const GError *failure, const char *lacking);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Flag: what is true or not of a domain and no setting of VirtualBox's; kept in its extra data. */
#pragma once
#include "domain/registry.h"

/* Sets a flag (DOMAIN_AUTOSTART_KEY, DOMAIN_TRANSIENT_KEY) in any state of the machine.  `now` is
 * what it is already.  Clients hear of no "Defined Updated". */
gboolean flag_set(Entry *entry, const char *key, gboolean now, gboolean on,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same of a text, which is not the one that is there; NULL: none. */
gboolean flag_set_text(Entry *entry, const char *key, const char *text,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

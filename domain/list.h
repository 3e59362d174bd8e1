/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* List: which domains a client's filters let through. */
#pragma once
#include "domain/registry.h"

/* flags of virConnectListAllDomainsFlags; 0: every domain. */
gboolean list_matches(Entry *entry, guint32 flags, gboolean *ret_matches,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether it failed because the domain went meanwhile: then it is simply not in the list. */
gboolean list_gone(const GError *error);

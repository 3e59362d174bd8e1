/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Context: what one operation on one machine knows.  Private to map/. */
#pragma once
#include "map/map.h"

/* What KEEP rows keep: as read from the machine at first use.  Borrowed. */
GKeyFile *context_kept(MapContext *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The name of an item's group in it.  Owned by the caller. */
char *context_group(const Item *item);
/* The name of a row's value there.  Owned by the caller. */
char *context_key(const Field *field);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Quiet: see quiet.h. */
#include "domain/quiet.h"
#include "domain/changing.h"

Mark *quiet_begin(const guint8 uuid[UUID_BYTES], GError **error)
{
    return mark_begin(CHANGING_KEY, uuid, (const char *const[]){QUIET_WORD, NULL}, error);
}

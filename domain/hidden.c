/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hidden: see hidden.h. */
#include "domain/hidden.h"
#include <string.h>

#define PREFIX 6 /* bytes; all random: the version is in the seventh, the variant in the ninth */

static const guint8 *prefix(void)
{
    static gsize once;
    static guint8 uuid[UUID_BYTES];
    if (g_once_init_enter(&once)) {
        uuid_generate(uuid);
        g_once_init_leave(&once, 1);
    }
    return uuid;
}

void hidden_uuid(guint8 ret_uuid[UUID_BYTES])
{
    uuid_generate(ret_uuid);
    memcpy(ret_uuid, prefix(), PREFIX);
}

gboolean hidden_has(const guint8 uuid[UUID_BYTES])
{
    return memcmp(uuid, prefix(), PREFIX) == 0;
}

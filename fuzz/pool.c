/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pools for a target that has no VirtualBox: none. */
#include "storage/pool.h"

Pool *pool_find_by_path(const char *path, GError **error)
{
    fail(error, VIR_ERR_NO_STORAGE_POOL, "there are no pools");
    return NULL;
}

void pool_free(Pool *self)
{
}

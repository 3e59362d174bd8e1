/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pool: libvirt's storage pools, each a folder of the host.
 *
 * VirtualBox has no pools.  One that a client of ours defined is a record in VirtualBox's global
 * extra data (pool_record.h): a name, a UUID, a path, and whether it is started.  What is in it,
 * and how full its file system is, is looked at whenever somebody asks; nothing is remembered. */
#pragma once
#include "base/error.h"
#include "base/uuid.h"
#include "map/map.h"

typedef struct Pool {
    char *name;
    guint8 uuid[UUID_BYTES];
    char *path;                /* absolute, without "//", "." and ".." */
    gint64 mode, owner, group; /* the folder is to be made with; NUMBER_ABSENT */
    gboolean persistent;       /* FALSE: gone when it is stopped */
    gboolean autostart;
    gboolean active;
} Pool;

Pool *pool_new(void);
void pool_free(Pool *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pool, pool_free)

/* In a list of pool_record_all().  NULL: none.  Borrowed. */
Pool *pool_in_by_name(const GPtrArray *pools, const char *name);
Pool *pool_in_by_uuid(const GPtrArray *pools, const guint8 uuid[UUID_BYTES]);
Pool *pool_in_by_path(const GPtrArray *pools, const char *path);

/* One.  VIR_ERR_NO_STORAGE_POOL with libvirt's words when there is none; name is for that message
 * and may be NULL. */
Pool *pool_find(const guint8 uuid[UUID_BYTES], const char *name,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
Pool *pool_find_by_name(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
Pool *pool_find_by_path(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One that is started: VIR_ERR_OPERATION_INVALID when it is not. */
Pool *pool_find_active(const guint8 uuid[UUID_BYTES], const char *name,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean pool_check_active(const Pool *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* That its folder can be read now: VIR_ERR_SYSTEM_ERROR. */
gboolean pool_check_folder(const Pool *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Bytes of the file system that the folder is on.  FALSE, without an error: it is not there. */
typedef struct PoolSpace {
    guint64 capacity, allocation, available;
} PoolSpace;
gboolean pool_space(const Pool *self, PoolSpace *ret_space);

/* What an XML of it says and means; of one that is refused as much as is known: name and path may
 * be NULL then.  NULL: it is not well-formed. */
Pool *pool_parse(const char *xml, Refusals *refusals, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *pool_format(const Pool *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How it is called in a path that a user gave: absolute, each folder once; NULL: it is relative.
 * Owned by the caller. */
char *pool_clean_path(const char *path);

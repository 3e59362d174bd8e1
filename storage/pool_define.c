/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pool define: see pool_define.h. */
#include "storage/pool_define.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/libvirt.h"
#include "storage/pool_event.h"
#include "storage/pool_record.h"
#include "vbox/turn.h"

#define FOLDER_MODE 0711 /* of a new folder whose XML does not say one; as libvirt's */

/* Our turn to change pools; at its end clients hear what has changed. */
typedef Turn Change;

static Change begin(void)
{
    Change change = turn_begin(TURN_POOLS);
    pool_event_ready();
    return change;
}

static void end(Change *self)
{
    pool_event_look();
    turn_end(self);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Change, end)

/* --- its folder ---------------------------------------------------------------------------------
 */

static gboolean build(const Pool *pool, GError **error)
{
    gint64 mode = pool->mode != NUMBER_ABSENT ? pool->mode : FOLDER_MODE;
    if (g_mkdir_with_parents(pool->path, (int)mode) < 0 ||
        /* the umask does not count, and it may have been there before */
        (pool->mode != NUMBER_ABSENT && chmod(pool->path, (mode_t)mode) < 0))
        return fail(error, VIR_ERR_SYSTEM_ERROR,
                    "storage pool '%s': cannot make the folder '%s': "
                    "%s",
                    pool->name, pool->path, g_strerror(errno));
    return TRUE;
}

/* Its state, after its folder was looked at. */
static gboolean start(Pool *pool, gboolean with_build, GError **error)
{
    if (pool->active)
        return fail(error, VIR_ERR_OPERATION_INVALID, "storage pool '%s' is already active",
                    pool->name);
    if ((with_build && !build(pool, error)) || !pool_check_folder(pool, error))
        return FALSE;
    pool->active = TRUE;
    return pool_record_save(pool, error);
}

static Pool *find_stopped(const guint8 uuid[UUID_BYTES], const char *name, GError **error)
{
    g_autoptr(Pool) pool = pool_find(uuid, name, error);
    if (pool == NULL)
        return NULL;
    if (!pool->active)
        return g_steal_pointer(&pool);
    fail(error, VIR_ERR_OPERATION_INVALID, "storage pool '%s' is still active", pool->name);
    return NULL;
}

/* --- defining -----------------------------------------------------------------------------------
 */

/* *ret_old is NULL when the XML means a new one. */
static gboolean match(const GPtrArray *pools, const Pool *want, Pool **ret_old, GError **error)
{
    char uuid[UUID_STRING];
    Pool *same_uuid = pool_in_by_uuid(pools, want->uuid);
    Pool *same_name = *ret_old = pool_in_by_name(pools, want->name);
    Pool *same_path = pool_in_by_path(pools, want->path);
    if (same_uuid != NULL && same_uuid != same_name) {
        uuid_format(want->uuid, uuid);
        return fail(error, VIR_ERR_OPERATION_FAILED, "pool '%s' is already defined with uuid %s",
                    same_uuid->name, uuid);
    }
    if (same_name != NULL && same_uuid == NULL && !uuid_is_unset(want->uuid)) {
        uuid_format(same_name->uuid, uuid);
        return fail(error, VIR_ERR_OPERATION_FAILED, "pool '%s' already exists with uuid %s",
                    want->name, uuid);
    }
    if (same_path != NULL && same_path != same_name)
        return fail(error, VIR_ERR_OPERATION_FAILED,
                    "Storage source conflict with pool: '%s': it has the folder %s already",
                    same_path->name, want->path);
    if (same_name != NULL && same_name->active && same_path == NULL)
        return fail(error, VIR_ERR_OPERATION_INVALID,
                    "storage pool '%s' is active in the folder %s: stop it before you give it "
                    "another one",
                    same_name->name, same_name->path);
    return TRUE;
}

/* What does not stand in the XML. */
static void inherit(Pool *want, const Pool *old)
{
    if (old != NULL) {
        memcpy(want->uuid, old->uuid, UUID_BYTES);
        want->persistent = old->persistent;
        want->autostart = old->autostart;
        want->active = old->active;
    } else if (uuid_is_unset(want->uuid))
        uuid_generate(want->uuid);
}

/* Which pool the XML means, as it is to be. */
static Pool *prepare(const char *xml, GError **error)
{
    g_autoptr(Refusals) refusals = refusals_new();
    g_autoptr(Pool) want = pool_parse(xml, refusals, error);
    g_autoptr(GPtrArray) pools = want != NULL ? pool_record_all(error) : NULL;
    GError *reason = NULL;
    Pool *old = NULL;
    if (pools == NULL)
        return NULL;
    if (want->name != NULL && want->path != NULL)
        refusals_note(refusals, match(pools, want, &old, &reason), &reason);
    if (!refusals_tell(refusals, error))
        return NULL;
    inherit(want, old);
    return g_steal_pointer(&want);
}

Pool *pool_define(const char *xml, GError **error)
{
    g_auto(Change) G_GNUC_UNUSED change = begin();
    g_autoptr(Pool) want = prepare(xml, error);
    if (want == NULL)
        return NULL;
    want->persistent = TRUE;
    return pool_record_save(want, error) ? g_steal_pointer(&want) : NULL;
}

Pool *pool_create(const char *xml, gboolean with_build, GError **error)
{
    g_auto(Change) G_GNUC_UNUSED change = begin();
    g_autoptr(Pool) want = prepare(xml, error);
    return want != NULL && start(want, with_build, error) ? g_steal_pointer(&want) : NULL;
}

/* --- life ---------------------------------------------------------------------------------------
 */

gboolean pool_start(const guint8 uuid[UUID_BYTES], const char *name, gboolean with_build,
                    GError **error)
{
    g_auto(Change) G_GNUC_UNUSED change = begin();
    g_autoptr(Pool) pool = pool_find(uuid, name, error);
    return pool != NULL && start(pool, with_build, error);
}

gboolean pool_stop(const guint8 uuid[UUID_BYTES], const char *name, GError **error)
{
    g_auto(Change) G_GNUC_UNUSED change = begin();
    g_autoptr(Pool) pool = pool_find_active(uuid, name, error);
    if (pool == NULL)
        return FALSE;
    pool->active = FALSE;
    return pool->persistent ? pool_record_save(pool, error) : pool_record_remove(pool, error);
}

gboolean pool_undefine(const guint8 uuid[UUID_BYTES], const char *name, GError **error)
{
    g_auto(Change) G_GNUC_UNUSED change = begin();
    g_autoptr(Pool) pool = find_stopped(uuid, name, error);
    return pool != NULL && pool_record_remove(pool, error);
}

gboolean pool_set_autostart(const guint8 uuid[UUID_BYTES], const char *name, gboolean autostart,
                            GError **error)
{
    g_auto(Change) G_GNUC_UNUSED change = begin();
    g_autoptr(Pool) pool = pool_find(uuid, name, error);
    if (pool == NULL)
        return FALSE;
    if (!pool->persistent)
        return fail(error, VIR_ERR_OPERATION_INVALID, "cannot set autostart for transient pool");
    pool->autostart = autostart;
    return pool_record_save(pool, error);
}

gboolean pool_build(const guint8 uuid[UUID_BYTES], const char *name, GError **error)
{
    g_auto(Change) G_GNUC_UNUSED change = begin();
    g_autoptr(Pool) pool = find_stopped(uuid, name, error);
    if (pool == NULL || !build(pool, error))
        return FALSE;
    pool_event_tell(pool, VIR_STORAGE_POOL_EVENT_CREATED);
    return TRUE;
}

gboolean pool_delete(const guint8 uuid[UUID_BYTES], const char *name, GError **error)
{
    g_auto(Change) G_GNUC_UNUSED change = begin();
    g_autoptr(Pool) pool = find_stopped(uuid, name, error);
    if (pool == NULL)
        return FALSE;
    if (rmdir(pool->path) < 0) {
        if (errno == ENOTEMPTY || errno == EEXIST)
            return fail(error, VIR_ERR_OPERATION_INVALID,
                        "storage pool '%s': the folder '%s' is not empty: delete what is in it "
                        "first",
                        pool->name, pool->path);
        return fail(error, VIR_ERR_SYSTEM_ERROR,
                    "storage pool '%s': cannot remove the folder '%s': %s", pool->name, pool->path,
                    g_strerror(errno));
    }
    pool_event_tell(pool, VIR_STORAGE_POOL_EVENT_DELETED);
    return TRUE;
}

static gboolean begin_anew(Pool *pool, GError **error)
{
    if (pool->active)
        return TRUE; /* a client was faster */
    if (!pool->persistent)
        return pool_record_remove(pool, error);
    return !pool->autostart || start(pool, FALSE, error);
}

void pool_autostart_all(void)
{
    g_auto(Change) G_GNUC_UNUSED change = begin();
    g_autoptr(GError) failure = NULL;
    g_autoptr(GPtrArray) pools = pool_record_all(&failure);
    if (pools == NULL) {
        g_warning("storage pools cannot be started: %s", failure->message);
        return;
    }
    for (guint i = 0; i < pools->len; i++) {
        Pool *pool = pools->pdata[i];
        g_autoptr(GError) problem = NULL;
        if (!begin_anew(pool, &problem))
            g_warning("autostart of pool '%s': %s", pool->name, problem->message);
    }
}

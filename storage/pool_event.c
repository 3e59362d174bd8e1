/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pool events: see pool_event.h.
 *
 * VirtualBox tells of each change of an extra data key, so of each of our records, whoever wrote
 * it. Which pool that made, ended, started or stopped follows from a comparison with the pools
 * before. */
#include "storage/pool_event.h"
#include <string.h>
#include "base/libvirt.h"
#include "rpc/event.h"
#include "storage/pool_record.h"
#include "vbox/turn.h"

/* Guarded by the turn: a change that is under way is not looked at before it is whole. */
static GPtrArray *known; /* Pool *; NULL: nobody listens yet */

void pool_event_tell(const Pool *pool, gint event)
{
    StoragePoolEventLifecycleMsg body = {.pool.name = pool->name, .event = event};
    memcpy(body.pool.uuid, pool->uuid, UUID_BYTES);
    event_emit(REMOTE_PROC_STORAGE_POOL_EVENT_LIFECYCLE, pool->uuid, &body);
}

void pool_event_tell_refresh(const Pool *pool)
{
    StoragePoolEventRefreshMsg body = {.pool.name = pool->name};
    memcpy(body.pool.uuid, pool->uuid, UUID_BYTES);
    event_emit(REMOTE_PROC_STORAGE_POOL_EVENT_REFRESH, pool->uuid, &body);
}

static gboolean is_redefined(const Pool *before, const Pool *after)
{
    return !g_str_equal(before->path, after->path) || before->mode != after->mode ||
           before->owner != after->owner || before->group != after->group;
}

/* before NULL: it is new; after NULL: it has gone. */
static void compare(const Pool *before, const Pool *after)
{
    gboolean was_defined = before != NULL && before->persistent;
    gboolean was_active = before != NULL && before->active;
    gboolean is_defined = after != NULL && after->persistent;
    gboolean is_active = after != NULL && after->active;
    if (is_defined && (!was_defined || is_redefined(before, after)))
        pool_event_tell(after, VIR_STORAGE_POOL_EVENT_DEFINED);
    if (is_active && !was_active)
        pool_event_tell(after, VIR_STORAGE_POOL_EVENT_STARTED);
    if (was_active && !is_active)
        pool_event_tell(before, VIR_STORAGE_POOL_EVENT_STOPPED);
    if (was_defined && !is_defined)
        pool_event_tell(before, VIR_STORAGE_POOL_EVENT_UNDEFINED);
}

void pool_event_look(void)
{
    if (known == NULL)
        return;
    g_autoptr(GError) failure = NULL;
    GPtrArray *now = pool_record_all(&failure);
    if (now == NULL) {
        g_warning("changes of storage pools cannot be told: %s", failure->message);
        return;
    }
    for (guint i = 0; i < known->len; i++) {
        const Pool *before = known->pdata[i];
        compare(before, pool_in_by_uuid(now, before->uuid));
    }
    for (guint i = 0; i < now->len; i++) {
        const Pool *after = now->pdata[i];
        if (pool_in_by_uuid(known, after->uuid) == NULL)
            compare(NULL, after);
    }
    g_ptr_array_unref(known);
    known = now;
}

static void look_again(void)
{
    g_auto(Turn) G_GNUC_UNUSED turn = turn_begin(TURN_POOLS);
    pool_event_look();
}

void pool_event(const VboxEvent *event)
{
    guint8 uuid[UUID_BYTES];
    if (event->kind == EVENT_GAP || (event->kind == EVENT_EXTRA_DATA && event->key != NULL &&
                                     pool_record_key_parse(event->key, uuid)))
        look_again();
}

static gint is_watched; /* atomic */

void pool_event_ready(void)
{
    if (g_atomic_int_get(&is_watched) && known == NULL)
        known = pool_record_all(NULL);
}

static gpointer preload_thread(gpointer data)
{
    g_auto(Turn) G_GNUC_UNUSED turn = turn_begin(TURN_POOLS);
    pool_event_ready();
    return NULL;
}

void pool_event_preload(void)
{
    if (g_atomic_int_compare_and_exchange(&is_watched, 0, 1))
        g_thread_unref(g_thread_new("pools", preload_thread, NULL));
}

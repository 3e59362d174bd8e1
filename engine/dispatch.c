/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dispatch: from a client's message to its handler and back.
 *
 * Theory of operation.  The main thread decodes a call, so that it knows which object the call is
 * about.  Readers go straight to a small pool of workers.  Writers of one object form a lane: they
 * run one after the other, in the order in which they came; only the first of a lane is in the
 * pool.  Calls of LANE_NOW have a pool of their own, so that a destroy never waits behind jobs.
 * A worker that waits for a job of VirtualBox lets another one in (progress_set_wait_hook()). */
#include "base/uuid.h"
#include "engine/engine.h"
#include "rpc/handlers.h"
#include "vbox/progress.h"

#define WORKERS 4     /* VBoxSVC serves no more calls in all with more threads (facts/xpcom.md) */
#define NOW_WORKERS 2 /* a second one, for a destroy of another machine beside the first */

typedef struct Task {
    Call call;
    MessageHeader header;
    void *args;
    guint8 lane[UUID_BYTES];
} Task;

static GThreadPool *workers, *now_workers;
static GMutex lanes_lock;
static GHashTable *lanes; /* uuid → GQueue of Tasks that wait; an entry: one of them runs */
static gint calls;        /* that have not ended */
static gint jobs;         /* calls that wait for VirtualBox, for the daemon's idle time */

static void task_free(Task *task)
{
    g_atomic_int_add(&calls, -1);
    arena_free(task->call.arena);
    g_free(task);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Task, task_free)

static gboolean send_reply(Task *task, const void *ret, GError **error)
{
    GBytes *message = message_reply(&task->header, task->call.procedure->ret, ret, error);
    if (message != NULL && task->call.stream != NULL)
        stream_start(&task->call, message, task->call.stream);
    else if (message != NULL)
        link_send_message(task->call.client, message);
    return message != NULL;
}

static void task_run(Task *task)
{
    const Procedure *procedure = task->call.procedure;
    g_autoptr(GError) error = NULL;
    void *ret =
        procedure->ret != NULL ? arena_alloc(task->call.arena, xdr_size(procedure->ret)) : NULL;
    gboolean ok = engine_handlers[procedure->number](&task->call, task->args, ret, &error) &&
                  send_reply(task, ret, &error);
    g_clear_pointer(&task->call.stream, g_bytes_unref);
    if (ok)
        return;
    /* The daemon answers the call.  After an answer of ours the client's next one would be lost. */
    if (anew_is_due(error) && g_atomic_int_get(&calls) == 1)
        engine_service_gone(error->message);
    gboolean gone = vbox_is_gone(error);
    vbox_error_translate(&error);
    link_send_message(task->call.client, message_error(&task->header, error, VIR_FROM_VBOX));
    if (gone)
        engine_service_gone(error->message);
}

static void pool_push(GThreadPool *pool, Task *task)
{
    /* Fails only when no thread can be made; the task then waits for one of those that run. */
    g_autoptr(GError) error = NULL;
    if (!g_thread_pool_push(pool, task, &error))
        g_warning("starting a worker: %s", error->message);
}

/* The first writer of an object runs; others wait in its lane. */
static void lane_enter(Task *task)
{
    g_mutex_lock(&lanes_lock);
    GQueue *waiting = g_hash_table_lookup(lanes, task->lane);
    if (waiting != NULL)
        g_queue_push_tail(waiting, task);
    else
        g_hash_table_insert(lanes, g_memdup2(task->lane, UUID_BYTES), g_queue_new());
    g_mutex_unlock(&lanes_lock);
    if (waiting == NULL)
        pool_push(workers, task);
}

static void lane_leave(const guint8 lane[UUID_BYTES])
{
    g_mutex_lock(&lanes_lock);
    GQueue *waiting = g_hash_table_lookup(lanes, lane);
    Task *next = g_queue_pop_head(waiting);
    if (next == NULL)
        g_hash_table_remove(lanes, lane);
    g_mutex_unlock(&lanes_lock);
    if (next != NULL)
        pool_push(workers, next);
}

static void worker(gpointer data, gpointer pool_is_now)
{
    g_autoptr(Task) task = data;
    task_run(task);
    if (task->call.procedure->lane == LANE_WRITE)
        lane_leave(task->lane);
}

static guint lane_hash(gconstpointer key)
{
    guint hash;
    memcpy(&hash, key, sizeof hash);
    return hash;
}

static gboolean lane_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, UUID_BYTES) == 0;
}

static void waiting_changed(gint change)
{
    gint now = g_atomic_int_add(&jobs, change) + change;
    g_thread_pool_set_max_threads(workers, WORKERS + now, NULL);
    link_send_number(LINK_BUSY, (guint64)now);
}

void dispatch_start(void)
{
    lanes = g_hash_table_new_full(lane_hash, lane_equal, g_free, (GDestroyNotify)g_queue_free);
    workers = g_thread_pool_new(worker, NULL, WORKERS, FALSE, NULL);
    now_workers = g_thread_pool_new(worker, NULL, NOW_WORKERS, FALSE, NULL);
    g_thread_pool_set_max_unused_threads(WORKERS);
    g_thread_pool_set_max_idle_time(0); /* keep them: a thread's first call costs more */
    progress_set_wait_hook(waiting_changed);
}

static gboolean task_decode(Task *task, const guint8 *payload, gsize length, GError **error)
{
    const Procedure *procedure = task->call.procedure;
    if (procedure == NULL || procedure->server != SERVER_ENGINE)
        return fail(error, VIR_ERR_RPC, "unknown procedure: %u", task->header.procedure);
    if (procedure->args == NULL)
        return TRUE;
    task->args = arena_alloc(task->call.arena, xdr_size(procedure->args));
    if (!xdr_decode(procedure->args, payload, length, task->args, task->call.arena, error))
        return FALSE;
    if (procedure->uuid_offset >= 0)
        memcpy(task->lane, (const guint8 *)task->args + procedure->uuid_offset, UUID_BYTES);
    return TRUE;
}

void dispatch_message(guint64 client, const guint8 *message, gsize length)
{
    g_autoptr(Task) task = g_new0(Task, 1);
    g_autoptr(GError) error = NULL;
    g_atomic_int_inc(&calls);
    task->call.arena = arena_new();
    task->call.client = client;
    if (length < MESSAGE_HEADER || !message_header_read(message, &task->header, &error) ||
        task->header.length != length) {
        g_warning("the daemon sent a broken message of %" G_GSIZE_FORMAT " bytes", length);
        return;
    }
    if (task->header.type == MESSAGE_STREAM) {
        stream_packet(client, &task->header);
        return;
    }
    task->call.serial = task->header.serial;
    task->call.procedure = procedure_find(task->header.procedure);
    if (!task_decode(task, message + MESSAGE_HEADER, length - MESSAGE_HEADER, &error)) {
        link_send_message(client, message_error(&task->header, error, VIR_FROM_VBOX));
        return;
    }
    Task *ready = g_steal_pointer(&task);
    if (ready->call.procedure->lane == LANE_WRITE)
        lane_enter(ready);
    else
        pool_push(ready->call.procedure->lane == LANE_NOW ? now_workers : workers, ready);
}

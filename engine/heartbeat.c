/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Heartbeat: a thread that answers the daemon's pings with a real call, so that a VirtualBox that
 * hangs is told from a job that is only long. */
#include "engine/engine.h"
#include "vbox/vbox.h"

static GAsyncQueue *pings;

static gpointer heartbeat_thread(gpointer data)
{
    for (;;) {
        g_autofree guint64 *cookie = g_async_queue_pop(pings);
        g_autoptr(GError) error = NULL;
        gint64 revision;
        if (!vbox_call(vbox_root(), IVirtualBox_get_APIRevision, &error, &revision))
            engine_service_gone(error->message);
        link_send_number(LINK_PONG, *cookie);
    }
    return NULL;
}

void heartbeat_start(void)
{
    pings = g_async_queue_new_full(g_free);
    g_thread_unref(g_thread_new("heartbeat", heartbeat_thread, NULL));
}

void heartbeat_ping(guint64 cookie)
{
    g_async_queue_push(pings, g_memdup2(&cookie, sizeof cookie));
}

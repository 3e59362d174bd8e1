/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keepalive: see keepalive.h. */
#include "daemon/keepalive.h"
#include "daemon/client.h"
#include "daemon/watch.h"

/* As libvirt's daemons have it: keepalive_interval and keepalive_count of libvirtd.conf. */
#define INTERVAL_SECONDS 5
#define COUNT 5

static gboolean on_interval(gpointer data)
{
    Client *client = data;
    Keepalive *self = &client->keepalive;
    if (self->heard || !client_is_read(client))
        self->unheard = 0;
    else if (self->unheard++ >= COUNT) {
        client_drop(client, "does not answer keepalive pings");
        return G_SOURCE_CONTINUE;
    } else {
        g_autoptr(GBytes) ping = message_keepalive(KEEPALIVE_PING);
        client_send(client, OUTPUT_REPLY, ping);
    }
    self->heard = FALSE;
    return G_SOURCE_CONTINUE;
}

void keepalive_start(Client *client)
{
    if (client->keepalive.timer == 0)
        client->keepalive.timer = g_timeout_add_seconds(INTERVAL_SECONDS, on_interval, client);
}

void keepalive_stop(Client *client)
{
    if (client->keepalive.timer != 0)
        g_source_remove(client->keepalive.timer);
    client->keepalive.timer = 0;
}

void keepalive_message(Client *client, guint32 procedure)
{
    if (procedure != KEEPALIVE_PING)
        return;
    g_autoptr(GBytes) pong = message_keepalive(KEEPALIVE_PONG);
    client_send(client, OUTPUT_REPLY, pong);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daemon: see daemon.h. */
#include "daemon/daemon.h"
#include "daemon/client.h"
#include "daemon/listen.h"
#include "daemon/supervise.h"

#define CLIENTS_LIMIT 256 /* a descriptor each, of 1024; more wait in the listening socket */

struct Daemon {
    const Options *options;
    void (*ended)(void *data);
    void *data;
    Listener *listener; /* NULL: the daemon is ending */
    Supervisor *supervisor;
    GHashTable *clients; /* id → Client */
    guint64 last_id;
    guint refresh; /* source: something has changed */
    guint idle;    /* timer: ends the daemon when nobody has come */
};

static void refresh_later(Daemon *self);

/* ---- from clients ---- */

static guint64 count_subscriptions(Daemon *self)
{
    GHashTableIter each;
    gpointer value;
    guint64 count = 0;
    g_hash_table_iter_init(&each, self->clients);
    while (g_hash_table_iter_next(&each, NULL, &value)) {
        const Client *client = value;
        count += client->dead ? 0 : client->subscriptions.items->len;
    }
    return count;
}

static gboolean client_forward(Client *client, GBytes *message, gboolean *ret_sent, GError **error)
{
    Daemon *self = client->data;
    return supervisor_call(self->supervisor, client->id, message, ret_sent, error);
}

static void client_credit(Client *client, gsize bytes)
{
    Daemon *self = client->data;
    supervisor_credit(self->supervisor, client->id, bytes);
}

/* The engine must hear of a subscription before it gets the client's next call. */
static void client_changed(Client *client)
{
    Daemon *self = client->data;
    supervisor_subscribed(self->supervisor, count_subscriptions(self));
    refresh_later(self);
}

static gboolean is_congested(void *data)
{
    const Daemon *self = data;
    return supervisor_is_congested(self->supervisor);
}

static const ClientCalls client_calls = {client_forward, client_credit, client_changed,
                                         is_congested};

static void on_connect(int fd, gboolean read_only, uid_t uid, pid_t pid, void *data)
{
    Daemon *self = data;
    Client *client = client_new(&client_calls, self, fd, ++self->last_id);
    client->default_uri = options_uri(self->options);
    client->read_only_socket = read_only;
    client->uid = uid;
    client->pid = pid;
    g_hash_table_insert(self->clients, &client->id, client);
    g_debug("client %" G_GUINT64_FORMAT " is process %d", client->id, (gint)pid);
    if (g_hash_table_size(self->clients) >= CLIENTS_LIMIT)
        listener_pause(self->listener, TRUE);
    refresh_later(self);
}

/* ---- from the engine ---- */

static void on_message(guint64 id, GBytes *message, void *data)
{
    Daemon *self = data;
    Client *client = g_hash_table_lookup(self->clients, &id);
    if (client != NULL) /* else it has left meanwhile */
        client_engine_message(client, message);
}

static void on_event(GBytes *payload, void *data)
{
    Daemon *self = data;
    g_autoptr(GError) error = NULL;
    LinkEvent event;
    const guint8 *body;
    gsize length;
    GHashTableIter each;
    gpointer client;
    if (!link_read_event(payload, &event, &body, &length, &error)) {
        g_warning("%s", error->message);
        return;
    }
    g_hash_table_iter_init(&each, self->clients);
    while (g_hash_table_iter_next(&each, NULL, &client))
        client_event(client, &event, body, length);
}

static void on_sent(void *data)
{
    Daemon *self = data;
    GHashTableIter each;
    gpointer client;
    g_hash_table_iter_init(&each, self->clients);
    while (g_hash_table_iter_next(&each, NULL, &client))
        client_engine_sent(client);
}

static void tell_lost(Daemon *self, gboolean sent_only, const GError *error)
{
    GHashTableIter each;
    gpointer client;
    g_hash_table_iter_init(&each, self->clients);
    while (g_hash_table_iter_next(&each, NULL, &client))
        client_engine_lost(client, sent_only, error);
}

static void on_lost(const GError *error, void *data)
{
    tell_lost(data, TRUE, error);
}

static void on_refused(const GError *error, void *data)
{
    tell_lost(data, FALSE, error);
}

static guint count_in_flight(void *data)
{
    const Daemon *self = data;
    GHashTableIter each;
    gpointer client;
    guint sum = 0;
    g_hash_table_iter_init(&each, self->clients);
    while (g_hash_table_iter_next(&each, NULL, &client))
        sum += ((Client *)client)->pending.items->len;
    return sum;
}

static gboolean is_here(guint64 id, void *data)
{
    const Daemon *self = data;
    return g_hash_table_contains(self->clients, &id);
}

static void on_engine_changed(void *data)
{
    refresh_later(data);
}

static const SupervisorCalls supervisor_calls = {on_message, on_event,         on_sent,
                                                 on_lost,    on_refused,       count_in_flight,
                                                 is_here,    on_engine_changed};

/* ---- what follows from changes ---- */

static void free_dead(Daemon *self)
{
    GHashTableIter each;
    gpointer value;
    g_hash_table_iter_init(&each, self->clients);
    while (g_hash_table_iter_next(&each, NULL, &value)) {
        Client *client = value;
        if (!client->dead)
            continue;
        g_debug("client %" G_GUINT64_FORMAT " has left", client->id);
        g_hash_table_iter_remove(&each);
        supervisor_gone(self->supervisor, client->id);
        client_free(client);
    }
}

static gboolean on_idle(gpointer data)
{
    Daemon *self = data;
    self->idle = 0;
    if (listener_has_waiting(self->listener)) {
        refresh_later(self);
        return G_SOURCE_REMOVE;
    }
    g_message("no client for %u seconds", self->options->timeout);
    daemon_end(self);
    return G_SOURCE_REMOVE;
}

static void update_idle(Daemon *self)
{
    gboolean idle = g_hash_table_size(self->clients) == 0 && self->listener != NULL &&
                    !supervisor_is_busy(self->supervisor);
    if (idle && self->idle == 0 && self->options->timeout > 0) {
        self->idle = g_timeout_add_seconds(self->options->timeout, on_idle, self);
    } else if (!idle && self->idle != 0) {
        g_source_remove(self->idle);
        self->idle = 0;
    }
}

static gboolean on_refresh(gpointer data)
{
    Daemon *self = data;
    GHashTableIter each;
    gpointer value;
    gboolean used = FALSE;
    self->refresh = 0;
    free_dead(self);
    g_hash_table_iter_init(&each, self->clients);
    while (g_hash_table_iter_next(&each, NULL, &value)) {
        Client *client = value;
        used |= client->uri != NULL;
        client_pump(client);
    }
    supervisor_used(self->supervisor, used);
    if (self->listener != NULL)
        listener_pause(self->listener, g_hash_table_size(self->clients) >= CLIENTS_LIMIT);
    update_idle(self);
    if (self->listener == NULL && supervisor_is_down(self->supervisor))
        self->ended(self->data);
    return G_SOURCE_REMOVE;
}

static void refresh_later(Daemon *self)
{
    if (self->refresh == 0)
        self->refresh = g_idle_add_full(G_PRIORITY_DEFAULT, on_refresh, self, NULL);
}

/* ---- life ---- */

Daemon *daemon_new(const Options *options, void (*ended)(void *data), void *data,
                   gboolean *ret_served, GError **error)
{
    g_autoptr(Daemon) self = g_new0(Daemon, 1);
    self->options = options;
    self->ended = ended;
    self->data = data;
    self->clients = g_hash_table_new(g_int64_hash, g_int64_equal);
    self->supervisor = supervisor_new(options, &supervisor_calls, self);
    self->listener = listener_new(options, on_connect, self, ret_served, error);
    if (self->listener == NULL)
        return NULL;
    refresh_later(self);
    return g_steal_pointer(&self);
}

void daemon_end(Daemon *self)
{
    GHashTableIter each;
    gpointer client;
    g_clear_pointer(&self->listener, listener_free);
    update_idle(self);
    g_hash_table_iter_init(&each, self->clients);
    while (g_hash_table_iter_next(&each, NULL, &client))
        client_drop(client, NULL);
    /* The engine hears of their end before its own. */
    free_dead(self);
    supervisor_shut_down(self->supervisor);
    refresh_later(self);
}

void daemon_child_exited(Daemon *self, pid_t pid)
{
    supervisor_exited(self->supervisor, pid);
}

void daemon_free(Daemon *self)
{
    GHashTableIter each;
    gpointer client;
    g_clear_pointer(&self->listener, listener_free);
    g_hash_table_iter_init(&each, self->clients);
    while (g_hash_table_iter_next(&each, NULL, &client))
        client_free(client);
    g_hash_table_unref(self->clients);
    supervisor_free(self->supervisor);
    if (self->refresh != 0)
        g_source_remove(self->refresh);
    if (self->idle != 0)
        g_source_remove(self->idle);
    g_free(self);
}

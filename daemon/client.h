/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A client: one connection, what it asked for, and what it is owed. */
#pragma once
#include "daemon/keepalive.h"
#include "daemon/output.h"
#include "daemon/pending.h"
#include "daemon/subscription.h"
#include "rpc/message.h"
#include <sys/types.h>

typedef struct Client Client;

/* Who has the clients: the daemon. */
typedef struct ClientCalls {
    /* A call, or a packet of a stream, for the engine. */
    gboolean (*forward)(Client *client, GBytes *message, gboolean *ret_sent, GError **error);
    /* Stream bytes went out to the client. */
    void (*credit)(Client *client, gsize bytes);
    /* What it opened or subscribed to has changed, or it is dead. */
    void (*changed)(Client *client);
    /* Too much waits for the engine: read nothing. */
    gboolean (*is_congested)(void *data);
} ClientCalls;

struct Client {
    const ClientCalls *calls;
    void *data; /* the daemon */
    const char *default_uri;
    guint64 id;
    pid_t pid; /* the peer's, for messages */
    uid_t uid;

    int fd;
    struct Watch *watch;
    MessageBuffer *input;
    Output output;
    Held held;
    Pending pending;
    Subscriptions subscriptions;
    Keepalive keepalive;

    gboolean dead;             /* to be freed by the daemon, from the main loop */
    gboolean closing;          /* said CONNECT_CLOSE: dead when the answer is out */
    gboolean read_only_socket; /* came by the socket -ro */
    gboolean read_only;        /* or opened so */
    char *uri;                 /* as it was opened; NULL: not open */
    Arena *arena;              /* of the call that the daemon serves right now */
};

/* Takes fd over. */
Client *client_new(const ClientCalls *calls, void *data, int fd, guint64 id);
void client_free(Client *self);

/* Queues bytes and writes what the socket takes. */
void client_send(Client *self, OutputKind kind, GBytes *message);

/* Answers a call, or a packet of a stream, with an error. */
void client_send_error(Client *self, const MessageHeader *call, const GError *error);

/* Ends the connection; the daemon frees the client later.  Logs the reason unless it is NULL. */
void client_drop(Client *self, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Is its input read?  Not while it is over its limits. */
gboolean client_is_read(const Client *self);

/* Takes as many messages as the limits allow now. */
void client_pump(Client *self);

/* The engine's side: a message for this client; all its calls were sent; those that were sent
 * (or all) are lost. */
void client_engine_message(Client *self, GBytes *message);
void client_engine_sent(Client *self);
void client_engine_lost(Client *self, gboolean sent_only, const GError *error);

/* An event that happened: told if the client subscribed to it. */
void client_event(Client *self, const LinkEvent *event, const guint8 *body, gsize length);

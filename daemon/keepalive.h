/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keepalive: finds out that a client is gone although its connection is not. */
#pragma once
#include <glib.h>

struct Client;

typedef struct Keepalive {
    guint timer;    /* 0: the client did not say that it answers pings */
    guint unheard;  /* pings in a row without a sign of life */
    gboolean heard; /* something came since the last ping */
} Keepalive;

/* From now on the client is pinged when it is silent, and dropped when it stays so. */
void keepalive_start(struct Client *client);
void keepalive_stop(struct Client *client);

/* A message of the keepalive program came: procedure is KEEPALIVE_PING or KEEPALIVE_PONG. */
void keepalive_message(struct Client *client, guint32 procedure);

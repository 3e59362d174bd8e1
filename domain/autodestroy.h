/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Autodestroy: machines that end with the connection that started them.
 *
 * Theory of operation.  Such a machine has, while it runs, a mark in its extra data: which client
 * of which daemon started which VM process, so that any engine can tell whose it is, and that a
 * mark of an earlier run means nothing.  Before the start the engine tells the daemon that it minds
 * this client's end (LINK_MIND); the daemon then says when the client has left, to each engine
 * until one has answered, and at once when it has left already.  Marks of daemons that are no more
 * are looked for when an engine starts. */
#pragma once
#include "domain/registry.h"

/* How to tell the daemon that a client's end matters, or no more. */
void autodestroy_set_mind(void (*mind)(guint64 client, gboolean minds));

/* Around a start for that client; what hears of its end waits meanwhile. */
void autodestroy_begin(guint64 client);
void autodestroy_end(void);

/* Marks the machine that runs now as the client's. */
gboolean autodestroy_mark(Entry *entry, guint64 client, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The client of this daemon with which the machine that runs now ends; 0: there is none. */
guint64 autodestroy_client(Entry *entry);

/* The machine has stopped: takes the mark off. */
void autodestroy_stopped(Entry *entry);

/* A client that this engine or one before it minds has left. */
void autodestroy_client_left(guint64 client);

/* Ends the machines of daemons that are no more; in a thread of its own. */
void autodestroy_clean_up(void);

/* Waits until what has begun is done. */
void autodestroy_wait(void);

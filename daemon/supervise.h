/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Supervision: an engine when one is needed, another when it dies or hangs. */
#pragma once
#include "daemon/options.h"
#include "rpc/link.h"

typedef struct Supervisor Supervisor;

typedef struct SupervisorCalls {
    /* A message for a client, to be sent as it is. */
    void (*message)(guint64 client, GBytes *message, void *data);
    void (*event)(GBytes *event, void *data);
    /* The calls that waited for an engine are on their way to one. */
    void (*sent)(void *data);
    /* Calls that an engine had, and their streams, are lost. */
    void (*lost)(const GError *error, void *data);
    /* Calls that still waited are given up. */
    void (*refused)(const GError *error, void *data);
    /* How many calls and streams of all clients an engine owes an answer. */
    guint (*in_flight)(void *data);
    /* Whether that client is connected. */
    gboolean (*is_here)(guint64 client, void *data);
    /* No longer congested, or jobs have ended: look again. */
    void (*changed)(void *data);
} SupervisorCalls;

/* options and calls must live longer. */
Supervisor *supervisor_new(const Options *options, const SupervisorCalls *calls, void *data);

/* Sends the client's message to the engine, or keeps it for the one that is being started.
 * *ret_sent: which of both.  Fails at once with the reason why there is no engine. */
gboolean supervisor_call(Supervisor *self, guint64 client, GBytes *message, gboolean *ret_sent,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The client has left: forgets its calls. */
void supervisor_gone(Supervisor *self, guint64 client);

/* So many bytes of the client's streams went out. */
void supervisor_credit(Supervisor *self, guint64 client, gsize bytes);

/* How many subscriptions all clients have. */
void supervisor_subscribed(Supervisor *self, guint64 subscriptions);

/* Is any client open?  Without one the engine ends after a while. */
void supervisor_used(Supervisor *self, gboolean used);

/* More waits for the engine than is good: no client is read until changed(). */
gboolean supervisor_is_congested(const Supervisor *self);

/* Jobs run in the engine that nobody may interrupt. */
gboolean supervisor_is_busy(const Supervisor *self);

/* A child process has ended. */
void supervisor_exited(Supervisor *self, pid_t pid);

/* Ends the engine in good order; changed() tells when.  No call is taken any more. */
void supervisor_shut_down(Supervisor *self);
gboolean supervisor_is_down(const Supervisor *self);

void supervisor_free(Supervisor *self);

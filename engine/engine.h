/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Engine: the parts of the process that owns VirtualBox, to each other. */
#pragma once
#include "rpc/call.h"
#include "rpc/link.h"
#include "rpc/message.h"

/* link.c: the daemon's end of the socketpair.  Sending is for any thread; a daemon that has gone
 * ends the process. */
gboolean link_open(gint fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void link_send(guint32 kind, guint64 client, const void *payload, gsize length);
void link_send_message(guint64 client, GBytes *message); /* takes it over */
void link_send_number(guint32 kind, guint64 number);
void link_send_event(const LinkEvent *about, const guint8 *body, gsize length);

/* dispatch.c: from a client's message to its handler and back. */
void dispatch_start(void);
/* Takes a LINK_CALL's message; main thread. */
void dispatch_message(guint64 client, const guint8 *message, gsize length);

/* stream.c: sends the reply, which is taken, and the data after it. */
void stream_start(const Call *call, GBytes *reply, GBytes *data);
/* A packet of the client: it finishes or aborts. */
void stream_packet(guint64 client, const MessageHeader *header);
void stream_credit(guint64 client, guint64 bytes);
void stream_client_gone(guint64 client);

/* heartbeat.c: proves to the daemon's watchdog that VirtualBox answers. */
void heartbeat_start(void);
void heartbeat_ping(guint64 cookie);

/* anew.c: what frees a machine that VirtualBox keeps locked for a program that has ended. */
/* Before VirtualBox is loaded: until that VBoxSVC ("NUMBER:START") has ended. */
void anew_wait(const char *service);
/* At start-up, before calls: does not return when it executes the engine's program again. */
void anew_begin(const char *program, gint link);
/* Whether an engine that has nothing to do should end, because of what a call failed with. */
gboolean anew_is_due(const GError *error);

/* What the engine before this one last sent as LINK_REMEMBER. */
void engine_remembered(GBytes *payload);

/* A client subscribed to events. */
void engine_watched(void);

/* VBoxSVC has gone: nothing in this process can reach another one, so it says why, ends, and the
 * daemon starts a new engine. */
G_NORETURN void engine_service_gone(const char *why);

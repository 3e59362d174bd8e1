/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events: what layers above VirtualBox tell all clients that subscribed. */
#pragma once
#include "base/uuid.h"
#include "rpc/remote.h"

/* Sends an event: procedure is the form with a callback id (REMOTE_PROC_DOMAIN_EVENT_CALLBACK_…),
 * body its struct, whose callbackID the daemon sets for each client.  uuid is of the domain or
 * network that it is about.  From any thread. */
void event_emit(RemoteProcedure procedure, const guint8 uuid[UUID_BYTES], const void *body);

/* Where events go: XDR without the callback id.  Set once, at start-up; none: they are dropped. */
typedef void (*EventSink)(guint32 procedure, const guint8 uuid[UUID_BYTES], const guint8 *body,
                          gsize length);
void event_set_sink(EventSink sink);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Domain events: what VirtualBox tells becomes what clients hear, and what we forget. */
#pragma once
#include "rpc/remote.h"
#include "vbox/event.h"

/* Takes one event of VirtualBox; on the event thread. */
void domain_event(const VboxEvent *event);

/* Sends a lifecycle event: virDomainEventType and its detail.  Only for what VirtualBox told, here
 * or (active.h) by the state that it is found in. */
void domain_event_emit(const guint8 uuid[UUID_BYTES], gint event, gint detail);

/* The domain that an event is about, also of one that has just gone; the name is in the arena. */
void domain_event_about(const guint8 uuid[UUID_BYTES], Arena *arena, RemoteDomain *ret_domain);

/* Somebody listens: reads all machines' names and descriptions in the background, since VirtualBox
 * tells neither the name of one that was removed, nor what a change changed. */
void domain_event_preload(void);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Domain events: what VirtualBox tells becomes what clients hear, and what we forget. */
#pragma once
#include "vbox/event.h"

/* Takes one event of VirtualBox; on the event thread. */
void domain_event(const VboxEvent *event);

/* Sends a lifecycle event: virDomainEventType and its detail.  Only for what VirtualBox told, here
 * or (active.h) by the state that it is found in. */
void domain_event_emit(const guint8 uuid[UUID_BYTES], gint event, gint detail);

/* Somebody listens: reads all machines' names in the background, since VirtualBox does not tell
 * the name of one that was removed. */
void domain_event_preload(void);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pool events: what VirtualBox tells of its extra data becomes what clients hear of pools. */
#pragma once
#include "storage/pool.h"
#include "vbox/event.h"

/* Takes one event of VirtualBox; on the event thread. */
void pool_event(const VboxEvent *event);

/* Somebody listens: remembers, in the background, what pools there are, so that changes can be
 * told.  Before that no event is sent. */
void pool_event_preload(void);

/* Whoever changes pools calls it first in its turn: a preload that was asked for but has
 * not run yet must not miss the change. */
void pool_event_ready(void);

/* And this at its end, still in its turn: clients hear each change, also when the next one
 * follows before VirtualBox has told of this one, and before the call that made it is answered. */
void pool_event_look(void);

/* What no record says: VIR_STORAGE_POOL_EVENT_CREATED and _DELETED of a folder, and a refresh. */
void pool_event_tell(const Pool *pool, gint event);
void pool_event_tell_refresh(const Pool *pool);

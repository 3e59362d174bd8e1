/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network events: what VirtualBox tells of its extra data becomes what clients hear of networks. */
#pragma once
#include "vbox/event.h"

/* Takes one event of VirtualBox; on the event thread. */
void network_event(const VboxEvent *event);

/* Somebody listens: remembers, in the background, what networks there are, so that changes can be
 * told.  Before that no event is sent. */
void network_event_preload(void);

/* Whoever changes networks calls it first, in its turn (turn.h): a preload that was asked for
 * but has not run yet must not miss the change. */
void network_event_ready(void);

/* And this at its end, still in its turn: clients hear each change, also when the next one follows
 * before VirtualBox has told of this one, and before the call that made it is answered. */
void network_event_look(void);

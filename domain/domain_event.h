/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Domain events: what VirtualBox tells becomes what clients hear, and what we forget. */
#pragma once
#include "vbox/event.h"

/* Takes one event of VirtualBox; on the event thread. */
void domain_event(const VboxEvent *event);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* State: VirtualBox's machine states in libvirt's terms; the one table. */
#pragma once
#include <glib.h>

/* virDomainState and its reason for a MachineState. */
gint state_domain(guint32 machine_state, gint *ret_reason);

/* A VM process is just coming up: what ends then has never run. */
gboolean state_is_start(guint32 machine_state);

typedef struct StateEvent {
    gint event, detail; /* virDomainEventType and its detail */
} StateEvent;

/* The lifecycle events of a change from one MachineState to another (0: not known), in order; at
 * most two.  Returns how many. */
guint state_events(guint32 before, guint32 after, gboolean by_guest, StateEvent ret_events[2]);

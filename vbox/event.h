/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Event: what VirtualBox tells of its machines and networks, taken by one thread. */
#pragma once
#include "base/uuid.h"
#include "vbox/vbox.h"

typedef enum VboxEventKind {
    EVENT_MACHINE_STATE,      /* state */
    EVENT_MACHINE_DATA,       /* its settings changed */
    EVENT_MACHINE_REGISTERED, /* flag: FALSE is unregistered */
    EVENT_SESSION_STATE,      /* somebody locked or unlocked it; state is a SessionState */
    EVENT_SNAPSHOT,           /* taken, changed or deleted */
    EVENT_EXTRA_DATA,         /* key, value; uuid all zero: VirtualBox's own, not a machine's */
    EVENT_GUEST_PROPERTY,     /* key, value: of a machine that runs, or was set by hand */
    EVENT_NAT_NETWORK,        /* made, changed or removed */
    EVENT_GAP,                /* some events are lost: whoever remembers must forget */
    EVENT_DEAD,               /* VBoxSVC has gone, value says why; nothing follows */
} VboxEventKind;

typedef struct VboxEvent {
    VboxEventKind kind;
    guint8 uuid[UUID_BYTES]; /* the machine's */
    guint32 state;
    gboolean flag;
    char *key, *value;
} VboxEvent;

/* Starts the listening thread; handler runs in it, one event at a time, in VirtualBox's order.
 * It must not wait long: a listener that is not polled for 75 s is dropped by VirtualBox. */
gboolean event_start(void (*handler)(const VboxEvent *event),
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

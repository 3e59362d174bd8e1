/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lifecycle: starting and stopping machines. */
#pragma once
#include "domain/registry.h"

/* Starts the machine by the front end that its XML names, and waits until it runs (or, with
 * paused, until it is ready and stands still). */
gboolean lifecycle_start(Entry *entry, gboolean paused, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Stops the machine at once, with virDomainDestroyFlags. */
gboolean lifecycle_destroy(const RemoteDomain *dom, guint32 flags,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What waits for a machine to power off: a reboot by its power button, which only the guest's own
 * power off fulfils, or, of a transient one, its end.  Called by the event thread; does its work in
 * another.  Not for a start that failed: whose start it was takes the domain back, when it knows
 * why it failed. */
void lifecycle_powered_off(const guint8 uuid[UUID_BYTES], gboolean by_guest);

/* Logs that something ("autostart") of a domain failed, of which no client is told. */
void lifecycle_warn(Entry *entry, const char *what, const GError *failure);

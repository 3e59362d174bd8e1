/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Active: which machines ran when this engine, or the one before it, last knew. */
#pragma once
#include "base/uuid.h"

/* A machine has started or stopped.  Gives the sink, if one is set, what the next engine needs to
 * notice machines that stopped while nobody listened.  On the event thread. */
void active_changed(const guint8 uuid[UUID_BYTES], gboolean runs);

/* Where it goes: opaque bytes.  Set once, at start-up. */
void active_set_sink(void (*sink)(const guint8 *bytes, gsize length));

/* The bytes that the engine before this one gave last: machines of it that do not run any more
 * crashed, and clients hear of it.  Not on the event thread. */
void active_restore(const guint8 *bytes, gsize length);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hidden: machines that are registered for a moment only, for our own use: clients neither see
 * them nor hear of them.
 *
 * Their uuids begin alike, as those of no other process do.  So it is known of a machine as soon as
 * VirtualBox lists it, and still after it went: an answer or an event that is under way may be
 * about one. */
#pragma once
#include "base/uuid.h"

/* A uuid for a machine that shall be hidden. */
void hidden_uuid(guint8 ret_uuid[UUID_BYTES]);

/* Whether hidden_uuid() of this process made it. */
gboolean hidden_has(const guint8 uuid[UUID_BYTES]);

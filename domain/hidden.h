/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hidden: machines that are registered for a moment only, for our own use: clients neither see
 * them nor hear of them. */
#pragma once
#include "base/uuid.h"

/* From before VirtualBox knows of the machine, until the event thread has heard that it went. */
void hidden_add(const guint8 uuid[UUID_BYTES]);
void hidden_remove(const guint8 uuid[UUID_BYTES]);
gboolean hidden_has(const guint8 uuid[UUID_BYTES]);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Incomplete: machines that a definition is just making. */
#pragma once
#include "base/error.h"
#include "base/uuid.h"

/* From before VirtualBox knows of the machine.  A mark in VirtualBox's extra data outlives us. */
gboolean incomplete_begin(const char *uuid, const char *name,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* It is complete, or was removed again.  Nothing, when it was not begun. */
void incomplete_end(const char *uuid);

/* TRUE from incomplete_begin() until VirtualBox has told of all that was done before
 * incomplete_end(): the event thread tells clients of one "Defined Added", and of no step. */
gboolean incomplete_is(const guint8 uuid[UUID_BYTES]);

/* The event thread passes on what VirtualBox tells of this key of its extra data. */
#define INCOMPLETE_KEY "vboxvirt/incomplete"
void incomplete_told(const char *value);

/* Removes what an engine that died while it made a machine has left.  At start-up, before calls. */
void incomplete_clean_up(void);

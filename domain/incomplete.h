/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Incomplete: machines that a definition is just making. */
#pragma once
#include "base/error.h"
#include "vbox/mark.h"

/* From before VirtualBox knows of the machine until it is complete, or has been removed again: then
 * the mark is freed.  It is in VirtualBox's extra data and outlives us. */
Mark *incomplete_begin(const char *uuid, const char *name,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* TRUE: what VirtualBox is telling of now was done while the machine was being made, by whichever
 * daemon.  The event thread tells clients of one "Defined Added", and of no step. */
gboolean incomplete_is(const guint8 uuid[UUID_BYTES]);

/* The event thread passes on what VirtualBox tells of this key of its extra data; `complete` takes
 * each machine that is now, or has gone again. */
#define INCOMPLETE_KEY "vboxvirt/incomplete"
void incomplete_told(const char *value, void (*complete)(const guint8 uuid[UUID_BYTES]));

/* Removes what an engine that died while it made a machine has left.  At start-up, before calls. */
void incomplete_clean_up(void);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Quiet: changes of a machine's settings that leave the definition what clients know it to be. */
#pragma once
#include "vbox/mark.h"

/* Of a machine that becomes what it was to be next, runs by another definition once, or keeps
 * something that is in no definition: until the mark is freed clients hear of none of the steps
 * (changing.h). */
Mark *quiet_begin(const guint8 uuid[UUID_BYTES], GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What it is called in CHANGING_KEY. */
#define QUIET_WORD "quiet"

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Undefine: taking a machine, or what it has saved, away. */
#pragma once
#include "domain/define.h"

/* Removes a machine that does not run, once its last session has ended. */
gboolean undefine_machine(Entry *entry, NvramFate fate, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Drops the saved state of a machine that has one. */
gboolean undefine_saved_state(Entry *entry, GError **error) G_GNUC_WARN_UNUSED_RESULT;

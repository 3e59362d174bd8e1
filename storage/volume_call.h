/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Volume call: from the protocol's volumes to ours, and back. */
#pragma once
#include "rpc/handlers.h"
#include "storage/volume.h"

/* The one that a client means, by its pool, which must be started, and its name. */
Volume *volume_call_find(const RemoteStorageVol *which, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The answer to a call that found or made one: takes the volume over; FALSE when it is NULL. */
gboolean volume_call_put(Call *call, Volume *volume, RemoteStorageVol *ret);

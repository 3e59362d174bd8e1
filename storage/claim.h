/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Claim: images of machines whose settings VirtualBox cannot read.
 *
 * VirtualBox does not know then that anybody has them.  What such a machine has stands in its file,
 * or in VirtualBox's backup of that, both of which need not be XML any more. */
#pragma once
#include "storage/volume.h"

/* Refuses a volume that such a machine has, or that lies in its folder when its file does not tell
 * (VIR_ERR_OPERATION_INVALID).  When one can be read again, VirtualBox knows its images afterwards.
 */
gboolean claim_check(const Volume *volume, GError **error) G_GNUC_WARN_UNUSED_RESULT;

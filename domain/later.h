/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Later: disks whose images are not there yet when a domain is defined.
 *
 * virt-clone defines the copy of a domain first and copies its images then.  VirtualBox attaches
 * only what is there.  So of a hard disk whose image is to be made in a started storage pool the
 * machine is made without, and has it when it starts next (domain/next.h).  So is that of a clone
 * with a shared folder that is gone and that the original still has: QEMU's driver, too, looks for
 * it when the domain starts. */
#pragma once
#include "base/uuid.h"
#include "map/map.h"

/* Whether a disk's image is still to be made, in a pool that is started. */
gboolean later_is_to_come(const Item *disk);

/* Whether a shared folder is gone, and a machine has it all the same, or is to: this one, or that
 * which this is a clone of. */
gboolean later_is_gone(const Item *filesystem);

/* As build_machine() of a definition. */
Object *later_build(const char *xml, guint8 ret_uuid[UUID_BYTES],
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

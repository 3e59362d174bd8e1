/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB: what USB devices and controllers know of each other. */
#pragma once
#include "domain/device.h"

/* Adds an OHCI controller to a parsed document that has USB devices and says nothing of
 * controllers, as libvirt does. */
void usb_imply_controller(Model *model);

/* Whether the machine has USB mice, tablets or keyboards, or filters for the host's devices; also
 * when it has no controller for them. */
gboolean input_needs_usb(Object *machine, gboolean *ret_needs,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean hostdev_needs_usb(MapContext *context, gboolean *ret_needs,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

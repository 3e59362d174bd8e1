/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Boot: the order in which a machine tries its devices, said device by device: <boot order='1'/>.
 * VirtualBox has one order of kinds; a kind comes where its first device does. */
#pragma once
#include "domain/domain.h"

/* Refuses what contradicts itself.  Writes the order of kinds, the rest NULL; *ret_any: whether any
 * device says its place. */
gboolean boot_order_of_devices(Domain *self, const char *order[4], gboolean *ret_any,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* After a machine was read: either its devices show their places, or <os> shows the order. */
void boot_settle(Domain *self);

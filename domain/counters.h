/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counters: what a running machine's disks and adapters did so far. */
#pragma once
#include "vbox/vbox.h"

typedef struct Counters Counters;

/* What VirtualBox counts in a running machine.  VIR_ERR_OPERATION_INVALID: it does not run. */
Counters *counters_read(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void counters_free(Counters *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Counters, counters_free)

/* One of a device: "/Public/Storage/AHCI0/Port0", "BytesRead".  VirtualBox begins to count with a
 * device's first use: 0 before.  self NULL: 0. */
guint64 counters_get(const Counters *self, const char *device, const char *name);

/* The number of the machine's n-th adapter (from 0), by which VirtualBox counts; -1: it has not so
 * many. */
gint counters_adapter(const Counters *self, guint n);

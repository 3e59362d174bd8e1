/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stop: who powered a machine off. */
#pragma once
#include "vbox/vbox.h"

/* TRUE: the guest did (ACPI S5), not a call from outside.  FALSE also when nothing tells. */
gboolean stop_was_by_guest(Object *machine);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Processor: the CPU properties of x86 machines, for rows. */
#pragma once
#include "map/map.h"

typedef enum CpuProperty { CPU_PAE, CPU_LONG_MODE } CpuProperty;

/* For HOOK(): the row's arg is a CpuProperty.  Absent on machines of other architectures. */
gboolean processor_get(MapContext *context, Object *machine, const Field *field, Value *ret_value,
                       GError **error);
gboolean processor_set(MapContext *context, Object *machine, const Field *field, const Value *value,
                       GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Processor: what a machine's processors have and how the host runs them, for rows. */
#pragma once
#include "map/map.h"

typedef enum CpuProperty {
    CPU_PAE,
    CPU_LONG_MODE,
    CPU_TRIPLE_FAULT_RESET,
    CPU_APIC,
    CPU_X2APIC,
    CPU_NESTED_VIRTUALIZATION,
    CPU_SPEC_CTRL,
    CPU_SPEC_CTRL_BY_HOST,
    CPU_IBPB_ON_VM_EXIT,
    CPU_IBPB_ON_VM_ENTRY,
    CPU_L1D_FLUSH_ON_EMT_SCHEDULING,
    CPU_L1D_FLUSH_ON_VM_ENTRY,
    CPU_MDS_CLEAR_ON_EMT_SCHEDULING,
    CPU_MDS_CLEAR_ON_VM_ENTRY,
    CPU_GIC_ITS,
    HWVIRTEX_ENABLED,
    HWVIRTEX_VPID,
    HWVIRTEX_NESTED_PAGING,
    HWVIRTEX_UNRESTRICTED_EXECUTION,
    HWVIRTEX_LARGE_PAGES,
    HWVIRTEX_FORCE,
    HWVIRTEX_USE_NATIVE_API,
    HWVIRTEX_VIRT_VMSAVE_VMLOAD,
} CpuProperty;

/* For HOOK(): the row's arg is a CpuProperty.  Absent on machines whose architecture has it not. */
gboolean processor_get(MapContext *context, Object *machine, const Field *field, Value *ret_value,
                       GError **error);
gboolean processor_set(MapContext *context, Object *machine, const Field *field, const Value *value,
                       GError **error);

/* For HOOK(): the HPET, which only x86 machines have. */
gboolean hpet_get(MapContext *context, Object *machine, const Field *field, Value *ret_value,
                  GError **error);
gboolean hpet_set(MapContext *context, Object *machine, const Field *field, const Value *value,
                  GError **error);

/* Refuses an item that asks for what machines of an architecture ("x86_64") have not. */
gboolean processor_check(const Item *item, const char *arch,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Processor: see processor.h. */
#include "domain/processor.h"

/* 7.1 moved them from the machine to its platform's x86 part. */
static const struct {
    VboxEnum now, before;
} properties[] = {
    [CPU_PAE] = {CPUPropertyTypeX86_PAE, CPUPropertyType_PAE},
    [CPU_LONG_MODE] = {CPUPropertyTypeX86_LongMode, CPUPropertyType_LongMode},
};

/* *ret_x86 NULL: the machine is of another architecture. */
static gboolean open_x86(MapContext *context, Object *machine, Object **ret_x86, GError **error)
{
    Object *platform = NULL;
    guint32 architecture;
    *ret_x86 = NULL;
    if (!map_object(context, machine, IMachine_get_platform, &platform, error) ||
        !vbox_call(platform, IPlatform_get_architecture, error, &architecture))
        return FALSE;
    return architecture != vbox_enum(PlatformArchitecture_x86) ||
           map_object(context, platform, IPlatform_get_x86, ret_x86, error);
}

gboolean processor_get(MapContext *context, Object *machine, const Field *field, Value *ret_value,
                       GError **error)
{
    gboolean is_on = FALSE;
    if (!vbox_has(IMachine_get_platform)) {
        if (!vbox_call(machine, IMachine_getCPUProperty, error,
                       vbox_enum(properties[field->arg].before), &is_on))
            return FALSE;
    } else {
        Object *x86 = NULL;
        if (!open_x86(context, machine, &x86, error))
            return FALSE;
        ret_value->is_absent = x86 == NULL;
        if (x86 != NULL && !vbox_call(x86, IPlatformX86_getCPUProperty, error,
                                      vbox_enum(properties[field->arg].now), &is_on))
            return FALSE;
    }
    ret_value->number = is_on;
    return TRUE;
}

gboolean processor_set(MapContext *context, Object *machine, const Field *field, const Value *value,
                       GError **error)
{
    gboolean is_on = value->number != 0;
    if (!vbox_has(IMachine_get_platform))
        return vbox_call(machine, IMachine_setCPUProperty, error,
                         vbox_enum(properties[field->arg].before), is_on);
    Object *x86 = NULL;
    if (!open_x86(context, machine, &x86, error))
        return FALSE;
    return vbox_call(x86, IPlatformX86_setCPUProperty, error, vbox_enum(properties[field->arg].now),
                     is_on);
}

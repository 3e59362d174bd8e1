/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Processor: see processor.h.
 *
 * Three objects keep such properties: the x86 and the ARM part of a machine's platform, and before
 * 7.1 the machine itself.  Each has a getter and a setter by a constant. */
#include "domain/processor.h"

typedef struct Property {
    gboolean on_x86, on_arm, is_hwvirtex;
    VboxEnum x86, arm, before; /* 7.1 moved them from the machine to its platform's x86 part */
} Property;

#define X86(constant) \
    {.on_x86 = TRUE, .x86 = CPUPropertyTypeX86_##constant, .before = CPUPropertyType_##constant}
#define HWVIRTEX(constant)                   \
    {.on_x86 = TRUE,                         \
     .is_hwvirtex = TRUE,                    \
     .x86 = HWVirtExPropertyType_##constant, \
     .before = HWVirtExPropertyType_##constant}

static const Property properties[] = {
    [CPU_PAE] = X86(PAE),
    [CPU_LONG_MODE] = X86(LongMode),
    [CPU_TRIPLE_FAULT_RESET] = X86(TripleFaultReset),
    [CPU_APIC] = X86(APIC),
    [CPU_X2APIC] = X86(X2APIC),
    [CPU_NESTED_VIRTUALIZATION] = {.on_x86 = TRUE,
                                   .x86 = CPUPropertyTypeX86_HWVirt,
                                   .before = CPUPropertyType_HWVirt,
                                   .on_arm = TRUE,
                                   .arm = CPUPropertyTypeARM_HWVirt},
    [CPU_SPEC_CTRL] = X86(SpecCtrl),
    [CPU_SPEC_CTRL_BY_HOST] = X86(SpecCtrlByHost),
    [CPU_IBPB_ON_VM_EXIT] = X86(IBPBOnVMExit),
    [CPU_IBPB_ON_VM_ENTRY] = X86(IBPBOnVMEntry),
    [CPU_L1D_FLUSH_ON_EMT_SCHEDULING] = X86(L1DFlushOnEMTScheduling),
    [CPU_L1D_FLUSH_ON_VM_ENTRY] = X86(L1DFlushOnVMEntry),
    [CPU_MDS_CLEAR_ON_EMT_SCHEDULING] = X86(MDSClearOnEMTScheduling),
    [CPU_MDS_CLEAR_ON_VM_ENTRY] = X86(MDSClearOnVMEntry),
    [CPU_GIC_ITS] = {.on_arm = TRUE, .arm = CPUPropertyTypeARM_GICITS},
    [HWVIRTEX_ENABLED] = HWVIRTEX(Enabled),
    [HWVIRTEX_VPID] = HWVIRTEX(VPID),
    [HWVIRTEX_NESTED_PAGING] = HWVIRTEX(NestedPaging),
    [HWVIRTEX_UNRESTRICTED_EXECUTION] = HWVIRTEX(UnrestrictedExecution),
    [HWVIRTEX_LARGE_PAGES] = HWVIRTEX(LargePages),
    [HWVIRTEX_FORCE] = HWVIRTEX(Force),
    [HWVIRTEX_USE_NATIVE_API] = HWVIRTEX(UseNativeApi),
    [HWVIRTEX_VIRT_VMSAVE_VMLOAD] = HWVIRTEX(VirtVmsaveVmload),
};

/* How to reach one property of one machine. */
typedef struct Place {
    Object *object; /* NULL: the machine has no such property */
    VboxName get, set;
    VboxEnum constant;
} Place;

static Place place_before(const Property *property, Object *machine)
{
    if (!property->on_x86)
        return (Place){0};
    if (property->is_hwvirtex)
        return (Place){machine, IMachine_getHWVirtExProperty, IMachine_setHWVirtExProperty,
                       property->before};
    return (Place){machine, IMachine_getCPUProperty, IMachine_setCPUProperty, property->before};
}

/* Asked once: a machine keeps its architecture for life. */
static gboolean read_architecture(MapContext *context, Object *platform, guint32 *ret_architecture,
                                  GError **error)
{
    static const char key[] = "architecture";
    *ret_architecture = GPOINTER_TO_UINT(map_data(context, key)); /* 0, None: not asked yet */
    if (*ret_architecture != 0)
        return TRUE;
    if (!vbox_call(platform, IPlatform_get_architecture, error, ret_architecture))
        return FALSE;
    map_set_data(context, key, GUINT_TO_POINTER(*ret_architecture), NULL);
    return TRUE;
}

/* Its part of one architecture or of the other.  Borrowed. */
static gboolean open_part(MapContext *context, Object *machine, gboolean *ret_is_x86,
                          Object **ret_part, GError **error)
{
    Object *platform = NULL;
    guint32 architecture;
    if (!map_object(context, machine, IMachine_get_platform, &platform, error) ||
        !read_architecture(context, platform, &architecture, error))
        return FALSE;
    *ret_is_x86 = architecture == vbox_enum(PlatformArchitecture_x86);
    return map_object(context, platform, *ret_is_x86 ? IPlatform_get_x86 : IPlatform_get_ARM,
                      ret_part, error);
}

static gboolean find_place(const Property *property, MapContext *context, Object *machine,
                           Place *ret_place, GError **error)
{
    Object *part = NULL;
    gboolean is_x86;
    *ret_place = (Place){0};
    if (!vbox_has(IMachine_get_platform)) {
        *ret_place = place_before(property, machine);
        return TRUE;
    }
    if (!open_part(context, machine, &is_x86, &part, error))
        return FALSE;
    if (is_x86 ? !property->on_x86 : !property->on_arm)
        return TRUE;
    if (!is_x86)
        *ret_place =
            (Place){part, IPlatformARM_getCPUProperty, IPlatformARM_setCPUProperty, property->arm};
    else if (property->is_hwvirtex)
        *ret_place = (Place){part, IPlatformX86_getHWVirtExProperty,
                             IPlatformX86_setHWVirtExProperty, property->x86};
    else
        *ret_place =
            (Place){part, IPlatformX86_getCPUProperty, IPlatformX86_setCPUProperty, property->x86};
    return TRUE;
}

gboolean processor_get(MapContext *context, Object *machine, const Field *field, Value *ret_value,
                       GError **error)
{
    Place place;
    gboolean is_on = FALSE;
    if (!find_place(&properties[field->arg], context, machine, &place, error))
        return FALSE;
    ret_value->is_absent = place.object == NULL || !vbox_enum_known(place.constant);
    if (!ret_value->is_absent &&
        !vbox_call(place.object, place.get, error, vbox_enum(place.constant), &is_on))
        return FALSE;
    ret_value->number = is_on;
    return TRUE;
}

gboolean processor_set(MapContext *context, Object *machine, const Field *field, const Value *value,
                       GError **error)
{
    Place place;
    gboolean is_on = value->number != 0;
    return find_place(&properties[field->arg], context, machine, &place, error) &&
           vbox_call(place.object, place.set, error, vbox_enum(place.constant), is_on);
}

gboolean hpet_get(MapContext *context, Object *machine, const Field *field, Value *ret_value,
                  GError **error)
{
    gboolean is_x86 = TRUE, is_on = FALSE, is_old = !vbox_has(IMachine_get_platform);
    Object *owner = machine;
    if (!is_old && !open_part(context, machine, &is_x86, &owner, error))
        return FALSE;
    ret_value->is_absent = !is_x86;
    if (is_x86 &&
        !vbox_call(owner, is_old ? IMachine_get_HPETEnabled : IPlatformX86_get_HPETEnabled, error,
                   &is_on))
        return FALSE;
    ret_value->number = is_on;
    return TRUE;
}

gboolean hpet_set(MapContext *context, Object *machine, const Field *field, const Value *value,
                  GError **error)
{
    gboolean is_x86 = TRUE, is_old = !vbox_has(IMachine_get_platform);
    Object *owner = machine;
    if (!is_old && !open_part(context, machine, &is_x86, &owner, error))
        return FALSE;
    return vbox_call(owner, is_old ? IMachine_set_HPETEnabled : IPlatformX86_set_HPETEnabled, error,
                     value->number != 0);
}

gboolean processor_check(const Item *item, const char *arch, GError **error)
{
    gboolean is_arm = g_str_equal(arch, "aarch64");
    FIELDS(item->element, field)
    {
        if (field->get != processor_get || field->path == NULL)
            continue;
        const Property *property = &properties[field->arg];
        if ((is_arm ? property->on_arm : property->on_x86) || !field_is_said(field, item))
            continue;
        g_autofree char *path = item_path(item, field);
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "%s: machines of architecture '%s' have no such thing", path, arch);
    }
    return TRUE;
}

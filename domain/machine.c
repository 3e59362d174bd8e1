/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What VirtualBox can set of the machine itself and libvirt has no word for. */
#include "domain/domain.h"
#include "domain/processor.h"

typedef struct Machine {
    Item item;
    Switch triple_fault_reset, gic_its;
    gint64 cpuid_portability_level;
    Switch spec_ctrl_by_host, ibpb_on_exit, ibpb_on_entry, l1d_on_scheduling, l1d_on_entry,
        mds_on_scheduling, mds_on_entry;
    Switch hwvirtex, vpid, unrestricted, force, native_api, vmsave;
    const char *priority, *engine;
    const char *clipboard, *drag_and_drop;
    Switch file_transfers, card_reader;
    char *groups;
} Machine;

/* --- groups: as VBoxManage writes them, "/a,/b/c" ------------------------------------------- */

/* A comma or a backslash that belongs to a name has a backslash before it: VirtualBox takes any
 * from a settings file. */
static char *join_groups(char **groups)
{
    GString *text = g_string_new(NULL);
    for (char **group = groups; *group != NULL; group++) {
        if (group != groups)
            g_string_append_c(text, ',');
        for (const char *at = *group; *at != '\0'; at++) {
            if (*at == ',' || *at == '\\')
                g_string_append_c(text, '\\');
            g_string_append_c(text, *at);
        }
    }
    return g_string_free(text, FALSE);
}

static GStrv split_groups(const char *text)
{
    g_autoptr(GStrvBuilder) groups = g_strv_builder_new();
    g_autoptr(GString) group = g_string_new(NULL);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == ',') {
            g_strv_builder_add(groups, group->str);
            g_string_truncate(group, 0);
            continue;
        }
        if (*at == '\\' && at[1] != '\0')
            at++;
        g_string_append_c(group, *at);
    }
    g_strv_builder_add(groups, group->str);
    return g_strv_builder_end(groups);
}

static gboolean get_groups(MapContext *context, Object *machine, const Field *field,
                           Value *ret_value, GError **error)
{
    g_auto(GStrv) groups = NULL;
    if (!vbox_call(machine, IMachine_get_groups, error, &groups))
        return FALSE;
    *ret_value = (Value){.is_text = TRUE, .text = join_groups(groups)};
    return TRUE;
}

static gboolean set_groups(MapContext *context, Object *machine, const Field *field,
                           const Value *value, GError **error)
{
    g_auto(GStrv) groups = split_groups(value->text);
    return vbox_call(machine, IMachine_set_groups, error, g_strv_length(groups),
                     (const char *const *)groups);
}

/* clang-format off */
static const Word priorities[] = {
    { "default", "Default" }, { "flat", "Flat" }, { "low", "Low" }, { "normal", "Normal" },
    { "high", "High" }, END };

static const Word engines[] = {
    { "default", "Default" }, { "default", "NotSet" }, { "hwVirt", "HwVirt" },
    { "nativeApi", "NativeApi" }, { "interpreter", "Interpreter" }, { "recompiler", "Recompiler" },
    END };

static const Word directions[] = {
    { "disabled", "Disabled" }, { "hostToGuest", "HostToGuest" }, { "guestToHost", "GuestToHost" },
    { "bidirectional", "Bidirectional" }, END };

/* A property of the processors, or of how the host runs them. */
#define CPU(path, member, constant, property, ...) \
    F(path, Machine, member, "platform.x86.getCPUProperty(" #constant ")|getCPUProperty(" #constant ")", \
      YESNO, QUIET, HOOK(processor_get, processor_set, property), __VA_ARGS__)
#define HWVIRTEX(path, member, constant, property, ...) \
    F(path, Machine, member, \
      "platform.x86.getHWVirtExProperty(" #constant ")|getHWVirtExProperty(" #constant ")", \
      YESNO, QUIET, HOOK(processor_get, processor_set, property), __VA_ARGS__)

static const Field fields[] = {
    CPU("vbox:cpu/@tripleFaultReset", triple_fault_reset, TripleFaultReset, CPU_TRIPLE_FAULT_RESET, FALLBACK("no")),
    F("vbox:cpu/@CPUIDPortabilityLevel", Machine, cpuid_portability_level, "CPUIDPortabilityLevel",
      NUMBER(0, 3), FALLBACK("0"), QUIET),
    F("vbox:cpu/@GICITS", Machine, gic_its, "platform.ARM.getCPUProperty(GICITS)", YESNO, FALLBACK("no"), QUIET,
      HOOK(processor_get, processor_set, CPU_GIC_ITS)),
    CPU("vbox:mitigations/@specCtrlByHost", spec_ctrl_by_host, SpecCtrlByHost, CPU_SPEC_CTRL_BY_HOST, FALLBACK("no")),
    CPU("vbox:mitigations/@IBPBOnVMExit", ibpb_on_exit, IBPBOnVMExit, CPU_IBPB_ON_VM_EXIT, FALLBACK("no")),
    CPU("vbox:mitigations/@IBPBOnVMEntry", ibpb_on_entry, IBPBOnVMEntry, CPU_IBPB_ON_VM_ENTRY, FALLBACK("no")),
    CPU("vbox:mitigations/@L1DFlushOnEMTScheduling", l1d_on_scheduling, L1DFlushOnEMTScheduling,
      CPU_L1D_FLUSH_ON_EMT_SCHEDULING, FALLBACK("yes")),
    CPU("vbox:mitigations/@L1DFlushOnVMEntry", l1d_on_entry, L1DFlushOnVMEntry, CPU_L1D_FLUSH_ON_VM_ENTRY, FALLBACK("no")),
    CPU("vbox:mitigations/@MDSClearOnEMTScheduling", mds_on_scheduling, MDSClearOnEMTScheduling,
      CPU_MDS_CLEAR_ON_EMT_SCHEDULING, FALLBACK("yes")),
    CPU("vbox:mitigations/@MDSClearOnVMEntry", mds_on_entry, MDSClearOnVMEntry, CPU_MDS_CLEAR_ON_VM_ENTRY, FALLBACK("no")),
    HWVIRTEX("vbox:HWVirtEx/@enabled", hwvirtex, Enabled, HWVIRTEX_ENABLED, FALLBACK("yes")),
    HWVIRTEX("vbox:HWVirtEx/@VPID", vpid, VPID, HWVIRTEX_VPID, FALLBACK("yes")),
    HWVIRTEX("vbox:HWVirtEx/@unrestrictedExecution", unrestricted, UnrestrictedExecution,
      HWVIRTEX_UNRESTRICTED_EXECUTION, FALLBACK("yes")),
    HWVIRTEX("vbox:HWVirtEx/@force", force, Force, HWVIRTEX_FORCE, FALLBACK("no")),
    HWVIRTEX("vbox:HWVirtEx/@useNativeApi", native_api, UseNativeApi, HWVIRTEX_USE_NATIVE_API, FALLBACK("no")),
    HWVIRTEX("vbox:HWVirtEx/@virtVmsaveVmload", vmsave, VirtVmsaveVmload, HWVIRTEX_VIRT_VMSAVE_VMLOAD, FALLBACK("yes")),
    F("vbox:process/@priority", Machine, priority, "VMProcessPriority",
      WORD(priorities, "VMProcPriority"), FALLBACK("default"), QUIET),
    F("vbox:process/@executionEngine", Machine, engine, "VMExecutionEngine",
      WORD(engines, "VMExecutionEngine"), FALLBACK("default"), QUIET),
    F("vbox:clipboard/@mode", Machine, clipboard, "clipboardMode", WORD(directions, "ClipboardMode"),
      FALLBACK("disabled"), QUIET, HOT),
    F("vbox:clipboard/@fileTransfers", Machine, file_transfers, "clipboardFileTransfersEnabled", YESNO,
      FALLBACK("no"), QUIET, HOT),
    F("vbox:dragAndDrop/@mode", Machine, drag_and_drop, "dnDMode", WORD(directions, "DnDMode"),
      FALLBACK("disabled"), QUIET, HOT),
    F("vbox:cardReader/@enabled", Machine, card_reader, "emulatedUSBCardReaderEnabled", YESNO,
      FALLBACK("no"), QUIET),
    F("vbox:groups", Machine, groups, "groups", STR, FALLBACK("/"), QUIET, HOOK(get_groups, set_groups, 0)),
    END };
/* clang-format on */

static gboolean check(Model *model, Item *item, GError **error)
{
    Machine *self = (Machine *)item;
    g_auto(GStrv) groups = split_groups(self->groups);
    for (char **group = groups; *group != NULL; group++)
        if (**group != '/')
            return fail(error, VIR_ERR_XML_ERROR,
                        "/domain/vbox:groups: '%s' is no group of machines; one is '/' or '/a/b'",
                        *group);
    return processor_check(item, domain_os(model)->arch, error);
}

const Element domain_machine_element = {
    .path = "",
    .interface = "IMachine",
    .about = "What VirtualBox can set of the machine itself, and libvirt has no word for. A dump "
             "shows what is not VirtualBox's default.",
    .size = sizeof(Machine),
    .fields = fields,
    .single = TRUE,
    .check = check,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <features>: what of the platform is switched on, and what it tells a guest of itself. */
#include "domain/domain.h"
#include "domain/processor.h"
#include <string.h>

typedef struct Features {
    Item item;
    Switch acpi, apic, pae, hap;
    char *hyperv, *kvm;                                 /* the XML's side */
    const char *said;                                   /* by our own element */
    const char *provider;                               /* VirtualBox's */
    char *vmport, *smm, *vmcoreinfo, *pvspinlock, *pmu; /* which it has not */
} Features;

/* clang-format off */
static const Word providers[] = {
    { "default", "Default" }, { "legacy", "Legacy" }, { "minimal", "Minimal" },
    { "hyperv", "HyperV" }, { "kvm", "KVM" }, { "none", "None" }, END };

static const Field fields[] = {
    F("acpi", Features, acpi, "firmwareSettings.ACPIEnabled|BIOSSettings.ACPIEnabled",     PRESENT),
    F("apic", Features, apic, "firmwareSettings.IOAPICEnabled|BIOSSettings.IOAPICEnabled", PRESENT),
    F("pae",  Features, pae,  "platform.x86.getCPUProperty(PAE)|getCPUProperty(PAE)", PRESENT,
      HOOK(processor_get, processor_set, CPU_PAE)),
    F("hap/@state", Features, hap, "platform.x86.getHWVirtExProperty(NestedPaging)|getHWVirtExProperty(NestedPaging)",
      ONOFF, FALLBACK("on"), QUIET, HOOK(processor_get, processor_set, HWVIRTEX_NESTED_PAGING)),
    F("hyperv",     Features, hyperv, NULL,        SUBTREE, KEEP),
    F("kvm",        Features, kvm,    NULL,        SUBTREE, KEEP),
    F("vbox:paravirt/@provider", Features, said, NULL, WORD(providers, NULL)),
    F(NULL,         Features, provider, "paravirtProvider", WORD(providers, "ParavirtProvider")),
    F("vmport",     Features, vmport,     NULL,    SUBTREE, KEEP),
    F("smm",        Features, smm,        NULL,    SUBTREE, KEEP),
    F("vmcoreinfo", Features, vmcoreinfo, NULL,    SUBTREE, KEEP),
    F("pvspinlock", Features, pvspinlock, NULL,    SUBTREE, KEEP),
    F("pmu",        Features, pmu,        NULL,    SUBTREE, KEEP),
    REFUSE("apic/@eoi", "it chooses itself how a guest ends interrupts"),
    REFUSE("viridian", "say <hyperv mode='passthrough'/>"),
    REFUSE("xen", "it is Xen's"),
    REFUSE("privnet", "it has no containers"),
    REFUSE("capabilities", "it has no containers"),
    REFUSE("gic", "it follows from the machine type; leave it out"),
    REFUSE("ioapic", "it is its own"),
    REFUSE("hpt", "it has no POWER machines"),
    REFUSE("htm", "it has no POWER machines"),
    REFUSE("nested-hv", "it has no POWER machines; nested virtualization is <cpu>'s feature vmx or svm"),
    REFUSE("ccf-assist", "it has no POWER machines"),
    REFUSE("cfpc", "it has no POWER machines"),
    REFUSE("sbbc", "it has no POWER machines"),
    REFUSE("ibs", "it has no POWER machines"),
    REFUSE("msrs", "a guest that asks for an unknown one gets a fault"),
    REFUSE("tcg", "it is QEMU's"),
    REFUSE("async-teardown", "it is QEMU's"),
    REFUSE("ras", ""),
    REFUSE("ps2", "its machines always have both PS/2 devices"),
    REFUSE("aia", "it has no RISC-V machines"),
    REFUSE("virtualization", "nested virtualization is <cpu>'s feature vmx or svm"),
    END };
/* clang-format on */

/* --- what a guest is told of the hypervisor ------------------------------------------------- */

static gboolean has(const char *subtree, const char *part)
{
    return subtree != NULL && strstr(subtree, part) != NULL;
}

/* What QEMU's words ask for; "default": nothing.  KVM's may hide the hypervisor instead. */
static const char *asked_provider(const Features *self)
{
    if (has(self->hyperv, "\"on\"") || has(self->hyperv, "mode=\"passthrough\"") ||
        has(self->hyperv, "mode=\"host-model\""))
        return "hyperv";
    if (has(self->kvm, "<hidden state=\"on\""))
        return "none";
    if (has(self->kvm, "\"on\"") || (self->kvm != NULL && !has(self->kvm, "state=")))
        return "kvm";
    return "default";
}

static gboolean is_default(const char *provider)
{
    return g_str_equal(provider, "default");
}

/* As the XML said it, as long as that is so; in libvirt's words where it has them. */
static void show_provider(Features *self)
{
    self->said = NULL;
    if (g_strcmp0(self->provider, asked_provider(self)) == 0)
        return;
    g_clear_pointer(&self->hyperv, g_free);
    g_clear_pointer(&self->kvm, g_free);
    if (g_strcmp0(self->provider, "hyperv") == 0)
        self->hyperv = g_strdup("<hyperv mode=\"passthrough\"/>");
    else if (g_strcmp0(self->provider, "kvm") == 0)
        self->kvm = g_strdup("<kvm/>");
    else if (self->provider != NULL && !is_default(self->provider))
        self->said = self->provider;
}

static gboolean plan_provider(Features *self, GError **error)
{
    const char *asked = asked_provider(self);
    Features only_kvm = {.kvm = self->kvm};
    if (g_str_equal(asked, "hyperv") && !is_default(asked_provider(&only_kvm)))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/domain/features: VirtualBox shows a guest one interface: either <hyperv> or "
                    "<kvm>");
    if (self->said != NULL && !is_default(asked) && !g_str_equal(self->said, asked))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/domain/features/vbox:paravirt: '%s' and '%s' contradict each other",
                    self->said, asked);
    self->provider = self->said != NULL ? self->said : asked;
    show_provider(self);
    return TRUE;
}

/* --- what clients switch off, and VirtualBox has not ---------------------------------------- */

static gboolean check_off(const Features *self, GError **error)
{
    const struct {
        const char *name, *subtree, *why;
    } features[] = {
        {"vmport", self->vmport, "it has no port of VMware's"},
        {"smm", self->smm, "its firmware has no system management mode"},
        {"vmcoreinfo", self->vmcoreinfo, "it has no such device"},
        {"pvspinlock", self->pvspinlock, "its paravirtualization has none"},
        {"pmu", self->pmu, "it gives a guest no performance counters"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(features); i++)
        if (features[i].subtree != NULL && !has(features[i].subtree, "state=\"off\""))
            return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                        "/domain/features/%s is not supported by VirtualBox: %s; say state='off'",
                        features[i].name, features[i].why);
    return TRUE;
}

static gboolean check(Model *model, Item *item, GError **error)
{
    Features *self = (Features *)item;
    return check_off(self, error) && plan_provider(self, error);
}

/* --- what its newer chipset needs ----------------------------------------------------------- */

#define APIC_NEEDED                                                                         \
    "VirtualBox starts no machine of type ich9 (q35) without an I/O APIC; write <features>" \
    "<apic/></features>, or choose machine='pc'"

static gboolean lacks_apic(Domain *self)
{
    const Features *features = model_first(self, &domain_features_element);
    return features->apic != SWITCH_YES && g_strcmp0(domain_os(self)->machine, "ich9") == 0;
}

/* Of a machine; NULL: it is yet to be made, and lacks nothing. */
static gboolean machine_lacks_apic(Object *machine, gboolean *ret_lacks, GError **error)
{
    static const Element *const elements[] = {&domain_general_element, &domain_os_element,
                                              &domain_features_element, NULL};
    const Schema schema = {
        .root = domain_schema.root, .elements = elements, .store = domain_schema.store};
    *ret_lacks = FALSE;
    if (machine == NULL)
        return TRUE;
    g_autoptr(Model) model = model_new(&schema);
    g_autoptr(MapContext) context = map_context_new(model, machine);
    if (!map_read(context, error))
        return FALSE;
    *ret_lacks = lacks_apic(model);
    return TRUE;
}

/* What somebody else has made so stays as it is. */
static gboolean look(MapContext *context, Item *item, GError **error)
{
    gboolean is_so_already;
    if (!lacks_apic(map_model(context)))
        return TRUE;
    return machine_lacks_apic(map_machine(context), &is_so_already, error) &&
           (is_so_already ||
            fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "/domain/features/apic: " APIC_NEEDED));
}

void features_explain_start(Object *machine, GError **failure)
{
    gboolean lacks;
    if (!machine_lacks_apic(machine, &lacks, NULL) || !lacks)
        return;
    g_autoptr(GError) said = g_steal_pointer(failure);
    (void)fail(failure, VIR_ERR_OPERATION_FAILED, APIC_NEEDED " (VirtualBox says: %s)",
               said->message);
}

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    show_provider((Features *)item);
    return TRUE;
}

const Element domain_features_element = {
    .path = "features",
    .interface = "IMachine",
    .about = "A feature that is not named is switched off. `hyperv` and `kvm` choose what "
             "VirtualBox tells a guest of itself, as a whole: of what stands in them it is kept, "
             "without effect of its own, except that `hidden` tells nothing. Without them "
             "VirtualBox chooses by the type of guest. `vmport`, `smm`, `vmcoreinfo`, `pvspinlock` "
             "and `pmu` may be `off`, for it has none. Machines of type ich9 (q35) need `apic`.",
    .size = sizeof(Features),
    .fields = fields,
    .single = TRUE,
    .check = check,
    .look = look,
    .finish = finish,
};

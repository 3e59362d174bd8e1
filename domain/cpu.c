/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <cpu>: the model of the processors, their topology, single features. */
#include "domain/domain.h"
#include "domain/processor.h"
#include "vbox/platform.h"

typedef struct Cpu {
    Item item;
    const char *mode, *match, *check, *migratable; /* the XML's side */
    char *model;
    const char *fallback;
    gint64 sockets, dies, clusters, cores, threads;
    const char *vmx, *svm;
    char *profile; /* VirtualBox's */
    Switch nested;
    const char *apic, *x2apic, *spec_ctrl;
} Cpu;

/* clang-format off */
static const Word modes[] = {
    { "host-passthrough" }, { "host-model" }, { "maximum" }, { "custom" }, END };
static const Word matches[] = { { "exact" }, END };
static const Word checks[] = { { "none" }, { "partial" }, END };
static const Word switches[] = { { "on" }, { "off" }, END };
static const Word fallbacks[] = { { "allow" }, { "forbid" }, END };
static const Word policies[] = {
    { "require", "1" }, { "force", "1" }, { "optional", "1" },
    { "disable", "0" }, { "forbid", "0" }, END };

#define PROPERTY(path, member, constant, ...) \
    F(path, Cpu, member, "platform.x86.getCPUProperty(" #constant ")|getCPUProperty(" #constant ")", \
      WORD(policies, NULL), __VA_ARGS__)

static const Field fields[] = {
    /* XML                           member           VirtualBox    kind, and what else holds */
    F("@mode",               Cpu,    mode,       NULL,         WORD(modes, NULL), KEEP),
    F("@match",              Cpu,    match,      NULL,         WORD(matches, NULL), KEEP),
    F("@check",              Cpu,    check,      NULL,         WORD(checks, NULL), KEEP),
    F("@migratable",         Cpu,    migratable, NULL,         WORD(switches, NULL), KEEP),
    F("model",               Cpu,    model,      NULL,         STR),
    F("model/@fallback",     Cpu,    fallback,   NULL,         WORD(fallbacks, NULL), KEEP, BLANK),
    F(NULL,                  Cpu,    profile,    "CPUProfile", STR),
    F("topology/@sockets",   Cpu,    sockets,    NULL,         NUMBER(1, 1024), KEEP),
    F("topology/@dies",      Cpu,    dies,       NULL,         NUMBER(1, 1024), KEEP),
    F("topology/@clusters",  Cpu,    clusters,   NULL,         NUMBER(1, 1024), KEEP),
    F("topology/@cores",     Cpu,    cores,      NULL,         NUMBER(1, 1024), KEEP),
    F("topology/@threads",   Cpu,    threads,    NULL,         NUMBER(1, 1024), KEEP),
    F("feature[name=vmx]/@policy", Cpu, vmx,     NULL,         WORD(policies, NULL), KEEP),
    F("feature[name=svm]/@policy", Cpu, svm,     NULL,         WORD(policies, NULL), KEEP),
    F(NULL,                  Cpu,    nested,
      "platform.x86.getCPUProperty(HWVirt)|getCPUProperty(HWVirt)", YESNO,
      HOOK(processor_get, processor_set, CPU_NESTED_VIRTUALIZATION)),
    /* VirtualBox switches the APIC as it does the x2APIC: this one first. */
    PROPERTY("feature[name=x2apic]/@policy", x2apic, X2APIC,
      HOOK(processor_get, processor_set, CPU_X2APIC)),
    PROPERTY("feature[name=apic]/@policy", apic, APIC, FALLBACK("require"), QUIET,
      HOOK(processor_get, processor_set, CPU_APIC)),
    PROPERTY("feature[name=spec-ctrl]/@policy", spec_ctrl, SpecCtrl, FALLBACK("disable"), QUIET,
      HOOK(processor_get, processor_set, CPU_SPEC_CTRL)),
    REFUSE("@deprecated_features", ""),
    REFUSE("model/@vendor_id", "a processor's vendor follows from its profile; leave it out", BLANK),
    REFUSE("vendor", "a processor's vendor follows from its profile; leave it out", BLANK),
    REFUSE("cache", "it tells a guest of the host's caches"),
    REFUSE("numa", "it gives a guest memory of one kind"),
    REFUSE("maxphysaddr", "it tells a guest the host's"),
    END };
/* clang-format on */

/* --- topology ------------------------------------------------------------------------------ */

static gboolean is_one(gint64 number)
{
    return number == NUMBER_ABSENT || number == 1;
}

/* What VirtualBox's processors tell a guest by CPUID. */
static gboolean check_topology(const Cpu *self, gint64 vcpus, GError **error)
{
    if (self->sockets == NUMBER_ABSENT && self->cores == NUMBER_ABSENT &&
        self->threads == NUMBER_ABSENT)
        return TRUE;
    if (is_one(self->sockets) && is_one(self->dies) && is_one(self->clusters) &&
        is_one(self->threads) && self->cores == vcpus)
        return TRUE;
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "/domain/cpu/topology: VirtualBox shows a guest one socket with a core for each "
                "processor: sockets='1' dies='1' cores='%" G_GINT64_FORMAT "' threads='1'",
                vcpus);
}

/* --- nested virtualization: one property, two names ---------------------------------------- */

static gboolean is_required(const char *policy)
{
    return g_strcmp0(policy, "require") == 0;
}

static gboolean is_disabled(const char *policy)
{
    return g_strcmp0(policy, "disable") == 0;
}

static gboolean plan_nested(Cpu *self, GError **error)
{
    if (self->vmx != NULL && self->svm != NULL && !g_str_equal(self->vmx, self->svm))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/domain/cpu/feature: vmx and svm are one property of VirtualBox's, nested "
                    "virtualization; name the host's");
    self->nested = is_required(self->vmx) || is_required(self->svm) ? SWITCH_YES : SWITCH_NO;
    return TRUE;
}

/* As the XML said it, as long as that is so. */
static void show_nested(Cpu *self)
{
    gboolean is_on = self->nested == SWITCH_YES;
    if (self->vmx != NULL && is_required(self->vmx) != is_on)
        self->vmx = NULL;
    if (self->svm != NULL && is_required(self->svm) != is_on)
        self->svm = NULL;
    if (!is_on || self->vmx != NULL || self->svm != NULL)
        return;
#if defined(__x86_64__) || defined(__i386__)
    if (__builtin_cpu_is("amd")) {
        self->svm = "require";
        return;
    }
#endif
    self->vmx = "require";
}

/* --- from the XML to VirtualBox ------------------------------------------------------------ */

static gboolean is_custom(const Cpu *self)
{
    return self->mode == NULL || g_str_equal(self->mode, "custom");
}

static gboolean check(Model *model, Item *item, GError **error)
{
    Cpu *self = (Cpu *)item;
    gboolean has_model = self->model != NULL && *self->model != '\0';
    if (!has_model)
        g_clear_pointer(&self->model, g_free);
    if (has_model && !is_custom(self))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/domain/cpu/model: a model stands with mode='custom' only");
    if (is_disabled(self->apic) && is_required(self->x2apic))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "/domain/cpu/feature: x2apic needs apic");
    g_free(self->profile);
    self->profile = g_strdup(has_model ? self->model : "host");
    return processor_check(item, domain_os(model)->arch, error) &&
           check_topology(self, domain_general(model)->vcpus, error) && plan_nested(self, error);
}

/* VirtualBox takes any name, and then cannot start the machine. */
static gboolean look(MapContext *context, Item *item, GError **error)
{
    const Cpu *self = (const Cpu *)item;
    g_autofree char *is = NULL;
    g_autoptr(GPtrArray) models = NULL;
    if (self->model == NULL || *self->model == '\0' || g_str_equal(self->model, "host") ||
        !is_custom(self))
        return TRUE;
    if (map_machine(context) != NULL &&
        !vbox_call(map_machine(context), IMachine_get_CPUProfile, error, &is))
        return FALSE;
    if (g_strcmp0(is, self->model) == 0)
        return TRUE;
    if ((models = platform_cpu_models(error)) == NULL)
        return FALSE;
    if (models->len == 0 ||
        g_ptr_array_find_with_equal_func(models, self->model, g_str_equal, NULL))
        return TRUE;
    g_ptr_array_add(models, NULL);
    g_autofree char *names = g_strjoinv(", ", (char **)models->pdata);
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "/domain/cpu/model: VirtualBox has no processor '%s'; it has: %s; for the host's "
                "say mode='host-passthrough'",
                self->model, names);
}

/* Whether VirtualBox gives guests of that type an x2APIC unasked. */
static gboolean recommends_x2apic(const char *os_type, gboolean *ret_is_on, GError **error)
{
    g_autoptr(Object) type = NULL;
    g_autoptr(GError) failure = NULL;
    *ret_is_on = FALSE;
    if (!vbox_has(IGuestOSType_get_recommendedX2APIC))
        return TRUE;
    if (vbox_call(vbox_root(), IVirtualBox_getGuestOSType, &failure, os_type, &type))
        return type == NULL ||
               vbox_call(type, IGuestOSType_get_recommendedX2APIC, error, ret_is_on);
    /* A type that this VirtualBox does not know has no recommendations. */
    if (vbox_is_missing(failure))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static gboolean prepare(MapContext *context, GPtrArray *items, GError **error)
{
    Cpu *self = g_ptr_array_index(items, 0);
    const Os *os = domain_os(map_model(context));
    gboolean is_on;
    if (!recommends_x2apic(os->os_type, &is_on, error))
        return FALSE;
    if (self->x2apic == NULL && !g_str_equal(os->arch, "aarch64"))
        self->x2apic = is_on && !is_disabled(self->apic) ? "require" : "disable";
    return TRUE;
}

/* --- from VirtualBox to the XML ------------------------------------------------------------ */

static void show_model(Cpu *self)
{
    gboolean is_host = g_ascii_strcasecmp(self->profile, "host") == 0;
    if (!is_host) {
        self->mode = "custom";
        self->model = g_strdup(self->profile);
        return;
    }
    self->fallback = NULL;
    if (g_strcmp0(self->mode, "custom") == 0)
        self->mode = NULL;
    /* Features without a mode or a model mean nothing to libvirt. */
    gboolean has_feature = self->vmx != NULL || self->svm != NULL || self->x2apic != NULL ||
                           is_disabled(self->apic) || is_required(self->spec_ctrl);
    if (self->mode == NULL && has_feature)
        self->mode = "host-passthrough";
}

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    Cpu *self = (Cpu *)item;
    gboolean is_on;
    if (!recommends_x2apic(domain_os(map_model(context))->os_type, &is_on, error))
        return FALSE;
    if (self->x2apic != NULL && is_required(self->x2apic) == is_on)
        self->x2apic = NULL;
    show_nested(self);
    show_model(self);
    if (self->cores != NUMBER_ABSENT)
        self->cores = domain_general(map_model(context))->vcpus;
    return TRUE;
}

const Element domain_cpu_element = {
    .path = "cpu",
    .interface = "IMachine",
    .about = "`host-passthrough`, `host-model` and `maximum` are one to VirtualBox: the host's "
             "processor, without what it cannot give a guest. `custom` with a `model` is one of "
             "VirtualBox's profiles (`Intel 80386`). `check` and `migratable` are kept without "
             "effect. Of features VirtualBox can switch those that are named here; `x2apic` is as "
             "VirtualBox recommends for the type of guest, unless it is said.",
    .size = sizeof(Cpu),
    .fields = fields,
    .single = TRUE,
    .check = check,
    .look = look,
    .prepare = prepare,
    .finish = finish,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cpu: comparing processors with the host's.
 *
 * VirtualBox gives its guests the host's processor and has no list of what models have which
 * features, as QEMU's driver has: what a <cpu> says of architecture and vendor can be compared, and
 * a mode that means the host's processor; of models and features it is said that they cannot.  The
 * models that <cpu> may name are VirtualBox's profiles of processors, for the most part old ones.
 */
#include "base/libvirt.h"
#include "host/cpu.h"
#include "map/xml.h"
#include "rpc/handlers.h"
#include "vbox/platform.h"
#include <string.h>

/* libvirt's names of vendors, by those of CPUID. */
static const struct {
    const char *id, *name;
} vendors[] = {
    {"GenuineIntel", "Intel"},
    {"AuthenticAMD", "AMD"},
    {"HygonGenuine", "Hygon"},
};

const char *cpu_vendor(const char *cpuinfo)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents(cpuinfo, &text, NULL, NULL))
        return NULL;
    const char *line = strstr(text, "vendor_id");
    for (guint i = 0; line != NULL && i < G_N_ELEMENTS(vendors); i++) {
        const char *found = strstr(line, vendors[i].id);
        if (found != NULL && found < line + strcspn(line, "\n"))
            return vendors[i].name;
    }
    return NULL;
}

static char *child_text(xmlNode *cpu, const char *name)
{
    return xml_text(xml_find(cpu, name));
}

/* Whether the host can run programs of that architecture, and whether it is its own. */
static gint compare_arch(const char *arch, const char *host)
{
    if (arch == NULL || g_str_equal(arch, host))
        return VIR_CPU_COMPARE_IDENTICAL;
    return g_str_equal(arch, "i686") && g_str_equal(host, "x86_64") ? VIR_CPU_COMPARE_SUPERSET
                                                                    : VIR_CPU_COMPARE_INCOMPATIBLE;
}

gboolean cpu_compare(const char *xml, const char *arch, const char *vendor, gint *ret_result,
                     GError **error)
{
    g_autoptr(xmlDoc) doc = xml_read(xml, "cpu", error);
    if (doc == NULL)
        return FALSE;
    xmlNode *cpu = xmlDocGetRootElement(doc);
    g_autofree char *mode = child_text(cpu, "@mode"), *its_arch = child_text(cpu, "arch");
    g_autofree char *its_vendor = child_text(cpu, "vendor"), *model = child_text(cpu, "model");
    g_autofree char *feature = child_text(cpu, "feature/@name");
    *ret_result = compare_arch(its_arch, arch);
    if (its_vendor != NULL && g_strcmp0(its_vendor, vendor) != 0)
        *ret_result = VIR_CPU_COMPARE_INCOMPATIBLE;
    gboolean is_host = mode != NULL && !g_str_equal(mode, "custom");
    if (*ret_result == VIR_CPU_COMPARE_INCOMPATIBLE || is_host)
        return TRUE;
    if (model != NULL || feature != NULL)
        return fail(error, VIR_ERR_OPERATION_UNSUPPORTED,
                    "VirtualBox gives guests the host's processor and does not tell what model or "
                    "features ('%s') that is; compare by <cpu mode='host-passthrough'/>",
                    model != NULL ? model : feature);
    return TRUE;
}

static gboolean compare(const char *xml, guint32 flags, gint *ret_result, GError **error)
{
    const char *vendor = cpu_vendor("/proc/cpuinfo");
    if (!cpu_compare(xml, platform_host_arch(), vendor, ret_result, error))
        return FALSE;
    if (*ret_result == VIR_CPU_COMPARE_INCOMPATIBLE &&
        (flags & VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE) != 0)
        return fail(error, VIR_ERR_CPU_INCOMPATIBLE,
                    "the host's processor is of another architecture or vendor: %s %s",
                    platform_host_arch(), vendor != NULL ? vendor : "");
    return TRUE;
}

/* What all these processors have, of which one is the host's: the host's, or nothing that
 * VirtualBox could give a guest. */
static gboolean baseline(Call *call, char *const *xml, guint32 count, char **ret_cpu,
                         GError **error)
{
    if (count == 0)
        return fail(error, VIR_ERR_INVALID_ARG, "no processors were given");
    for (guint32 i = 0; i < count; i++) {
        gint result;
        if (!compare(xml[i], VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE, &result, error))
            return FALSE;
    }
    *ret_cpu = call_strdup(call, "<cpu mode='host-passthrough'/>\n");
    return TRUE;
}

/* For which machine is asked; NULL is any. */
static gboolean check_machine(const char *arch, const char *virttype, GError **error)
{
    if (virttype != NULL && !g_str_equal(virttype, "vbox"))
        return fail(error, VIR_ERR_INVALID_ARG,
                    "unknown virttype '%s'; this connection has 'vbox' only", virttype);
    if (compare_arch(arch, platform_host_arch()) == VIR_CPU_COMPARE_INCOMPATIBLE)
        return fail(error, VIR_ERR_INVALID_ARG, "the host's processor is no '%s'", arch);
    return TRUE;
}

gboolean do_connect_compare_cpu(Call *call, const ConnectCompareCpuArgs *args,
                                ConnectCompareCpuRet *ret, GError **error)
{
    return compare(args->xml, args->flags, &ret->result, error);
}

gboolean do_connect_compare_hypervisor_cpu(Call *call, const ConnectCompareHypervisorCpuArgs *args,
                                           ConnectCompareHypervisorCpuRet *ret, GError **error)
{
    return check_machine(args->arch, args->virttype, error) &&
           compare(args->xmlCPU, args->flags, &ret->result, error);
}

gboolean do_connect_baseline_cpu(Call *call, const ConnectBaselineCpuArgs *args,
                                 ConnectBaselineCpuRet *ret, GError **error)
{
    return baseline(call, args->xmlCPUs, args->xmlCPUs_len, &ret->cpu, error);
}

gboolean do_connect_baseline_hypervisor_cpu(Call *call,
                                            const ConnectBaselineHypervisorCpuArgs *args,
                                            ConnectBaselineHypervisorCpuRet *ret, GError **error)
{
    return check_machine(args->arch, args->virttype, error) &&
           baseline(call, args->xmlCPUs, args->xmlCPUs_len, &ret->cpu, error);
}

/* The names that <cpu><model> may have. */
gboolean do_connect_get_cpu_model_names(Call *call, const ConnectGetCpuModelNamesArgs *args,
                                        ConnectGetCpuModelNamesRet *ret, GError **error)
{
    g_autoptr(GPtrArray) models = NULL;
    if (!g_str_equal(args->arch, "x86_64") && !g_str_equal(args->arch, "i686"))
        return g_str_equal(args->arch, platform_host_arch()) ||
               fail(error, VIR_ERR_INVALID_ARG, "VirtualBox has no processors of '%s' here",
                    args->arch);
    if ((models = platform_cpu_models(error)) == NULL)
        return FALSE;
    ret->ret = (gint32)models->len;
    if (args->need_results == 0)
        return TRUE;
    ret->models_len = models->len;
    ret->models = arena_alloc(call->arena, (models->len + 1) * sizeof *ret->models);
    for (guint i = 0; i < models->len; i++)
        ret->models[i] = call_strdup(call, models->pdata[i]);
    return TRUE;
}

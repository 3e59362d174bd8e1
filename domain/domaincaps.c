/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Domain capabilities: what one kind of machine can have.  The words are those of the tables that
 * define and dump; VirtualBox says which of them it has. */
#include "domain/domain.h"
#include <string.h>
#include "rpc/handlers.h"
#include "vbox/platform.h"

/* The StorageBus that a disk's bus needs; of the table's words that have no constant. */
static const Word buses[] = {
    {"fdc", "Floppy"}, {"ide", "IDE"},   {"sata", "SATA"}, {"scsi", "SCSI"},
    {"usb", "USB"},    {"nvme", "PCIe"}, {NULL, NULL},
};

/* An <enum> of the values, indented by so many spaces. */
static void enum_format(GString *xml, int indent, const char *name, GPtrArray *values)
{
    g_string_append_printf(xml, "%*s<enum name='%s'>\n", indent, "", name);
    for (guint i = 0; i < values->len; i++)
        g_string_append_printf(xml, "%*s<value>%s</value>\n", indent + 2, "",
                               (const char *)values->pdata[i]);
    g_string_append_printf(xml, "%*s</enum>\n", indent, "");
}

/* All words of a row. */
static void enum_row(GString *xml, const char *name, const Element *element, const char *path)
{
    g_autoptr(GPtrArray) words = map_words(element, path);
    enum_format(xml, 6, name, words);
}

static const char *constant_of(const Word *words, const char *word)
{
    for (; words->word != NULL; words++)
        if (g_str_equal(words->word, word))
            return words->constant;
    return NULL;
}

/* Those words of a row whose constant VirtualBox lists for the platform. */
static void enum_supported(GString *xml, int indent, const char *name, const Element *element,
                           const char *path, const Word *words, char **supported)
{
    g_autoptr(GPtrArray) all = map_words(element, path);
    g_autoptr(GPtrArray) values = g_ptr_array_new();
    for (guint i = 0; i < all->len; i++) {
        const char *constant = constant_of(words, all->pdata[i]);
        if (constant != NULL && g_strv_contains((const char *const *)supported, constant))
            g_ptr_array_add(values, all->pdata[i]);
    }
    enum_format(xml, indent, name, values);
}

static const Word *row_words(const Element *element, const char *path)
{
    return element_field(element, path)->words;
}

/* What of a firmware can be switched. */
static const struct {
    const char *feature, *name;
} firmware_features[] = {{"secure-boot", "secureBoot"}, {"enrolled-keys", "enrolledKeys"}};

static gboolean format_os(GString *xml, const PlatformArch *arch, GError **error)
{
    g_auto(GStrv) supported = platform_constants(
        arch->properties, IPlatformProperties_get_supportedFirmwareTypes, "FirmwareType", error);
    if (supported == NULL)
        return FALSE;
    g_string_append(xml, "  <os supported='yes'>\n");
    enum_supported(xml, 4, "firmware", &domain_os_element, "@firmware",
                   row_words(&domain_os_element, "@firmware"), supported);
    g_string_append(xml, "    <firmwareFeatures supported='yes'>\n");
    for (guint i = 0; i < G_N_ELEMENTS(firmware_features); i++) {
        g_autofree char *path =
            g_strdup_printf("os/firmware/feature[name=%s]/@enabled", firmware_features[i].feature);
        g_autoptr(GPtrArray) values = g_ptr_array_new();
        if (map_takes(&domain_schema, path))
            g_ptr_array_add(values, (gpointer) "yes");
        g_ptr_array_add(values, (gpointer) "no");
        enum_format(xml, 6, firmware_features[i].name, values);
    }
    g_string_append(xml, "    </firmwareFeatures>\n    <loader supported='no'/>\n  </os>\n");
    return TRUE;
}

static gboolean format_disk(GString *xml, const PlatformArch *arch, GError **error)
{
    g_auto(GStrv) supported = platform_constants(
        arch->properties, IPlatformProperties_get_supportedStorageBuses, "StorageBus", error);
    if (supported == NULL)
        return FALSE;
    g_string_append(xml, "    <disk supported='yes'>\n");
    enum_row(xml, "diskDevice", &domain_disk_element, "@device");
    enum_supported(xml, 6, "bus", &domain_disk_element, "target/@bus", buses, supported);
    g_string_append(xml, "    </disk>\n");
    return TRUE;
}

/* vnc and rdp come with an extension pack. */
static gboolean find_servers(gboolean *ret_vnc, gboolean *ret_rdp, GError **error)
{
    g_autoptr(Object) manager = NULL;
    g_autoptr(GPtrArray) packs = NULL;
    *ret_vnc = *ret_rdp = FALSE;
    if (!vbox_call(vbox_root(), IVirtualBox_get_extensionPackManager, error, &manager) ||
        !vbox_call(manager, IExtPackManager_get_installedExtPacks, error, &packs))
        return FALSE;
    for (guint i = 0; i < packs->len; i++) {
        gboolean usable;
        g_autofree char *name = NULL, *module = NULL;
        if (!vbox_call(packs->pdata[i], IExtPackBase_get_usable, error, &usable) ||
            !vbox_call(packs->pdata[i], IExtPackBase_get_name, error, &name) ||
            !vbox_call(packs->pdata[i], IExtPackBase_get_VRDEModule, error, &module))
            return FALSE;
        gboolean is_vnc = g_str_equal(name, "VNC");
        *ret_vnc |= usable && *module != '\0' && is_vnc;
        *ret_rdp |= usable && *module != '\0' && !is_vnc;
    }
    return TRUE;
}

static gboolean format_graphics(GString *xml, GError **error)
{
    gboolean has_vnc, has_rdp;
    if (!find_servers(&has_vnc, &has_rdp, error))
        return FALSE;
    g_autoptr(GPtrArray) words = map_words(&domain_graphics_element, "@type");
    for (guint i = words->len; i-- > 0;)
        if ((!has_vnc && g_str_equal(words->pdata[i], "vnc")) ||
            (!has_rdp && g_str_equal(words->pdata[i], "rdp")))
            g_ptr_array_remove_index(words, i);
    g_string_append(xml, "    <graphics supported='yes'>\n");
    enum_format(xml, 6, "type", words);
    g_string_append(xml, "    </graphics>\n");
    return TRUE;
}

static gboolean format_video(GString *xml, const PlatformArch *arch, GError **error)
{
    g_auto(GStrv) supported =
        platform_constants(arch->properties, IPlatformProperties_get_supportedGfxControllerTypes,
                           "GraphicsControllerType", error);
    if (supported == NULL)
        return FALSE;
    g_string_append(xml, "    <video supported='yes'>\n");
    enum_supported(xml, 6, "modelType", &domain_video_element, "model/@type",
                   row_words(&domain_video_element, "model/@type"), supported);
    g_string_append(xml, "    </video>\n");
    return TRUE;
}

static gboolean format_devices(GString *xml, const PlatformArch *arch, GError **error)
{
    g_string_append(xml, "  <devices>\n");
    if (!format_disk(xml, arch, error) || !format_graphics(xml, error) ||
        !format_video(xml, arch, error))
        return FALSE;
    g_string_append(xml, "    <hostdev supported='yes'>\n");
    enum_row(xml, "mode", &domain_hostdev_element, "@mode");
    enum_row(xml, "startupPolicy", &domain_hostdev_element, "source/@startupPolicy");
    enum_row(xml, "subsysType", &domain_hostdev_element, "@type");
    /* <rng> is accepted, and is without effect: it is not there. */
    g_string_append(xml, "    </hostdev>\n    <rng supported='no'/>\n"
                         "    <filesystem supported='yes'>\n");
    enum_row(xml, "driverType", &domain_filesystem_element, "driver/@type");
    g_string_append(xml, "    </filesystem>\n    <tpm supported='yes'>\n");
    enum_row(xml, "model", &domain_tpm_element, "@model");
    enum_row(xml, "backendModel", &domain_tpm_element, "backend/@type");
    enum_row(xml, "backendVersion", &domain_tpm_element, "backend/@version");
    g_string_append(xml, "    </tpm>\n"
                         "    <redirdev supported='no'/>\n"
                         "    <channel supported='no'/>\n"
                         "    <crypto supported='no'/>\n"
                         "    <interface supported='yes'/>\n"
                         "    <panic supported='no'/>\n"
                         "    <console supported='yes'>\n");
    enum_row(xml, "type", &domain_console_element, "@type");
    g_string_append(xml, "    </console>\n  </devices>\n");
    return TRUE;
}

/* The guest's processor is the host's, whatever its mode is called, or one of VirtualBox's. */
static gboolean format_cpu(GString *xml, const PlatformArch *arch, GError **error)
{
    g_autoptr(GPtrArray) models =
        arch->is_x86 ? platform_cpu_models(error) : g_ptr_array_new_with_free_func(g_free);
    if (models == NULL)
        return FALSE;
    g_string_append_printf(xml,
                           "  <cpu>\n"
                           "    <mode name='host-passthrough' supported='yes'/>\n"
                           "    <mode name='maximum' supported='yes'/>\n"
                           "    <mode name='host-model' supported='yes'/>\n"
                           "    <mode name='custom' supported='%s'>\n",
                           models->len > 0 ? "yes" : "no");
    for (guint i = 0; i < models->len; i++) {
        const char *name = models->pdata[i];
        const char *vendor = strstr(name, "Intel") != NULL ? "Intel"
                             : strstr(name, "AMD") != NULL ? "AMD"
                                                           : "unknown";
        g_autofree char *escaped = g_markup_escape_text(name, -1);
        g_string_append_printf(xml, "      <model usable='unknown' vendor='%s'>%s</model>\n",
                               vendor, escaped);
    }
    g_string_append(xml, "    </mode>\n  </cpu>\n");
    return TRUE;
}

static const PlatformArch *arch_find(const GPtrArray *arches, const char *name, GError **error)
{
    if (name == NULL && arches->len > 0)
        return arches->pdata[0];
    if (name == NULL)
        name = platform_host_arch();
    for (guint i = 0; i < arches->len; i++)
        if (g_str_equal(((PlatformArch *)arches->pdata[i])->name, name))
            return arches->pdata[i];
    fail(error, VIR_ERR_INVALID_ARG, "this VirtualBox has no guests of the architecture '%s'",
         name);
    return NULL;
}

/* The machine type as a dump says it, of a name or an alias ("q35" is "ich9").  NULL: it has none
 * such. */
static const char *machine_find(const PlatformArch *arch, const char *name, GError **error)
{
    const Word *words = row_words(&domain_os_element, "type/@machine");
    const char *constant = constant_of(words, name);
    for (; constant != NULL && words->word != NULL; words++)
        if (g_str_equal(words->constant, constant) &&
            g_strv_contains((const char *const *)arch->machines, words->word))
            return words->word;
    g_autofree char *known = g_strjoinv(", ", arch->machines);
    fail(error, VIR_ERR_INVALID_ARG, "there is no machine '%s' for %s; there are %s", name,
         arch->name, known);
    return NULL;
}

static gboolean check_args(const ConnectGetDomainCapabilitiesArgs *args, const char *emulator,
                           GError **error)
{
    if (args->virttype != NULL && !g_str_equal(args->virttype, "vbox"))
        return fail(error, VIR_ERR_INVALID_ARG,
                    "unknown virttype '%s'; this connection has 'vbox' only", args->virttype);
    if (args->emulatorbin != NULL && !g_str_equal(args->emulatorbin, emulator))
        return fail(error, VIR_ERR_INVALID_ARG, "'%s' is not VirtualBox's '%s'", args->emulatorbin,
                    emulator);
    return TRUE;
}

gboolean do_connect_get_domain_capabilities(Call *call,
                                            const ConnectGetDomainCapabilitiesArgs *args,
                                            ConnectGetDomainCapabilitiesRet *ret, GError **error)
{
    g_autoptr(GPtrArray) arches = platform_arches(error);
    const PlatformArch *arch = arches != NULL ? arch_find(arches, args->arch, error) : NULL;
    g_autofree char *emulator = platform_emulator();
    guint32 max_vcpus;
    if (arch == NULL || !check_args(args, emulator, error) ||
        !platform_max_vcpus(&max_vcpus, error))
        return FALSE;
    const char *machine =
        args->machine != NULL ? machine_find(arch, args->machine, error) : arch->machines[0];
    if (args->machine != NULL && machine == NULL)
        return FALSE;
    g_autofree char *path = g_markup_escape_text(emulator, -1);
    g_autoptr(GString) xml = g_string_new("<domainCapabilities>\n");
    g_string_append_printf(xml,
                           "  <path>%s</path>\n  <domain>vbox</domain>\n"
                           "  <machine>%s</machine>\n  <arch>%s</arch>\n  <vcpu max='%u'/>\n"
                           "  <iothreads supported='no'/>\n",
                           path, machine != NULL ? machine : "", arch->name, max_vcpus);
    if (!format_os(xml, arch, error))
        return FALSE;
    if (!format_cpu(xml, arch, error))
        return FALSE;
    g_string_append(xml, "  <memoryBacking supported='no'/>\n");
    if (!format_devices(xml, arch, error))
        return FALSE;
    /* What a guest of VirtualBox's could have is none of libvirt's list but a PS/2 keyboard. */
    g_string_append_printf(xml,
                           "  <features>\n"
                           "    <vmcoreinfo supported='no'/>\n"
                           "    <genid supported='no'/>\n"
                           "    <backingStoreInput supported='no'/>\n"
                           "    <backup supported='no'/>\n"
                           "    <async-teardown supported='no'/>\n"
                           "    <ps2 supported='%s'/>\n"
                           "    <sev supported='no'/>\n"
                           "    <sgx supported='no'/>\n"
                           "    <launchSecurity supported='no'/>\n"
                           "  </features>\n"
                           "</domainCapabilities>\n",
                           arch->is_x86 ? "yes" : "no");
    ret->capabilities = call_strdup(call, xml->str);
    return TRUE;
}

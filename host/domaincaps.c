/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Domain capabilities: what one kind of machine can have, asked from VirtualBox. */
#include "host/capabilities.h"
#include "rpc/handlers.h"

/* A constant of VirtualBox and libvirt's word for it; several may have the same word. */
typedef struct Word {
    const char *constant, *word;
} Word;

static const Word firmwares[] = {
    {"BIOS", "bios"}, {"EFI", "efi"}, {"EFI32", "efi"}, {"EFI64", "efi"}, {NULL, NULL},
};
/* The buses that <disk> can name so far; SAS and virtio-scsi are SCSI controllers to libvirt. */
static const Word buses[] = {
    {"Floppy", "fdc"}, {"IDE", "ide"}, {"SATA", "sata"}, {"SCSI", "scsi"}, {NULL, NULL},
};
static const Word videos[] = {
    {"VBoxVGA", "vbox"},
    {"VMSVGA", "vmvga"},
    {NULL, NULL},
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

/* Of a device; values end with NULL, those that are "" are left out. */
static void enum_list(GString *xml, const char *name, ...) G_GNUC_NULL_TERMINATED;
static void enum_list(GString *xml, const char *name, ...)
{
    va_list args;
    va_start(args, name);
    g_autoptr(GPtrArray) values = g_ptr_array_new();
    for (const char *value; (value = va_arg(args, const char *)) != NULL;)
        if (*value != '\0')
            g_ptr_array_add(values, (gpointer)value);
    va_end(args);
    enum_format(xml, 6, name, values);
}

/* The words of what VirtualBox supports, each once. */
static void enum_words(GString *xml, int indent, const char *name, char **constants,
                       const Word *words)
{
    g_autoptr(GPtrArray) values = g_ptr_array_new();
    for (const Word *word = words; word->constant != NULL; word++)
        if (g_strv_contains((const char *const *)constants, word->constant) &&
            !g_ptr_array_find_with_equal_func(values, word->word, g_str_equal, NULL))
            g_ptr_array_add(values, (gpointer)word->word);
    enum_format(xml, indent, name, values);
}

static gboolean format_os(GString *xml, const PlatformArch *arch, GError **error)
{
    g_auto(GStrv) constants = platform_constants(
        arch->properties, IPlatformProperties_get_supportedFirmwareTypes, "FirmwareType", error);
    if (constants == NULL)
        return FALSE;
    g_string_append(xml, "  <os supported='yes'>\n");
    enum_words(xml, 4, "firmware", constants, firmwares);
    g_string_append(xml, "    <loader supported='no'/>\n  </os>\n");
    return TRUE;
}

static gboolean format_disk(GString *xml, const PlatformArch *arch, GError **error)
{
    g_auto(GStrv) constants = platform_constants(
        arch->properties, IPlatformProperties_get_supportedStorageBuses, "StorageBus", error);
    if (constants == NULL)
        return FALSE;
    g_string_append(xml, "    <disk supported='yes'>\n");
    gboolean has_floppy = g_strv_contains((const char *const *)constants, "Floppy");
    enum_list(xml, "diskDevice", "disk", "cdrom", has_floppy ? "floppy" : "", NULL);
    enum_words(xml, 6, "bus", constants, buses);
    g_string_append(xml, "    </disk>\n");
    return TRUE;
}

/* vnc and rdp come with an extension pack; whichever VirtualBox would use serves. */
static gboolean format_graphics(GString *xml, GError **error)
{
    g_autoptr(Object) manager = NULL;
    g_autoptr(GPtrArray) packs = NULL;
    gboolean has_vnc = FALSE, has_rdp = FALSE;
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
        if (!usable || *module == '\0')
            continue;
        gboolean is_vnc = g_str_equal(name, "VNC");
        has_vnc |= is_vnc;
        has_rdp |= !is_vnc;
    }
    g_string_append(xml, "    <graphics supported='yes'>\n");
    enum_list(xml, "type", "sdl", has_vnc ? "vnc" : "", has_rdp ? "rdp" : "", "desktop", NULL);
    g_string_append(xml, "    </graphics>\n");
    return TRUE;
}

static gboolean format_devices(GString *xml, const PlatformArch *arch, GError **error)
{
    g_string_append(xml, "  <devices>\n");
    if (!format_disk(xml, arch, error) || !format_graphics(xml, error))
        return FALSE;
    g_auto(GStrv) constants =
        platform_constants(arch->properties, IPlatformProperties_get_supportedGfxControllerTypes,
                           "GraphicsControllerType", error);
    if (constants == NULL)
        return FALSE;
    g_string_append(xml, "    <video supported='yes'>\n");
    enum_words(xml, 6, "modelType", constants, videos);
    g_string_append(xml, "    </video>\n    <hostdev supported='yes'>\n");
    enum_list(xml, "mode", "subsystem", NULL);
    enum_list(xml, "subsysType", "usb", NULL);
    g_string_append(xml, "    </hostdev>\n  </devices>\n");
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

static gboolean check_args(const ConnectGetDomainCapabilitiesArgs *args, const PlatformArch *arch,
                           const char *emulator, GError **error)
{
    if (args->virttype != NULL && !g_str_equal(args->virttype, "vbox"))
        return fail(error, VIR_ERR_INVALID_ARG,
                    "unknown virttype '%s'; this connection has 'vbox' only", args->virttype);
    if (args->emulatorbin != NULL && !g_str_equal(args->emulatorbin, emulator))
        return fail(error, VIR_ERR_INVALID_ARG, "'%s' is not VirtualBox's '%s'", args->emulatorbin,
                    emulator);
    if (args->machine == NULL ||
        g_strv_contains((const char *const *)arch->machines, args->machine))
        return TRUE;
    g_autofree char *known = g_strjoinv(", ", arch->machines);
    return fail(error, VIR_ERR_INVALID_ARG, "there is no machine '%s' for %s; there are %s",
                args->machine, arch->name, known);
}

gboolean do_connect_get_domain_capabilities(Call *call,
                                            const ConnectGetDomainCapabilitiesArgs *args,
                                            ConnectGetDomainCapabilitiesRet *ret, GError **error)
{
    g_autoptr(GPtrArray) arches = platform_arches(error);
    const PlatformArch *arch = arches != NULL ? arch_find(arches, args->arch, error) : NULL;
    g_autofree char *emulator = platform_emulator();
    guint32 max_vcpus;
    if (arch == NULL || !check_args(args, arch, emulator, error) ||
        !platform_max_vcpus(&max_vcpus, error))
        return FALSE;
    g_autofree char *path = g_markup_escape_text(emulator, -1);
    g_autoptr(GString) xml = g_string_new("<domainCapabilities>\n");
    g_string_append_printf(xml,
                           "  <path>%s</path>\n  <domain>vbox</domain>\n"
                           "  <machine>%s</machine>\n  <arch>%s</arch>\n  <vcpu max='%u'/>\n"
                           "  <iothreads supported='no'/>\n",
                           path, args->machine != NULL ? args->machine : arch->machines[0],
                           arch->name, max_vcpus);
    if (!format_os(xml, arch, error))
        return FALSE;
    /* The guest's processor is always the host's. */
    g_string_append(xml, "  <cpu>\n"
                         "    <mode name='host-passthrough' supported='yes'/>\n"
                         "    <mode name='maximum' supported='no'/>\n"
                         "    <mode name='host-model' supported='no'/>\n"
                         "    <mode name='custom' supported='no'/>\n"
                         "  </cpu>\n");
    if (!format_devices(xml, arch, error))
        return FALSE;
    g_string_append(xml, "  <features/>\n</domainCapabilities>\n");
    ret->capabilities = call_strdup(call, xml->str);
    return TRUE;
}

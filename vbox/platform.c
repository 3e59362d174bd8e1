/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Platform: see platform.h. */
#include "vbox/platform.h"
#include <sys/utsname.h>

static gpointer read_host_arch(gpointer unused)
{
    struct utsname name;
    if (uname(&name) != 0)
        return g_strdup("x86_64");
    /* libvirt calls every 32-bit x86 i686. */
    gboolean is_x86 = name.machine[0] == 'i' && g_str_has_suffix(name.machine, "86");
    return g_strdup(is_x86 ? "i686" : name.machine);
}

const char *platform_host_arch(void)
{
    static GOnce once = G_ONCE_INIT; /* what uname() says never changes while we run */
    return g_once(&once, read_host_arch, NULL);
}

char *platform_emulator(void)
{
    return g_build_filename(vbox_directory(), "VBoxHeadless", NULL);
}

gboolean platform_max_vcpus(guint32 *ret_count, GError **error)
{
    g_autoptr(Object) properties = NULL;
    return vbox_call(vbox_root(), IVirtualBox_get_systemProperties, error, &properties) &&
           vbox_call(properties, ISystemProperties_get_maxGuestCPUCount, error, ret_count);
}

GPtrArray *platform_cpu_models(GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(Object) properties = NULL;
    g_autoptr(GPtrArray) profiles = NULL;
    if (!vbox_has(ISystemProperties_getCPUProfiles))
        return g_steal_pointer(&names);
    /* Those of AMD64 are all: what has no long mode too. */
    if (!vbox_call(vbox_root(), IVirtualBox_get_systemProperties, error, &properties) ||
        !vbox_call(properties, ISystemProperties_getCPUProfiles, error,
                   vbox_enum(CPUArchitecture_AMD64), "", &profiles))
        return NULL;
    for (guint i = 0; i < profiles->len; i++) {
        char *name = NULL;
        if (!vbox_call(profiles->pdata[i], ICPUProfile_get_name, error, &name))
            return NULL;
        g_ptr_array_add(names, name);
    }
    return g_steal_pointer(&names);
}

static const char *constant_name(const Interface *type, guint32 value)
{
    for (guint i = 0; i < type->n_constants; i++)
        if (type->constants[i].value == value)
            return type->constants[i].name;
    return NULL;
}

char **platform_constants(Object *properties, VboxName getter, const char *enum_type,
                          GError **error)
{
    const Interface *type = typelib_find(vbox_typelib(), enum_type);
    g_autoptr(GArray) values = NULL;
    if (properties != NULL && vbox_has(getter) && !vbox_call(properties, getter, error, &values))
        return NULL;
    GPtrArray *names = g_ptr_array_new();
    for (guint i = 0; type != NULL && values != NULL && i < values->len; i++) {
        const char *name = constant_name(type, g_array_index(values, guint32, i));
        if (name != NULL)
            g_ptr_array_add(names, g_strdup(name));
    }
    for (guint i = 0; type != NULL && values == NULL && i < type->n_constants; i++)
        if (!g_str_equal(type->constants[i].name, "Null"))
            g_ptr_array_add(names, g_strdup(type->constants[i].name));
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

static void arch_free(PlatformArch *arch)
{
    g_clear_pointer(&arch->properties, object_unref);
    g_strfreev(arch->machines);
    g_free(arch);
}

/* A new one in arches, of VirtualBox's platform (G_MAXUINT32: a VirtualBox that has but one). */
static gboolean arch_add(GPtrArray *arches, const char *name, guint wordsize, guint32 platform,
                         GError **error)
{
    PlatformArch *arch = g_new0(PlatformArch, 1);
    gboolean is_host = g_str_equal(name, platform_host_arch());
    g_ptr_array_insert(arches, is_host ? 0 : -1, arch);
    arch->name = name;
    arch->wordsize = wordsize;
    arch->is_x86 = !g_str_equal(name, "aarch64");
    arch->has_pae = g_str_equal(name, "i686");
    if (platform != G_MAXUINT32 && !vbox_call(vbox_root(), IVirtualBox_getPlatformProperties, error,
                                              platform, &arch->properties))
        return FALSE;
    arch->machines = platform_constants(
        arch->properties, IPlatformProperties_get_supportedChipsetTypes, "ChipsetType", error);
    for (char **each = arch->machines; each != NULL && *each != NULL; each++) {
        char *lower = g_ascii_strdown(*each, -1);
        g_free(*each);
        *each = lower;
    }
    return arch->machines != NULL;
}

static gboolean supported_platforms(GArray **ret_platforms, GError **error)
{
    if (!vbox_has(ISystemProperties_get_supportedPlatformArchitectures))
        return TRUE;
    g_autoptr(Object) properties = NULL;
    return vbox_call(vbox_root(), IVirtualBox_get_systemProperties, error, &properties) &&
           vbox_call(properties, ISystemProperties_get_supportedPlatformArchitectures, error,
                     ret_platforms);
}

static gboolean x86_add(GPtrArray *arches, guint32 platform, GError **error)
{
    g_autoptr(Object) host = NULL;
    gboolean has_long_mode;
    if (!vbox_call(vbox_root(), IVirtualBox_get_host, error, &host) ||
        !vbox_call(host, IHost_getProcessorFeature, error, vbox_enum(ProcessorFeature_LongMode),
                   &has_long_mode))
        return FALSE;
    if (has_long_mode && !arch_add(arches, "x86_64", 64, platform, error))
        return FALSE;
    return arch_add(arches, "i686", 32, platform, error);
}

GPtrArray *platform_arches(GError **error)
{
    g_autoptr(GPtrArray) arches = g_ptr_array_new_with_free_func((GDestroyNotify)arch_free);
    g_autoptr(GArray) platforms = NULL;
    if (!supported_platforms(&platforms, error))
        return NULL;
    if (platforms == NULL)
        return x86_add(arches, G_MAXUINT32, error) ? g_steal_pointer(&arches) : NULL;
    for (guint i = 0; i < platforms->len; i++) {
        guint32 platform = g_array_index(platforms, guint32, i);
        gboolean ok = TRUE;
        if (platform == vbox_enum(PlatformArchitecture_x86))
            ok = x86_add(arches, platform, error);
        else if (platform == vbox_enum(PlatformArchitecture_ARM))
            ok = arch_add(arches, "aarch64", 64, platform, error);
        if (!ok)
            return NULL;
    }
    return g_steal_pointer(&arches);
}

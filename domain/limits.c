/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Limits: see limits.h. */
#include "domain/limits.h"

/* 7.1 moved them from the system's properties to each platform's. */
static gboolean ask(guint32 chipset, gboolean is_arm, guint *ret_count, GError **error)
{
    g_autoptr(Object) system = NULL, platform = NULL;
    if (!vbox_has(IVirtualBox_getPlatformProperties))
        return vbox_call(vbox_root(), IVirtualBox_get_systemProperties, error, &system) &&
               vbox_call(system, ISystemProperties_getMaxNetworkAdapters, error, chipset,
                         ret_count);
    guint32 architecture = vbox_enum(is_arm ? PlatformArchitecture_ARM : PlatformArchitecture_x86);
    return vbox_call(vbox_root(), IVirtualBox_getPlatformProperties, error, architecture,
                     &platform) &&
           vbox_call(platform, IPlatformProperties_getMaxNetworkAdapters, error, chipset,
                     ret_count);
}

gboolean limits_nics(const char *machine, guint *ret_count, GError **error)
{
    /* They do not change while VirtualBox runs: one question a chipset. */
    static gint known[3];
    guint kind = 0;
    if (g_strcmp0(machine, "ich9") == 0)
        kind = 1;
    else if (g_strcmp0(machine, "armv8virtual") == 0)
        kind = 2;
    gint count = g_atomic_int_get(&known[kind]);
    if (count == 0) {
        static const VboxEnum chipsets[] = {ChipsetType_PIIX3, ChipsetType_ICH9,
                                            ChipsetType_ARMv8Virtual};
        guint asked = 0;
        if (!ask(vbox_enum(chipsets[kind]), kind == 2, &asked, error))
            return FALSE;
        count = (gint)asked;
        g_atomic_int_set(&known[kind], count);
    }
    *ret_count = (guint)count;
    return TRUE;
}

gboolean limits_ports(const char *bus, guint *ret_count, GError **error)
{
    g_autoptr(Object) system = NULL, platform = NULL;
    guint32 number = 0;
    if (!vbox_enum_find("StorageBus", bus, &number))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "this VirtualBox has no storage bus '%s'",
                    bus);
    if (!vbox_call(vbox_root(), IVirtualBox_get_systemProperties, error, &system))
        return FALSE;
    if (!vbox_has(ISystemProperties_get_platform))
        return vbox_call(system, ISystemProperties_getMaxPortCountForStorageBus, error, number,
                         ret_count);
    return vbox_call(system, ISystemProperties_get_platform, error, &platform) &&
           vbox_call(platform, IPlatformProperties_getMaxPortCountForStorageBus, error, number,
                     ret_count);
}

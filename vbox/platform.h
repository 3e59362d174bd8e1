/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Platform: what the installed VirtualBox can build machines of, in libvirt's words. */
#pragma once
#include "vbox/vbox.h"

/* A processor that guests may have. */
typedef struct PlatformArch {
    const char *name; /* "x86_64" */
    guint wordsize;   /* bits */
    gboolean has_pae; /* can be switched */
    gboolean is_x86;
    Object *properties; /* IPlatformProperties; NULL before VirtualBox 7.1, which has none */
    char **machines;    /* chipsets, "piix3" first */
} PlatformArch;

/* All of them (PlatformArch *), the host's own first. */
GPtrArray *platform_arches(GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How many virtual processors a machine can have. */
gboolean platform_max_vcpus(guint32 *ret_count, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The processors that guests may have instead of the host's ("Intel 80386"): names, frees them.
 * Empty: this VirtualBox does not tell. */
GPtrArray *platform_cpu_models(GError **error);

/* What an array attribute of enums lists, as the constants' names ("PIIX3"); where this
 * VirtualBox does not have the attribute, all constants but Null. */
char **platform_constants(Object *properties, VboxName getter, const char *enum_type,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The program that libvirt calls the emulator; owned by the caller. */
char *platform_emulator(void);

/* The host's processor as libvirt spells it: "x86_64", "aarch64", or uname's own word. */
const char *platform_host_arch(void);

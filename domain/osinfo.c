/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OS info: see osinfo.h. */
#include "domain/osinfo.h"
#include "vbox/vbox.h"
#include <string.h>
#include <sys/utsname.h>

/* clang-format off */
/* How libosinfo's ids begin, more special ones first, and the OS type without its architecture.
 * bits: 64 or 32 where there is only that one. */
static const struct { const char *id, *type; guint bits; } systems[] = {
    { "http://microsoft.com/win/11",   "Windows11", 64 },
    { "http://microsoft.com/win/10",   "Windows10" },
    { "http://microsoft.com/win/8.1",  "Windows81" },
    { "http://microsoft.com/win/8",    "Windows8" },
    { "http://microsoft.com/win/7",    "Windows7" },
    { "http://microsoft.com/win/vista", "WindowsVista" },
    { "http://microsoft.com/win/xp",   "WindowsXP" },
    { "http://microsoft.com/win/2k25", "Windows2025", 64 },
    { "http://microsoft.com/win/2k22", "Windows2022", 64 },
    { "http://microsoft.com/win/2k19", "Windows2019", 64 },
    { "http://microsoft.com/win/2k16", "Windows2016", 64 },
    { "http://microsoft.com/win/2k12", "Windows2012", 64 },
    { "http://microsoft.com/win/2k8",  "Windows2008" },
    { "http://microsoft.com/win/2k3",  "Windows2003" },
    { "http://microsoft.com/",         "WindowsNT" },
    { "http://ubuntu.com/",            "Ubuntu" },
    { "http://debian.org/",            "Debian" },
    { "http://fedoraproject.org/",     "Fedora" },
    { "http://redhat.com/",            "RedHat" },
    { "http://centos.org/",            "RedHat" },
    { "http://rockylinux.org/",        "RedHat" },
    { "http://almalinux.org/",         "RedHat" },
    { "http://oracle.com/ol",          "Oracle" },
    { "http://oracle.com/solaris",     "Solaris11", 64 },
    { "http://opensuse.org/",          "OpenSUSE" },
    { "http://suse.com/",              "OpenSUSE" },
    { "http://archlinux.org/",         "ArchLinux" },
    { "http://gentoo.org/",            "Gentoo" },
    { "http://libosinfo.org/linux/",   "Linux26" },
    { "http://freebsd.org/",           "FreeBSD" },
    { "http://openbsd.org/",           "OpenBSD" },
    { "http://netbsd.org/",            "NetBSD" },
    { "http://apple.com/",             "MacOS" },
};
/* clang-format on */

const char *osinfo_host_arch(void)
{
    struct utsname host;
    return uname(&host) == 0 && g_str_equal(host.machine, "aarch64") ? "aarch64" : "x86_64";
}

/* Makes *type one that this VirtualBox has, or NULL. */
static gboolean keep_known(char **type, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Object) known = NULL;
    if (vbox_call(vbox_root(), IVirtualBox_getGuestOSType, &failure, *type, &known) &&
        known != NULL)
        return TRUE;
    g_clear_pointer(type, g_free);
    if (failure == NULL || vbox_is_missing(failure))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

/* The value of <libosinfo:os id="…">; the text is as xml_to_text() writes it. */
static char *find_id(const char *metadata)
{
    const char *start = metadata == NULL ? NULL : strstr(metadata, ":os id=\"");
    if (start == NULL)
        return NULL;
    start = strchr(start, '"') + 1;
    return g_strndup(start, strcspn(start, "\""));
}

char *osinfo_type(const char *metadata, const char *arch, GError **error)
{
    gboolean is_64 = !g_str_equal(arch, "i686");
    const char *suffix = g_str_equal(arch, "aarch64") ? "_arm64" : is_64 ? "_64" : "";
    g_autofree char *id = find_id(metadata);
    for (guint i = 0; id != NULL && i < G_N_ELEMENTS(systems); i++) {
        if (!g_str_has_prefix(id, systems[i].id) || (systems[i].bits == 64 && !is_64))
            continue;
        char *type = g_strconcat(systems[i].type, suffix, NULL);
        if (!keep_known(&type, error) || type != NULL)
            return type;
    }
    char *other = g_strconcat("Other", suffix, NULL);
    return !keep_known(&other, error) || other != NULL ? other : g_strdup("Other");
}

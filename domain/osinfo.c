/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OS info: see osinfo.h. */
#include "domain/osinfo.h"
#include "vbox/vbox.h"
#include <string.h>
#include <sys/utsname.h>

/* clang-format off */
/* How libosinfo's ids begin, more special ones first, and the OS type without its architecture; '#'
 * is the number that follows in the id.  What this VirtualBox has not is passed over.  bits: 64 or
 * 32 where there is only that one. */
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
    { "http://ubuntu.com/ubuntu/",     "Ubuntu#_LTS" },
    { "http://ubuntu.com/ubuntu/",     "Ubuntu#" },
    { "http://ubuntu.com/",            "Ubuntu" },
    { "http://debian.org/debian/",     "Debian#" },
    { "http://debian.org/",            "Debian" },
    { "http://fedoraproject.org/",     "Fedora" },
    { "http://redhat.com/rhel/",       "RedHat#" },
    { "http://redhat.com/",            "RedHat" },
    { "http://centos.org/centos/",     "RedHat#" },
    { "http://centos.org/",            "RedHat" },
    { "http://rockylinux.org/rocky/",  "RedHat#" },
    { "http://rockylinux.org/",        "RedHat" },
    { "http://almalinux.org/almalinux/", "RedHat#" },
    { "http://almalinux.org/",         "RedHat" },
    { "http://oracle.com/ol/",         "Oracle#" },
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

gboolean osinfo_is_type(const char *type, gboolean *ret_is_type, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Object) known = NULL;
    *ret_is_type =
        vbox_call(vbox_root(), IVirtualBox_getGuestOSType, &failure, type, &known) && known != NULL;
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

/* VirtualBox calls releases of April _LTS, even where others are none: those it does not know. */
static gboolean is_for(guint i, const char *id)
{
    return g_str_has_prefix(id, systems[i].id) &&
           (!g_str_has_suffix(systems[i].type, "_LTS") || g_str_has_suffix(id, ".04"));
}

/* "Debian#" and ".../debian/12" to "Debian12_64". */
static char *make_type(guint i, const char *id, const char *suffix)
{
    const char *type = systems[i].type, *hash = strchr(type, '#');
    if (hash == NULL)
        return g_strconcat(type, suffix, NULL);
    g_autofree char *before = g_strndup(type, (gsize)(hash - type));
    const char *number = id + strlen(systems[i].id);
    g_autofree char *digits = g_strndup(number, strspn(number, "0123456789"));
    return g_strconcat(before, digits, hash + 1, suffix, NULL);
}

static const char *suffix_of(const char *arch)
{
    return g_str_equal(arch, "aarch64") ? "_arm64" : g_str_equal(arch, "i686") ? "" : "_64";
}

/* The OS type of libosinfo's id in the metadata; *ret_type NULL: it says none. */
static gboolean find_type(const char *metadata, const char *arch, char **ret_type, GError **error)
{
    g_autofree char *id = find_id(metadata);
    *ret_type = NULL;
    for (guint i = 0; id != NULL && i < G_N_ELEMENTS(systems); i++) {
        if (!is_for(i, id) || (systems[i].bits == 64 && g_str_equal(arch, "i686")))
            continue;
        g_autofree char *type = make_type(i, id, suffix_of(arch));
        gboolean is_known;
        if (!osinfo_is_type(type, &is_known, error))
            return FALSE;
        if (!is_known)
            continue;
        *ret_type = g_steal_pointer(&type);
        return TRUE;
    }
    return TRUE;
}

char *osinfo_type(const char *metadata, const char *arch, gboolean *ret_is_said, GError **error)
{
    char *type = NULL;
    gboolean is_known;
    if (!find_type(metadata, arch, &type, error))
        return NULL;
    *ret_is_said = type != NULL;
    if (type != NULL)
        return type;
    g_autofree char *other = g_strconcat("Other", suffix_of(arch), NULL);
    if (!osinfo_is_type(other, &is_known, error))
        return NULL;
    return is_known ? g_steal_pointer(&other) : g_strdup("Other");
}

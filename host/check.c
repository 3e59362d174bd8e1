/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Check: see check.h. */
#include "host/check.h"
#include <grp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "vbox/ranges.h"
#include "vbox/vbox.h"

#define CLIENT_SPAWNS "/usr/sbin/virtvboxd" /* what libvirt's clients start by themselves */
#define SYSTEM_SOCKET "/run/libvirt/virtvboxd-sock"

static void say(GString *report, const char *level, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void say(GString *report, const char *level, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_string_append_printf(report, "%-8s ", level);
    g_string_append_vprintf(report, format, args);
    g_string_append_c(report, '\n');
    va_end(args);
}

static void check_names(GString *report)
{
    gboolean complete;
    g_autofree char *names = vbox_names_report(&complete);
    if (complete) {
        say(report, "ok", "this VirtualBox has every call that vboxvirt makes");
        return;
    }
    g_auto(GStrv) lines = g_strsplit(names, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        if (**line != '\0' && !g_str_has_suffix(*line, ": works"))
            say(report, "problem", "%s; update vboxvirt", *line);
}

/* An older VirtualBox knows less: that is how it is, and no problem. */
static void check_rows(GString *report, const char *lacking)
{
    if (*lacking == '\0')
        say(report, "ok", "this VirtualBox has everything that a domain's XML can ask for");
    g_auto(GStrv) lines = g_strsplit(lacking, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        if (**line != '\0')
            say(report, "note", "a domain's XML cannot use with this VirtualBox %s", *line);
}

static void check_virtualbox(GString *report, const GError *failure, const char *lacking)
{
    if (failure != NULL) {
        say(report, "problem", "VirtualBox cannot be used: %s", failure->message);
        return;
    }
    guint version = vbox_version();
    g_autofree char *home = NULL;
    say(report, "ok", "VirtualBox %u.%u.%u in %s", version / 1000000, version / 1000 % 1000,
        version % 1000, vbox_directory());
    if (vbox_call(vbox_root(), IVirtualBox_get_homeFolder, NULL, &home))
        say(report, "ok", "its settings are in %s", home);
    check_names(report);
    check_rows(report, lacking);
}

/* The devices are root's: VirtualBox's programs are set-uid root and open them themselves. */
static void check_drivers(GString *report)
{
    if (access("/dev/vboxdrv", F_OK) == 0)
        say(report, "ok", "the kernel driver vboxdrv is loaded");
    else
        say(report, "problem",
            "the kernel driver vboxdrv is not loaded, so no machine can start: as root run "
            "`modprobe vboxdrv`; if there is no such module, build it for this kernel (Debian: "
            "install virtualbox-dkms; Oracle's packages: run /sbin/vboxconfig)");
    if (access("/dev/vboxnetctl", F_OK) == 0)
        say(report, "ok", "the kernel driver vboxnetadp is loaded: host-only networks can be made");
    else
        say(report, "problem",
            "the kernel driver vboxnetadp is not loaded, so host-only networks cannot be made: as "
            "root run `modprobe vboxnetadp`");
    if (access("/sys/module/vboxnetflt", F_OK) == 0)
        say(report, "ok",
            "the kernel driver vboxnetflt is loaded: bridged and host-only interfaces work");
    else
        say(report, "problem",
            "the kernel driver vboxnetflt is not loaded, so machines with bridged or host-only "
            "interfaces cannot start: as root run `modprobe vboxnetflt`");
}

static void check_ranges(GString *report)
{
    gboolean is_default;
    g_autofree char *ranges = ranges_list(RANGES_FILE, &is_default);
    if (is_default)
        say(report, "note",
            "host-only networks may have addresses of %s only: root can allow others with a line "
            "like `* 10.0.0.0/8` in %s",
            ranges, RANGES_FILE);
    else if (*ranges == '\0')
        say(report, "problem",
            "%s allows no address for host-only networks: it needs a line like "
            "`* 192.168.56.0/21`",
            RANGES_FILE);
    else
        say(report, "ok", "host-only networks may have addresses of %s (%s)", ranges, RANGES_FILE);
}

static gboolean check_pack(GString *report, Object *pack, GError **error)
{
    g_autofree char *name = NULL, *version = NULL, *reason = NULL;
    gboolean usable;
    if (!vbox_call(pack, IExtPackBase_get_name, error, &name) ||
        !vbox_call(pack, IExtPackBase_get_version, error, &version) ||
        !vbox_call(pack, IExtPackBase_get_usable, error, &usable) ||
        !vbox_call(pack, IExtPackBase_get_whyUnusable, error, &reason))
        return FALSE;
    if (usable)
        say(report, "ok", "extension pack %s %s", name, version);
    else
        say(report, "problem", "extension pack %s %s cannot be used: %s", name, version, reason);
    return TRUE;
}

static gboolean check_packs(GString *report, GError **error)
{
    g_autoptr(Object) manager = NULL;
    g_autoptr(GPtrArray) packs = NULL;
    if (!vbox_call(vbox_root(), IVirtualBox_get_extensionPackManager, error, &manager) ||
        !vbox_call(manager, IExtPackManager_get_installedExtPacks, error, &packs))
        return FALSE;
    for (guint i = 0; i < packs->len; i++)
        if (!check_pack(report, packs->pdata[i], error))
            return FALSE;
    if (packs->len == 0)
        say(report, "note",
            "no extension pack is installed, so machines have no remote display (<graphics "
            "type='vnc'> or 'rdp')");
    return TRUE;
}

static gboolean in_group(const char *name)
{
    gid_t groups[256];
    const struct group *group = getgrnam(name);
    int n = getgroups(G_N_ELEMENTS(groups), groups);
    if (group == NULL)
        return FALSE;
    for (int i = 0; i < n; i++)
        if (groups[i] == group->gr_gid)
            return TRUE;
    return getegid() == group->gr_gid || geteuid() == 0;
}

static void check_usb(GString *report)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Object) host = NULL;
    g_autoptr(GPtrArray) devices = NULL;
    if (!vbox_call(vbox_root(), IVirtualBox_get_host, &failure, &host) ||
        !vbox_call(host, IHost_get_USBDevices, &failure, &devices))
        say(report, "note", "USB devices of the host cannot be given to machines: %s",
            failure->message);
    else
        say(report, "ok", "VirtualBox sees %u USB devices of the host", devices->len);
    if (!in_group("vboxusers"))
        say(report, "note",
            "you are not in the group vboxusers, so machines get no USB device of the host: as "
            "root run `adduser %s vboxusers`, then log in again",
            g_get_user_name());
}

/* Root asks for a user who may be logged in elsewhere: systemd's place for the session then. */
static char *session_socket(CheckPart part)
{
    g_autofree char *usual = g_strdup_printf("/run/user/%u", (guint)geteuid());
    const char *runtime = part == CHECK_USER ? usual : g_getenv("XDG_RUNTIME_DIR");
    if (runtime != NULL && *runtime != '\0')
        return g_build_filename(runtime, "libvirt", "virtvboxd-sock", NULL);
    return g_build_filename(g_get_user_cache_dir(), "libvirt", "virtvboxd-sock", NULL);
}

static void check_session(GString *report, CheckPart part)
{
    g_autofree char *path = session_socket(part);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *runtime = g_path_get_dirname(folder);
    struct stat info;
    if (lstat(path, &info) == 0)
        say(report, "ok", "libvirt's clients find vboxvirtd at %s", path);
    else if (part == CHECK_USER && access(runtime, F_OK) != 0)
        say(report, "note",
            "the user is not logged in (there is no %s): the place where libvirt's clients look is "
            "made at the log-in",
            runtime);
    else
        say(report, "problem",
            "nothing is at %s, where libvirt's clients look: log in again, or run `systemctl "
            "--user daemon-reload` and `systemctl --user start vboxvirtd.socket`; where systemd "
            "serves no users, start vboxvirtd",
            path);
}

/* Off is how it comes. */
static void check_system(GString *report)
{
    if (access(SYSTEM_SOCKET, F_OK) == 0)
        say(report, "ok", "libvirt's clients find vbox:///system at %s", SYSTEM_SOCKET);
    else
        say(report, "note",
            "nothing is at %s, so there is no vbox:///system: to serve one user's machines there, "
            "write VBOXVIRTD_ARGS=\"--user NAME\" into /etc/default/vboxvirtd and run `systemctl "
            "enable --now vboxvirtd.socket`",
            SYSTEM_SOCKET);
}

/* What the installation could not do, it did not: another package has the name, or the prefix is
 * not the one that clients know. */
static void check_spawn(GString *report)
{
    g_autofree char *target = realpath(CLIENT_SPAWNS, NULL);
    g_autofree char *program = target != NULL ? g_path_get_basename(target) : NULL;
    if (g_strcmp0(program, "vboxvirtd") == 0)
        say(report, "ok", "clients can start it by themselves as %s", CLIENT_SPAWNS);
    else if (program != NULL)
        say(report, "note",
            "clients cannot start it by themselves: %s, which they would run, is another "
            "package's; they work where systemd's vboxvirtd.socket listens, so keep that enabled",
            CLIENT_SPAWNS);
    else
        say(report, "note",
            "clients cannot start it by themselves: they would run %s, which is not there; install "
            "vboxvirt with --prefix=/usr, or make it a link to vboxvirtd",
            CLIENT_SPAWNS);
}

gboolean host_check_part(const char *word, CheckPart *ret_part)
{
    static const struct {
        const char *word;
        CheckPart part;
    } parts[] = {{"host", CHECK_HOST}, {"user", CHECK_USER}, {"all", CHECK_ALL}};
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
        if (g_str_equal(parts[i].word, word)) {
            *ret_part = parts[i].part;
            return TRUE;
        }
    return FALSE;
}

static void check_devices(GString *report)
{
    g_autoptr(GError) failure = NULL;
    if (!check_packs(report, &failure))
        say(report, "problem", "the extension packs cannot be listed: %s", failure->message);
    check_usb(report);
}

char *host_check_report(CheckPart part, const GError *failure, const char *lacking)
{
    GString *report = g_string_new(NULL);
    gboolean has_user = (part & CHECK_USER) != 0, has_host = (part & CHECK_HOST) != 0;
    if (has_user)
        check_virtualbox(report, failure, lacking);
    if (has_host) {
        check_drivers(report);
        check_ranges(report);
    }
    if (has_user && failure == NULL)
        check_devices(report);
    if (!has_user)
        check_system(report);
    else if (geteuid() != 0) /* root's clients look at the system's socket only */
        check_session(report, part);
    if (has_host)
        check_spawn(report);
    return g_string_free(report, FALSE);
}

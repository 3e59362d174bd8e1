/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options: see options.h. */
#include "daemon/options.h"
#include <errno.h>
#include <pwd.h>
#include <unistd.h>

/* An engine's start costs tens of milliseconds, VBoxSVC's some hundred: worth keeping for a person
 * at a shell, not for longer. */
#define ENGINE_IDLE_SECONDS 15

static const char summary[] =
    "Serves VirtualBox to libvirt's clients: virsh, virt-manager and all others reach it as\n"
    "vbox:///session.  They start it by themselves; see vboxvirtd(8).";

typedef struct Raw {
    gboolean version, system, check;
    gint timeout, engine_idle;
    char *user;
} Raw;

static gboolean parse_words(Options *self, Raw *raw, int argc, char **argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"timeout", 't', 0, G_OPTION_ARG_INT, &raw->timeout,
         "End after so many seconds without clients", "SECONDS"},
        {"socket", 's', 0, G_OPTION_ARG_FILENAME, &self->socket,
         "Listen there; read-only when PATH ends in -ro", "PATH"},
        {"check", 'c', 0, G_OPTION_ARG_NONE, &raw->check,
         "Report what works with this VirtualBox, and end", NULL},
        {"system", 0, 0, G_OPTION_ARG_NONE, &raw->system,
         "Serve vbox:///system (what root gets anyway)", NULL},
        {"user", 'u', 0, G_OPTION_ARG_STRING, &raw->user,
         "Whose VirtualBox the system daemon serves", "NAME"},
        {"group", 'g', 0, G_OPTION_ARG_STRING, &self->group,
         "Who may use the system daemon (libvirt)", "NAME"},
        {"engine-idle", 0, 0, G_OPTION_ARG_INT, &raw->engine_idle,
         "End the engine after so many seconds without use (15)", "SECONDS"},
        {"version", 'V', 0, G_OPTION_ARG_NONE, &raw->version, "Print the version", NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_summary(context, summary);
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, error))
        return FALSE;
    if (argc > 1)
        return fail(error, VIR_ERR_INVALID_ARG, "unknown argument %s: see --help", argv[1]);
    if (self->socket != NULL && *self->socket == '\0')
        return fail(error, VIR_ERR_INVALID_ARG, "--socket needs a path");
    if (raw->timeout < 0 || raw->engine_idle < 0)
        return fail(error, VIR_ERR_INVALID_ARG, "a number of seconds cannot be negative");
    return TRUE;
}

static gboolean take_user(Options *self, const char *name, GError **error)
{
    errno = 0;
    const struct passwd *entry = name != NULL ? getpwnam(name) : getpwuid(getuid());
    if (entry == NULL && name == NULL)
        return fail(error, VIR_ERR_SYSTEM_ERROR, "user id %u is not in the list of users",
                    (guint)getuid());
    if (entry == NULL)
        return fail(error, VIR_ERR_INVALID_ARG, "there is no user %s: give --user a login name",
                    name);
    if (getuid() != 0 && entry->pw_uid != getuid())
        return fail(error, VIR_ERR_INVALID_ARG, "only root can run VirtualBox as user %s", name);
    self->user = g_strdup(entry->pw_name);
    self->uid = entry->pw_uid;
    self->gid = entry->pw_gid;
    self->home = g_strdup(entry->pw_dir);
    return TRUE;
}

gboolean options_parse(Options *self, int argc, char **argv, gboolean *ret_done, GError **error)
{
    Raw raw = {.engine_idle = ENGINE_IDLE_SECONDS};
    *self = (Options){0};
    gboolean parsed = parse_words(self, &raw, argc, argv, error);
    g_autofree char *user = raw.user;
    if (!parsed)
        return FALSE;
    *ret_done = raw.version;
    if (raw.version)
        g_print("vboxvirtd %s\n", VBOXVIRT_VERSION);
    if (self->socket != NULL) {
        g_autofree char *given = self->socket;
        self->socket = g_canonicalize_filename(given, NULL);
    }
    self->system = raw.system || getuid() == 0;
    self->timeout = (guint)raw.timeout;
    self->engine_idle = (guint)raw.engine_idle;
    self->check = raw.check;
    if (self->group == NULL)
        self->group = g_strdup("libvirt");
    /* Root never runs VirtualBox by accident: it would leave root's files in a user's folders. */
    gboolean configured = user != NULL || !self->system;
    if (configured && !take_user(self, user, error))
        return FALSE;
    const char *engine = g_getenv("VBOXVIRT_ENGINE");
    self->engine = g_strdup(engine != NULL ? engine : VBOXVIRT_ENGINE);
    return TRUE;
}

void options_clear(Options *self)
{
    g_free(self->socket);
    g_free(self->group);
    g_free(self->user);
    g_free(self->home);
    g_free(self->engine);
    *self = (Options){0};
}

const char *options_uri(const Options *self)
{
    return self->system ? "vbox:///system" : "vbox:///session";
}

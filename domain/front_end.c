/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Front end: see front_end.h. */
#include "domain/front_end.h"
#include <string.h>
#include <unistd.h>

typedef struct FrontEnd {
    const char *name, *program;
    const char *window; /* its <graphics type>; NULL: it has none */
    gboolean pauses;    /* has --start-paused */
    const char *advice; /* for who has not got the program */
} FrontEnd;

static const FrontEnd front_ends[] = {
    {"headless", "VBoxHeadless", NULL, TRUE, "install VirtualBox whole"},
    {"gui", "VirtualBoxVM", "desktop", TRUE, "install it (Debian's package virtualbox-qt)"},
    {"separate", "VirtualBoxVM", "desktop", FALSE, "install it (Debian's package virtualbox-qt)"},
    {"sdl", "VBoxSDL", "sdl", FALSE, "install it"},
};

/* NULL: VirtualBox knows it, or refuses it. */
static const FrontEnd *find(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(front_ends); i++)
        if (g_str_equal(front_ends[i].name, name))
            return &front_ends[i];
    return NULL;
}

static char *path_of(const FrontEnd *self)
{
    return g_build_filename(vbox_directory(), self->program, NULL);
}

gboolean front_end_check(const char *front_end, GError **error)
{
    const FrontEnd *self = find(front_end);
    g_autofree char *path = self != NULL ? path_of(self) : NULL;
    if (self == NULL || access(path, X_OK) == 0)
        return TRUE;
    if (self->window == NULL)
        return fail(error, VIR_ERR_OPERATION_FAILED,
                    "VirtualBox's %s, which machines run in, is not in %s: %s", self->program,
                    vbox_directory(), self->advice);
    return fail(error, VIR_ERR_OPERATION_FAILED,
                "VirtualBox's %s, which has the window of <graphics type='%s'/>, is not in %s: "
                "%s, or take that element out of the domain, which then starts without a window",
                self->program, self->window, vbox_directory(), self->advice);
}

char *front_end_paused(const char *front_end, GError **error)
{
    const FrontEnd *self = find(front_end);
    if (self != NULL && self->pauses)
        return path_of(self);
    fail(error, VIR_ERR_OPERATION_UNSUPPORTED,
         "VirtualBox's front end '%s' cannot start a machine paused; start it without --paused",
         front_end);
    return NULL;
}

void front_end_explain(const char *front_end, char **environment, GError **error)
{
    const FrontEnd *self = find(front_end);
    if (self == NULL || self->window == NULL ||
        strstr((*error)->message, "closed before any attempt to power it on") == NULL)
        return;
    const char *display = g_environ_getenv(environment, "DISPLAY");
    if (display == NULL)
        display = g_getenv("DISPLAY");
    g_autofree char *said = g_strdup((*error)->message);
    g_clear_error(error);
    (void)fail(error, VIR_ERR_OPERATION_FAILED,
               "VirtualBox's %s ended before it came to the machine; its window needs an X server "
               "that it may use, and %s%s: name one by <graphics type='%s' display='…' "
               "xauth='…'/>, or take that element out (VirtualBox says: %s)",
               self->program, display != NULL ? "DISPLAY is " : "no DISPLAY is set",
               display != NULL ? display : "", self->window, said);
}

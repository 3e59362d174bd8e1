/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Anew: the engine gives VirtualBox up and begins again, so that VBoxSVC ends in between, which
 * is what frees a machine that it keeps for a program that has gone (vbox/orphan.h).
 *
 * Theory of operation.  At its start, when it has no calls yet, the engine looks for such machines.
 * When there is one, and no other client of VBoxSVC that would keep it alive or would suffer, the
 * process executes its own program again: the kernel closes its connection to VBoxSVC, and the one
 * to the daemon, from which nothing has been read, stays.  The new program waits for VBoxSVC's end
 * before it loads VirtualBox.
 *
 * A call that meets such a machine later fails with a sentence or, when nothing else is under way
 * and no other client there, ends the engine: the next one does the above. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "engine/engine.h"
#include "vbox/machine.h"
#include "vbox/orphan.h"
#include "vbox/service.h"

#define TRIES 40 /* VirtualBox takes 7 ms to free other ones (facts/xpcom.md), more when busy */
#define PAUSE (50 * 1000) /* µs */

void anew_wait(const char *service)
{
    Pid pid;
    if (!pid_parse(service, &pid))
        g_warning("'%s' is no process", service);
    else if (!service_wait_end(&pid))
        g_message("VBoxSVC (process %d) does not end: it has another client", pid.number);
}

/* NULL: there is none that stays. */
static Object *find_lasting(void)
{
    Object *orphan = orphans_find();
    for (guint i = 0; orphan != NULL && i < TRIES; i++) {
        g_usleep(PAUSE);
        object_unref(orphan);
        orphan = orphans_find();
    }
    return orphan;
}

void anew_begin(const char *program, gint link)
{
    Pid service;
    g_autoptr(Object) orphan = find_lasting();
    g_autofree char *name = orphan != NULL ? machine_name(orphan, NULL) : NULL;
    if (orphan == NULL)
        return;
    if (!service_is_ours_alone(&service)) {
        g_warning("VirtualBox keeps machine '%s' locked for a program that has ended; it has other "
                  "clients, so it cannot be begun anew",
                  name != NULL ? name : "");
        return;
    }
    g_message("VirtualBox keeps machine '%s' locked for a program that has ended: waiting for the "
              "end of VBoxSVC (process %d)",
              name != NULL ? name : "", service.number);
    g_autofree char *after = pid_format(&service);
    g_autofree char *after_option = g_strconcat("--after=", after, NULL);
    g_autofree char *link_option = g_strdup_printf("--link=%d", link);
    char *const arguments[] = {(char *)program, link_option, after_option, NULL};
    if (fcntl(link, F_SETFD, 0) == 0)
        execv(program, arguments);
    g_warning("%s cannot be begun anew: %s", program, g_strerror(errno));
}

gboolean anew_is_due(const GError *error)
{
    Pid service;
    if (!g_error_matches(error, VIR_ERROR, VIR_ERR_RESOURCE_BUSY) ||
        !service_is_ours_alone(&service))
        return FALSE;
    g_autoptr(Object) orphan = orphans_find();
    return orphan != NULL;
}

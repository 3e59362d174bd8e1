/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Autostart: see autostart.h.
 *
 * The runtime directory is empty after a boot: a file in it tells that machines were started, so
 * that a daemon that comes and goes with its clients does not start again what a user has stopped
 * (libvirt's drivers do the same). */
#include "domain/autostart.h"
#include <fcntl.h>
#include <unistd.h>
#include "domain/lifecycle.h"
#include "domain/registry.h"
#include "network/autostart.h"
#include "storage/pool_define.h"

static gboolean first_since_boot(void)
{
    g_autofree char *folder = g_build_filename(g_get_user_runtime_dir(), "vboxvirt", NULL);
    g_autofree char *stamp = g_build_filename(folder, "autostarted", NULL);
    if (g_mkdir_with_parents(folder, 0700) < 0)
        return FALSE;
    gint fd = open(stamp, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return FALSE;
    close(fd);
    return TRUE;
}

static gpointer autostart_thread(gpointer data)
{
    network_autostart_all();
    pool_autostart_all();
    g_autoptr(GError) failure = NULL;
    g_autoptr(GPtrArray) all = registry_all(&failure);
    if (all == NULL) {
        g_warning("autostart: %s", failure->message);
        return NULL;
    }
    for (guint i = 0; i < all->len; i++) {
        g_autoptr(GError) error = NULL;
        EntrySettings settings;
        EntryRun run;
        if (!entry_settings(all->pdata[i], &settings, &error) ||
            !entry_run(all->pdata[i], &run, &error) ||
            (settings.autostart && run.id < 0 && !lifecycle_start(all->pdata[i], FALSE, &error)))
            lifecycle_warn(all->pdata[i], "autostart", error);
    }
    return NULL;
}

void autostart_begin(void)
{
    if (first_since_boot())
        g_thread_unref(g_thread_new("autostart", autostart_thread, NULL));
}

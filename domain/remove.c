/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Removing a machine: see define.h.
 *
 * VirtualBox's own "delete" removes the disks as well; ours must not.  So the machine is
 * unregistered, which detaches all its images; they leave VirtualBox's list, as their machine was
 * what they were there for (else a later file of the same name meets "UUID already exists"); and
 * only what VirtualBox itself wrote is deleted: settings, logs, saved states. */
#include "domain/define.h"
#include "domain/kept.h"
#include "domain/medium.h"
#include "vbox/machine.h"
#include "vbox/progress.h"

/* An image of a snapshot stands on another one, which can only leave after it: as often as one
 * left, the others get another chance. */
static void forget_media(GPtrArray *media)
{
    for (guint round = 0; round < media->len; round++)
        for (guint i = 0; i < media->len; i++)
            medium_forget(g_ptr_array_index(media, i));
}

static gboolean delete_files(Object *machine, GError **error)
{
    g_autoptr(Object) progress = NULL;
    return vbox_call(machine, IMachine_deleteConfig, error, 0u, NULL, &progress) &&
           progress_wait(progress, error);
}

/* Of a machine whose settings it cannot read VirtualBox knows no images, and no file is deleted. */
static gboolean unregister(Object *machine, gboolean is_accessible, GError **error)
{
    g_autoptr(GPtrArray) media = NULL;
    guint32 mode = vbox_enum(is_accessible ? CleanupMode_Full : CleanupMode_UnregisterOnly);
    if (!vbox_call(machine, IMachine_unregister, error, mode, &media))
        return FALSE;
    forget_media(media);
    return TRUE;
}

/* FALSE without an error: somebody else has removed it. */
static gboolean is_registered(Object *machine, GError **error)
{
    guint8 uuid[UUID_BYTES];
    g_autoptr(GError) failure = NULL;
    g_autoptr(Object) found =
        machine_uuid(machine, uuid, &failure) ? machine_find(uuid, NULL, &failure) : NULL;
    if (found == NULL && !g_error_matches(failure, VIR_ERROR, VIR_ERR_NO_DOMAIN))
        g_propagate_error(error, g_steal_pointer(&failure));
    return found != NULL;
}

static gboolean keeps(Object *machine, NvramFate fate, gboolean *ret_keeps, GError **error)
{
    g_autofree char *mark = NULL;
    *ret_keeps = fate == NVRAM_STAYS;
    if (fate != NVRAM_AS_MARKED)
        return TRUE;
    mark = extra_data_get(machine, KEEP_NVRAM_KEY, error);
    *ret_keeps = mark != NULL && g_str_equal(mark, "yes");
    return mark != NULL;
}

static gboolean remove_files(Object *machine, gboolean is_registered, NvramFate fate,
                             GError **error)
{
    g_auto(Kept) kept = {NULL, NULL};
    gboolean is_kept;
    g_autoptr(GError) lost = NULL;
    if (!keeps(machine, fate, &is_kept, error) ||
        (is_kept && !kept_put_aside(machine, &kept, error)))
        return FALSE;
    gboolean ok =
        (!is_registered || unregister(machine, TRUE, error)) && delete_files(machine, error);
    if (kept_put_back(&kept, &lost))
        return ok;
    if (!ok)
        g_warning("%s", lost->message);
    else
        g_propagate_error(error, g_steal_pointer(&lost));
    return FALSE;
}

gboolean domain_remove_files(Object *machine, GError **error)
{
    return remove_files(machine, FALSE, NVRAM_AS_MARKED, error);
}

/* Unregistering a machine a second time ends VirtualBox's service (facts/running.md), and a
 * transient machine that did not start is removed by its call and by who hears of its end. */
static GMutex removing;

void domain_await_removals(void)
{
    g_mutex_lock(&removing);
    g_mutex_unlock(&removing);
}

gboolean domain_remove(Object *machine, NvramFate fate, GError **error)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&removing);
    g_autoptr(GError) failure = NULL;
    gboolean is_accessible;
    if (!is_registered(machine, &failure)) {
        gboolean is_gone = failure == NULL;
        if (!is_gone)
            g_propagate_error(error, g_steal_pointer(&failure));
        return is_gone;
    }
    if (!vbox_call(machine, IMachine_get_accessible, error, &is_accessible))
        return FALSE;
    return is_accessible ? remove_files(machine, TRUE, fate, error)
                         : unregister(machine, FALSE, error);
}

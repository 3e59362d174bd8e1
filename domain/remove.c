/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Removing a machine: see define.h.
 *
 * VirtualBox's own "delete" removes the disks as well; ours must not.  So the machine is
 * unregistered, which detaches all its images; they leave VirtualBox's list, as their machine was
 * what they were there for (else a later file of the same name meets "UUID already exists"); and
 * only what VirtualBox itself wrote is deleted: settings, logs, saved states. */
#include "domain/define.h"
#include "domain/medium.h"
#include "vbox/progress.h"

/* An image of a snapshot stands on another one, which can only leave after it: as often as one
 * left, the others get another chance. */
static void forget_media(GPtrArray *media)
{
    for (guint round = 0; round < media->len; round++)
        for (guint i = 0; i < media->len; i++)
            medium_forget(g_ptr_array_index(media, i));
}

gboolean domain_remove_files(Object *machine, GError **error)
{
    g_autoptr(Object) progress = NULL;
    return vbox_call(machine, IMachine_deleteConfig, error, 0u, NULL, &progress) &&
           progress_wait(progress, error);
}

gboolean domain_remove(Object *machine, GError **error)
{
    g_autoptr(GPtrArray) media = NULL;
    gboolean is_accessible;
    if (!vbox_call(machine, IMachine_get_accessible, error, &is_accessible))
        return FALSE;
    /* Of a machine whose settings it cannot read VirtualBox knows no images. */
    guint32 mode = vbox_enum(is_accessible ? CleanupMode_Full : CleanupMode_UnregisterOnly);
    if (!vbox_call(machine, IMachine_unregister, error, mode, &media))
        return FALSE;
    forget_media(media);
    return !is_accessible || domain_remove_files(machine, error);
}

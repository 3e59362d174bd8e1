/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disk, at a start: why its images keep a machine from starting, in words that help. */
#include <string.h>
#include <unistd.h>
#include "base/path.h"
#include "domain/storage.h"
#include "storage/flat.h"
#include "storage/known.h"

#define CANNOT_START "this domain cannot start: "

/* --- before it ------------------------------------------------------------------------------ */

static gboolean is_there(Object *attachment)
{
    g_autoptr(Object) medium = NULL;
    g_autofree char *file = NULL;
    guint32 device;
    if (!vbox_call(attachment, IMediumAttachment_get_type, NULL, &device) ||
        device == vbox_enum(DeviceType_HardDisk) ||
        !vbox_call(attachment, IMediumAttachment_get_medium, NULL, &medium) || medium == NULL ||
        !flat_location(medium, &file, NULL))
        return TRUE;
    return access(file, R_OK) == 0;
}

/* Takes a file that is gone out of an optional drive. */
static gboolean check_drive(Disk *self, gboolean *ret_is_awaited, GError **error)
{
    if (self->file == NULL || g_str_equal(self->device, "disk"))
        return TRUE;
    g_autofree char *problem = path_problem(self->file, R_OK);
    if (problem == NULL)
        return TRUE;
    *ret_is_awaited = TRUE;
    if (disk_is_optional(self)) {
        g_clear_pointer(&self->file, g_free);
        return TRUE;
    }
    return fail(error, VIR_ERR_OPERATION_FAILED,
                CANNOT_START "%s; put another disc into '%s', eject it (virsh "
                             "change-media), or let the domain start without: <source "
                             "startupPolicy='optional'>",
                problem, self->dev);
}

gboolean disk_check_start(Object *machine, Domain **ret_without, GError **error)
{
    g_autoptr(GPtrArray) attachments = NULL;
    gboolean are_there = TRUE, is_awaited = FALSE;
    *ret_without = NULL;
    if (!vbox_call(machine, IMachine_get_mediumAttachments, error, &attachments))
        return FALSE;
    for (guint i = 0; i < attachments->len; i++)
        are_there = are_there && is_there(attachments->pdata[i]);
    if (are_there)
        return TRUE;
    g_autoptr(Model) domain = domain_read(machine, error);
    GPtrArray *disks = domain != NULL ? model_items(domain, &domain_disk_element) : NULL;
    for (guint i = 0; disks != NULL && i < disks->len; i++)
        if (!check_drive(disks->pdata[i], &is_awaited, error))
            return FALSE;
    if (is_awaited)
        *ret_without = g_steal_pointer(&domain);
    return disks != NULL;
}

/* --- after it failed ------------------------------------------------------------------------ */

/* VirtualBox's words of an image that it was to write to. */
#define READ_ONLY "VERR_VD_IMAGE_READ_ONLY"

static gboolean check_file(Object *medium, gboolean is_written, GError **error)
{
    g_autofree char *file = NULL;
    if (!flat_location(medium, &file, NULL))
        return TRUE;
    g_autofree char *problem = path_problem(file, is_written ? R_OK | W_OK : R_OK);
    return problem == NULL || fail(error, VIR_ERR_OPERATION_FAILED, "%s", problem);
}

static gboolean check_lock(Object *medium, gboolean is_written, GError **error)
{
    return known_check_free(medium, is_written, VIR_ERR_RESOURCE_BUSY,
                            "give this domain an image of its own", error);
}

/* Those that an image stands on are only read. */
static gboolean check_below(Object *medium, GError **error)
{
    g_autoptr(Object) parent = NULL;
    if (!vbox_call(medium, IMedium_get_parent, NULL, &parent) || parent == NULL)
        return TRUE;
    return check_file(parent, FALSE, error) && check_lock(parent, FALSE, error) &&
           check_below(parent, error);
}

/* said: VirtualBox's words. */
static gboolean check(Object *attachment, const char *said, GError **error)
{
    g_autoptr(Object) medium = NULL;
    guint32 device, type;
    if (!vbox_call(attachment, IMediumAttachment_get_type, NULL, &device) ||
        !vbox_call(attachment, IMediumAttachment_get_medium, NULL, &medium) || medium == NULL ||
        !vbox_call(medium, IMedium_get_type, NULL, &type))
        return TRUE;
    gboolean is_disk = device == vbox_enum(DeviceType_HardDisk);
    gboolean is_written = is_disk || (device == vbox_enum(DeviceType_Floppy) &&
                                      type != vbox_enum(MediumType_Readonly));
    return check_file(medium, is_disk && strstr(said, READ_ONLY) != NULL, error) &&
           check_lock(medium, is_written, error) && check_below(medium, error);
}

void disk_explain_start(Object *machine, GError **failure)
{
    g_autoptr(GPtrArray) attachments = NULL;
    g_autofree char *said = g_strdup((*failure)->message);
    if (!vbox_call(machine, IMachine_get_mediumAttachments, NULL, &attachments))
        return;
    for (guint i = 0; i < attachments->len; i++) {
        g_autoptr(GError) reason = NULL;
        if (check(attachments->pdata[i], said, &reason))
            continue;
        g_prefix_error(&reason, CANNOT_START);
        g_clear_error(failure);
        g_set_error(failure, VIR_ERROR, reason->code, "%s (VirtualBox says: %s)", reason->message,
                    said);
        return;
    }
}

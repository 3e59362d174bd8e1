/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Volume delete: see volume_make.h.
 *
 * Theory of operation.  libvirt's storage driver deletes what it is told to, and clients do so
 * before they undefine the domain.  VirtualBox keeps an image that a machine has.  So all machines
 * that have it, which must be off, are locked and give it up; that is saved when the file has gone.
 * What fails before ends the sessions, and VirtualBox takes back what was not saved.
 * Of a machine whose settings it cannot read VirtualBox knows no image: claim.h. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "base/path.h"
#include "storage/claim.h"
#include "storage/flat.h"
#include "storage/known.h"
#include "storage/volume_make.h"
#include "vbox/machine.h"
#include "vbox/session.h"

typedef struct Deletion {
    const Volume *volume;
    GPtrArray *media;    /* what goes: the image and what stands on it, each after its parent */
    GPtrArray *sessions; /* of the machines that have one of them */
} Deletion;

static void deletion_clear(Deletion *self)
{
    g_clear_pointer(&self->sessions, g_ptr_array_unref);
    g_clear_pointer(&self->media, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Deletion, deletion_clear)

/* --- who has it ---------------------------------------------------------------------------------
 */

static gboolean refuse(const Volume *volume, const char *id, const char *why, GError **error)
{
    g_autofree char *name = known_machine_name(id);
    return fail(error, VIR_ERR_OPERATION_INVALID, "storage volume '%s' is in use by domain '%s'%s",
                volume->name, name, why);
}

/* That a machine can do without an image. */
static gboolean check_user(const Volume *volume, Object *medium, const char *id, Object *machine,
                           GError **error)
{
    g_auto(GStrv) states = NULL; /* a snapshot's id, or the machine's own */
    guint32 state;
    if (!vbox_call(medium, IMedium_getSnapshotIds, error, id, &states) ||
        !machine_state(machine, &state, error))
        return FALSE;
    for (char **each = states; *each != NULL; each++)
        if (!g_str_equal(*each, id))
            return refuse(volume, id, ", of which a snapshot needs it: delete the snapshot first",
                          error);
    if (machine_state_is_online(state))
        return refuse(volume, id, ", which is running: shut it down, or detach it first", error);
    if (machine_state_is_saved(state))
        return refuse(volume, id,
                      ", which goes on from its saved state with it: start the domain and shut it "
                      "down, or drop that state (VBoxManage discardstate) first",
                      error);
    return TRUE;
}

static gboolean has(const Deletion *self, Object *medium, gboolean *ret_has, GError **error)
{
    g_autofree char *id = NULL;
    *ret_has = FALSE;
    if (medium == NULL)
        return TRUE;
    if (!vbox_call(medium, IMedium_get_id, error, &id))
        return FALSE;
    for (guint i = 0; !*ret_has && i < self->media->len; i++) {
        g_autofree char *other = NULL;
        if (!vbox_call(g_ptr_array_index(self->media, i), IMedium_get_id, error, &other))
            return FALSE;
        *ret_has = g_str_equal(id, other);
    }
    return TRUE;
}

/* --- taking it from them ------------------------------------------------------------------------
 */

/* A drive for discs stays, without one.  VirtualBox (7.2) counts what is detached as one of its
 * group of bandwidth for good: it leaves that first. */
static gboolean take_from(const Deletion *self, Object *machine, Object *attachment, GError **error)
{
    g_autoptr(Object) medium = NULL, group = NULL;
    g_autofree char *controller = NULL;
    gint32 port, device;
    guint32 type;
    gboolean is_wanted;
    if (!vbox_call(attachment, IMediumAttachment_get_medium, error, &medium) ||
        !has(self, medium, &is_wanted, error))
        return FALSE;
    if (!is_wanted)
        return TRUE;
    if (!vbox_call(attachment, IMediumAttachment_get_controller, error, &controller) ||
        !vbox_call(attachment, IMediumAttachment_get_port, error, &port) ||
        !vbox_call(attachment, IMediumAttachment_get_device, error, &device) ||
        !vbox_call(attachment, IMediumAttachment_get_type, error, &type) ||
        !vbox_call(attachment, IMediumAttachment_get_bandwidthGroup, error, &group))
        return FALSE;
    if (type != vbox_enum(DeviceType_HardDisk))
        return vbox_call(machine, IMachine_mountMedium, error, controller, port, device, NULL,
                         TRUE);
    return (group == NULL || vbox_call(machine, IMachine_setNoBandwidthGroupForDevice, error,
                                       controller, port, device)) &&
           vbox_call(machine, IMachine_detachDevice, error, controller, port, device);
}

static gboolean take(const Deletion *self, Object *machine, GError **error)
{
    g_autoptr(GPtrArray) attachments = NULL;
    if (!vbox_call(machine, IMachine_get_mediumAttachments, error, &attachments))
        return FALSE;
    for (guint i = 0; i < attachments->len; i++)
        if (!take_from(self, machine, g_ptr_array_index(attachments, i), error))
            return FALSE;
    return TRUE;
}

/* Locks it, unless that is done: it can have two of the images. */
static gboolean lock(Deletion *self, Object *machine, const char *id, GError **error)
{
    for (guint i = 0; i < self->sessions->len; i++) {
        g_autofree char *other = NULL;
        Session *session = g_ptr_array_index(self->sessions, i);
        if (!vbox_call(session_machine(session), IMachine_get_id, error, &other))
            return FALSE;
        if (g_str_equal(id, other))
            return TRUE;
    }
    Session *session = session_write(machine, error);
    if (session == NULL)
        return FALSE;
    g_ptr_array_add(self->sessions, session);
    return TRUE;
}

static gboolean lock_users(Deletion *self, Object *medium, GError **error)
{
    g_auto(GStrv) ids = NULL;
    if (!vbox_call(medium, IMedium_get_machineIds, error, &ids))
        return FALSE;
    for (char **id = ids; *id != NULL; id++) {
        guint8 uuid[UUID_BYTES];
        g_autoptr(Object) machine = uuid_parse(*id, uuid) ? machine_find(uuid, NULL, error) : NULL;
        if (machine == NULL || !check_user(self->volume, medium, *id, machine, error) ||
            !lock(self, machine, *id, error))
            return FALSE;
    }
    return TRUE;
}

/* What stands on an image that is never written to holds no more than a machine wrote since; on
 * another one it may be all that somebody has. */
static gboolean check_child(const Deletion *self, Object *base, Object *child, GError **error)
{
    guint32 type;
    g_autofree char *path = NULL;
    if (!vbox_call(base, IMedium_get_type, error, &type) ||
        !vbox_call(child, IMedium_get_location, error, &path))
        return FALSE;
    return type == vbox_enum(MediumType_Immutable) || type == vbox_enum(MediumType_MultiAttach) ||
           fail(error, VIR_ERR_OPERATION_INVALID,
                "storage volume '%s' is in use: '%s' has only what differs from it",
                self->volume->name, path);
}

static gboolean lock_all(Deletion *self, Object *medium, GError **error)
{
    g_autoptr(GPtrArray) children = NULL;
    g_ptr_array_add(self->media, object_ref(medium));
    if (!lock_users(self, medium, error) ||
        !vbox_call(medium, IMedium_get_children, error, &children))
        return FALSE;
    for (guint i = 0; i < children->len; i++)
        if (!check_child(self, medium, g_ptr_array_index(children, i), error) ||
            !lock_all(self, g_ptr_array_index(children, i), error))
            return FALSE;
    return TRUE;
}

/* --- the files ----------------------------------------------------------------------------------
 */

static gboolean remove_file(const char *path, GError **error)
{
    return unlink(path) == 0 ||
           fail(error, VIR_ERR_SYSTEM_ERROR, "cannot remove '%s': %s", path, g_strerror(errno));
}

/* A descriptor may name any file. */
static gboolean check_extents(const Volume *volume, GError **error)
{
    const GPtrArray *extents = volume->image.extents;
    gboolean is_good = volume->file.st_size <= IMAGE_HEAD;
    for (guint i = 0; is_good && extents != NULL && i < extents->len; i++)
        is_good = strchr(g_ptr_array_index(extents, i), '/') == NULL;
    return is_good || extents == NULL ||
           fail(error, VIR_ERR_OPERATION_UNSUPPORTED,
                "storage volume '%s' has data outside the pool's folder, or in very many files: "
                "remove it by `VBoxManage closemedium disk --delete`",
                volume->name);
}

static gboolean remove_files(const Volume *volume, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(volume->path);
    if (!remove_file(volume->path, error))
        return FALSE;
    for (guint i = 0; volume->image.extents != NULL && i < volume->image.extents->len; i++) {
        g_autofree char *path =
            g_build_filename(folder, g_ptr_array_index(volume->image.extents, i), NULL);
        if (unlink(path) < 0 && errno != ENOENT)
            g_warning("'%s' stays: %s", path, g_strerror(errno));
    }
    flat_forget(volume->path);
    return TRUE;
}

/* The files of what stood on it are VirtualBox's own. */
static void forget_media(const Deletion *self)
{
    for (guint i = self->media->len; i-- > 0;) {
        Object *medium = g_ptr_array_index(self->media, i);
        g_autofree char *path = NULL;
        gboolean is_own = i > 0 && vbox_call(medium, IMedium_get_location, NULL, &path);
        if (known_forget(medium) && is_own && unlink(path) < 0)
            g_warning("'%s' stays: %s", path, g_strerror(errno));
    }
}

/* --- all ----------------------------------------------------------------------------------------
 */

/* Whether VirtualBox has it by this name of the file: a link to it may go by itself. */
static gboolean is_its_name(Object *medium, const char *path)
{
    g_autofree char *location = NULL;
    return flat_location(medium, &location, NULL) && path_is_same(location, path);
}

static gboolean take_from_all(const Deletion *self, GError **error)
{
    for (guint i = 0; i < self->sessions->len; i++)
        if (!take(self, session_machine(g_ptr_array_index(self->sessions, i)), error))
            return FALSE;
    return TRUE;
}

static gboolean save_all(const Deletion *self, GError **error)
{
    for (guint i = 0; i < self->sessions->len; i++)
        if (!session_save(g_ptr_array_index(self->sessions, i), error))
            return FALSE;
    return TRUE;
}

static void free_session(gpointer session)
{
    session_free(session);
}

gboolean volume_delete(Volume *self, GError **error)
{
    g_autoptr(Object) medium = NULL;
    g_auto(Deletion) deletion = {
        .volume = self,
        .media = g_ptr_array_new_with_free_func((GDestroyNotify)object_unref),
        .sessions = g_ptr_array_new_with_free_func(free_session),
    };
    if (!volume_read(self, error) || !check_extents(self, error) || !claim_check(self, error) ||
        !known_find(self->path, &medium, error))
        return FALSE;
    if (medium == NULL || !is_its_name(medium, self->path))
        return remove_files(self, error);
    if (!lock_all(&deletion, medium, error) || !take_from_all(&deletion, error) ||
        !remove_files(self, error) || !save_all(&deletion, error))
        return FALSE;
    g_ptr_array_set_size(deletion.sessions, 0); /* VirtualBox closes nothing that is locked */
    forget_media(&deletion);
    return TRUE;
}

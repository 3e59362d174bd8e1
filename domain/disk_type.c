/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disk, the type of its image: normal, immutable, multi-attach and so on.
 *
 * Theory of operation.  VirtualBox keeps the type with the image, for all machines that have it:
 * one that another machine has stays as it is.  It changes a hard disk's only while no machine has
 * it, and believes that none has when settings were saved without it; one is multi-attach only when
 * a machine once had it.  So a change of type saves in between (measured on 7.2.22): what fails
 * after that, build.c makes what it was.  A floppy's type changes only while a machine has it.
 *
 * Where an image is never written to, VirtualBox attaches one of its own, of differences: it goes
 * with the type, so it must hold nothing that the guest wrote, or what the next start forgets. */
#include "domain/device.h"
#include "domain/medium.h"
#include "domain/storage.h"
#include "storage/flat.h"
#include "storage/known.h"

/* clang-format off */
/* How a definition says each of them. */
static const struct { const char *type, *said; } words[] = {
    { "normal",       "a <disk> without <shareable/>, <transient/> and <vbox:medium>" },
    { "immutable",    "<transient/>" },
    { "shareable",    "<shareable/>" },
    { "writethrough", "<vbox:medium type='writethrough'/>" },
    { "multi-attach", "<vbox:medium type='multi-attach'/>" } };
/* clang-format on */

static const char *said_of(const Disk *self, const char *type)
{
    if (g_str_equal(self->device, "floppy"))
        return g_str_equal(type, "readonly") ? "<readonly/>" : "a <disk> without <readonly/>";
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_str_equal(words[i].type, type))
            return words[i].said;
    return type;
}

guint32 disk_type_number(const Disk *self)
{
    guint32 number = 0;
    for (const Word *word = disk_medium_types; word->word != NULL; word++)
        if (g_str_equal(word->word, self->medium_type))
            g_assert(vbox_enum_find("MediumType", word->constant, &number));
    return number;
}

static const char *word_of(guint32 type)
{
    guint32 number;
    for (const Word *word = disk_medium_types; word->word != NULL; word++)
        if (vbox_enum_find("MediumType", word->constant, &number) && number == type)
            return word->word;
    return "normal";
}

/* --- preparing ----------------------------------------------------------------------------- */

static gboolean own_id(MapContext *context, char **ret_id, GError **error)
{
    *ret_id = NULL;
    return map_machine(context) == NULL ||
           vbox_call(map_machine(context), IMachine_get_id, error, ret_id);
}

/* What is shown of an attached image is not it: the image of differences, borne by what the guest
 * wrote. */
static gboolean check_written(const Disk *self, Object *attached, guint32 type, GError **error)
{
    g_autofree char *file = NULL;
    if (type == vbox_enum(MediumType_Immutable) || medium_is_blank(attached))
        return TRUE;
    return vbox_call(attached, IMedium_get_location, error, &file) &&
           device_refuse(
               &self->item, "source/@file", error,
               "what the guest has written since is in '%s', which goes with the type of "
               "'%s': copy that first if you need it (VBoxManage clonemedium), define the "
               "domain without this disk, then with it",
               file, self->file);
}

static gboolean check_snapshots(const Disk *self, Object *attached, GError **error)
{
    g_autofree char *id = NULL, *base = NULL;
    g_autoptr(Object) bottom = NULL;
    g_autoptr(GPtrArray) above = NULL;
    if (!vbox_call(self->medium, IMedium_get_base, error, &bottom) ||
        !vbox_call(bottom, IMedium_get_id, error, &base) ||
        !vbox_call(self->medium, IMedium_get_id, error, &id) ||
        !vbox_call(self->medium, IMedium_get_children, error, &above))
        return FALSE;
    gboolean is_alone = g_str_equal(id, base) && above->len <= (attached != NULL ? 1u : 0u);
    return is_alone || device_refuse(&self->item, "source/@file", error,
                                     "snapshots or linked clones need '%s' as it is: VirtualBox "
                                     "changes the type of an image only without them",
                                     self->file);
}

/* attached: the image of differences that stands in its place; NULL: the machine has it itself, or
 * not yet. */
gboolean disk_type_prepare(MapContext *context, Disk *self, Object *attached, GError **error)
{
    g_autofree char *own = NULL;
    guint32 type;
    if (self->medium == NULL || g_str_equal(self->device, "cdrom"))
        return TRUE;
    if (!medium_base_type(self->medium, &type, error) || !own_id(context, &own, error))
        return FALSE;
    if (type == disk_type_number(self))
        return TRUE;
    g_autofree char *others = known_others(self->medium, own);
    if (*others != '\0')
        return device_refuse(&self->item, "source/@file", error,
                             "domain %s has '%s' as %s, and VirtualBox keeps that with the image, "
                             "for all domains: define it so here too, change it there first, or "
                             "give this domain an image of its own",
                             others, self->file, said_of(self, word_of(type)));
    if (g_str_equal(self->device, "floppy"))
        return TRUE;
    if (!check_snapshots(self, attached, error) ||
        (attached != NULL && !check_written(self, attached, type, error)))
        return FALSE;
    map_set_data(context, DISK_RETYPES, self, NULL);
    return TRUE;
}

/* --- applying ------------------------------------------------------------------------------ */

static gboolean save(MapContext *context, GError **error)
{
    return vbox_call(map_machine(context), IMachine_saveSettings, error);
}

/* Images of differences that nobody has any more once it is saved so: VirtualBox would attach one
 * again. */
static gboolean forget_above(MapContext *context, Object *medium, GError **error)
{
    g_autoptr(GPtrArray) above = NULL;
    if (!vbox_call(medium, IMedium_get_children, error, &above))
        return FALSE;
    if (above->len > 0 && !save(context, error))
        return FALSE;
    for (guint i = 0; i < above->len; i++)
        medium_forget_written(above->pdata[i]);
    return TRUE;
}

/* So that a machine once had it. */
static gboolean visit(MapContext *context, const Disk *self, GError **error)
{
    gint port = (gint)self->port, lun = (gint)self->lun;
    return vbox_call(map_machine(context), IMachine_attachDevice, error, self->controller_name,
                     port, lun, vbox_enum(DeviceType_HardDisk), self->medium) &&
           save(context, error) &&
           vbox_call(map_machine(context), IMachine_detachDevice, error, self->controller_name,
                     port, lun) &&
           save(context, error);
}

/* FALSE without an error: VirtualBox believes that a machine has it, or that none ever had. */
static gboolean try_type(MapContext *context, const Disk *self, gboolean *ret_is_good,
                         GError **error)
{
    g_autoptr(GError) failure = NULL;
    *ret_is_good = medium_set_type(context, self->medium, disk_type_number(self), &failure);
    if (*ret_is_good || g_error_matches(failure, XPCOM_ERROR, (gint)VBOX_E_INVALID_OBJECT_STATE))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

gboolean disk_type_apply(MapContext *context, const Disk *self, GError **error)
{
    guint32 type = disk_type_number(self), is;
    gboolean is_good;
    if (!g_str_equal(self->device, "disk"))
        return TRUE;
    if (!medium_base_type(self->medium, &is, error))
        return FALSE;
    if (is == type)
        return TRUE;
    if (!forget_above(context, self->medium, error) || !try_type(context, self, &is_good, error))
        return FALSE;
    if (is_good)
        return TRUE;
    if (!save(context, error) ||
        (type == vbox_enum(MediumType_MultiAttach) && !visit(context, self, error)))
        return FALSE;
    return medium_set_type(context, self->medium, type, error);
}

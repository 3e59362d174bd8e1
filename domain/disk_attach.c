/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disk, attached: which image stands where, and what holds of it there. */
#include "base/path.h"
#include "domain/bandwidth.h"
#include "domain/device.h"
#include "domain/later.h"
#include "domain/limits.h"
#include "domain/medium.h"
#include "domain/storage.h"
#include "storage/image.h"
#include "storage/known.h"
#include "vbox/machine.h"
#include <string.h>
#include <unistd.h>

/* clang-format off */
const Word disk_devices[] = {
    { "disk", "HardDisk" }, { "cdrom", "DVD" }, { "floppy", "Floppy" }, END };

const Word disk_medium_types[] = {
    { "normal", "Normal" }, { "immutable", "Immutable" }, { "writethrough", "Writethrough" },
    { "shareable", "Shareable" }, { "readonly", "Readonly" }, { "multi-attach", "MultiAttach" },
    END };
/* clang-format on */

char *disk_own_group(const Disk *self)
{
    return g_strdup_printf("vboxvirt disk %s %" G_GINT64_FORMAT ":%" G_GINT64_FORMAT,
                           self->controller_name, self->port, self->lun);
}

static guint32 device_type(const Disk *self)
{
    guint32 number = 0;
    for (const Word *word = disk_devices; word->word != NULL; word++)
        if (g_str_equal(word->word, self->device))
            g_assert(vbox_enum_find("DeviceType", word->constant, &number));
    return number;
}

/* --- looking: what shows of a disk by itself ----------------------------------------------- */

static gboolean is_raw(const Disk *self)
{
    return g_str_equal(self->device, "disk") &&
           (self->format != NULL ? g_str_equal(self->format, "raw") : medium_looks_raw(self->file));
}

/* A lie about the format of an image that VirtualBox has not opened yet: it would touch the file.
 */
static gboolean check_content(const Disk *self, GError **error)
{
    g_auto(Image) image = {0};
    if (self->format == NULL || !g_str_equal(self->device, "disk") ||
        g_str_equal(self->format, "raw") || !image_read(self->file, &image, NULL) ||
        g_str_equal(image.format, self->format) || g_str_equal(image.format, "raw") ||
        g_str_equal(image.format, "unknown"))
        return TRUE;
    return device_refuse(&self->item, "driver/@type", error, "the image is %s, not '%s'",
                         image.format, self->format);
}

/* The controller's kind says how many there can be; one that is not known is refused elsewhere. */
static gboolean check_port(MapContext *context, const Disk *self, GError **error)
{
    guint count = 0;
    const Controller *controller =
        self->bus != NULL ? controller_find(map_model(context), self->bus, self->controller) : NULL;
    if (controller == NULL || controller->bus == NULL || self->port == NUMBER_ABSENT)
        return TRUE;
    if (!limits_ports(controller->bus, &count, error))
        return FALSE;
    if (self->port < count)
        return TRUE;
    return device_refuse(&self->item, NULL, error, "VirtualBox has places for %u disks on bus '%s'",
                         count, self->bus);
}

/* Whether VirtualBox may open it at all. */
static gboolean check_new(MapContext *context, const Disk *self, GError **error)
{
    if (!check_content(self, error))
        return FALSE;
    if (!g_str_equal(self->device, "disk") || is_raw(self))
        return TRUE;
    return medium_admit(context, self->file, error) || device_fail(&self->item, error);
}

/* VirtualBox refuses an image's second place when the first is attached already, and keeps that. */
static gboolean check_image(const GPtrArray *items, const Disk *self, GError **error)
{
    if (self->file == NULL || !g_str_equal(self->device, "disk"))
        return TRUE;
    for (guint i = 0; i < items->len && g_ptr_array_index(items, i) != self; i++) {
        const Disk *other = g_ptr_array_index(items, i);
        if (g_strcmp0(other->file, self->file) == 0 && g_strcmp0(other->device, "disk") == 0)
            return device_refuse(&self->item, "source/@file", error,
                                 "'%s' is the image of '%s' already", self->file, other->dev);
    }
    return TRUE;
}

/* What a machine has VirtualBox attaches to another one, too, there or not: to its clone. */
static gboolean find_known(const Disk *self, const char *problem, Object **ret_medium,
                           GError **error)
{
    if (!known_find(self->file, ret_medium, error))
        return FALSE;
    return *ret_medium != NULL ||
           device_refuse(&self->item, "source/@file", error,
                         "%s, and VirtualBox attaches only what it can read", problem);
}

static gboolean check_file(MapContext *context, const Disk *self, GError **error)
{
    g_autoptr(Object) known = NULL;
    g_autofree char *problem = path_problem(self->file, R_OK);
    if (problem == NULL)
        return check_new(context, self, error);
    return disk_is_optional(self) || later_is_to_come(&self->item) ||
           find_known(self, problem, &known, error);
}

/* Whether the machine has the file in one of its places. */
static gboolean is_attached(MapContext *context, const Disk *self, gboolean *ret_is, GError **error)
{
    g_autoptr(GPtrArray) all = NULL;
    *ret_is = FALSE;
    if (map_machine(context) == NULL)
        return TRUE;
    if (!vbox_call(map_machine(context), IMachine_get_mediumAttachments, error, &all))
        return FALSE;
    for (guint i = 0; i < all->len && !*ret_is; i++) {
        g_autoptr(Object) medium = NULL;
        g_autofree char *file = NULL;
        if (!vbox_call(all->pdata[i], IMediumAttachment_get_medium, error, &medium) ||
            (medium != NULL && !medium_shown_file(medium, &file, error)))
            return FALSE;
        *ret_is = g_strcmp0(file, self->file) == 0;
    }
    return TRUE;
}

/* What VirtualBox has in the machine, it keeps, there or not. */
gboolean disk_look(MapContext *context, Item *item, GError **error)
{
    const Disk *self = (const Disk *)item;
    g_autoptr(GError) reason = NULL;
    gboolean stays = FALSE;
    if (!check_port(context, self, error))
        return FALSE;
    if (self->device == NULL || self->file == NULL || !g_path_is_absolute(self->file))
        return TRUE;
    if (!check_image(model_items(map_model(context), item->element), self, error))
        return FALSE;
    if (check_file(context, self, &reason))
        return TRUE;
    if (!is_attached(context, self, &stays, error))
        return FALSE;
    if (!stays)
        g_propagate_error(error, g_steal_pointer(&reason));
    return stays;
}

/* --- preparing ----------------------------------------------------------------------------- */

/* A lie about the format would come true with a client that believes it. */
static gboolean check_format(const Disk *self, Object *medium, GError **error)
{
    g_autofree char *format = NULL, *location = NULL;
    const Field *field = element_field(self->item.element, "driver/@type");
    if (self->format == NULL || self->file == NULL)
        return TRUE;
    if (!medium_shown_format(medium, &format, error) ||
        !medium_shown_file(medium, &location, error))
        return FALSE;
    const Value value = {.is_text = TRUE, .text = format};
    if (g_strcmp0(location, self->file) != 0 ||
        g_strcmp0(field_word(field, &value), self->format) == 0)
        return TRUE;
    return device_refuse(&self->item, "driver/@type", error, "the image is %s, not '%s'", format,
                         self->format);
}

/* What the machine has attached where the disk is to be; NULL without an error: nothing. */
static gboolean attached_file(MapContext *context, const Disk *self, char **ret_file,
                              GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Object) medium = NULL;
    *ret_file = NULL;
    if (map_machine(context) == NULL)
        return TRUE;
    if (!vbox_call(map_machine(context), IMachine_getMedium, &failure, self->controller_name,
                   (gint)self->port, (gint)self->lun, &medium)) {
        if (g_error_matches(failure, XPCOM_ERROR, (gint)VBOX_E_OBJECT_NOT_FOUND))
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    return medium == NULL ||
           (medium_shown_file(medium, ret_file, error) && check_format(self, medium, error));
}

/* What is there already may be attached anew, when its image's type changes. */
static gboolean find_attached(MapContext *context, Disk *self, GError **error)
{
    g_autoptr(Object) medium = NULL;
    g_autofree char *id = NULL, *shown = NULL;
    if (!vbox_call(map_machine(context), IMachine_getMedium, error, self->controller_name,
                   (gint)self->port, (gint)self->lun, &medium) ||
        !medium_shown(medium, &self->medium, error) ||
        !vbox_call(medium, IMedium_get_id, error, &id) ||
        !vbox_call(self->medium, IMedium_get_id, error, &shown))
        return FALSE;
    return disk_type_prepare(context, self, g_str_equal(id, shown) ? NULL : medium, error);
}

static gboolean open_image(MapContext *context, Disk *self, GError **error)
{
    Object *opened = is_raw(self) ? medium_open_raw(context, self->file, error)
                                  : medium_open(context, self->file, device_type(self), error);
    self->medium = opened == NULL ? NULL : object_ref(opened);
    return self->medium != NULL && check_format(self, self->medium, error);
}

/* The drive is empty until the file is there: domain/build.c remembers it. */
static void await(MapContext *context, Disk *self)
{
    g_clear_pointer(&self->file, g_free);
    map_set_data(context, DISK_AWAITED, self, NULL);
}

static gboolean find_place(MapContext *context, Disk *self, GError **error)
{
    Controller *controller = controller_find(map_model(context), self->bus, self->controller);
    g_autofree char *attached = NULL;
    self->controller_name = g_strdup(controller->name);
    if (controller->exists && !attached_file(context, self, &attached, error))
        return FALSE;
    if (self->file == NULL)
        return TRUE;
    g_autofree char *problem = path_problem(self->file, R_OK);
    if (problem != NULL && disk_is_optional(self)) {
        await(context, self);
        return TRUE;
    }
    self->stays = g_strcmp0(attached, self->file) == 0;
    return TRUE;
}

/* What is new is opened now: once an image was attached, VirtualBox (7.2) holds it even when the
 * change that attached it is discarded. */
static gboolean open_one(MapContext *context, Disk *self, GError **error)
{
    if (self->file == NULL)
        return TRUE;
    if (self->stays)
        return g_str_equal(self->device, "cdrom") || find_attached(context, self, error);
    g_autofree char *problem = path_problem(self->file, R_OK);
    if (problem != NULL ? !find_known(self, problem, &self->medium, error)
                        : !open_image(context, self, error))
        return FALSE;
    return disk_type_prepare(context, self, NULL, error);
}

static void plan_group(MapContext *context, Disk *self)
{
    g_autofree char *name = disk_own_group(self);
    if (self->limit != NUMBER_ABSENT)
        bandwidth_imply(map_model(context), name, "disk", self->limit);
    device_set_text(&self->group, self->limit != NUMBER_ABSENT ? name
                                  : self->group_said != NULL   ? self->group_said
                                                               : "");
}

static gboolean fail_item(const Disk *self, GError **error)
{
    if ((*error)->domain == VIR_ERROR)
        return FALSE;
    g_autofree char *path = item_path(&self->item, NULL);
    g_prefix_error(error, "%s: ", path);
    return FALSE;
}

/* The place of each is known before the first is opened: VirtualBox writes into an image that it
 * opens. */
gboolean disk_prepare(MapContext *context, GPtrArray *items, GError **error)
{
    for (guint i = 0; i < items->len; i++) {
        Disk *self = g_ptr_array_index(items, i);
        if (!find_place(context, self, error))
            return fail_item(self, error);
    }
    for (guint i = 0; i < items->len; i++) {
        Disk *self = g_ptr_array_index(items, i);
        if (!open_one(context, self, error))
            return fail_item(self, error);
        plan_group(context, self);
    }
    return TRUE;
}

/* --- applying ------------------------------------------------------------------------------ */

typedef struct Attachment {
    Object *medium; /* NULL: an empty drive */
    Object *group;  /* of bandwidth; NULL: none */
    char *controller, *file;
    gint32 port, lun;
    guint32 type, medium_type;
} Attachment;

static void attachment_clear(Attachment *self)
{
    object_unref(self->medium);
    object_unref(self->group);
    g_free(self->controller);
    g_free(self->file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Attachment, attachment_clear)

static gboolean attachment_read(Object *object, Attachment *ret, GError **error)
{
    return vbox_call(object, IMediumAttachment_get_controller, error, &ret->controller) &&
           vbox_call(object, IMediumAttachment_get_port, error, &ret->port) &&
           vbox_call(object, IMediumAttachment_get_device, error, &ret->lun) &&
           vbox_call(object, IMediumAttachment_get_type, error, &ret->type) &&
           vbox_call(object, IMediumAttachment_get_bandwidthGroup, error, &ret->group) &&
           vbox_call(object, IMediumAttachment_get_medium, error, &ret->medium) &&
           (ret->medium == NULL || (medium_shown_file(ret->medium, &ret->file, error) &&
                                    medium_base_type(ret->medium, &ret->medium_type, error)));
}

/* The disk that an attachment is already, at least as a drive. */
static Disk *disk_of(Domain *domain, const Attachment *attachment)
{
    GPtrArray *disks = model_items(domain, &domain_disk_element);
    for (guint i = 0; i < disks->len; i++) {
        Disk *disk = g_ptr_array_index(disks, i);
        gboolean is_here = g_strcmp0(disk->controller_name, attachment->controller) == 0 &&
                           disk->port == attachment->port && disk->lun == attachment->lun;
        gboolean can_stay = !g_str_equal(disk->device, "disk") ||
                            (g_strcmp0(disk->file, attachment->file) == 0 &&
                             disk_type_number(disk) == attachment->medium_type);
        if (is_here && can_stay && device_type(disk) == attachment->type)
            return disk;
    }
    return NULL;
}

static void forget_medium(gpointer medium)
{
    medium_forget(medium);
}

/* The disk that wants a file somewhere else; NULL: none does. */
static Disk *find_taker(MapContext *context, const char *file)
{
    GPtrArray *disks = model_items(map_model(context), &domain_disk_element);
    for (guint i = 0; file != NULL && i < disks->len; i++) {
        Disk *disk = g_ptr_array_index(disks, i);
        if (g_strcmp0(disk->file, file) == 0)
            return disk;
    }
    return NULL;
}

/* An image of differences goes with the file that it stands for: it has what the guest wrote. */
static void hand_over(Disk *taker, const Attachment *attachment)
{
    if (attachment->type != vbox_enum(DeviceType_HardDisk) ||
        attachment->medium_type != disk_type_number(taker))
        return;
    g_clear_pointer(&taker->medium, object_unref);
    taker->medium = object_ref(attachment->medium);
}

/* VirtualBox (7.2) counts a device that is detached as one of its group for good, and then the
 * group can neither be removed nor be another's: it leaves the group first. */
static gboolean leave_group(MapContext *context, const Attachment *attachment, GError **error)
{
    return attachment->group == NULL ||
           vbox_call(map_machine(context), IMachine_setNoBandwidthGroupForDevice, error,
                     attachment->controller, attachment->port, attachment->lun);
}

/* VirtualBox (7.2) looks the group of a disk that was there before up in the machine as it was
 * before the session: of a group that is new it says that there is none.  The one that is asked
 * for is not new. */
static gboolean is_in_group(Object *attachment, const char *name, gboolean *ret_is_in,
                            GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Object) group = NULL;
    g_autofree char *has = NULL;
    *ret_is_in = FALSE;
    if (!vbox_call(attachment, IMediumAttachment_get_bandwidthGroup, &failure, &group)) {
        if (g_error_matches(failure, XPCOM_ERROR, (gint)VBOX_E_OBJECT_NOT_FOUND))
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (!bandwidth_name(group, &has, error))
        return FALSE;
    *ret_is_in = g_str_equal(has, name);
    return TRUE;
}

gboolean disk_leave_group(MapContext *context, const char *name, GError **error)
{
    g_autoptr(GPtrArray) objects = NULL;
    if (!vbox_call(map_machine(context), IMachine_get_mediumAttachments, error, &objects))
        return FALSE;
    for (guint i = 0; i < objects->len; i++) {
        g_auto(Attachment) attachment = {0};
        gboolean is_in;
        if (!is_in_group(g_ptr_array_index(objects, i), name, &is_in, error) ||
            (is_in && (!attachment_read(g_ptr_array_index(objects, i), &attachment, error) ||
                       !leave_group(context, &attachment, error))))
            return FALSE;
    }
    return TRUE;
}

/* A drive that stays, or a place that becomes free.  What goes from one drive to another is taken
 * out first: VirtualBox (7.2) would count it as used nowhere. */
static gboolean detach_other(MapContext *context, Attachment *attachment, GError **error)
{
    Object *machine = map_machine(context);
    Disk *disk = disk_of(map_model(context), attachment);
    gboolean is_changed = disk == NULL || g_strcmp0(disk->file, attachment->file) != 0;
    Disk *taker = is_changed ? find_taker(context, attachment->file) : NULL;
    gboolean moves = taker != NULL;
    if (moves)
        hand_over(taker, attachment);
    if (is_changed && attachment->medium != NULL && !moves)
        map_on_success(context, forget_medium, object_ref(attachment->medium),
                       (GDestroyNotify)object_unref);
    if (disk == NULL)
        return leave_group(context, attachment, error) &&
               vbox_call(machine, IMachine_detachDevice, error, attachment->controller,
                         attachment->port, attachment->lun);
    disk->is_attached = TRUE;
    if (moves)
        return vbox_call(machine, IMachine_mountMedium, error, attachment->controller,
                         attachment->port, attachment->lun, NULL, TRUE);
    disk->attached_file = g_steal_pointer(&attachment->file);
    return TRUE;
}

gboolean disk_detach_others(MapContext *context, GError **error)
{
    g_autoptr(GPtrArray) objects = NULL;
    if (!vbox_call(map_machine(context), IMachine_get_mediumAttachments, error, &objects))
        return FALSE;
    for (guint i = 0; i < objects->len; i++) {
        g_auto(Attachment) attachment = {0};
        if (!attachment_read(g_ptr_array_index(objects, i), &attachment, error) ||
            !detach_other(context, &attachment, error))
            return FALSE;
    }
    return TRUE;
}

/* SATA and others have as many ports as were asked for, up to a limit. */
static gboolean ensure_port(MapContext *context, const Disk *self, GError **error)
{
    g_autoptr(Object) controller = NULL;
    guint32 count;
    if (!vbox_call(map_machine(context), IMachine_getStorageControllerByName, error,
                   self->controller_name, &controller) ||
        !vbox_call(controller, IStorageController_get_portCount, error, &count))
        return FALSE;
    return self->port < count ||
           vbox_call(controller, IStorageController_set_portCount, error, (guint)self->port + 1);
}

/* --- what holds of an attachment ----------------------------------------------------------- */

/* Each has a method of the machine's to set it. */
static const struct {
    gsize offset;
    VboxName get, set;
    const char *device; /* only of this one */
} settings[] = {
    {G_STRUCT_OFFSET(Disk, discard), IMediumAttachment_get_discard,
     IMachine_setAutoDiscardForDevice, NULL},
    {G_STRUCT_OFFSET(Disk, solid), IMediumAttachment_get_nonRotational,
     IMachine_nonRotationalDevice, NULL},
    {G_STRUCT_OFFSET(Disk, hot), IMediumAttachment_get_hotPluggable,
     IMachine_setHotPluggableForDevice, NULL},
    {G_STRUCT_OFFSET(Disk, passthrough), IMediumAttachment_get_passthrough,
     IMachine_passthroughDevice, "cdrom"},
};

static gboolean apply_group(Object *machine, Object *attachment, MapContext *context,
                            const Disk *self, GError **error)
{
    g_autoptr(Object) has = NULL, group = NULL;
    g_autofree char *name = NULL;
    gint port = (gint)self->port, lun = (gint)self->lun;
    if (!vbox_call(attachment, IMediumAttachment_get_bandwidthGroup, error, &has) ||
        !bandwidth_name(has, &name, error))
        return FALSE;
    if (g_str_equal(name, self->group))
        return TRUE;
    if (*self->group == '\0')
        return vbox_call(machine, IMachine_setNoBandwidthGroupForDevice, error,
                         self->controller_name, port, lun);
    return bandwidth_find(context, self->group, &group, error) &&
           vbox_call(machine, IMachine_setBandwidthGroupForDevice, error, self->controller_name,
                     port, lun, group);
}

/* Where VirtualBox has no choice, and of a disk that came while the machine runs: it can go, too,
 * and VirtualBox says so by itself. */
static gboolean is_free(const Disk *self, gsize offset, guint32 state)
{
    return offset == G_STRUCT_OFFSET(Disk, hot) &&
           (self->hot == SWITCH_ABSENT ||
            (self->hot_said == SWITCH_ABSENT && machine_state_is_online(state)));
}

static gboolean apply_settings(MapContext *context, const Disk *self, GError **error)
{
    Object *machine = map_machine(context);
    g_autoptr(Object) attachment = NULL;
    gint port = (gint)self->port, lun = (gint)self->lun;
    guint32 state;
    if (!machine_state(machine, &state, error) ||
        !vbox_call(machine, IMachine_getMediumAttachment, error, self->controller_name, port, lun,
                   &attachment))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(settings); i++) {
        Switch wanted = G_STRUCT_MEMBER(Switch, self, settings[i].offset);
        gboolean is_on;
        if ((settings[i].device != NULL && !g_str_equal(settings[i].device, self->device)) ||
            is_free(self, settings[i].offset, state))
            continue;
        if (!vbox_call(attachment, settings[i].get, error, &is_on) ||
            (is_on != (wanted == SWITCH_YES) &&
             !vbox_call(machine, settings[i].set, error, self->controller_name, port, lun, !is_on)))
            return FALSE;
    }
    return apply_group(machine, attachment, context, self, error);
}

/* --- attaching ----------------------------------------------------------------------------- */

static gboolean set_medium_type(MapContext *context, const Disk *self, GError **error)
{
    g_autoptr(Object) medium = NULL;
    if (self->file == NULL || !g_str_equal(self->device, "floppy"))
        return TRUE;
    return vbox_call(map_machine(context), IMachine_getMedium, error, self->controller_name,
                     (gint)self->port, (gint)self->lun, &medium) &&
           medium_set_type(context, medium, disk_type_number(self), error);
}

static gboolean attach(MapContext *context, const Disk *self, GError **error)
{
    Object *machine = map_machine(context);
    if (self->is_attached && g_strcmp0(self->file, self->attached_file) == 0)
        return set_medium_type(context, self, error);
    guint32 type = device_type(self);
    gint port = (gint)self->port, lun = (gint)self->lun;
    if (self->is_attached)
        return vbox_call(machine, IMachine_mountMedium, error, self->controller_name, port, lun,
                         self->medium, map_data(context, DISK_FORCE) != NULL) &&
               set_medium_type(context, self, error);
    if (!ensure_port(context, self, error))
        return FALSE;
    if (self->medium == NULL)
        return vbox_call(machine, IMachine_attachDeviceWithoutMedium, error, self->controller_name,
                         port, lun, type);
    return disk_type_apply(context, self, error) &&
           vbox_call(machine, IMachine_attachDevice, error, self->controller_name, port, lun, type,
                     self->medium) &&
           set_medium_type(context, self, error);
}

gboolean disk_apply(MapContext *context, GPtrArray *items, GError **error)
{
    for (guint i = 0; i < items->len; i++) {
        const Disk *self = g_ptr_array_index(items, i);
        if (!attach(context, self, error) || !apply_settings(context, self, error))
            return fail_item(self, error);
    }
    return bandwidth_remove_others(context, error);
}

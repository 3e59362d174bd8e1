/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <vbox:bandwidthGroup>: limits that several devices may share.
 *
 * libvirt limits one device: <bandwidth> of an interface, <iotune> of a disk.  Such a limit is a
 * group of its own, known by its name, and is not shown as one. */
#include "domain/bandwidth.h"
#include "domain/device.h"
#include "domain/storage.h"

/* clang-format off */
static const Word types[] = { { "disk", "Disk" }, { "network", "Network" }, END };

static const Field fields[] = {
    /* XML                  member              VirtualBox        kind, and what else holds */
    F("@name",              Bandwidth, name,    "name",           STR, REQUIRED, IDENTITY),
    F("@type",              Bandwidth, type,    "type",           WORD(types, "BandwidthGroupType"), REQUIRED),
    F("@maxBytesPerSec",    Bandwidth, maximum, "maxBytesPerSec", NUMBER(0, G_MAXINT64), REQUIRED, HOT),
    END };
/* clang-format on */

static Bandwidth *find(Domain *domain, const char *name)
{
    GPtrArray *items = model_items(domain, &domain_bandwidth_element);
    for (guint i = 0; i < items->len; i++) {
        Bandwidth *self = g_ptr_array_index(items, i);
        if (g_strcmp0(self->name, name) == 0)
            return self;
    }
    return NULL;
}

void bandwidth_imply(Domain *domain, const char *name, const char *type, gint64 maximum)
{
    Bandwidth *self = find(domain, name);
    if (self == NULL)
        self = model_add(domain, &domain_bandwidth_element);
    device_set_text(&self->name, name);
    self->type = type;
    self->maximum = maximum;
    self->item.is_hidden = TRUE;
}

gint64 bandwidth_own(Domain *domain, const char *group, const char *name, gint64 unit)
{
    Bandwidth *self = g_strcmp0(group, name) == 0 ? find(domain, name) : NULL;
    if (self == NULL || self->maximum <= 0 || self->maximum % unit != 0)
        return NUMBER_ABSENT;
    self->item.is_hidden = TRUE;
    return self->maximum / unit;
}

gboolean bandwidth_check(Domain *domain, const Item *item, const char *path, const char *name,
                         const char *type, GError **error)
{
    const Bandwidth *group = find(domain, name);
    if (group != NULL && g_str_equal(group->type, type))
        return TRUE;
    return device_refuse(item, path, error,
                         "there is no <vbox:bandwidthGroup name='%s' type='%s'> in <domain>", name,
                         type);
}

static gboolean check(Model *model, Item *item, GError **error)
{
    const Bandwidth *self = (const Bandwidth *)item;
    if (*self->name == '\0')
        return device_refuse(item, "@name", error, "it is empty");
    return find(model, self->name) == self ||
           device_refuse(item, "@name", error, "another group has it");
}

/* --- VirtualBox ---------------------------------------------------------------------------- */

static Object *control(MapContext *context, GError **error)
{
    Object *found = NULL;
    if (!map_object(context, map_machine(context), IMachine_get_bandwidthControl, &found, error))
        return NULL;
    return found;
}

static GPtrArray *groups(MapContext *context, GError **error)
{
    Object *object = control(context, error);
    GPtrArray *list = NULL;
    if (object == NULL ||
        !vbox_call(object, IBandwidthControl_get_allBandwidthGroups, error, &list))
        return NULL;
    return list;
}

gboolean bandwidth_find(MapContext *context, const char *name, Object **ret_group, GError **error)
{
    Object *object = control(context, error);
    return object != NULL &&
           vbox_call(object, IBandwidthControl_getBandwidthGroup, error, name, ret_group);
}

gboolean bandwidth_name(Object *group, char **ret_name, GError **error)
{
    *ret_name = group == NULL ? g_strdup("") : NULL;
    return group == NULL || vbox_call(group, IBandwidthGroup_get_name, error, ret_name);
}

static gboolean read_items(MapContext *context, GPtrArray *items, GError **error)
{
    g_autoptr(GPtrArray) list = groups(context, error);
    for (guint i = 0; list != NULL && i < list->len; i++) {
        Bandwidth *self = model_add(map_model(context), &domain_bandwidth_element);
        if (!map_read_item(context, &self->item, g_ptr_array_index(list, i), error))
            return FALSE;
    }
    return list != NULL;
}

/* Adapters that are switched off stay in their groups; so do those that a change of the chipset
 * takes away, which are there until the machine is saved: all of them, until there is none. */
static gboolean adapters_leave(MapContext *context, const char *name, GError **error)
{
    for (guint i = 0;; i++) {
        g_autoptr(GError) failure = NULL;
        g_autoptr(Object) group = NULL;
        g_autofree char *has = NULL;
        Object *adapter = map_slot(context, &domain_interface_element, i, &failure);
        if (adapter == NULL && vbox_is_missing(failure))
            return TRUE;
        if (adapter == NULL) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return FALSE;
        }
        if (!vbox_call(adapter, INetworkAdapter_get_bandwidthGroup, error, &group) ||
            !bandwidth_name(group, &has, error) ||
            (g_str_equal(has, name) &&
             !vbox_call(adapter, INetworkAdapter_set_bandwidthGroup, error, NULL)))
            return FALSE;
    }
}

/* Without devices, which VirtualBox wants out of it. */
static gboolean drop(MapContext *context, const char *name, GError **error)
{
    return adapters_leave(context, name, error) && disk_leave_group(context, name, error) &&
           vbox_call(control(context, error), IBandwidthControl_deleteBandwidthGroup, error, name);
}

static guint32 type_number(const Bandwidth *self)
{
    return vbox_enum(g_str_equal(self->type, "disk") ? BandwidthGroupType_Disk
                                                     : BandwidthGroupType_Network);
}

/* What cannot be changed: a group of the same name is made anew, and its devices join it again. */
static gboolean is_other(const Bandwidth *self, Object *group, gboolean *ret_is_other,
                         GError **error)
{
    guint32 type;
    if (!vbox_call(group, IBandwidthGroup_get_type, error, &type))
        return FALSE;
    *ret_is_other = type != type_number(self);
    return TRUE;
}

/* Changes what is there, and tells which it was. */
static gboolean apply_known(MapContext *context, GPtrArray *known, GError **error)
{
    g_autoptr(GPtrArray) list = groups(context, error);
    for (guint i = 0; list != NULL && i < list->len; i++) {
        Object *group = g_ptr_array_index(list, i);
        g_autofree char *name = NULL;
        if (!bandwidth_name(group, &name, error))
            return FALSE;
        Bandwidth *self = find(map_model(context), name);
        gboolean is_gone;
        if (self == NULL)
            continue;
        if (!is_other(self, group, &is_gone, error) ||
            (is_gone ? !drop(context, name, error)
                     : !map_apply_item(context, &self->item, group, error)))
            return FALSE;
        if (!is_gone)
            g_ptr_array_add(known, self);
    }
    return list != NULL;
}

static gboolean apply(MapContext *context, GPtrArray *items, GError **error)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    if (!apply_known(context, known, error))
        return FALSE;
    for (guint i = 0; i < items->len; i++) {
        const Bandwidth *self = g_ptr_array_index(items, i);
        if (!g_ptr_array_find(known, self, NULL) &&
            !vbox_call(control(context, error), IBandwidthControl_createBandwidthGroup, error,
                       self->name, type_number(self), self->maximum))
            return device_fail(&self->item, error);
    }
    return TRUE;
}

gboolean bandwidth_remove_others(MapContext *context, GError **error)
{
    g_autoptr(GPtrArray) list = groups(context, error);
    for (guint i = 0; list != NULL && i < list->len; i++) {
        g_autofree char *name = NULL;
        if (!bandwidth_name(g_ptr_array_index(list, i), &name, error))
            return FALSE;
        if (find(map_model(context), name) == NULL && !drop(context, name, error))
            return FALSE;
    }
    return list != NULL;
}

static char *group_name(const Item *item)
{
    g_autofree char *name = g_uri_escape_string(((const Bandwidth *)item)->name, NULL, FALSE);
    return g_strdup_printf("bandwidth %s", name);
}

const Element domain_bandwidth_element = {
    .path = "vbox:bandwidthGroup",
    .interface = "IBandwidthGroup",
    .serves = "IMachine.bandwidthControl IBandwidthControl.allBandwidthGroups",
    .about = "A limit that network adapters or disks share that say `<vbox:bandwidthGroup name>`. "
             "What libvirt has a word for (`<bandwidth>`, `<iotune>`) is a group of its own, and "
             "not shown here. While the machine runs, VirtualBox changes limits, and neither makes "
             "nor removes groups.",
    .size = sizeof(Bandwidth),
    .fields = fields,
    .check = check,
    .apply = apply,
    .read = read_items,
    .name = group_name,
};

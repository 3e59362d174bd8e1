/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <controller> of disks.  Others share the element's name: see usb.c. */
#include "domain/storage.h"
#include <string.h>

/* clang-format off */
static const Word types[] = {
    { "ide" }, { "sata" }, { "scsi" }, { "fdc" }, { "nvme" }, { "usb" }, END };

static const Word models[] = {
    { "piix3", "PIIX3" }, { "piix4", "PIIX4" }, { "ich6", "ICH6" }, { "lsilogic", "LsiLogic" },
    { "buslogic", "BusLogic" }, { "lsisas1068", "LsiLogicSas" }, { "virtio-scsi", "VirtioSCSI" },
    END };

static const Word buses[] = {
    { "IDE", "IDE" }, { "SATA", "SATA" }, { "SCSI", "SCSI" }, { "Floppy", "Floppy" },
    { "SAS", "SAS" }, { "USB", "USB" }, { "PCIe", "PCIe" }, { "VirtioSCSI", "VirtioSCSI" }, END };

static gboolean set_bootable(MapContext *context, Object *controller, const Field *field,
                             const Value *value, GError **error);

static const Field fields[] = {
    F("@type",       Controller, type,    NULL,             WORD(types, NULL), KEY, REQUIRED, IDENTITY),
    F("@index",      Controller, index,   NULL,             NUMBER(0, 255), KEEP, IDENTITY),
    F("@model",      Controller, model,   "controllerType", WORD(models, "StorageControllerType")),
    F(NULL,          Controller, bus,     "bus",            WORD(buses, "StorageBus")),
    F(NULL,          Controller, name,    "name",           STR),
    F("vbox:cache/@useHostIOCache", Controller, cache_said, NULL, YESNO),
    F(NULL,          Controller, cache,   "useHostIOCache", YESNO),
    F("vbox:ports/@count", Controller, ports_said, NULL,    NUMBER(1, 256)),
    F(NULL,          Controller, ports,   "portCount",      NUMBER(0, 0)),
    F("vbox:boot/@bootable", Controller, bootable, "bootable", YESNO, HOOK(NULL, set_bootable, 0)),
    F("alias/@name", Controller, alias,   NULL,             ALIAS, KEEP),
    F("driver",      Controller, driver,  NULL,             SUBTREE, KEEP),
    F("address",     Controller, address, NULL,             SUBTREE, KEEP),
    END };

/* A bus of VirtualBox's: the XML's type, and the models that stand on it, the default ("") first;
 * the name of a controller, and what VirtualBox makes a new one with. */
static const struct { const char *bus, *type, *models, *name; guint ports; Switch cache; } kinds[] = {
    { "IDE",        "ide",  "|piix3|piix4|ich6",   "IDE",        2,  SWITCH_YES },
    { "SATA",       "sata", "",                    "SATA",       30, SWITCH_NO },
    { "SCSI",       "scsi", "|lsilogic|buslogic",  "SCSI",       16, SWITCH_NO },
    { "SAS",        "scsi", "lsisas1068",          "SAS",        8,  SWITCH_NO },
    { "VirtioSCSI", "scsi", "virtio-scsi",         "VirtioSCSI", 1,  SWITCH_NO },
    { "Floppy",     "fdc",  "",                    "Floppy",     1,  SWITCH_YES },
    { "PCIe",       "nvme", "",                    "NVMe",       1,  SWITCH_NO },
    { "USB",        "usb",  "",                    "USB",        8,  SWITCH_NO },
};
/* clang-format on */

/* VirtualBox boots from one controller of a kind: whoever comes first, or is told to. */
static gboolean set_bootable(MapContext *context, Object *controller, const Field *field,
                             const Value *value, GError **error)
{
    g_autofree char *name = NULL;
    return vbox_call(controller, IStorageController_get_name, error, &name) &&
           vbox_call(map_machine(context), IMachine_setStorageControllerBootable, error, name,
                     value->number != 0);
}

Controller *controller_find(Domain *domain, const char *type, gint64 index)
{
    GPtrArray *items = model_items(domain, &domain_controller_element);
    for (guint i = 0; i < items->len; i++) {
        Controller *self = g_ptr_array_index(items, i);
        if (self->index == index && g_str_equal(self->type, type))
            return self;
    }
    return NULL;
}

Controller *controller_find_by_name(Domain *domain, const char *name)
{
    GPtrArray *items = model_items(domain, &domain_controller_element);
    for (guint i = 0; i < items->len; i++) {
        Controller *self = g_ptr_array_index(items, i);
        if (g_strcmp0(self->name, name) == 0)
            return self;
    }
    return NULL;
}

static const char *bus_of(const Controller *self)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_equal(kinds[i].type, self->type) &&
            words_have(kinds[i].models, self->model == NULL ? "" : self->model))
            return kinds[i].bus;
    return NULL;
}

Switch controller_default_cache(const Controller *self)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_strcmp0(kinds[i].bus, self->bus) == 0)
            return kinds[i].cache;
    return SWITCH_ABSENT;
}

static guint default_ports(const Controller *self)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_strcmp0(kinds[i].bus, self->bus) == 0)
            return kinds[i].ports;
    return 0;
}

Controller *controller_imply(Domain *domain, const char *type, gint64 index)
{
    Controller *self = model_add(domain, &domain_controller_element);
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_equal(kinds[i].type, type))
            self->type = kinds[i].type;
    self->index = index;
    self->bus = bus_of(self);
    self->cache = controller_default_cache(self);
    self->item.is_hidden = g_str_equal(type, "usb");
    return self;
}

/* Gives each without an index the lowest free one of its type. */
static void number_items(Domain *domain)
{
    GPtrArray *items = model_items(domain, &domain_controller_element);
    for (guint i = 0; i < items->len; i++) {
        Controller *self = g_ptr_array_index(items, i);
        for (gint64 index = 0; self->index == NUMBER_ABSENT; index++)
            if (controller_find(domain, self->type, index) == NULL)
                self->index = index;
    }
}

/* --- from the XML -------------------------------------------------------------------------- */

static gboolean check(Model *model, Item *item, GError **error)
{
    Controller *self = (Controller *)item;
    number_items(model);
    self->bus = bus_of(self);
    if (self->bus == NULL) {
        g_autofree char *path = item_path(item, element_field(item->element, "@model"));
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s: '%s' is no %s controller", path,
                    self->model, self->type);
    }
    self->cache =
        self->cache_said != SWITCH_ABSENT ? self->cache_said : controller_default_cache(self);
    self->ports = self->ports_said;
    if (controller_find(model, self->type, self->index) != self)
        return fail(error, VIR_ERR_XML_ERROR,
                    "Multiple '%s' controllers with index '%" G_GINT64_FORMAT "'", self->type,
                    self->index);
    return TRUE;
}

/* --- what the machine has ------------------------------------------------------------------ */

/* For prepare() and apply() alike: all controllers of the machine, as a model would read them. */
static gboolean read_all(MapContext *context, GPtrArray *items, GError **error)
{
    g_autoptr(GPtrArray) objects = NULL;
    if (!vbox_call(map_machine(context), IMachine_get_storageControllers, error, &objects))
        return FALSE;
    for (guint i = 0; i < objects->len; i++) {
        Controller *self = model_add(map_model(context), &domain_controller_element);
        if (!map_read_item(context, &self->item, g_ptr_array_index(objects, i), error))
            return FALSE;
    }
    number_items(map_model(context));
    return TRUE;
}

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    Controller *self = (Controller *)item;
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_strcmp0(kinds[i].bus, self->bus) == 0)
            self->type = kinds[i].type;
    if (self->type == NULL)
        return fail(error, VIR_ERR_NO_SUPPORT,
                    "storage controller '%s' is of a kind that vboxvirt does not know", self->name);
    item->is_hidden = g_str_equal(self->type, "usb");
    self->cache_said = self->cache == controller_default_cache(self) ? SWITCH_ABSENT : self->cache;
    self->ports_said = self->ports == default_ports(self) ? NUMBER_ABSENT : self->ports;
    if (self->bootable == SWITCH_YES)
        self->bootable = SWITCH_ABSENT;
    return TRUE;
}

/* --- preparing: which of the machine's controllers is which of ours
 * ------------------------------- */

static void claim_as(Controller *self, const Controller *is)
{
    self->bus = is->bus;
    self->name = g_strdup(is->name);
    self->exists = TRUE;
}

/* An old one stays, under its name, when type and index are the same, and the bus, which nothing
 * can change. */
static void claim(Controller *self, Domain *old)
{
    const Controller *is = controller_find(old, self->type, self->index);
    if (is != NULL && (self->model == NULL || g_str_equal(is->bus, self->bus)))
        claim_as(self, is);
}

/* "SATA", "SATA 1": not the name of any other, so that one that goes and one that comes are never
 * mistaken. */
static void choose_name(Controller *self, Domain *new, Domain *old)
{
    const char *noun = self->bus;
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_equal(kinds[i].bus, self->bus))
            noun = kinds[i].name;
    for (guint i = 0; self->name == NULL; i++) {
        g_autofree char *name = i == 0 ? g_strdup(noun) : g_strdup_printf("%s %u", noun, i);
        if (controller_find_by_name(new, name) == NULL &&
            controller_find_by_name(old, name) == NULL)
            self->name = g_steal_pointer(&name);
    }
}

/* The XML does not show a controller on USB: one on which no disk stands has nobody to speak for
 * it, and stays. */
static gboolean keep_empty(MapContext *context, const Controller *old, GError **error)
{
    g_autoptr(GPtrArray) disks = NULL;
    if (!old->item.is_hidden || controller_find(map_model(context), old->type, old->index) != NULL)
        return TRUE;
    if (!vbox_call(map_machine(context), IMachine_getMediumAttachmentsOfController, error,
                   old->name, &disks))
        return FALSE;
    if (disks->len > 0)
        return TRUE;
    Controller *self = controller_imply(map_model(context), old->type, old->index);
    self->cache = SWITCH_ABSENT;
    claim_as(self, old);
    return TRUE;
}

static gboolean prepare(MapContext *context, GPtrArray *items, GError **error)
{
    g_autoptr(Model) old = model_new(&domain_schema);
    if (map_machine(context) != NULL) {
        g_autoptr(MapContext) reading = map_context_new(old, map_machine(context));
        if (!read_all(reading, model_items(old, &domain_controller_element), error))
            return FALSE;
    }
    for (guint i = 0; i < items->len; i++)
        claim(g_ptr_array_index(items, i), old);
    GPtrArray *others = model_items(old, &domain_controller_element);
    for (guint i = 0; i < others->len; i++)
        if (!keep_empty(context, g_ptr_array_index(others, i), error))
            return FALSE;
    for (guint i = 0; i < items->len; i++)
        choose_name(g_ptr_array_index(items, i), map_model(context), old);
    return TRUE;
}

/* --- applying
 * -------------------------------------------------------------------------------------- */

static gboolean remove_others(MapContext *context, GError **error)
{
    g_autoptr(GPtrArray) objects = NULL;
    Object *machine = map_machine(context);
    if (!vbox_call(machine, IMachine_get_storageControllers, error, &objects))
        return FALSE;
    for (guint i = 0; i < objects->len; i++) {
        g_autofree char *name = NULL;
        if (!vbox_call(g_ptr_array_index(objects, i), IStorageController_get_name, error, &name))
            return FALSE;
        if (controller_find_by_name(map_model(context), name) == NULL &&
            !vbox_call(machine, IMachine_removeStorageController, error, name))
            return FALSE;
    }
    return TRUE;
}

static gboolean apply_one(MapContext *context, Controller *self, GError **error)
{
    g_autoptr(Object) object = NULL;
    guint32 bus = 0;
    gboolean is_good;
    if (self->exists)
        is_good = vbox_call(map_machine(context), IMachine_getStorageControllerByName, error,
                            self->name, &object);
    else
        is_good = vbox_enum_find("StorageBus", self->bus, &bus) &&
                  vbox_call(map_machine(context), IMachine_addStorageController, error, self->name,
                            bus, &object);
    if (!is_good) {
        g_autofree char *path = item_path(&self->item, NULL);
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    return map_apply_item(context, &self->item, object, error);
}

/* Devices go before their controllers, controllers come before their devices. */
static gboolean apply(MapContext *context, GPtrArray *items, GError **error)
{
    if (!disk_detach_others(context, error) || !remove_others(context, error))
        return FALSE;
    for (guint i = 0; i < items->len; i++)
        if (!apply_one(context, g_ptr_array_index(items, i), error))
            return FALSE;
    return TRUE;
}

static char *group_name(const Item *item)
{
    return g_strdup_printf("controller %s", ((const Controller *)item)->name);
}

const Element domain_controller_element = {
    .path = "devices/controller",
    .select = "type=ide|sata|scsi|fdc|nvme",
    .interface = "IStorageController",
    .about =
        "A controller of disks. One that a disk needs and the XML does not have is added, as "
        "by libvirt; one that the XML does not have and no disk needs is removed. `scsi` is "
        "VirtualBox's SCSI, SAS (`lsisas1068`) or virtio-scsi. A controller of disks on USB "
        "is added for a disk with `bus='usb'`, and is not shown: its disks say what holds of its "
        "cache. Of several controllers of a "
        "kind VirtualBox boots from one.",
    .size = sizeof(Controller),
    .fields = fields,
    .late = LATE,
    .check = check,
    .prepare = prepare,
    .apply = apply,
    .read = read_all,
    .finish = finish,
    .name = group_name,
    .serves = "IStorageController.portCount",
};

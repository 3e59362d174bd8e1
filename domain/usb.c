/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <controller type='usb'>: at most one of each kind.
 *
 * A machine without controllers can still have USB devices in its settings, which then do nothing.
 * Its dump says so with libvirt's model='none', or a definition of it would add a controller. */
#include "domain/usb.h"
#include <string.h>

typedef struct UsbController {
    Item item;
    const char *type, *model;
    gint64 index;
    gint64 ports;
    char *alias, *address;
} UsbController;

/* clang-format off */
static const Word types[] = { { "usb" }, END };

static const Word models[] = {
    { "pci-ohci", "OHCI" }, { "ehci", "EHCI" }, { "ich9-ehci1", "EHCI" },
    { "qemu-xhci", "XHCI" }, { "nec-xhci", "XHCI" }, { "none", "Null" }, END };

static const Field fields[] = {
    /* XML      member                VirtualBox  kind, and what else holds */
    F("@type",  UsbController, type,  NULL,       WORD(types, NULL), KEY, REQUIRED, IDENTITY),
    F("@index", UsbController, index, NULL,       NUMBER(0, G_MAXUINT16), IDENTITY),
    F("@model", UsbController, model, "type",     WORD(models, "USBControllerType"), FALLBACK("pci-ohci")),
    F("@ports", UsbController, ports, NULL,       NUMBER(1, 255), KEEP),
    PLACE_ROWS(UsbController),
    REFUSE("master", "VirtualBox has no companion controllers: leave ich9-uhci out"),
    REFUSE("driver", ""),
    END };

/* VirtualBox's own names of its controllers. */
static const Word names[] = { { "OHCI", "OHCI" }, { "EHCI", "EHCI" }, { "xHCI", "XHCI" }, END };
/* clang-format on */

static gboolean is_none(const UsbController *self)
{
    return g_str_equal(self->model, "none");
}

void usb_imply_controller(Model *model)
{
    if (model_items(model, &domain_usb_element)->len > 0)
        return;
    UsbController *self = model_add(model, &domain_usb_element);
    self->type = types[0].word;
    self->model = models[0].word;
}

static gboolean check(Model *model, Item *item, GError **error)
{
    const UsbController *self = (const UsbController *)item;
    GPtrArray *items = model_items(model, item->element);
    for (guint i = 0; g_ptr_array_index(items, i) != item; i++) {
        const UsbController *other = g_ptr_array_index(items, i);
        if (other->model == self->model)
            return device_refuse(item, "@model", error, "VirtualBox has one controller of a kind");
        if (is_none(other) || is_none(self))
            return device_refuse(item, "@model", error,
                                 "model='none' says that there is no USB controller");
        if (other->index == self->index && self->index != NUMBER_ABSENT)
            return device_refuse(item, "@index", error, "another USB controller has it");
    }
    return TRUE;
}

/* --- VirtualBox ------------------------------------------------------------------------------ */

/* The model of a controller of VirtualBox's; NULL: of a kind that is not known here. */
static gboolean controller_model(Object *controller, const char **ret_model, GError **error)
{
    Value type = {0};
    guint32 number;
    if (!vbox_call(controller, IUSBController_get_type, error, &number))
        return FALSE;
    type.number = number;
    *ret_model = field_word(element_field(&domain_usb_element, "@model"), &type);
    return TRUE;
}

static gboolean is_wanted(const GPtrArray *items, const char *model)
{
    for (guint i = 0; i < items->len; i++)
        if (((const UsbController *)g_ptr_array_index(items, i))->model == model)
            return TRUE;
    return FALSE;
}

/* Takes out what is not wanted; of what is there, the models are added to found. */
static gboolean remove_others(Object *machine, const GPtrArray *items, GPtrArray *found,
                              GError **error)
{
    g_autoptr(GPtrArray) controllers = NULL;
    if (!vbox_call(machine, IMachine_get_USBControllers, error, &controllers))
        return FALSE;
    for (guint i = 0; i < controllers->len; i++) {
        Object *controller = g_ptr_array_index(controllers, i);
        const char *model;
        g_autofree char *name = NULL;
        if (!controller_model(controller, &model, error) ||
            !vbox_call(controller, IUSBController_get_name, error, &name))
            return FALSE;
        if (model == NULL || is_wanted(items, model))
            g_ptr_array_add(found, (gpointer)model);
        else if (!vbox_call(machine, IMachine_removeUSBController, error, name))
            return FALSE;
    }
    return TRUE;
}

static gboolean add(MapContext *context, UsbController *self, GError **error)
{
    Object *machine = map_machine(context);
    for (const Word *kind = names; kind->word != NULL; kind++) {
        guint32 number;
        Value value = {0};
        if (!vbox_enum_find("USBControllerType", kind->constant, &number))
            continue;
        value.number = number;
        if (field_word(element_field(&domain_usb_element, "@model"), &value) != self->model)
            continue;
        g_autoptr(Object) controller = NULL;
        return (vbox_call(machine, IMachine_addUSBController, error, kind->word, number,
                          &controller) &&
                map_apply_item(context, &self->item, controller, error)) ||
               device_fail(&self->item, error);
    }
    return TRUE;
}

static gboolean apply(MapContext *context, GPtrArray *items, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    if (!remove_others(map_machine(context), items, found, error))
        return FALSE;
    for (guint i = 0; i < items->len; i++) {
        UsbController *self = g_ptr_array_index(items, i);
        if (!is_none(self) && !g_ptr_array_find(found, self->model, NULL) &&
            !add(context, self, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean read_none(MapContext *context, GError **error)
{
    gboolean has_input, has_filters;
    if (!input_needs_usb(map_machine(context), &has_input, error) ||
        !hostdev_needs_usb(context, &has_filters, error))
        return FALSE;
    if (!has_input && !has_filters)
        return TRUE;
    UsbController *self = model_add(map_model(context), &domain_usb_element);
    self->type = "usb";
    self->index = 0;
    self->model = "none";
    return TRUE;
}

static gboolean read_items(MapContext *context, GPtrArray *items, GError **error)
{
    g_autoptr(GPtrArray) controllers = NULL;
    if (!vbox_call(map_machine(context), IMachine_get_USBControllers, error, &controllers))
        return FALSE;
    for (guint i = 0; i < controllers->len; i++) {
        UsbController *self = model_add(map_model(context), &domain_usb_element);
        self->type = "usb";
        self->index = items->len - 1;
        if (!map_read_item(context, &self->item, g_ptr_array_index(controllers, i), error))
            return FALSE;
        if (self->model == NULL)
            device_drop_last(items);
    }
    return controllers->len > 0 || read_none(context, error);
}

static char *name(const Item *item)
{
    return g_strdup_printf("usb %s", ((const UsbController *)item)->model);
}

const Element domain_usb_element = {
    .path = "devices/controller",
    .select = "type=usb",
    .interface = "IUSBController",
    .about = "A USB controller: at most one OHCI (USB 1.1), EHCI (2.0) and xHCI (3.0). OHCI is the "
             "default, and is added when there are USB devices and no controller. `none`: there is "
             "none, whatever USB devices there are. A dump numbers the controllers anew.",
    .size = sizeof(UsbController),
    .fields = fields,
    .check = check,
    .apply = apply,
    .read = read_items,
    .name = name,
    .serves = "IUSBController.name",
};

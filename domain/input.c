/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <input>: mice, tablets and keyboards.
 *
 * VirtualBox has one word for all pointing devices together and one for all keyboards; the XML has
 * an element for each device.  A combination below is the devices of one such word.  Where the
 * XML's devices are what VirtualBox's word stands for already, the word stays: multi-touch screens
 * are tablets here. */
#include "domain/usb.h"

typedef struct Input {
    Item item;
    const char *type, *bus;
    char *alias, *address;
} Input;

typedef enum Device {
    MOUSE_PS2 = 1 << 0,
    MOUSE_USB = 1 << 1,
    TABLET_USB = 1 << 2,
    KEYBOARD_PS2 = 1 << 3,
    KEYBOARD_USB = 1 << 4,
} Device;
#define POINTING (guint)(MOUSE_PS2 | MOUSE_USB | TABLET_USB)
#define USB_DEVICES (guint)(MOUSE_USB | TABLET_USB | KEYBOARD_USB)

/* clang-format off */
static const Word types[] = { { "tablet" }, { "mouse" }, { "keyboard" }, END };
static const Word buses[] = { { "ps2" }, { "usb" }, END };

static const Field fields[] = {
    /* XML      member        VirtualBox  kind, and what else holds */
    F("@type",  Input, type,  NULL,       WORD(types, NULL), REQUIRED, IDENTITY),
    F("@bus",   Input, bus,   NULL,       WORD(buses, NULL), IDENTITY),
    PLACE_ROWS(Input),
    REFUSE("@model", "it has no virtio input"),
    REFUSE("driver", "it has no virtio input"),
    END };

/* In the order of a dump; an item's slot is its place here. */
static const struct {
    Device device;
    const char *type, *bus;
} devices[] = {
    { TABLET_USB, "tablet", "usb" }, { MOUSE_USB, "mouse", "usb" }, { MOUSE_PS2, "mouse", "ps2" },
    { KEYBOARD_USB, "keyboard", "usb" }, { KEYBOARD_PS2, "keyboard", "ps2" } };

/* A PS/2 mouse is beside every tablet, as in libvirt's other machines. */
typedef struct Combination {
    const char *constant;
    guint devices;
} Combination;

static const Combination pointing[] = {
    { "PS2Mouse", MOUSE_PS2 }, { "USBMouse", MOUSE_USB }, { "ComboMouse", MOUSE_PS2 | MOUSE_USB },
    { "USBTablet", TABLET_USB | MOUSE_PS2 }, { "USBMultiTouch", TABLET_USB | MOUSE_PS2 },
    { "USBMultiTouchScreenPlusPad", TABLET_USB | MOUSE_PS2 }, { "None", 0 }, END };

static const Combination keyboards[] = {
    { "PS2Keyboard", KEYBOARD_PS2 }, { "USBKeyboard", KEYBOARD_USB },
    { "ComboKeyboard", KEYBOARD_PS2 | KEYBOARD_USB }, { "None", 0 }, END };

static const struct {
    const char *type; /* of the enum */
    VboxName get, set;
    const Combination *combinations;
} kinds[] = {
    { "PointingHIDType", IMachine_get_pointingHIDType, IMachine_set_pointingHIDType, pointing },
    { "KeyboardHIDType", IMachine_get_keyboardHIDType, IMachine_set_keyboardHIDType, keyboards } };
/* clang-format on */

/* --- parsing --------------------------------------------------------------------------------- */

/* What the first of the items ask for. */
static guint wanted_devices(const GPtrArray *items, guint count)
{
    guint wanted = 0;
    for (guint i = 0; i < count; i++)
        wanted |= devices[((const Item *)g_ptr_array_index(items, i))->slot].device;
    return wanted | ((wanted & TABLET_USB) ? MOUSE_PS2 : 0);
}

static const Combination *combination_for(guint kind, guint wanted)
{
    for (const Combination *each = kinds[kind].combinations; each->constant != NULL; each++)
        if (each->devices == wanted)
            return each;
    return NULL;
}

static guint wanted_of_kind(guint kind, const GPtrArray *items, guint count)
{
    guint wanted = wanted_devices(items, count);
    return kind == 0 ? wanted & POINTING : wanted & ~POINTING;
}

/* Of those up to the item: the others have their slots yet to come. */
static gboolean check_combination(GPtrArray *items, const Item *item, GError **error)
{
    guint before = 0;
    for (guint kind = 0; g_ptr_array_find(items, item, &before) && kind < G_N_ELEMENTS(kinds);
         kind++)
        if (combination_for(kind, wanted_of_kind(kind, items, before + 1)) == NULL)
            return device_refuse(item, NULL, error,
                                 "VirtualBox has either a USB tablet or a USB mouse");
    return TRUE;
}

static gboolean check(Model *model, Item *item, GError **error)
{
    Input *self = (Input *)item;
    if (self->bus == NULL)
        self->bus = g_str_equal(self->type, "tablet") ? "usb" : "ps2";
    for (guint i = 0; i < G_N_ELEMENTS(devices); i++)
        if (g_str_equal(self->type, devices[i].type) && g_str_equal(self->bus, devices[i].bus))
            item->slot = i;
    if (item->slot == SLOT_NONE)
        return device_refuse(item, "@bus", error, "there is no %s on the %s bus", self->type,
                             self->bus);
    GPtrArray *items = model_items(model, item->element);
    for (guint i = 0; g_ptr_array_index(items, i) != item; i++)
        if (((const Item *)g_ptr_array_index(items, i))->slot == item->slot)
            return device_refuse(item, NULL, error, "a machine has one %s on the %s bus",
                                 self->type, self->bus);
    if (devices[item->slot].device & USB_DEVICES)
        usb_imply_controller(model);
    return check_combination(items, item, error);
}

/* --- VirtualBox ------------------------------------------------------------------------------ */

/* The combination that VirtualBox has; NULL: one that is not known here. */
static const Combination *combination_of(guint kind, guint32 number)
{
    for (const Combination *each = kinds[kind].combinations; each->constant != NULL; each++) {
        guint32 known;
        if (vbox_enum_find(kinds[kind].type, each->constant, &known) && known == number)
            return each;
    }
    return NULL;
}

/* Without any element of a kind, VirtualBox's choice stays. */
static gboolean apply_kind(Object *machine, guint kind, guint wanted, GError **error)
{
    guint32 number;
    if (wanted == 0)
        return TRUE;
    if (!vbox_call(machine, kinds[kind].get, error, &number))
        return FALSE;
    const Combination *has = combination_of(kind, number);
    if (has != NULL && has->devices == wanted)
        return TRUE;
    return vbox_enum_find(kinds[kind].type, combination_for(kind, wanted)->constant, &number) &&
           vbox_call(machine, kinds[kind].set, error, number);
}

static gboolean apply(MapContext *context, GPtrArray *items, GError **error)
{
    for (guint kind = 0; kind < G_N_ELEMENTS(kinds); kind++)
        if (!apply_kind(map_machine(context), kind, wanted_of_kind(kind, items, items->len), error))
            return FALSE;
    return TRUE;
}

static gboolean read_devices(Object *machine, guint *ret_devices, GError **error)
{
    *ret_devices = 0;
    for (guint kind = 0; kind < G_N_ELEMENTS(kinds); kind++) {
        guint32 number;
        if (!vbox_call(machine, kinds[kind].get, error, &number))
            return FALSE;
        const Combination *has = combination_of(kind, number);
        *ret_devices |= has == NULL ? 0 : has->devices;
    }
    return TRUE;
}

static gboolean read_items(MapContext *context, GPtrArray *items, GError **error)
{
    guint has;
    if (!read_devices(map_machine(context), &has, error))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(devices); i++) {
        if (!(has & devices[i].device))
            continue;
        Input *self = model_add(map_model(context), &domain_input_element);
        self->item.slot = i;
        self->type = devices[i].type;
        self->bus = devices[i].bus;
        if (!map_read_item(context, &self->item, map_machine(context), error))
            return FALSE;
    }
    return TRUE;
}

gboolean input_needs_usb(Object *machine, gboolean *ret_needs, GError **error)
{
    guint has;
    if (!read_devices(machine, &has, error))
        return FALSE;
    *ret_needs = (has & USB_DEVICES) != 0;
    return TRUE;
}

const Element domain_input_element = {
    .path = "devices/input",
    .interface = "IMachine",
    .about = "Mice, tablets (`pointingHIDType`) and keyboards (`keyboardHIDType`). Beside a tablet "
             "there is always a PS/2 mouse. A definition without any pointing device, or without "
             "any keyboard, leaves that to VirtualBox. Multi-touch screens are tablets here, and "
             "stay what they are. A USB device needs a USB controller: without one in the XML an "
             "OHCI controller is added.",
    .size = sizeof(Input),
    .fields = fields,
    .check = check,
    .apply = apply,
    .read = read_items,
    .serves = "IMachine.pointingHIDType IMachine.keyboardHIDType",
};

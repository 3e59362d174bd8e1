/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <video>: the one graphics adapter of a machine. */
#include "domain/device.h"

typedef struct Video {
    Item item;
    const char *model, *accel2d, *primary;
    gint64 vram, heads;
    Switch accel3d;
    char *alias, *address;
} Video;

/* clang-format off */
static const Word models[] = {
    { "vga", "VBoxVGA" }, { "vbox", "VBoxSVGA" }, { "vmvga", "VMSVGA" }, { "ramfb", "QemuRamFB" },
    { "none", "Null" }, END };
static const Word no[] = { { "no" }, END };
static const Word yes[] = { { "yes" }, END };

static gboolean get_3d(MapContext *context, Object *adapter, const Field *field, Value *ret_value,
                       GError **error);
static gboolean set_3d(MapContext *context, Object *adapter, const Field *field,
                       const Value *value, GError **error);

static const Field fields[] = {
    /* XML               member          VirtualBox                kind, and what else holds */
    F("model/@type",     Video, model,   "graphicsControllerType", WORD(models, "GraphicsControllerType")),
    F("model/@vram",     Video, vram,    "VRAMSize",               SIZE(1024)),
    F("model/@heads",    Video, heads,   "monitorCount",           NUMBER(1, 64)),
    F("model/@primary",  Video, primary, NULL,                     WORD(yes, NULL), FALLBACK("yes"), QUIET, BLANK),
    F("model/acceleration/@accel3d", Video, accel3d, "isFeatureEnabled(Acceleration3D)|accelerate3DEnabled", YESNO, HOOK(get_3d, set_3d, 0)),
    F("model/acceleration/@accel2d", Video, accel2d, NULL,         WORD(no, NULL), FALLBACK("no"), QUIET),
    PLACE_ROWS(Video),
    REFUSE("model/acceleration/@rendernode", ""),
    REFUSE("model/resolution", "set it in the guest; VirtualBox's EFI takes it from extra data "
                               "(VBoxInternal2/EfiGraphicsResolution)"),
    REFUSE("model/@ram", "it is QXL's; leave it out"),
    REFUSE("model/@vgamem", "it is QXL's; leave it out"),
    REFUSE("model/@vram64", "it is QXL's; leave it out"),
    REFUSE("model/@device", "it is QEMU's; leave it out", BLANK),
    REFUSE("model/@blob", "it is QEMU's; leave it out"),
    REFUSE("model/@edid", "it is QEMU's; leave it out"),
    REFUSE("driver", ""),
    END };
/* clang-format on */

/* 7.1 made a list of features of what had been an attribute. */
static gboolean get_3d(MapContext *context, Object *adapter, const Field *field, Value *ret_value,
                       GError **error)
{
    gboolean is_enabled = FALSE;
    gboolean is_good =
        vbox_has(IGraphicsAdapter_isFeatureEnabled)
            ? vbox_call(adapter, IGraphicsAdapter_isFeatureEnabled, error,
                        vbox_enum(GraphicsFeature_Acceleration3D), &is_enabled)
            : vbox_call(adapter, IGraphicsAdapter_get_accelerate3DEnabled, error, &is_enabled);
    ret_value->number = is_enabled;
    return is_good;
}

static gboolean set_3d(MapContext *context, Object *adapter, const Field *field, const Value *value,
                       GError **error)
{
    gboolean is_wanted = value->number != 0;
    return vbox_has(IGraphicsAdapter_setFeature)
               ? vbox_call(adapter, IGraphicsAdapter_setFeature, error,
                           vbox_enum(GraphicsFeature_Acceleration3D), is_wanted)
               : vbox_call(adapter, IGraphicsAdapter_set_accelerate3DEnabled, error, is_wanted);
}

static gboolean slots(MapContext *context, guint *ret_count, GError **error)
{
    *ret_count = 1;
    return TRUE;
}

static Object *slot(MapContext *context, guint number, GError **error)
{
    Object *adapter = NULL;
    if (!vbox_call(map_machine(context), IMachine_get_graphicsAdapter, error, &adapter))
        return NULL;
    return adapter;
}

static gboolean is_unchanged(MapContext *context, const Video *self, gboolean *ret_unchanged,
                             GError **error)
{
    guint32 number;
    *ret_unchanged = FALSE;
    if (map_machine(context) == NULL)
        return TRUE;
    Object *adapter = map_slot(context, self->item.element, 0, error);
    if (adapter == NULL ||
        !vbox_call(adapter, IGraphicsAdapter_get_graphicsControllerType, error, &number))
        return FALSE;
    Value value = {.number = number};
    const Field *row = element_field(self->item.element, "model/@type");
    *ret_unchanged = g_strcmp0(field_word(row, &value), self->model) == 0;
    return TRUE;
}

/* VBoxVGA is what VirtualBox (7.2) gives a new machine of the ARM platform, too. */
static gboolean is_default(MapContext *context, const Video *self)
{
    return device_is_arm(context) && g_str_equal(self->model, "vga");
}

/* VirtualBox takes an adapter of another platform, and then does not start. */
static gboolean look(MapContext *context, Item *item, GError **error)
{
    const Video *self = (const Video *)item;
    gboolean is_same;
    /* It lists no Null, which works everywhere. */
    if (self->model == NULL || g_str_equal(self->model, "none"))
        return TRUE;
    return is_unchanged(context, self, &is_same, error) &&
           (is_same || is_default(context, self) ||
            device_check_supported(context, &self->item, "model/@type", self->model,
                                   IPlatformProperties_get_supportedGfxControllerTypes, error));
}

const Element domain_video_element = {
    .path = "devices/video",
    .interface = "IGraphicsAdapter",
    .about = "A machine has one graphics adapter; several screens are `heads`. `vga` is VBoxVGA, "
             "`vbox` VBoxSVGA, `vmvga` VMSVGA. Without the element, or without a model in it, "
             "VirtualBox's choice for the guest's system stays. Only VBoxSVGA and VMSVGA have 3D. "
             "`ramfb` is "
             "for machines of the ARM platform.",
    .size = sizeof(Video),
    .fields = fields,
    .max = 1,
    .slots = slots,
    .slot = slot,
    .look = look,
};

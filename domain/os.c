/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <os>: architecture, machine type, firmware, boot order. */
#include "domain/boot.h"
#include "domain/osinfo.h"
#include "domain/processor.h"
#include <string.h>

/* --- boot order: places from 1, in a call of its own --------------------------------------- */

static gboolean get_boot(MapContext *context, Object *machine, const Field *field, Value *ret_value,
                         GError **error)
{
    guint32 device;
    if (!vbox_call(machine, IMachine_getBootOrder, error, field->arg, &device))
        return FALSE;
    ret_value->number = device;
    return TRUE;
}

static gboolean set_boot(MapContext *context, Object *machine, const Field *field,
                         const Value *value, GError **error)
{
    return vbox_call(machine, IMachine_setBootOrder, error, field->arg, (guint)value->number);
}

/* --- architecture: the platform's, and of x86 whether it may run 64-bit guests ------------- */

#define ARCH_AARCH64 2

static gboolean get_arch(MapContext *context, Object *machine, const Field *field, Value *ret_value,
                         GError **error)
{
    if (!processor_get(context, machine, field, ret_value, error))
        return FALSE;
    if (ret_value->is_absent)
        *ret_value = (Value){.number = ARCH_AARCH64};
    return TRUE;
}

static gboolean set_arch(MapContext *context, Object *machine, const Field *field,
                         const Value *value, GError **error)
{
    Value is = {0};
    if (!get_arch(context, machine, field, &is, error))
        return FALSE;
    if (is.number == ARCH_AARCH64 || value->number == ARCH_AARCH64)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "a machine keeps the architecture that it was made with");
    return processor_set(context, machine, field, value, error);
}

/* clang-format off */
static const Word firmwares[] = {
    { "bios", "BIOS" }, { "efi", "EFI" }, { "efi", "EFI64" }, { "efi", "EFI32" },
    { "efi", "EFIDUAL" }, END };

static const Word arches[] = { { "x86_64", "1" }, { "i686", "0" }, { "aarch64", "2" }, END };

/* Aliases are QEMU's names. */
static const Word machines[] = {
    { "piix3", "PIIX3" }, { "pc", "PIIX3" }, { "pc-i440fx-", "PIIX3" },
    { "ich9", "ICH9" }, { "q35", "ICH9" }, { "pc-q35-", "ICH9" },
    { "armv8virtual", "ARMv8Virtual" }, { "virt", "ARMv8Virtual" }, { "virt-", "ARMv8Virtual" },
    END };

static const Word boots[] = {
    { "fd" }, { "cdrom" }, { "hd" }, { "network" }, END };

/* A place in VirtualBox's order may also be empty. */
static const Word places[] = {
    { "none", "Null" }, { "fd", "Floppy" }, { "cdrom", "DVD" }, { "hd", "HardDisk" },
    { "network", "Network" }, END };

static const Word boot_menus[] = {
    { "yes", "MessageAndMenu" }, { "yes", "MenuOnly" }, { "no", "Disabled" }, END };

#define BOOT(place) \
    F("boot[" #place "]/@dev", Os, boot[place - 1], NULL, WORD(boots, NULL)), \
    F(NULL, Os, order[place - 1], "getBootOrder(" #place ")", WORD(places, "DeviceType"), \
      HOOK(get_boot, set_boot, place))

static const Field fields[] = {
    /* XML                Os member   VirtualBox */
    FIXED("type", "hvm"),
    F("type/@arch",       Os, arch,    "platform.x86.getCPUProperty(LongMode)|getCPUProperty(LongMode)", WORD(arches, NULL),
      BLANK, HOOK(get_arch, set_arch, CPU_LONG_MODE)),
    F("type/@machine",    Os, machine, "platform.chipsetType|chipsetType",
      WORD(machines, "ChipsetType"), NOCASE, BLANK),
    F("@firmware",        Os, firmware, "firmwareSettings.firmwareType|firmwareType",
      WORD(firmwares, "FirmwareType"), FALLBACK("bios"), QUIET, BLANK),
    BOOT(1), BOOT(2), BOOT(3), BOOT(4),
    F("bootmenu/@enable", Os, boot_menu, "firmwareSettings.bootMenuMode|BIOSSettings.bootMenuMode",
      WORD(boot_menus, "FirmwareBootMenuMode|BIOSBootMenuMode")),
    F("vbox:ostype/@id",  Os, os_type_said, NULL, STR),
    F(NULL,               Os, os_type, "OSTypeId", STR),
    REFUSE("kernel", "it boots from disks and the network only", BLANK),
    REFUSE("initrd", "it boots from disks and the network only", BLANK),
    REFUSE("cmdline", "it boots from disks and the network only", BLANK),
    REFUSE("dtb", "it makes the device tree itself", BLANK),
    REFUSE("shim", "it boots from disks and the network only", BLANK),
    REFUSE("acpi", "it makes the ACPI tables itself"),
    REFUSE("init", "it has no containers", BLANK),
    END };
/* clang-format on */

/* --- what is implied ----------------------------------------------------------------------- */

static gboolean imply_order(Model *model, Os *self, GError **error)
{
    const char *of_devices[4];
    if (!boot_order_of_devices(model, of_devices, &self->has_device_order, error))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(self->order); i++) {
        const char *word = self->has_device_order ? of_devices[i] : self->boot[i];
        self->order[i] = word == NULL ? "none" : word;
    }
    return TRUE;
}

/* The architecture and the machine come first: the checks of others rely on them. */
static gboolean check(Model *model, Item *item, GError **error)
{
    Os *self = (Os *)item;
    if (self->arch == NULL)
        self->arch = osinfo_host_arch();
    gboolean is_arm = g_str_equal(self->arch, "aarch64");
    if (is_arm)
        self->firmware = "efi"; /* they have no other */
    if (self->machine == NULL)
        self->machine = is_arm ? "armv8virtual" : "piix3";
    if (is_arm != g_str_equal(self->machine, "armv8virtual"))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/domain/os/type/@machine: '%s' is no machine of architecture '%s'",
                    self->machine, self->arch);
    return imply_order(model, self, error);
}

/* Whether both lists name the same devices in the same order, empty places aside. */
static gboolean same_order(const char *const a[4], const char *const b[4])
{
    for (guint i = 0, j = 0;; i++, j++) {
        while (i < 4 && g_str_equal(a[i], "none"))
            i++;
        while (j < 4 && g_str_equal(b[j], "none"))
            j++;
        if (i >= 4 || j >= 4)
            return i >= 4 && j >= 4;
        if (!g_str_equal(a[i], b[j]))
            return FALSE;
    }
}

static gboolean read_order(MapContext *context, const char *order[4], GError **error)
{
    FIELDS(&domain_os_element, field)
    {
        Value value = {0};
        if (field->get != get_boot)
            continue;
        if (!get_boot(context, map_machine(context), field, &value, error))
            return FALSE;
        const char *word = field_word(field, &value);
        order[field->arg - 1] = word == NULL ? "none" : word;
    }
    return TRUE;
}

/* A machine may have empty places in its order, which the XML cannot say: an order that is the
 * same but for them is left alone.  Without any <boot>, as with libvirt: the hard disk. */
static gboolean plan_order(MapContext *context, Os *self, GError **error)
{
    const char *is[4] = {NULL};
    if (map_machine(context) != NULL && !read_order(context, is, error))
        return FALSE;
    if (is[0] != NULL && same_order(is, self->order))
        memcpy(self->order, is, sizeof is);
    else if (self->boot[0] == NULL && !self->has_device_order)
        self->order[0] = "hd";
    return TRUE;
}

static gboolean look(MapContext *context, Item *item, GError **error)
{
    const Os *self = (const Os *)item;
    gboolean is_type;
    return self->os_type_said == NULL ||
           (osinfo_is_type(self->os_type_said, &is_type, error) &&
            (is_type ||
             fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                  "/domain/os/vbox:ostype/@id: VirtualBox has no '%s'; VBoxManage list ostypes "
                  "lists what it has",
                  self->os_type_said)));
}

/* The type that a definition means: what it says, or what libosinfo's id says, or for a machine
 * that is there already what it has. */
static gboolean plan_os_type(MapContext *context, Os *self, GError **error)
{
    const char *metadata = domain_general(map_model(context))->metadata;
    gboolean is_said;
    g_clear_pointer(&self->os_type, g_free);
    if (self->os_type_said != NULL) {
        self->os_type = g_strdup(self->os_type_said);
        return TRUE;
    }
    self->os_type = osinfo_type(metadata, self->arch, &is_said, error);
    if (self->os_type == NULL || is_said || map_machine(context) == NULL)
        return self->os_type != NULL;
    g_clear_pointer(&self->os_type, g_free);
    return vbox_call(map_machine(context), IMachine_get_OSTypeId, error, &self->os_type);
}

/* Shown is what metadata does not say already. */
static gboolean show_os_type(MapContext *context, Os *self, GError **error)
{
    gboolean is_said;
    g_autofree char *implied =
        osinfo_type(domain_general(map_model(context))->metadata, self->arch, &is_said, error);
    if (implied == NULL)
        return FALSE;
    if (g_strcmp0(self->os_type, implied) != 0)
        self->os_type_said = g_strdup(self->os_type);
    return TRUE;
}

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    Os *self = (Os *)item;
    for (guint i = 0, next = 0; i < G_N_ELEMENTS(self->order); i++)
        if (self->order[i] != NULL && !g_str_equal(self->order[i], "none"))
            self->boot[next++] = self->order[i];
    return show_os_type(context, self, error);
}

static gboolean prepare(MapContext *context, GPtrArray *items, GError **error)
{
    Os *self = g_ptr_array_index(items, 0);
    return plan_os_type(context, self, error) && plan_order(context, self, error);
}

const Element domain_os_element = {
    .path = "os",
    .interface = "IMachine",
    .about = "The machine types are VirtualBox's chipsets. VirtualBox's own OS type is what "
             "`vbox:ostype` says, else what libosinfo's metadata says, else it stays as it is. "
             "<boot order='1'/> of devices is VirtualBox's order of kinds: a kind comes where its "
             "first device does.",
    .size = sizeof(Os),
    .fields = fields,
    .single = TRUE,
    .check = check,
    .look = look,
    .prepare = prepare,
    .finish = finish,
    .serves = "IPlatform.architecture",
};

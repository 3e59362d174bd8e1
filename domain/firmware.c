/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <os>, its firmware: variants, secure boot, what it shows when it starts.
 *
 * Secure boot is no setting of the machine's but variables in its NVRAM file, which is made when
 * they are first needed: a machine without one has no keys.  They are read from the file
 * (vbox/nvram.h says why) and changed by VirtualBox. */
#include "domain/domain.h"
#include "vbox/nvram.h"

/* What the variables amount to. */
enum { SETUP_MODE, KEYS_ENROLLED, SECURE_BOOT, UNREADABLE };

typedef struct Firmware {
    Item item;
    const char *type;
    Switch secure_boot, keys; /* the XML's side of the variables */
    gint64 variables;
    gint64 display_time;
    Switch fade_in, fade_out, pxe_debug, little_endian, serial_numbers;
    char *logo;
    const char *apic_mode;
} Firmware;

/* --- variables ----------------------------------------------------------------------------- */

static gboolean is_efi(Model *model)
{
    return g_strcmp0(domain_os(model)->firmware, "efi") == 0;
}

/* Borrowed. */
static gboolean get_nvram(MapContext *context, Object *machine, Object **ret_nvram, char **ret_path,
                          GError **error)
{
    return map_object(context, machine, IMachine_get_nonVolatileStore, ret_nvram, error) &&
           vbox_call(*ret_nvram, INvramStore_get_nonVolatileStorageFile, error, ret_path);
}

static gboolean get_variables(MapContext *context, Object *machine, const Field *field,
                              Value *ret_value, GError **error)
{
    Object *object;
    g_autofree char *path = NULL;
    Nvram nvram;
    ret_value->number = SETUP_MODE;
    if (!is_efi(map_model(context)))
        return TRUE;
    if (!get_nvram(context, machine, &object, &path, error))
        return FALSE;
    if (!nvram_read(path, &nvram))
        ret_value->number = UNREADABLE;
    else if (nvram.has_platform_key)
        ret_value->number = nvram.secure_boot ? SECURE_BOOT : KEYS_ENROLLED;
    return TRUE;
}

/* A session says that it has ended before VirtualBox has freed what belonged to it, and opening the
 * store meanwhile crashes VirtualBox. */
#define SETTLED_MS 2000
#define SETTLE_PAUSE (50 * 1000) /* µs */

static gboolean wait_settled(Object *machine, GError **error)
{
    for (gint64 changed = 0;;) {
        if (!vbox_call(machine, IMachine_get_lastStateChange, error, &changed))
            return FALSE;
        gint64 age = g_get_real_time() / 1000 - changed;
        if (age < 0 || age >= SETTLED_MS)
            return TRUE;
        g_usleep(SETTLE_PAUSE);
    }
}

/* Who owns a platform key says nothing else: with one, the firmware is out of setup mode. */
#define PLATFORM_KEY "PK"

static gboolean delete_platform_key(Object *store, GError **error)
{
    g_auto(GStrv) names = NULL, owners = NULL;
    if (!vbox_call(store, IUefiVariableStore_queryVariables, error, &names, &owners))
        return FALSE;
    for (guint i = 0; names[i] != NULL; i++)
        if (g_str_equal(names[i], PLATFORM_KEY))
            return vbox_call(store, IUefiVariableStore_deleteVariable, error, PLATFORM_KEY,
                             owners[i]);
    return TRUE;
}

static gboolean set_variables(MapContext *context, Object *machine, const Field *field,
                              const Value *value, GError **error)
{
    Object *nvram, *store;
    g_autofree char *path = NULL;
    Nvram is = {0};
    if (!get_nvram(context, machine, &nvram, &path, error))
        return FALSE;
    gboolean is_there = g_file_test(path, G_FILE_TEST_EXISTS);
    gboolean is_known = nvram_read(path, &is), wants_keys = value->number != SETUP_MODE;
    if (!wants_keys && !is.has_platform_key)
        return TRUE;
    if (is_there && !wait_settled(machine, error))
        return FALSE;
    if (!is_known && !vbox_call(nvram, INvramStore_initUefiVariableStore, error, 0u))
        return FALSE;
    if (!map_object(context, nvram, INvramStore_get_uefiVariableStore, &store, error))
        return FALSE;
    if (!wants_keys)
        return delete_platform_key(store, error);
    if (!is.has_platform_key &&
        (!vbox_call(store, IUefiVariableStore_enrollDefaultMsSignatures, error) ||
         !vbox_call(store, IUefiVariableStore_enrollOraclePlatformKey, error)))
        return FALSE;
    return vbox_call(store, IUefiVariableStore_set_secureBootEnabled, error,
                     (gboolean)(value->number == SECURE_BOOT));
}

/* clang-format off */
static const Word types[] = {
    { "EFI", "EFI" }, { "EFI32", "EFI32" }, { "EFI64", "EFI64" }, { "EFIDUAL", "EFIDUAL" }, END };
static const Word apic_modes[] = {
    { "APIC", "APIC" }, { "X2APIC", "X2APIC" }, { "disabled", "Disabled" }, END };

#define SETTING(path, member, attribute, ...) \
    F("vbox:firmware/@" path, Firmware, member, \
      "firmwareSettings." attribute "|BIOSSettings." attribute, __VA_ARGS__)

static const Field fields[] = {
    F("vbox:firmware/@type", Firmware, type, "firmwareSettings.firmwareType|firmwareType",
      WORD(types, "FirmwareType")),
    F("firmware/feature[name=enrolled-keys]/@enabled", Firmware, keys, NULL, YESNO, KEEP),
    F("firmware/feature[name=secure-boot]/@enabled", Firmware, secure_boot, NULL, YESNO, KEEP),
    F(NULL, Firmware, variables, "nonVolatileStore.uefiVariableStore.secureBootEnabled",
      NUMBER(SETUP_MODE, SECURE_BOOT), HOOK(get_variables, set_variables, 0)),
    F("bootmenu/@timeout", Firmware, display_time,
      "firmwareSettings.logoDisplayTime|BIOSSettings.logoDisplayTime", NUMBER(0, G_MAXUINT16),
      FALLBACK("0"), QUIET),
    SETTING("logoFadeIn", fade_in, "logoFadeIn", YESNO, FALLBACK("yes"), QUIET),
    SETTING("logoFadeOut", fade_out, "logoFadeOut", YESNO, FALLBACK("yes"), QUIET),
    SETTING("logoImagePath", logo, "logoImagePath", STR, FALLBACK(""), QUIET),
    SETTING("APICMode", apic_mode, "APICMode", WORD(apic_modes, "APICMode"), FALLBACK("APIC"), QUIET),
    SETTING("PXEDebugEnabled", pxe_debug, "PXEDebugEnabled", YESNO, FALLBACK("no"), QUIET),
    SETTING("SMBIOSUuidLittleEndian", little_endian, "SMBIOSUuidLittleEndian", YESNO, FALLBACK("yes"), QUIET),
    SETTING("AutoSerialNumGen", serial_numbers, "AutoSerialNumGen", YESNO, FALLBACK("yes"), QUIET),
    REFUSE("loader", "it has its own firmware; say <os firmware='efi'>, and of secure boot "
           "<firmware><feature name='secure-boot' enabled='yes'/></firmware>"),
    REFUSE("nvram", "it keeps a machine's variables in the machine's folder"),
    REFUSE("varstore", "it keeps a machine's variables in the machine's folder"),
    REFUSE("bios", "its BIOS neither writes to a serial port nor starts again by itself"),
    END };
/* clang-format on */

/* What the XML says, in VirtualBox's terms. */
static gint64 said_variables(const Firmware *self)
{
    if (self->secure_boot == SWITCH_YES)
        return SECURE_BOOT;
    return self->keys == SWITCH_YES ? KEYS_ENROLLED : SETUP_MODE;
}

static gboolean check(Model *model, Item *item, GError **error)
{
    Firmware *self = (Firmware *)item;
    if (!is_efi(model) &&
        (self->type != NULL || self->secure_boot == SWITCH_YES || self->keys == SWITCH_YES))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/domain/os: its firmware's type, secure boot and keys need firmware='efi'");
    /* A firmware that has no keys is in setup mode, whatever it is told of secure boot. */
    if (self->keys == SWITCH_NO && self->secure_boot == SWITCH_YES)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/domain/os/firmware/feature: secure-boot needs enrolled-keys");
    if (is_efi(model) && self->secure_boot == SWITCH_ABSENT)
        self->secure_boot = SWITCH_NO;
    if (is_efi(model) && self->keys == SWITCH_ABSENT)
        self->keys = self->secure_boot;
    self->variables = said_variables(self);
    return TRUE;
}

/* What the file says is true; of one that cannot be read, what a definition said last. */
static gboolean finish(MapContext *context, Item *item, GError **error)
{
    Firmware *self = (Firmware *)item;
    if (g_strcmp0(self->type, "EFI") == 0)
        self->type = NULL;
    if (self->variables == UNREADABLE)
        self->variables = said_variables(self);
    self->keys = self->secure_boot = SWITCH_ABSENT;
    if (is_efi(map_model(context))) {
        self->keys = self->variables != SETUP_MODE ? SWITCH_YES : SWITCH_NO;
        self->secure_boot = self->variables == SECURE_BOOT ? SWITCH_YES : SWITCH_NO;
    }
    return TRUE;
}

const Element domain_firmware_element = {
    .path = "os",
    .interface = "IMachine",
    .about =
        "Secure boot enrolls Microsoft's keys and VirtualBox's platform key. A dump says what "
        "the machine's NVRAM file does; what a definition says is kept for the day when that is "
        "encrypted. `timeout` of the "
        "boot menu is how long the logo is shown, with the offer of a menu. `vbox:firmware` "
        "stays `EFI32` or `EFI64` when its `type` is left out.",
    .size = sizeof(Firmware),
    .fields = fields,
    .single = TRUE,
    .check = check,
    .finish = finish,
};

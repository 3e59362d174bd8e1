/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <os>, its firmware: variants, secure boot, what it shows when it starts.
 *
 * Secure boot is no setting of the machine's but variables in its NVRAM file, which is made when
 * they are first needed: a machine without one has no keys. */
#include "domain/domain.h"

typedef struct Firmware {
    Item item;
    const char *type;
    Switch secure_boot_said, keys_said; /* the XML's side */
    Switch secure_boot, keys;
    gint64 display_time;
    Switch fade_in, fade_out, pxe_debug, little_endian, serial_numbers;
    char *logo;
    const char *apic_mode;
} Firmware;

/* --- variables ----------------------------------------------------------------------------- */

/* *ret_store NULL: the machine has none.  Borrowed. */
static gboolean open_store(MapContext *context, Object *machine, gboolean make, Object **ret_store,
                           GError **error)
{
    Object *nvram = NULL;
    g_autoptr(GError) failure = NULL;
    *ret_store = NULL;
    if (g_strcmp0(domain_os(map_model(context))->firmware, "efi") != 0)
        return TRUE;
    if (!map_object(context, machine, IMachine_get_nonVolatileStore, &nvram, error))
        return FALSE;
    /* Where there is no file, that is an error. */
    if (map_object(context, nvram, INvramStore_get_uefiVariableStore, ret_store, &failure))
        return TRUE;
    if (!vbox_is_missing(failure)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (!make)
        return TRUE;
    return vbox_call(nvram, INvramStore_initUefiVariableStore, error, 0u) &&
           map_object(context, nvram, INvramStore_get_uefiVariableStore, ret_store, error);
}

static gboolean get_secure_boot(MapContext *context, Object *machine, const Field *field,
                                Value *ret_value, GError **error)
{
    Object *store = NULL;
    gboolean is_on = FALSE;
    if (!open_store(context, machine, FALSE, &store, error))
        return FALSE;
    /* It cannot be asked of a store that has no such variable. */
    if (store != NULL && !vbox_call(store, IUefiVariableStore_get_secureBootEnabled, NULL, &is_on))
        is_on = FALSE;
    ret_value->number = is_on;
    return TRUE;
}

static gboolean set_secure_boot(MapContext *context, Object *machine, const Field *field,
                                const Value *value, GError **error)
{
    Object *store = NULL;
    gboolean is_on = value->number != 0;
    return open_store(context, machine, is_on, &store, error) &&
           (store == NULL ||
            vbox_call(store, IUefiVariableStore_set_secureBootEnabled, error, is_on));
}

/* Who owns a platform key says nothing else: with one, the firmware is out of setup mode. */
#define PLATFORM_KEY "PK"

/* *ret_owner NULL: there is none.  Owned. */
static void find_platform_key(Object *store, char **ret_owner)
{
    g_auto(GStrv) names = NULL, owners = NULL;
    *ret_owner = NULL;
    /* It cannot be asked of a store that is empty. */
    if (!vbox_call(store, IUefiVariableStore_queryVariables, NULL, &names, &owners))
        return;
    for (guint i = 0; names[i] != NULL; i++)
        if (g_str_equal(names[i], PLATFORM_KEY)) {
            *ret_owner = g_strdup(owners[i]);
            return;
        }
}

static gboolean get_keys(MapContext *context, Object *machine, const Field *field, Value *ret_value,
                         GError **error)
{
    Object *store = NULL;
    g_autofree char *owner = NULL;
    if (!open_store(context, machine, FALSE, &store, error))
        return FALSE;
    if (store != NULL)
        find_platform_key(store, &owner);
    ret_value->number = owner != NULL;
    return TRUE;
}

static gboolean set_keys(MapContext *context, Object *machine, const Field *field,
                         const Value *value, GError **error)
{
    Object *store = NULL;
    g_autofree char *owner = NULL;
    if (!open_store(context, machine, value->number != 0, &store, error))
        return FALSE;
    if (store == NULL)
        return TRUE;
    if (value->number != 0)
        return vbox_call(store, IUefiVariableStore_enrollDefaultMsSignatures, error) &&
               vbox_call(store, IUefiVariableStore_enrollOraclePlatformKey, error);
    find_platform_key(store, &owner);
    return owner == NULL ||
           vbox_call(store, IUefiVariableStore_deleteVariable, error, PLATFORM_KEY, owner);
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
    F("firmware/feature[name=enrolled-keys]/@enabled", Firmware, keys_said, NULL, YESNO, KEEP),
    F("firmware/feature[name=secure-boot]/@enabled", Firmware, secure_boot_said, NULL, YESNO, KEEP),
    F(NULL, Firmware, keys, "nonVolatileStore.uefiVariableStore", YESNO,
      HOOK(get_keys, set_keys, 0)),
    F(NULL, Firmware, secure_boot, "nonVolatileStore.uefiVariableStore.secureBootEnabled", YESNO,
      HOOK(get_secure_boot, set_secure_boot, 0)),
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

static gboolean check(Model *model, Item *item, GError **error)
{
    Firmware *self = (Firmware *)item;
    gboolean is_efi = g_str_equal(domain_os(model)->firmware, "efi");
    if (!is_efi && (self->type != NULL || self->secure_boot_said == SWITCH_YES ||
                    self->keys_said == SWITCH_YES))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/domain/os: its firmware's type, secure boot and keys need firmware='efi'");
    /* A firmware that has no keys is in setup mode, whatever it is told of secure boot. */
    if (self->keys_said == SWITCH_NO && self->secure_boot_said == SWITCH_YES)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/domain/os/firmware/feature: secure-boot needs enrolled-keys");
    if (is_efi && self->secure_boot_said == SWITCH_ABSENT)
        self->secure_boot_said = SWITCH_NO;
    if (is_efi && self->keys_said == SWITCH_ABSENT)
        self->keys_said = self->secure_boot_said;
    self->secure_boot = self->secure_boot_said == SWITCH_YES ? SWITCH_YES : SWITCH_NO;
    self->keys = self->keys_said == SWITCH_YES ? SWITCH_YES : SWITCH_NO;
    return TRUE;
}

/* VirtualBox (7.2) reads a machine's variables once, and then tells what they were: what a
 * definition said is newer. */
static gboolean finish(MapContext *context, Item *item, GError **error)
{
    Firmware *self = (Firmware *)item;
    gboolean is_efi = g_strcmp0(domain_os(map_model(context))->firmware, "efi") == 0;
    if (g_strcmp0(self->type, "EFI") == 0)
        self->type = NULL;
    if (!is_efi)
        self->secure_boot_said = self->keys_said = SWITCH_ABSENT;
    if (is_efi && self->secure_boot_said == SWITCH_ABSENT)
        self->secure_boot_said = self->secure_boot;
    if (is_efi && self->keys_said == SWITCH_ABSENT)
        self->keys_said = self->keys;
    return TRUE;
}

const Element domain_firmware_element = {
    .path = "os",
    .interface = "IMachine",
    .about =
        "Secure boot enrolls Microsoft's keys and VirtualBox's platform key. What a definition "
        "says of both is kept, for VirtualBox does not tell what others change while it runs. "
        "`timeout` of the "
        "boot menu is how long the logo is shown, with the offer of a menu. `vbox:firmware` "
        "stays `EFI32` or `EFI64` when its `type` is left out.",
    .size = sizeof(Firmware),
    .fields = fields,
    .single = TRUE,
    .check = check,
    .finish = finish,
};

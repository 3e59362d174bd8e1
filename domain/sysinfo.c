/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <sysinfo type='smbios'>: what the firmware tells a guest about the computer.
 *
 * VirtualBox reads it from extra data of the machine, as its manual says ("Configuring the BIOS DMI
 * Information"): a key for each, below the device of the firmware that the machine has. */
#include "domain/domain.h"
#include "domain/extra.h"

typedef struct SysInfo {
    Item item;
    const char *mode, *type;
    char *bios[3], *system[7], *board[6], *chassis[4];
} SysInfo;

#define PREFIX "VBoxInternal/Devices/%s/0/Config/"

static char *key_of(MapContext *context, const Field *field)
{
    const char *firmware = domain_os(map_model(context))->firmware;
    g_autofree char *prefix =
        g_strdup_printf(PREFIX, g_strcmp0(firmware, "efi") == 0 ? "efi" : "pcbios");
    return g_strconcat(prefix, field->attribute, NULL);
}

static gboolean get_entry(MapContext *context, Object *machine, const Field *field,
                          Value *ret_value, GError **error)
{
    g_autofree char *key = key_of(context, field);
    *ret_value = (Value){.is_text = TRUE};
    return extra_get(context, machine, key, &ret_value->text, error);
}

static gboolean set_entry(MapContext *context, Object *machine, const Field *field,
                          const Value *value, GError **error)
{
    g_autofree char *key = key_of(context, field);
    return extra_set_text(machine, key, value->text, error);
}

/* clang-format off */
static const Word modes[] = { { "emulate" }, { "sysinfo" }, END };
static const Word smbios[] = { { "smbios" }, END };

#define ENTRY(path, member, key) \
    F(path, SysInfo, member, key, STR, FALLBACK(""), QUIET, HOOK(get_entry, set_entry, 0))

static const Field fields[] = {
    F("os/smbios/@mode", SysInfo, mode, NULL, WORD(modes, NULL), KEEP, BLANK),
    F("sysinfo/@type",   SysInfo, type, NULL, WORD(smbios, NULL)),
    ENTRY("sysinfo/bios/entry[name=vendor]",            bios[0],    "DmiBIOSVendor"),
    ENTRY("sysinfo/bios/entry[name=version]",           bios[1],    "DmiBIOSVersion"),
    ENTRY("sysinfo/bios/entry[name=date]",              bios[2],    "DmiBIOSReleaseDate"),
    ENTRY("sysinfo/system/entry[name=manufacturer]",    system[0],  "DmiSystemVendor"),
    ENTRY("sysinfo/system/entry[name=product]",         system[1],  "DmiSystemProduct"),
    ENTRY("sysinfo/system/entry[name=version]",         system[2],  "DmiSystemVersion"),
    ENTRY("sysinfo/system/entry[name=serial]",          system[3],  "DmiSystemSerial"),
    ENTRY("sysinfo/system/entry[name=uuid]",            system[4],  "DmiSystemUuid"),
    ENTRY("sysinfo/system/entry[name=sku]",             system[5],  "DmiSystemSKU"),
    ENTRY("sysinfo/system/entry[name=family]",          system[6],  "DmiSystemFamily"),
    ENTRY("sysinfo/baseBoard/entry[name=manufacturer]", board[0],   "DmiBoardVendor"),
    ENTRY("sysinfo/baseBoard/entry[name=product]",      board[1],   "DmiBoardProduct"),
    ENTRY("sysinfo/baseBoard/entry[name=version]",      board[2],   "DmiBoardVersion"),
    ENTRY("sysinfo/baseBoard/entry[name=serial]",       board[3],   "DmiBoardSerial"),
    ENTRY("sysinfo/baseBoard/entry[name=asset]",        board[4],   "DmiBoardAssetTag"),
    ENTRY("sysinfo/baseBoard/entry[name=location]",     board[5],   "DmiBoardLocInChass"),
    ENTRY("sysinfo/chassis/entry[name=manufacturer]",   chassis[0], "DmiChassisVendor"),
    ENTRY("sysinfo/chassis/entry[name=version]",        chassis[1], "DmiChassisVersion"),
    ENTRY("sysinfo/chassis/entry[name=serial]",         chassis[2], "DmiChassisSerial"),
    ENTRY("sysinfo/chassis/entry[name=asset]",          chassis[3], "DmiChassisAssetTag"),
    REFUSE("sysinfo/oemStrings", "its own are there already"),
    END };
/* clang-format on */

static gboolean has_entry(const SysInfo *self)
{
    FIELDS(&domain_sysinfo_element, field)
    if (field->get == get_entry && field_is_said(field, &self->item))
        return TRUE;
    return FALSE;
}

static gboolean check(Model *model, Item *item, GError **error)
{
    SysInfo *self = (SysInfo *)item;
    if (has_entry(self) && g_strcmp0(self->mode, "sysinfo") != 0)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/domain/sysinfo: a guest sees it only with <smbios mode='sysinfo'/> in <os>");
    self->type = has_entry(self) ? "smbios" : NULL;
    return TRUE;
}

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    SysInfo *self = (SysInfo *)item;
    if (!has_entry(self))
        return TRUE;
    self->type = "smbios";
    self->mode = "sysinfo";
    return TRUE;
}

const Element domain_sysinfo_element = {
    .path = "",
    .interface = "IMachine",
    .about = "What the firmware tells a guest about the computer (SMBIOS). The names beside the "
             "entries are keys in the machine's extra data, below "
             "`VBoxInternal/Devices/pcbios/0/Config/`, or `efi`.",
    .size = sizeof(SysInfo),
    .fields = fields,
    .late = LAST,
    .single = TRUE,
    .check = check,
    .finish = finish,
};

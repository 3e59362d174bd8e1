/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <tpm>: the trusted platform module. */
#include "domain/device.h"

typedef struct Tpm {
    Item item;
    const char *model, *backend, *version; /* the XML's side */
    char *device;
    const char *type; /* VirtualBox's */
    char *location;
    char *alias, *address;
} Tpm;

/* clang-format off */
static const Word models[] = { { "tpm-tis" }, { "tpm-crb" }, END };
static const Word backends[] = { { "emulator" }, { "passthrough" }, END };
static const Word versions[] = { { "2.0" }, { "1.2" }, END };
static const Word types[] = {
    { "2.0", "v2_0" }, { "1.2", "v1_2" }, { "passthrough", "Host" }, END };

static const Field fields[] = {
    /* XML                    member         VirtualBox                        kind, and what else holds */
    F("@model",               Tpm, model,    NULL,                             WORD(models, NULL), KEEP),
    F("backend/@type",        Tpm, backend,  NULL,                             WORD(backends, NULL), KEY, REQUIRED),
    F("backend/@version",     Tpm, version,  NULL,                             WORD(versions, NULL), WHEN("emulator"), FALLBACK("2.0")),
    F("backend/device/@path", Tpm, device,   NULL,                             STR, WHEN("passthrough")),
    F(NULL,                   Tpm, location, "trustedPlatformModule.location", STR),
    F(NULL,                   Tpm, type,     "trustedPlatformModule.type",     WORD(types, "TpmType")),
    PLACE_ROWS(Tpm),
    REFUSE("backend/@persistent_state", "its state is in the machine's NVRAM file"),
    REFUSE("backend/@debug", ""),
    REFUSE("backend/source", "its state is in the machine's NVRAM file"),
    REFUSE("backend/encryption", ""),
    REFUSE("backend/active_pcr_banks", ""),
    REFUSE("backend/profile", ""),
    END };
/* clang-format on */

static gboolean check(Model *model, Item *item, GError **error)
{
    Tpm *self = (Tpm *)item;
    self->type = self->version == NULL ? "passthrough" : self->version;
    device_set_text(&self->location, self->device);
    return TRUE;
}

/* None, or one that is reached over a network, which libvirt has no word for: not shown. */
static gboolean is_shown(Object *module, gboolean *ret_shown, GError **error)
{
    guint32 number;
    if (!vbox_call(module, ITrustedPlatformModule_get_type, error, &number))
        return FALSE;
    Value value = {.number = number};
    const Field *row = domain_tpm_element.fields;
    while (row->attribute == NULL || row->words != types)
        row++;
    *ret_shown = field_word(row, &value) != NULL;
    return TRUE;
}

static gboolean apply(MapContext *context, GPtrArray *items, GError **error)
{
    Object *machine = map_machine(context), *module = NULL;
    gboolean has_shown;
    if (items->len > 0)
        return map_apply_item(context, g_ptr_array_index(items, 0), machine, error);
    if (!map_object(context, machine, IMachine_get_trustedPlatformModule, &module, error) ||
        !is_shown(module, &has_shown, error))
        return FALSE;
    return !has_shown ||
           vbox_call(module, ITrustedPlatformModule_set_type, error, vbox_enum(TpmType_None));
}

static gboolean read_items(MapContext *context, GPtrArray *items, GError **error)
{
    Object *machine = map_machine(context), *module = NULL;
    gboolean has_shown;
    if (!map_object(context, machine, IMachine_get_trustedPlatformModule, &module, error) ||
        !is_shown(module, &has_shown, error))
        return FALSE;
    Tpm *self = has_shown ? model_add(map_model(context), &domain_tpm_element) : NULL;
    return self == NULL || map_read_item(context, &self->item, machine, error);
}

/* The model that VirtualBox gives a TPM of its own. */
static const char *usual_model(const Tpm *self)
{
    return g_str_equal(self->type, "1.2") ? "tpm-tis" : "tpm-crb";
}

/* What a dump says in any case need not be kept. */
static gboolean prepare(MapContext *context, GPtrArray *items, GError **error)
{
    Tpm *self = items->len == 0 ? NULL : g_ptr_array_index(items, 0);
    if (self != NULL && g_str_equal(self->backend, "emulator") &&
        g_strcmp0(self->model, usual_model(self)) == 0)
        self->model = NULL;
    return TRUE;
}

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    Tpm *self = (Tpm *)item;
    gboolean is_host = g_str_equal(self->type, "passthrough");
    self->backend = is_host ? "passthrough" : "emulator";
    self->version = is_host ? NULL : self->type;
    if (is_host)
        device_set_text(&self->device, self->location);
    else if (self->model == NULL)
        self->model = usual_model(self);
    return TRUE;
}

static char *name(const Item *item)
{
    return g_strdup("tpm");
}

const Element domain_tpm_element = {
    .path = "devices/tpm",
    .interface = "IMachine",
    .about = "A TPM: `emulator` is VirtualBox's own, `passthrough` the host's. VirtualBox chooses "
             "its model by its version. One behind swtpm has no place in libvirt's XML; it is not "
             "shown and not touched.",
    .size = sizeof(Tpm),
    .fields = fields,
    .max = 1,
    .check = check,
    .prepare = prepare,
    .apply = apply,
    .read = read_items,
    .finish = finish,
    .name = name,
};

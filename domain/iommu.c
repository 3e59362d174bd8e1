/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <iommu>: an IOMMU for the guest. */
#include "domain/domain.h"

typedef struct Iommu {
    Item item;
    const char *model, *said; /* the XML's side */
    const char *type;         /* VirtualBox's */
} Iommu;

/* clang-format off */
static const Word models[] = { { "intel" }, { "amd" }, END };
static const Word ours[] = { { "automatic" }, END };
static const Word types[] = {
    { "none", "None" }, { "automatic", "Automatic" }, { "intel", "Intel" }, { "amd", "AMD" }, END };

static const Field fields[] = {
    F("iommu/@model",     Iommu, model, NULL, WORD(models, NULL)),
    F("vbox:iommu/@type", Iommu, said,  NULL, WORD(ours, NULL)),
    F(NULL,               Iommu, type,  "platform.iommuType|iommuType", WORD(types, "IommuType")),
    REFUSE("iommu/driver", "its IOMMU takes no settings"),
    END };
/* clang-format on */

static gboolean check(Model *model, Item *item, GError **error)
{
    Iommu *self = (Iommu *)item;
    if (self->model != NULL && self->said != NULL)
        return fail(error, VIR_ERR_XML_ERROR,
                    "/domain/devices/vbox:iommu: there is an <iommu> as well");
    self->type = self->model != NULL ? self->model : self->said != NULL ? self->said : "none";
    if (!g_str_equal(self->type, "none") && !g_str_equal(domain_os(model)->machine, "ich9"))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/domain/devices/iommu: VirtualBox has one with machine='q35' only");
    return TRUE;
}

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    Iommu *self = (Iommu *)item;
    if (self->type == NULL || g_str_equal(self->type, "none"))
        return TRUE;
    if (g_str_equal(self->type, "automatic"))
        self->said = self->type;
    else
        self->model = self->type;
    return TRUE;
}

const Element domain_iommu_element = {
    .path = "devices",
    .interface = "IMachine",
    .about = "`vbox:iommu` is one of the host's vendor, whichever it is.",
    .size = sizeof(Iommu),
    .fields = fields,
    .single = TRUE,
    .check = check,
    .finish = finish,
};

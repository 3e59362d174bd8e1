/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <domain>: name, uuid, words about it, memory, processors. */
#include "domain/domain.h"
#include <string.h>

/* clang-format off */
static const Word placements[] = { { "static" }, END };

static const Field fields[] = {
    FIXED("@type", "vbox"),
    F("@id",             General, id,          NULL,                NUMBER(0, 0), LIVE),
    F("name",            General, name,        "name",              STR, REQUIRED),
    F("uuid",            General, uuid,        "id",                UUID),
    F("title",           General, title,       NULL,                STR, KEEP),
    F("description",     General, description, "description",       STR, FALLBACK(""), QUIET, HOT),
    F("metadata",        General, metadata,    NULL,                SUBTREE, KEEP),
    F("memory",          General, memory,      "memorySize",        SIZE(1024), REQUIRED),
    F("currentMemory",   General, current,     NULL,                SIZE(1024)),
    F(NULL,              General, balloon,     "memoryBalloonSize", SIZE(1024), HOT),
    IGNORE("memory/@dumpCore", "it is QEMU's"),
    F("vcpu",            General, vcpus,       "CPUCount",          NUMBER(1, 1024), FALLBACK("1")),
    F("vcpu/@placement", General, placement,   NULL,                WORD(placements, NULL), KEEP),
    REFUSE("vcpu/@cpuset", "it does not pin processors"),
    REFUSE("vcpu/@current", "every processor is there from the start"),
    END };
/* clang-format on */

gboolean general_check_name(const char *name, GError **error)
{
    if (*name == '\0' || strchr(name, '/') != NULL || strchr(name, '\n') != NULL)
        return fail(error, VIR_ERR_XML_ERROR, "/domain/name: '%s' cannot be a domain's name", name);
    return TRUE;
}

/* As libvirt: without <currentMemory>, or with more than there is, all of it. */
static gboolean check(Model *model, Item *item, GError **error)
{
    General *self = (General *)item;
    if (!general_check_name(self->name, error))
        return FALSE;
    if (self->memory == 0)
        return fail(error, VIR_ERR_XML_ERROR, "/domain/memory: a machine needs memory");
    if (self->title != NULL && strchr(self->title, '\n') != NULL)
        return fail(error, VIR_ERR_XML_ERROR, "/domain/title: it must be one line");
    if (self->current == NUMBER_ABSENT || self->current > self->memory || self->current == 0)
        self->current = self->memory;
    self->balloon = self->memory - self->current;
    return TRUE;
}

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    General *self = (General *)item;
    self->current = self->memory - self->balloon;
    return TRUE;
}

/* What VirtualBox would only refuse half way. */
static gboolean prepare(MapContext *context, GPtrArray *items, GError **error)
{
    const General *self = g_ptr_array_index(items, 0);
    g_autoptr(Object) system = NULL;
    guint32 most_memory, most_vcpus;
    if (!vbox_call(vbox_root(), IVirtualBox_get_systemProperties, error, &system) ||
        !vbox_call(system, ISystemProperties_get_maxGuestRAM, error, &most_memory) ||
        !vbox_call(system, ISystemProperties_get_maxGuestCPUCount, error, &most_vcpus))
        return FALSE;
    if (self->memory > (gint64)most_memory * 1024)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/domain/memory: VirtualBox gives a machine at most %u MiB", most_memory);
    if (self->vcpus > most_vcpus)
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/domain/vcpu: VirtualBox gives a machine at most %u processors", most_vcpus);
    return TRUE;
}

const Element domain_general_element = {
    .path = "",
    .interface = "IMachine",
    .about = "VirtualBox counts memory in MiB: a size in between is rounded up when the XML is "
             "read, and a dump says what the machine has. `currentMemory` is the memory without "
             "the balloon (`memoryBalloonSize`).",
    .size = sizeof(General),
    .fields = fields,
    .single = TRUE,
    .check = check,
    .prepare = prepare,
    .finish = finish,
};

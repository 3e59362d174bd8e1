/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <parallel>: a parallel port, that is a device of the host or nothing. */
#include "domain/port.h"

typedef struct Parallel {
    Item item;
    const char *type;
    char *source; /* the XML's side */
    char *device; /* VirtualBox's: empty when there is none */
    PortPlace place;
    char *alias;
} Parallel;

/* clang-format off */
static const Word types[] = { { "dev" }, { "null" }, END };

static const Field fields[] = {
    /* XML             member            VirtualBox  kind, and what else holds */
    F("@type",         Parallel, type,   NULL,       WORD(types, NULL), KEY, REQUIRED),
    F("source/@path",  Parallel, source, NULL,       STR, WHEN("dev"), REQUIRED),
    F(NULL,            Parallel, device, "path",     STR, FALLBACK("")),
    PORT_PLACE_ROWS(Parallel, "IOBase"),
    F("alias/@name",   Parallel, alias,  NULL,       ALIAS, KEEP),
    REFUSE("log", ""),
    END };
/* clang-format on */

/* The addresses of LPT1 to LPT3, as VirtualBox's own user interface has them. */
static const PortStandard standards[] = {{0x378, 7}, {0x278, 5}, {0x3bc, 2}};

static gboolean slots(MapContext *context, guint *ret_count, GError **error)
{
    static PortCount count = {.platform = IPlatformProperties_get_parallelPortCount,
                              .system = ISystemProperties_get_parallelPortCount};
    return port_count(&count, context, ret_count, error);
}

static Object *slot(MapContext *context, guint number, GError **error)
{
    Object *port = NULL;
    if (!vbox_call(map_machine(context), IMachine_getParallelPort, error, number, &port))
        return NULL;
    return port;
}

static gboolean prepare(MapContext *context, GPtrArray *items, GError **error)
{
    if (!port_place(context, items, G_STRUCT_OFFSET(Parallel, place), error))
        return FALSE;
    for (guint i = 0; i < items->len; i++) {
        Parallel *self = g_ptr_array_index(items, i);
        port_plan(&self->place, self->item.slot, standards, G_N_ELEMENTS(standards));
        device_set_text(&self->device, self->source == NULL ? "" : self->source);
    }
    return TRUE;
}

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    Parallel *self = (Parallel *)item;
    gboolean is_connected = *self->device != '\0';
    self->type = is_connected ? "dev" : "null";
    device_set_text(&self->source, is_connected ? self->device : NULL);
    port_finish(&self->place, item->slot, standards, G_N_ELEMENTS(standards));
    return TRUE;
}

const Element domain_parallel_element = {
    .path = "devices/parallel",
    .interface = "IParallelPort",
    .about = "A parallel port: `dev` is a device of the host's, `null` is connected to nothing. "
             "The target's port number is its place (0 is LPT1); without `<address type='isa'>` "
             "it is at the PC's usual address.",
    .size = sizeof(Parallel),
    .fields = fields,
    .slots = slots,
    .slot = slot,
    .enabled = "enabled",
    .prepare = prepare,
    .finish = finish,
    .serves = "IParallelPort.slot",
};

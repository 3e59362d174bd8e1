/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Port: see port.h. */
#include "domain/port.h"

const Word port_buses[] = {{"isa"}, END};

/* It does not change while VirtualBox runs: one question is enough. */
gboolean port_count(PortCount *self, MapContext *context, guint *ret_count, GError **error)
{
    gint *known = &self->known[device_is_arm(context) ? 1 : 0];
    *ret_count = (guint)g_atomic_int_get(known);
    if (*ret_count > 0)
        return TRUE;
    g_autoptr(Object) limits = device_limits(context, error);
    VboxName getter = vbox_has(self->platform) ? self->platform : self->system;
    if (limits == NULL || !vbox_call(limits, getter, error, ret_count))
        return FALSE;
    g_atomic_int_set(known, (gint)*ret_count);
    return TRUE;
}

gboolean port_place(MapContext *context, GPtrArray *items, gsize place_offset, GError **error)
{
    for (guint i = 0; i < items->len; i++) {
        Item *item = g_ptr_array_index(items, i);
        const PortPlace *place = G_STRUCT_MEMBER_P(item, place_offset);
        if (place->number != NUMBER_ABSENT)
            item->slot = (guint)place->number;
    }
    return map_place(context, items, error);
}

void port_plan(PortPlace *self, guint slot, const PortStandard *standards, guint count)
{
    if (self->address != NULL || self->iobase != NUMBER_ABSENT || self->irq != NUMBER_ABSENT ||
        slot >= count)
        return;
    self->iobase = standards[slot].iobase;
    self->irq = standards[slot].irq;
}

void port_finish(PortPlace *self, guint slot, const PortStandard *standards, guint count)
{
    self->number = slot;
    self->address = "isa";
    if (slot < count && self->iobase == standards[slot].iobase &&
        self->irq == standards[slot].irq) {
        self->address = NULL;
        self->iobase = NUMBER_ABSENT;
        self->irq = NUMBER_ABSENT;
    } else if (self->irq > PORT_IRQ_MAX) {
        self->irq = NUMBER_ABSENT;
    }
}

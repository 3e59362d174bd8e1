/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Port: what serial and parallel ports share: their number and their place on the ISA bus. */
#pragma once
#include "domain/device.h"

typedef struct PortPlace {
    gint64 number;       /* <target port='0'/>, the slot */
    const char *address; /* <address type='isa'/> */
    gint64 iobase, irq;
} PortPlace;

/* Where the PC has a port of that number. */
typedef struct PortStandard {
    guint16 iobase;
    guint8 irq;
} PortStandard;

/* <address type='isa'>: the irq has one digit in libvirt's schema. */
#define PORT_IRQ_MAX 15

#define PORT_PLACE_ROWS(Struct, iobase_attribute)                                     \
    F("target/@port", Struct, place.number, NULL, NUMBER(0, 255), IDENTITY),          \
        F("address/@type", Struct, place.address, NULL, WORD(port_buses, NULL)),      \
        F("address/@iobase", Struct, place.iobase, iobase_attribute, HEX(0, 0xffff)), \
        F("address/@irq", Struct, place.irq, "IRQ", HEX(0, 255), DIGITS(1))

extern const Word port_buses[];

/* How many ports of a kind a machine has: the name of the platform's property, and of the system's
 * in versions before 7.1. */
typedef struct PortCount {
    VboxName platform, system;
    gint known[2]; /* once asked; of x86, of ARM */
} PortCount;
gboolean port_count(PortCount *self, MapContext *context, guint *ret_count,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Places every item: at the number that its XML says, others at the lowest that is free. */
gboolean port_place(MapContext *context, GPtrArray *items, gsize place_offset,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Without <address>, a port is where the PC has one of its number. */
void port_plan(PortPlace *self, guint slot, const PortStandard *standards, guint count);

/* An address is shown only when it is not the PC's own.  An interrupt that libvirt cannot write is
 * not shown either, and so stays as it is. */
void port_finish(PortPlace *self, guint slot, const PortStandard *standards, guint count);

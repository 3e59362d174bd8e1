/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <features>: what of the platform is switched on. */
#include "domain/domain.h"
#include "domain/processor.h"

typedef struct Features {
    Item item;
    Switch acpi, apic, pae;
} Features;

/* clang-format off */
static const Field fields[] = {
    F("acpi", Features, acpi, "firmwareSettings.ACPIEnabled|BIOSSettings.ACPIEnabled",     PRESENT),
    F("apic", Features, apic, "firmwareSettings.IOAPICEnabled|BIOSSettings.IOAPICEnabled", PRESENT),
    F("pae",  Features, pae,  "platform.x86.getCPUProperty(PAE)|getCPUProperty(PAE)", PRESENT, HOOK(processor_get, processor_set, CPU_PAE)),
    END };
/* clang-format on */

const Element domain_features_element = {
    .path = "features",
    .interface = "IMachine",
    .about = "A feature that is not named is switched off.",
    .size = sizeof(Features),
    .fields = fields,
    .single = TRUE,
};

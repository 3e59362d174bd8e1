/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What has no file of its own: advice that is kept, and what VirtualBox has not. */
#include "domain/domain.h"

typedef struct Others {
    Item item;
    char *emulator;
} Others;

/* clang-format off */
static const Field fields[] = {
    F("devices/emulator", Others, emulator, NULL, STR, KEEP),
    REFUSE("genid", ""),
    REFUSE("maxMemory", "it cannot add memory to a running machine"),
    REFUSE("memoryBacking", ""),
    REFUSE("memtune", ""),
    REFUSE("numatune", "it does not bind machines to NUMA nodes"),
    REFUSE("blkiotune", ""),
    REFUSE("vcpus", ""),
    REFUSE("iothreads", ""),
    REFUSE("iothreadids", ""),
    REFUSE("resource", ""),
    REFUSE("sysinfo", ""),
    REFUSE("pm", ""),
    REFUSE("perf", ""),
    REFUSE("idmap", "it has no containers"),
    REFUSE("seclabel", "it has no security driver"),
    REFUSE("keywrap", ""),
    REFUSE("launchSecurity", "it has no confidential machines"),
    REFUSE("bootloader", ""),
    REFUSE("devices/smartcard", "its card reader takes no settings"),
    REFUSE("devices/redirfilter", ""),
    REFUSE("devices/watchdog", "it has none"),
    REFUSE("devices/nvram", ""),
    REFUSE("devices/panic", "it stops a guest that crashed in any case"),
    REFUSE("devices/shmem", ""),
    REFUSE("devices/memory", "it cannot add memory to a running machine"),
    REFUSE("devices/iommu", ""),
    REFUSE("devices/vsock", ""),
    REFUSE("devices/lease", ""),
    REFUSE("devices/hub", ""),
    REFUSE("devices/crypto", ""),
    END };
/* clang-format on */

const Element domain_others_element = {
    .path = "",
    .interface = "IMachine",
    .about = "What stands in no element of its own.",
    .size = sizeof(Others),
    .fields = fields,
    .single = TRUE,
};

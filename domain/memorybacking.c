/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <memoryBacking>: how the host holds the machine's memory. */
#include "domain/domain.h"
#include "domain/processor.h"

typedef struct MemoryBacking {
    Item item;
    Switch huge_pages, no_sharing;
} MemoryBacking;

/* clang-format off */
static const Field fields[] = {
    F("hugepages", MemoryBacking, huge_pages,
      "platform.x86.getHWVirtExProperty(LargePages)|getHWVirtExProperty(LargePages)", PRESENT,
      HOOK(processor_get, processor_set, HWVIRTEX_LARGE_PAGES)),
    F("nosharepages", MemoryBacking, no_sharing, NULL, PRESENT, KEEP, FALLBACK("no")),
    REFUSE("hugepages/page", "it chooses the size of pages"),
    REFUSE("locked", "its kernel driver locks a machine's memory in any case"),
    REFUSE("source", "it allocates a machine's memory itself"),
    REFUSE("access", "it shares no machine's memory"),
    REFUSE("allocation", "it allocates a machine's memory itself"),
    REFUSE("discard", "it frees a machine's memory in any case"),
    END };
/* clang-format on */

static gboolean check(Model *model, Item *item, GError **error)
{
    return processor_check(item, domain_os(model)->arch, error);
}

const Element domain_memory_backing_element = {
    .path = "memoryBacking",
    .interface = "IMachine",
    .about = "`hugepages` are VirtualBox's large pages. `nosharepages` is kept without effect: "
             "VirtualBox does not share pages between machines.",
    .size = sizeof(MemoryBacking),
    .fields = fields,
    .single = TRUE,
    .check = check,
};

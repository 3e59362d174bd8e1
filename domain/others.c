/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What has no file of its own: advice that is kept, and what VirtualBox has not. */
#include "domain/domain.h"

typedef struct Others {
    Item item;
    char *emulator;
    const char *suspend_to_mem, *suspend_to_disk, *seclabel;
} Others;

#define SECLABEL "it labels no files of the host; leave it out"

/* clang-format off */
static const Word no[] = { { "no" }, END };
static const Word none[] = { { "none" }, END };

static const Field fields[] = {
    F("devices/emulator", Others, emulator, NULL, STR, KEEP),
    F("pm/suspend-to-mem/@enabled",  Others, suspend_to_mem,  NULL, WORD(no, NULL), KEEP),
    F("pm/suspend-to-disk/@enabled", Others, suspend_to_disk, NULL, WORD(no, NULL), KEEP),
    REFUSE("seclabel[type=dynamic]", SECLABEL),
    REFUSE("seclabel[type=static]", SECLABEL),
    F("seclabel/@type", Others, seclabel, NULL, WORD(none, NULL), KEEP),
    REFUSE("genid", "it tells a guest of no generations"),
    REFUSE("maxMemory", "it cannot add memory to a running machine", BLANK),
    REFUSE("memtune", "it limits a machine's memory to what it has"),
    REFUSE("numatune", "it does not bind machines to NUMA nodes"),
    REFUSE("blkiotune", "give disks an <iotune>"),
    REFUSE("vcpus", "say <vcpu current='…'>"),
    REFUSE("iothreads", "it has none; its disks have threads of their own", BLANK),
    REFUSE("iothreadids", "it has none; its disks have threads of their own"),
    REFUSE("resource", "it puts machines into no group of the host's; leave it out"),
    REFUSE("perf", "it has no performance events"),
    REFUSE("idmap", "it has no containers"),
    REFUSE("keywrap", "it has no s390 machines"),
    REFUSE("launchSecurity", "it has no confidential machines"),
    REFUSE("bootloader", "it boots from disks and the network only", BLANK),
    REFUSE("throttlegroups", "say <vbox:bandwidthGroup>"),
    REFUSE("devices/disk[type=block]", "make an image of it (VBoxManage createmedium --variant RawDisk), and give that file"),
    REFUSE("devices/disk[type=volume]", "say type='file', and as its file what virsh vol-path says of the volume"),
    REFUSE("devices/disk[type=network]", "it has images in files of the host only"),
    REFUSE("devices/controller[type=pci]", "a machine has the buses of its chipset; leave them out"),
    REFUSE("devices/controller[type=virtio-serial]", "it has no channels to a guest; leave it out"),
    REFUSE("devices/controller[type=isa]", "a machine has the buses of its chipset; leave it out"),
    REFUSE("devices/controller[type=ccid]", "see <vbox:cardReader>"),
    REFUSE("devices/controller[type=xenbus]", "it is Xen's"),
    REFUSE("devices/smartcard", "its card reader takes no settings"),
    REFUSE("devices/redirfilter", "USB devices of a remote display are filtered by <hostdev>"),
    REFUSE("devices/watchdog", "it has none; let the guest watch itself"),
    REFUSE("devices/nvram", "it has no POWER machines"),
    REFUSE("devices/panic", "it stops a guest that crashed in any case"),
    REFUSE("devices/shmem", "it shares no memory with a guest but by Guest Additions"),
    REFUSE("devices/memory", "it cannot add memory to a running machine"),
    REFUSE("devices/vsock", "its guests are reached by Guest Additions"),
    REFUSE("devices/lease", "it has no lock manager"),
    REFUSE("devices/hub", "its USB controllers have ports enough"),
    REFUSE("devices/crypto", "it has no such device"),
    REFUSE("devices/pstore", "it keeps no messages of a guest that crashed"),
    END };
/* clang-format on */

const Element domain_others_element = {
    .path = "",
    .interface = "IMachine",
    .about = "What stands in no element of its own. That a guest cannot be suspended, and has no "
             "security label, is so; it is kept as it is said.",
    .size = sizeof(Others),
    .fields = fields,
    .single = TRUE,
};

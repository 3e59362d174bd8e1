/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Domain: the model of <domain>, from its XML or from a machine.  What each element's struct is
 * stands in its own file; here is what others need. */
#pragma once
#include "map/map.h"

typedef Model Domain;

/* All elements, in apply and format order (domain/elements.c). */
extern const Schema domain_schema;
/* clang-format off */
extern const Element
    domain_general_element, domain_os_element, domain_cpu_element, domain_cputune_element,
    domain_machine_element, domain_firmware_element, domain_sysinfo_element,
    domain_memory_backing_element, domain_iommu_element, domain_features_element, domain_clock_element,
    domain_ends_element, domain_others_element,
    domain_bandwidth_element, domain_controller_element, domain_disk_element, domain_interface_element,
    domain_usb_element, domain_filesystem_element, domain_serial_element, domain_parallel_element,
    domain_console_element, domain_input_element, domain_graphics_element, domain_sound_element,
    domain_audio_element, domain_video_element, domain_hostdev_element, domain_tpm_element,
    domain_advice_element;
/* clang-format on */

/* <domain> itself: what is neither os, features, clock nor a device. */
typedef struct General {
    Item item;
    gint64 id; /* of the VM process; absent: it does not run */
    char *name, *uuid, *hardware_uuid, *title, *description, *metadata;
    gint64 memory, current, balloon; /* KiB; current is memory without the balloon */
    gint64 vcpus, current_vcpus;     /* current: only when it is fewer */
    gint64 plugged;
    Switch hot_plug_said, hot_plug;
    const char *placement;
} General;

typedef struct Os {
    Item item;
    const char *firmware, *arch, *machine;
    const char *boot[4];       /* as the XML has it */
    const char *order[4];      /* VirtualBox's: empty places are "none" */
    gboolean has_device_order; /* devices say their places: domain/boot.h */
    const char *boot_menu;
    char *os_type_said;
    char *os_type; /* VirtualBox's own: "Debian_64"; NULL until prepare */
} Os;

/* How many of a machine's processors are plugged in: all, when none can be unplugged. */
gboolean general_count_vcpus(Object *machine, guint32 total, guint32 *ret_current,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a machine can have the name (domain/general.c).  VIR_ERR_XML_ERROR. */
gboolean general_check_name(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* After a start that failed: whether it is that of a machine of type ich9 without an I/O APIC, as
 * only VBoxManage makes them (domain/features.c); then failure says so. */
void features_explain_start(Object *machine, GError **failure);

static inline General *domain_general(Domain *self)
{
    return model_first(self, &domain_general_element);
}
static inline Os *domain_os(Domain *self)
{
    return model_first(self, &domain_os_element);
}

/* Resolves the tables' names in the type library; once, after vbox_start().  What this VirtualBox
 * lacks is appended to report, a line each.  FALSE: something is lacking. */
gboolean domain_bind(GString *report);

/* With $VBOXVIRT_MAP_HITS: writes there how often each row was used so far. */
void domain_save_hits(void);

/* From XML; parsed and checked, without VirtualBox.  Errors: see map_parse(). */
Domain *domain_parse(const char *xml, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same, of what may be a machine's own document.  That of one whose settings VirtualBox cannot
 * read says almost nothing: then the machine is what is wrong, not its document. */
Domain *domain_parse_own(const char *xml, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* From a machine whose settings VirtualBox can read. */
Domain *domain_read(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A machine as the definition by its own dump, prepared: to be compared with another one. */
Domain *domain_as_wanted(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

static inline void domain_free(Domain *self)
{
    model_free(self);
}

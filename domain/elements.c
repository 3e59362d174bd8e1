/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elements: the list of all, in apply and format order.  A new element is one line here. */
#include "domain/boot.h"
#include "vbox/machine.h"
#include <unistd.h>

/* For tests: a folder where each engine says how often it used each row (map_hits_report()). */
#define HITS_VARIABLE "VBOXVIRT_MAP_HITS"

/* clang-format off */
static const Element *const elements[] = {
    &domain_general_element,
    &domain_os_element,
    &domain_firmware_element,
    &domain_sysinfo_element,
    &domain_memory_backing_element,
    &domain_cpu_element,
    &domain_cputune_element,
    &domain_features_element,
    &domain_clock_element,
    &domain_ends_element,
    &domain_others_element,
    &domain_machine_element,
    &domain_bandwidth_element,
    &domain_controller_element,
    &domain_disk_element,
    &domain_interface_element,
    &domain_usb_element,
    &domain_filesystem_element,
    &domain_serial_element,
    &domain_parallel_element,
    &domain_console_element,
    &domain_input_element,
    &domain_tpm_element,
    &domain_graphics_element,
    &domain_sound_element,
    &domain_audio_element,
    &domain_video_element,
    &domain_hostdev_element,
    &domain_advice_element,
    &domain_iommu_element,
    NULL,
};
/* clang-format on */

const Schema domain_schema = {.root = "domain", .elements = elements, .store = "vboxvirt/domain"};

gboolean domain_bind(GString *report)
{
    if (g_getenv(HITS_VARIABLE) != NULL)
        map_hits_start();
    return map_bind(&domain_schema, report);
}

void domain_save_hits(void)
{
    const char *folder = g_getenv(HITS_VARIABLE);
    if (folder == NULL)
        return;
    g_autofree char *path = g_strdup_printf("%s/%d", folder, (int)getpid());
    g_autofree char *report = map_hits_report(&domain_schema);
    g_autoptr(GError) failure = NULL;
    if (!g_file_set_contents(path, report, -1, &failure))
        g_warning("%s: %s", HITS_VARIABLE, failure->message);
}

Domain *domain_parse(const char *xml, GError **error)
{
    return map_parse(&domain_schema, xml, error);
}

Domain *domain_parse_own(const char *xml, GError **error)
{
    guint8 uuid[UUID_BYTES];
    g_autoptr(Refusals) refusals = refusals_new();
    g_autoptr(Model) domain = map_parse_all(&domain_schema, xml, refusals, error);
    if (domain == NULL)
        return NULL;
    const char *text = domain_general(domain)->uuid;
    g_autoptr(Object) machine =
        text != NULL && uuid_parse(text, uuid) ? machine_find(uuid, NULL, NULL) : NULL;
    return (machine == NULL || machine_check_settings(machine, error)) &&
                   refusals_tell(refusals, error)
               ? g_steal_pointer(&domain)
               : NULL;
}

Domain *domain_read(Object *machine, GError **error)
{
    g_autoptr(Model) model = model_new(&domain_schema);
    g_autoptr(MapContext) context = map_context_new(model, machine);
    if (!map_read(context, error))
        return NULL;
    boot_settle(model);
    return g_steal_pointer(&model);
}

Domain *domain_as_wanted(Object *machine, GError **error)
{
    g_autoptr(Model) is = domain_read(machine, error);
    g_autofree char *xml = is != NULL ? map_format(is, MAP_SECURE, error) : NULL;
    g_autoptr(Model) wanted = xml != NULL ? domain_parse(xml, error) : NULL;
    if (wanted == NULL)
        return NULL;
    g_autoptr(MapContext) context = map_context_new(wanted, machine);
    return map_prepare(context, error) ? g_steal_pointer(&wanted) : NULL;
}

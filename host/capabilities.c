/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Capabilities: the host's processors and memory, and what VirtualBox can run on them. */
#include "host/capabilities.h"
#include "host/cpu.h"
#include "host/text.h"
#include "rpc/handlers.h"

gboolean host_uuid(const char *root, guint8 ret_uuid[UUID_BYTES])
{
    g_autofree char *board = host_text(root, "/sys/class/dmi/id/product_uuid");
    if (board != NULL && uuid_parse(board, ret_uuid))
        return TRUE;
    /* machine-id(5) asks not to show the id itself. */
    g_autofree char *machine = host_text(root, "/etc/machine-id");
    if (machine == NULL || *machine == '\0')
        return FALSE;
    g_autofree char *name = g_strconcat("host ", machine, NULL);
    uuid_derive(name, ret_uuid);
    return TRUE;
}

static void format_cell(GString *xml, const Topology *topology, guint index)
{
    const TopologyCell *cell = &g_array_index(topology->cells, TopologyCell, index);
    GString *cpus = g_string_new(NULL);
    guint n = 0;
    for (guint i = 0; i < topology->cpus->len; i++) {
        const TopologyCpu *cpu = &g_array_index(topology->cpus, TopologyCpu, i);
        if (cpu->cell != index || !cpu->online)
            continue;
        n++;
        g_string_append_printf(
            cpus,
            "            <cpu id='%u' socket_id='%u' die_id='%u' cluster_id='%u' "
            "core_id='%u' siblings='%s'/>\n",
            cpu->id, cpu->socket, cpu->die, cpu->cluster, cpu->core, cpu->siblings);
    }
    g_string_append_printf(xml,
                           "        <cell id='%u'>\n"
                           "          <memory unit='KiB'>%" G_GUINT64_FORMAT "</memory>\n"
                           "          <cpus num='%u'>\n%s"
                           "          </cpus>\n"
                           "        </cell>\n",
                           cell->id, cell->memory, n, cpus->str);
    g_string_free(cpus, TRUE);
}

static void format_host(GString *xml, const guint8 *uuid, const char *vendor,
                        const Topology *topology)
{
    TopologyShape shape = topology_shape(topology);
    g_string_append(xml, "  <host>\n");
    if (uuid != NULL) {
        char text[UUID_STRING];
        uuid_format(uuid, text);
        g_string_append_printf(xml, "    <uuid>%s</uuid>\n", text);
    }
    g_string_append_printf(xml,
                           "    <cpu>\n"
                           "      <arch>%s</arch>\n"
                           "%s%s%s"
                           "      <topology sockets='%u' cores='%u' threads='%u'/>\n"
                           "    </cpu>\n"
                           "    <topology>\n"
                           "      <cells num='%u'>\n",
                           platform_host_arch(), vendor != NULL ? "      <vendor>" : "",
                           vendor != NULL ? vendor : "", vendor != NULL ? "</vendor>\n" : "",
                           shape.sockets, shape.cores, shape.threads, topology->cells->len);
    for (guint i = 0; i < topology->cells->len; i++)
        format_cell(xml, topology, i);
    g_string_append(xml, "      </cells>\n    </topology>\n  </host>\n");
}

static void format_guest(GString *xml, const PlatformArch *arch, const char *emulator,
                         guint max_vcpus)
{
    g_autofree char *path = g_markup_escape_text(emulator, -1);
    g_string_append_printf(xml,
                           "  <guest>\n"
                           "    <os_type>hvm</os_type>\n"
                           "    <arch name='%s'>\n"
                           "      <wordsize>%u</wordsize>\n"
                           "      <emulator>%s</emulator>\n",
                           arch->name, arch->wordsize, path);
    for (char **machine = arch->machines; *machine != NULL; machine++)
        g_string_append_printf(xml, "      <machine maxCpus='%u'>%s</machine>\n", max_vcpus,
                               *machine);
    g_string_append(xml, "      <domain type='vbox'/>\n    </arch>\n    <features>\n");
    if (arch->is_x86)
        g_string_append(xml, "      <acpi default='on' toggle='yes'/>\n"
                             "      <apic default='on' toggle='yes'/>\n");
    if (arch->has_pae)
        g_string_append(xml, "      <pae/>\n      <nonpae/>\n");
    if (arch->is_x86)
        g_string_append(xml, "      <cpuselection/>\n");
    g_string_append(xml, "      <deviceboot/>\n    </features>\n  </guest>\n");
}

char *capabilities_format(const guint8 *uuid, const char *vendor, const Topology *topology,
                          const GPtrArray *arches, const char *emulator, guint max_vcpus)
{
    GString *xml = g_string_new("<capabilities>\n");
    format_host(xml, uuid, vendor, topology);
    for (guint i = 0; i < arches->len; i++)
        format_guest(xml, arches->pdata[i], emulator, max_vcpus);
    g_string_append(xml, "</capabilities>\n");
    return g_string_free(xml, FALSE);
}

gboolean do_connect_get_capabilities(Call *call, ConnectGetCapabilitiesRet *ret, GError **error)
{
    g_autoptr(Topology) topology = topology_read("", error);
    if (topology == NULL)
        return FALSE;
    g_autoptr(GPtrArray) arches = platform_arches(error);
    guint32 max_vcpus;
    if (arches == NULL || !platform_max_vcpus(&max_vcpus, error))
        return FALSE;
    guint8 uuid[UUID_BYTES];
    gboolean has_uuid = host_uuid("", uuid);
    g_autofree char *emulator = platform_emulator();
    char *xml = capabilities_format(has_uuid ? uuid : NULL, cpu_vendor("/proc/cpuinfo"), topology,
                                    arches, emulator, max_vcpus);
    ret->capabilities = call_take(call, xml);
    return TRUE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Topology: see topology.h. */
#include "host/topology.h"
#include <string.h>
#include "host/meminfo.h"
#include "host/text.h"

static gboolean list_number(const char **text, guint *ret_number)
{
    char *end;
    if (!g_ascii_isdigit(**text))
        return FALSE;
    guint64 number = g_ascii_strtoull(*text, &end, 10);
    if (number >= TOPOLOGY_CPUS)
        return FALSE;
    *text = end;
    *ret_number = (guint)number;
    return TRUE;
}

/* One "3" or "0-3" and the comma after it. */
static gboolean list_range(const char **text, GArray *numbers)
{
    guint first, last;
    if (!list_number(text, &first))
        return FALSE;
    last = first;
    if (**text == '-') {
        (*text)++;
        if (!list_number(text, &last) || last < first)
            return FALSE;
    }
    for (guint i = first; i <= last; i++)
        g_array_append_val(numbers, i);
    if (**text == ',')
        return *++*text != '\0';
    return **text == '\0';
}

GArray *topology_list_parse(const char *list, GError **error)
{
    g_autofree char *stripped = g_strstrip(g_strdup(list));
    g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(guint));
    const char *text = stripped;
    while (*text != '\0')
        if (!list_range(&text, numbers)) {
            fail(error, VIR_ERR_INTERNAL_ERROR, "'%s' is not a list of processors", stripped);
            return NULL;
        }
    return g_steal_pointer(&numbers);
}

/* A number file; fallback where there is none or it is negative (not known). */
static guint read_number(const char *root, guint cpu, const char *name, guint fallback)
{
    g_autofree char *text = host_text(root, "/sys/devices/system/cpu/cpu%u/topology/%s", cpu, name);
    gint64 number = text != NULL ? g_ascii_strtoll(text, NULL, 10) : -1;
    /* 65535 is the kernel's "none" for a die or cluster. */
    return number >= 0 && number != G_MAXUINT16 && number <= G_MAXINT ? (guint)number : fallback;
}

static GArray *read_list(const char *root, const char *name, GError **error)
{
    g_autofree char *text = host_text(root, "%s", name);
    return topology_list_parse(text != NULL ? text : "", error);
}

static gboolean list_has(const GArray *list, guint number)
{
    for (guint i = 0; i < list->len; i++)
        if (g_array_index(list, guint, i) == number)
            return TRUE;
    return FALSE;
}

static gboolean read_cpus(Topology *self, const char *root, GError **error)
{
    g_autoptr(GArray) present = read_list(root, "/sys/devices/system/cpu/present", error);
    if (present == NULL)
        return FALSE;
    g_autoptr(GArray) online = read_list(root, "/sys/devices/system/cpu/online", error);
    if (online == NULL)
        return FALSE;
    if (present->len == 0)
        return fail(error, VIR_ERR_SYSTEM_ERROR,
                    "%s/sys/devices/system/cpu/present lists no processor; is /sys mounted?", root);
    for (guint i = 0; i < present->len; i++) {
        TopologyCpu cpu = {.id = g_array_index(present, guint, i)};
        cpu.online = list_has(online, cpu.id);
        cpu.socket = read_number(root, cpu.id, "physical_package_id", 0);
        cpu.die = read_number(root, cpu.id, "die_id", 0);
        cpu.cluster = read_number(root, cpu.id, "cluster_id", 0);
        cpu.core = read_number(root, cpu.id, "core_id", cpu.id);
        cpu.siblings =
            host_text(root, "/sys/devices/system/cpu/cpu%u/topology/thread_siblings_list", cpu.id);
        if (cpu.siblings == NULL || *cpu.siblings == '\0') {
            g_free(cpu.siblings);
            cpu.siblings = g_strdup_printf("%u", cpu.id);
        }
        g_array_append_val(self->cpus, cpu);
    }
    return TRUE;
}

static gboolean read_cell(Topology *self, const char *root, guint id, GError **error)
{
    g_autofree char *name = g_strdup_printf("%s/sys/devices/system/node/node%u/meminfo", root, id);
    Meminfo memory;
    if (!meminfo_read(name, &memory, error))
        return FALSE;
    TopologyCell cell = {.id = id, .memory = memory.total, .free = memory.free};
    g_autofree char *list = g_strdup_printf("/sys/devices/system/node/node%u/cpulist", id);
    g_autoptr(GArray) cpus = read_list(root, list, error);
    if (cpus == NULL)
        return FALSE;
    for (guint i = 0; i < self->cpus->len; i++) {
        TopologyCpu *cpu = &g_array_index(self->cpus, TopologyCpu, i);
        if (list_has(cpus, cpu->id))
            cpu->cell = self->cells->len;
    }
    g_array_append_val(self->cells, cell);
    return TRUE;
}

static gboolean read_cells(Topology *self, const char *root, GError **error)
{
    g_autoptr(GArray) nodes = read_list(root, "/sys/devices/system/node/online", error);
    if (nodes == NULL)
        return FALSE;
    for (guint i = 0; i < nodes->len; i++)
        if (!read_cell(self, root, g_array_index(nodes, guint, i), error))
            return FALSE;
    if (nodes->len > 0)
        return TRUE;
    /* A kernel without NUMA: one cell has all. */
    g_autofree char *name = g_strconcat(root, "/proc/meminfo", NULL);
    Meminfo memory;
    if (!meminfo_read(name, &memory, error))
        return FALSE;
    TopologyCell cell = {.memory = memory.total, .free = memory.free};
    g_array_append_val(self->cells, cell);
    return TRUE;
}

static guint read_mhz(const char *root)
{
    g_autofree char *text = host_text(root, "/proc/cpuinfo");
    const char *line = text != NULL ? strstr(text, "cpu MHz") : NULL;
    const char *colon = line != NULL ? strchr(line, ':') : NULL;
    return colon != NULL ? (guint)g_ascii_strtoull(colon + 1, NULL, 10) : 0;
}

static void cpu_clear(TopologyCpu *cpu)
{
    g_free(cpu->siblings);
}

Topology *topology_read(const char *root, GError **error)
{
    g_autoptr(Topology) self = g_new0(Topology, 1);
    self->cpus = g_array_new(FALSE, FALSE, sizeof(TopologyCpu));
    g_array_set_clear_func(self->cpus, (GDestroyNotify)cpu_clear);
    self->cells = g_array_new(FALSE, FALSE, sizeof(TopologyCell));
    if (!read_cpus(self, root, error) || !read_cells(self, root, error))
        return NULL;
    self->mhz = read_mhz(root);
    return g_steal_pointer(&self);
}

void topology_free(Topology *self)
{
    g_array_unref(self->cpus);
    g_array_unref(self->cells);
    g_free(self);
}

typedef enum Level { LEVEL_CELL, LEVEL_SOCKET, LEVEL_CORE } Level;

static gboolean share(const TopologyCpu *a, const TopologyCpu *b, Level level)
{
    return a->cell == b->cell && (level < LEVEL_SOCKET || a->socket == b->socket) &&
           (level < LEVEL_CORE || (a->die == b->die && a->core == b->core));
}

/* No processor before this one is of the same part. */
static gboolean is_first(const Topology *self, guint index, Level level)
{
    const TopologyCpu *cpu = &g_array_index(self->cpus, TopologyCpu, index);
    for (guint i = 0; i < index; i++)
        if (share(cpu, &g_array_index(self->cpus, TopologyCpu, i), level))
            return FALSE;
    return TRUE;
}

/* The most parts of the next level that one part of this level has: sockets of a cell, cores of
 * a socket, threads of a core. */
static guint widest(const Topology *self, Level level)
{
    guint n = self->cpus->len, most = 0;
    g_autofree gboolean *counts = g_new(gboolean, n);
    for (guint i = 0; i < n; i++)
        counts[i] = level == LEVEL_CORE || is_first(self, i, level + 1);
    for (guint i = 0; i < n; i++) {
        const TopologyCpu *of = &g_array_index(self->cpus, TopologyCpu, i);
        guint parts = 0;
        for (guint j = 0; j < n; j++)
            parts += counts[j] && share(of, &g_array_index(self->cpus, TopologyCpu, j), level);
        most = MAX(most, parts);
    }
    return most;
}

TopologyShape topology_shape(const Topology *self)
{
    TopologyShape shape = {
        .cells = self->cells->len,
        .sockets = widest(self, LEVEL_CELL),
        .cores = widest(self, LEVEL_SOCKET),
        .threads = widest(self, LEVEL_CORE),
    };
    for (guint i = 0; i < self->cpus->len; i++)
        shape.online += g_array_index(self->cpus, TopologyCpu, i).online;
    if (shape.cells * shape.sockets * shape.cores * shape.threads != self->cpus->len) {
        shape.cells = shape.sockets = shape.threads = 1;
        shape.cores = self->cpus->len;
    }
    return shape;
}

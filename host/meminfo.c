/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory and processor time of the host: see meminfo.h. */
#include "host/meminfo.h"
#include <string.h>
#include <unistd.h>

static char *read_file(const char *path, GError **error)
{
    char *text = NULL;
    g_autoptr(GError) failure = NULL;
    if (!g_file_get_contents(path, &text, NULL, &failure))
        fail(error, VIR_ERR_SYSTEM_ERROR, "cannot read the host's figures: %s", failure->message);
    return text;
}

gboolean meminfo_read(const char *path, Meminfo *ret, GError **error)
{
    g_autofree char *text = read_file(path, error);
    if (text == NULL)
        return FALSE;
    /* A node's file has its page cache as FilePages, buffers included. */
    const struct {
        const char *key;
        guint64 *value;
    } rows[] = {{"MemTotal:", &ret->total},
                {"MemFree:", &ret->free},
                {"Buffers:", &ret->buffers},
                {"Cached:", &ret->cached},
                {"FilePages:", &ret->cached}};
    memset(ret, 0, sizeof(*ret));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
            /* "MemTotal:  8 kB", in a node "Node 0 MemTotal:  8 kB"; never "SwapCached:". */
            const char *found = strstr(*line, rows[i].key);
            if (found != NULL && (found == *line || found[-1] == ' '))
                *rows[i].value = g_ascii_strtoull(found + strlen(rows[i].key), NULL, 10);
        }
    if (ret->total == 0)
        return fail(error, VIR_ERR_SYSTEM_ERROR, "%s does not say how much memory there is", path);
    return TRUE;
}

gboolean cpu_time_read(const char *path, gint cpu, CpuTime *ret, GError **error)
{
    g_autofree char *text = read_file(path, error);
    if (text == NULL)
        return FALSE;
    g_autofree char *key = cpu < 0 ? g_strdup("cpu ") : g_strdup_printf("cpu%d ", cpu);
    const char *line = text;
    while (line != NULL && !g_str_has_prefix(line, key)) {
        line = strchr(line, '\n');
        line += line != NULL;
    }
    if (line == NULL)
        return fail(error, VIR_ERR_INVALID_ARG, "the host has no processor %d online", cpu);
    /* user nice system idle iowait irq softirq, in clock ticks: proc(5) */
    guint64 ticks[7] = {0};
    const char *word = line + strlen(key);
    for (guint i = 0; i < G_N_ELEMENTS(ticks); i++) {
        char *end;
        ticks[i] = g_ascii_strtoull(word, &end, 10);
        word = end;
    }
    guint64 tick = G_GUINT64_CONSTANT(1000000000) / (guint64)sysconf(_SC_CLK_TCK);
    ret->user = (ticks[0] + ticks[1]) * tick;
    ret->kernel = (ticks[2] + ticks[5] + ticks[6]) * tick;
    ret->idle = ticks[3] * tick;
    ret->iowait = ticks[4] * tick;
    return TRUE;
}

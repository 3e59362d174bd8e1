/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counters: see counters.h.  VirtualBox answers with XML: <Counter c="512" name="/Public/…"/>. */
#include "domain/counters.h"
#include "map/xml.h"
#include "vbox/session.h"

#define PATTERN "/Public/*"
#define ADAPTERS_MAX 64 /* more than any chipset has */

struct Counters {
    GHashTable *values; /* name → guint64 * */
};

void counters_free(Counters *self)
{
    g_hash_table_unref(self->values);
    g_free(self);
}

static Counters *parse(const char *text, GError **error)
{
    g_autoptr(xmlDoc) doc = xml_read(text, "Statistics", error);
    if (doc == NULL)
        return NULL;
    Counters *self = g_new0(Counters, 1);
    self->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GPtrArray) nodes = xml_children(xmlDocGetRootElement(doc), "Counter");
    for (guint i = 0; i < nodes->len; i++) {
        char *name = xml_text(xml_find(nodes->pdata[i], "@name"));
        g_autofree char *count = xml_text(xml_find(nodes->pdata[i], "@c"));
        guint64 value = count != NULL ? g_ascii_strtoull(count, NULL, 10) : 0;
        if (name != NULL)
            g_hash_table_replace(self->values, name, g_memdup2(&value, sizeof value));
    }
    return self;
}

Counters *counters_read(Object *machine, GError **error)
{
    g_autoptr(Session) session = session_shared(machine, error);
    g_autoptr(Object) debugger = NULL;
    g_autofree char *text = NULL;
    if (session == NULL ||
        !vbox_call(session_console(session), IConsole_get_debugger, error, &debugger) ||
        !vbox_call(debugger, IMachineDebugger_getStats, error, PATTERN, FALSE, &text))
        return NULL;
    return parse(text, error);
}

static const guint64 *find(const Counters *self, const char *device, const char *name)
{
    g_autofree char *whole = g_strdup_printf("%s/%s", device, name);
    return self != NULL ? g_hash_table_lookup(self->values, whole) : NULL;
}

guint64 counters_get(const Counters *self, const char *device, const char *name)
{
    const guint64 *value = device != NULL ? find(self, device, name) : NULL;
    return value != NULL ? *value : 0;
}

gint counters_adapter(const Counters *self, guint n)
{
    for (gint number = 0; number < ADAPTERS_MAX; number++) {
        g_autofree char *device = g_strdup_printf("/Public/NetAdapter/%d", number);
        if (find(self, device, "BytesReceived") != NULL && n-- == 0)
            return number;
    }
    return -1;
}

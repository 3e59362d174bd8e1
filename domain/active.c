/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Active: see active.h. */
#include "domain/active.h"
#include "base/libvirt.h"
#include "domain/domain_event.h"
#include "domain/registry.h"

static GMutex active_lock;
static GByteArray *active; /* UUID_BYTES for each machine that runs */
static void (*active_sink)(const guint8 *bytes, gsize length);

void active_set_sink(void (*sink)(const guint8 *bytes, gsize length))
{
    active_sink = sink;
}

static void remove_locked(const guint8 uuid[UUID_BYTES])
{
    for (guint i = 0; i < active->len; i += UUID_BYTES)
        if (memcmp(active->data + i, uuid, UUID_BYTES) == 0) {
            g_byte_array_remove_range(active, i, UUID_BYTES);
            return;
        }
}

void active_changed(const guint8 uuid[UUID_BYTES], gboolean runs)
{
    g_mutex_lock(&active_lock);
    if (active == NULL)
        active = g_byte_array_new();
    remove_locked(uuid);
    if (runs)
        g_byte_array_append(active, uuid, UUID_BYTES);
    if (active_sink != NULL)
        active_sink(active->data, active->len);
    g_mutex_unlock(&active_lock);
}

void active_restore(const guint8 *bytes, gsize length)
{
    for (gsize i = 0; i + UUID_BYTES <= length; i += UUID_BYTES) {
        EntryRun run;
        g_autoptr(Entry) entry = registry_find_by_uuid(bytes + i, NULL);
        if (entry == NULL || !entry_run(entry, &run, NULL))
            continue;
        active_changed(bytes + i, run.id >= 0);
        if (run.id >= 0)
            continue;
        registry_set_reason(bytes + i, VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_CRASHED);
        domain_event_emit(bytes + i, VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_CRASHED);
    }
}

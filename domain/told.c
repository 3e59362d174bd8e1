/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Told: see told.h. */
#include "domain/told.h"
#include <string.h>
#include "base/libvirt.h"
#include "domain/domain_event.h"
#include "domain/hidden.h"
#include "domain/registry.h"
#include "rpc/event.h"

typedef struct Told {
    char *name, *description; /* NULL: VirtualBox does not say, as it cannot read the settings */
} Told;

static GMutex told_lock;  /* of the table; never held during a VirtualBox call */
static GHashTable *table; /* uuid as text → Told */

static void told_free(gpointer data)
{
    Told *self = data;
    g_free(self->name);
    g_free(self->description);
    g_free(self);
}

/* As VirtualBox says it now; NULL: it says none, or the machine has gone. */
static char *name_now(const guint8 uuid[UUID_BYTES])
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(Entry) entry = registry_find_by_uuid(uuid, NULL);
    RemoteDomain domain;
    return entry != NULL && entry_domain(entry, arena, &domain, NULL) ? g_strdup(domain.name)
                                                                      : NULL;
}

static char *description_now(const guint8 uuid[UUID_BYTES])
{
    g_autoptr(Entry) entry = registry_find_by_uuid(uuid, NULL);
    char *text = NULL;
    return entry != NULL && vbox_call(entry_machine(entry), IMachine_get_description, NULL, &text)
               ? text
               : NULL;
}

void told_remember(const guint8 uuid[UUID_BYTES])
{
    char text[UUID_STRING];
    if (hidden_has(uuid))
        return;
    uuid_format(uuid, text);
    Told *now = g_new0(Told, 1);
    now->name = name_now(uuid);
    now->description = description_now(uuid);
    g_mutex_lock(&told_lock);
    if (table == NULL)
        table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, told_free);
    if (!g_hash_table_contains(table, text))
        g_hash_table_insert(table, g_strdup(text), g_steal_pointer(&now));
    g_mutex_unlock(&told_lock);
    g_clear_pointer(&now, told_free);
}

void told_forget(const guint8 uuid[UUID_BYTES])
{
    char text[UUID_STRING];
    uuid_format(uuid, text);
    g_mutex_lock(&told_lock);
    if (table != NULL)
        g_hash_table_remove(table, text);
    g_mutex_unlock(&told_lock);
}

/* Puts another text into a place of what is known; what was there before, owned by the caller.
 * NULL: nothing is known of it. */
static char *exchange(const guint8 uuid[UUID_BYTES], gboolean is_name, const char *text)
{
    char key[UUID_STRING], *before = NULL;
    uuid_format(uuid, key);
    g_mutex_lock(&told_lock);
    Told *self = table != NULL ? g_hash_table_lookup(table, key) : NULL;
    if (self != NULL) {
        char **place = is_name ? &self->name : &self->description;
        before = *place;
        *place = g_strdup(text);
    }
    g_mutex_unlock(&told_lock);
    return before;
}

static void emit_named(const guint8 uuid[UUID_BYTES], const char *name, gint event, gint detail)
{
    DomainEventCallbackLifecycleMsg body = {
        .msg = {.dom = {.name = (char *)name, .id = -1}, .event = event, .detail = detail}};
    memcpy(body.msg.dom.uuid, uuid, UUID_BYTES);
    event_emit(REMOTE_PROC_DOMAIN_EVENT_CALLBACK_LIFECYCLE, uuid, &body);
}

static void emit_renamed(const guint8 uuid[UUID_BYTES], const char *old, const char *name)
{
    emit_named(uuid, old, VIR_DOMAIN_EVENT_UNDEFINED, VIR_DOMAIN_EVENT_UNDEFINED_RENAMED);
    emit_named(uuid, name, VIR_DOMAIN_EVENT_DEFINED, VIR_DOMAIN_EVENT_DEFINED_RENAMED);
}

/* That it is called so may have been seen before the mark of the change came off. */
void told_renamed(const guint8 uuid[UUID_BYTES], const char *old, const char *name)
{
    g_autofree char *before = exchange(uuid, TRUE, name);
    if (g_strcmp0(before, name) != 0)
        emit_renamed(uuid, old, name);
}

static void emit_metadata(const guint8 uuid[UUID_BYTES], gint type, char *uri)
{
    g_autoptr(Arena) arena = arena_new();
    DomainEventCallbackMetadataChangeMsg body = {.type = type, .nsuri = uri};
    domain_event_about(uuid, arena, &body.dom);
    event_emit(REMOTE_PROC_DOMAIN_EVENT_CALLBACK_METADATA_CHANGE, uuid, &body);
}

void told_metadata(const guint8 uuid[UUID_BYTES], gint type, char *uri)
{
    if (type == VIR_DOMAIN_METADATA_DESCRIPTION) {
        g_autofree char *now = description_now(uuid);
        g_free(exchange(uuid, FALSE, now));
    }
    emit_metadata(uuid, type, uri);
}

gboolean told_new_name(const guint8 uuid[UUID_BYTES])
{
    g_autofree char *now = name_now(uuid);
    if (now == NULL)
        return FALSE;
    g_autofree char *before = exchange(uuid, TRUE, now);
    if (before == NULL || g_str_equal(before, now))
        return FALSE;
    emit_renamed(uuid, before, now);
    return TRUE;
}

void told_new_description(const guint8 uuid[UUID_BYTES])
{
    g_autofree char *now = description_now(uuid);
    if (now == NULL)
        return;
    g_autofree char *before = exchange(uuid, FALSE, now);
    if (before != NULL && !g_str_equal(before, now))
        emit_metadata(uuid, VIR_DOMAIN_METADATA_DESCRIPTION, NULL);
}

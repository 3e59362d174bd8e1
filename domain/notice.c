/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notice: see notice.h. */
#include "domain/notice.h"
#include <string.h>
#include "base/libvirt.h"
#include "domain/alias.h"
#include "domain/domain_event.h"
#include "domain/storage.h"
#include "rpc/event.h"

/* The keys; most are followed by the device's alias, a limit's by the disk's target name. */
#define DEVICE "device "
#define TRAY "tray "
#define LIMIT "limit "
#define SCHEDULER "scheduler" /* its value: period and quota */

#define PART_NONE "-"
#define PART_VALUE '='

static void notice_free(gpointer data)
{
    Notice *self = data;
    g_free(self->key);
    g_free(self->before);
    g_free(self->now);
    g_free(self);
}

static void add(GPtrArray *notices, const char *key, const char *before, const char *now)
{
    Notice *notice = g_new(Notice, 1);
    *notice = (Notice){g_strdup(key), g_strdup(before), g_strdup(now)};
    g_ptr_array_add(notices, notice);
}

/* --- facts --------------------------------------------------------------------------------- */

static void note(GHashTable *facts, const char *what, const char *which, const char *value)
{
    g_hash_table_replace(facts, g_strconcat(what, which, NULL), g_strdup(value));
}

static void note_disk(GHashTable *facts, const Disk *disk, const char *alias)
{
    g_autofree char *limit = item_text(&disk->item, "iotune/total_bytes_sec");
    g_autofree char *file =
        disk->file != NULL ? g_canonicalize_filename(disk->file, NULL) : g_strdup("");
    note(facts, LIMIT, disk->dev, limit != NULL ? limit : "0");
    if (!g_str_equal(disk->device, "disk"))
        note(facts, TRAY, alias, file);
}

static void note_devices(GHashTable *facts, Domain *domain, const Element *element)
{
    GPtrArray *items = model_items(domain, element);
    for (guint i = 0; i < items->len; i++) {
        const Item *item = items->pdata[i];
        g_autofree char *alias = item->is_hidden ? NULL : alias_of(domain, item);
        if (alias == NULL)
            continue;
        note(facts, DEVICE, alias, "");
        if (element == &domain_disk_element)
            note_disk(facts, (const Disk *)item, alias);
    }
}

static void note_scheduler(GHashTable *facts, Domain *domain)
{
    const Item *item = model_first(domain, &domain_cputune_element);
    g_autofree char *period = item_text(item, "period");
    g_autofree char *quota = item_text(item, "quota");
    g_autofree char *both =
        g_strdup_printf("%s %s", period != NULL ? period : "0", quota != NULL ? quota : "0");
    note(facts, SCHEDULER, "", both);
}

GHashTable *notice_facts(Domain *domain)
{
    GHashTable *facts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    const Element *const *element = model_schema(domain)->elements;
    for (; *element != NULL; element++)
        if ((*element)->hot)
            note_devices(facts, domain, *element);
    note_scheduler(facts, domain);
    return facts;
}

/* --- what changed -------------------------------------------------------------------------- */

/* What goes comes first: another device may have taken its place. */
static gint compare_notices(gconstpointer first, gconstpointer second)
{
    const Notice *a = *(const Notice *const *)first, *b = *(const Notice *const *)second;
    if ((a->now == NULL) != (b->now == NULL))
        return a->now == NULL ? -1 : 1;
    return strcmp(a->key, b->key);
}

GPtrArray *notice_compare(GHashTable *before, GHashTable *now)
{
    GPtrArray *notices = g_ptr_array_new_with_free_func(notice_free);
    GHashTableIter iter;
    gpointer key, value;
    g_hash_table_iter_init(&iter, now);
    while (g_hash_table_iter_next(&iter, &key, &value))
        if (g_strcmp0(g_hash_table_lookup(before, key), value) != 0)
            add(notices, key, g_hash_table_lookup(before, key), value);
    g_hash_table_iter_init(&iter, before);
    while (g_hash_table_iter_next(&iter, &key, &value))
        if (!g_hash_table_contains(now, key))
            add(notices, key, value, NULL);
    g_ptr_array_sort(notices, compare_notices);
    return notices;
}

GPtrArray *notice_between(Domain *is, Domain *now)
{
    g_autoptr(GHashTable) old = notice_facts(is), new = notice_facts(now);
    return notice_compare(old, new);
}

static char *write_part(const char *value)
{
    return value != NULL ? g_strdup_printf("%c%s", PART_VALUE, value) : g_strdup(PART_NONE);
}

static const char *read_part(const char *part)
{
    return *part == PART_VALUE ? part + 1 : NULL;
}

char **notice_parts(const GPtrArray *notices)
{
    g_autoptr(GStrvBuilder) parts = g_strv_builder_new();
    for (guint i = 0; i < notices->len; i++) {
        const Notice *notice = notices->pdata[i];
        g_autofree char *before = write_part(notice->before), *now = write_part(notice->now);
        g_strv_builder_add_many(parts, notice->key, before, now, NULL);
    }
    return g_strv_builder_end(parts);
}

GPtrArray *notice_parse(char **parts)
{
    if (g_strv_length(parts) % 3 != 0)
        return NULL;
    GPtrArray *notices = g_ptr_array_new_with_free_func(notice_free);
    for (; *parts != NULL; parts += 3)
        add(notices, parts[0], read_part(parts[1]), read_part(parts[2]));
    return notices;
}

/* --- telling ------------------------------------------------------------------------------- */

static void emit_device(const guint8 uuid[UUID_BYTES], char *alias, gboolean is_there)
{
    g_autoptr(Arena) arena = arena_new();
    DomainEventCallbackDeviceAddedMsg added = {.devAlias = alias};
    DomainEventCallbackDeviceRemovedMsg removed = {.msg = {.devAlias = alias}};
    domain_event_about(uuid, arena, is_there ? &added.dom : &removed.msg.dom);
    if (is_there)
        event_emit(REMOTE_PROC_DOMAIN_EVENT_CALLBACK_DEVICE_ADDED, uuid, &added);
    else
        event_emit(REMOTE_PROC_DOMAIN_EVENT_CALLBACK_DEVICE_REMOVED, uuid, &removed);
}

/* VirtualBox's drives have no tray.  As QEMU's driver: to change what is in it one is opened, and
 * closed again. */
static void emit_tray(const guint8 uuid[UUID_BYTES], char *alias)
{
    static const gint32 moves[] = {VIR_DOMAIN_EVENT_TRAY_CHANGE_OPEN,
                                   VIR_DOMAIN_EVENT_TRAY_CHANGE_CLOSE};
    g_autoptr(Arena) arena = arena_new();
    DomainEventCallbackTrayChangeMsg body = {.msg = {.devAlias = alias}};
    domain_event_about(uuid, arena, &body.msg.dom);
    for (guint i = 0; i < G_N_ELEMENTS(moves); i++) {
        body.msg.reason = moves[i];
        event_emit(REMOTE_PROC_DOMAIN_EVENT_CALLBACK_TRAY_CHANGE, uuid, &body);
    }
}

static void emit_tunable(const guint8 uuid[UUID_BYTES], RemoteTypedParam *params, guint count)
{
    g_autoptr(Arena) arena = arena_new();
    DomainEventCallbackTunableMsg body = {.params = params, .params_len = count};
    domain_event_about(uuid, arena, &body.dom);
    event_emit(REMOTE_PROC_DOMAIN_EVENT_CALLBACK_TUNABLE, uuid, &body);
}

static void emit_limit(const guint8 uuid[UUID_BYTES], char *disk, const char *limit)
{
    RemoteTypedParam params[] = {
        {(char *)"blkdeviotune.disk", {.type = VIR_TYPED_PARAM_STRING, .s = disk}},
        {(char *)"blkdeviotune.total_bytes_sec",
         {.type = VIR_TYPED_PARAM_ULLONG, .ul = g_ascii_strtoull(limit, NULL, 10)}},
    };
    emit_tunable(uuid, params, G_N_ELEMENTS(params));
}

static void emit_scheduler(const guint8 uuid[UUID_BYTES], const char *before, const char *now)
{
    char *old_quota, *quota;
    guint64 old_period = g_ascii_strtoull(before, &old_quota, 10);
    guint64 period = g_ascii_strtoull(now, &quota, 10);
    RemoteTypedParam params[2];
    guint count = 0;
    if (period != old_period)
        params[count++] = (RemoteTypedParam){(char *)"cputune.vcpu_period",
                                             {.type = VIR_TYPED_PARAM_ULLONG, .ul = period}};
    if (!g_str_equal(quota, old_quota))
        params[count++] = (RemoteTypedParam){
            (char *)"cputune.vcpu_quota",
            {.type = VIR_TYPED_PARAM_LLONG, .l = g_ascii_strtoll(quota, NULL, 10)}};
    emit_tunable(uuid, params, count);
}

/* What a device that comes or goes has is no change of its own. */
void notice_emit(const guint8 uuid[UUID_BYTES], const Notice *self)
{
    if (g_str_has_prefix(self->key, DEVICE))
        emit_device(uuid, self->key + strlen(DEVICE), self->now != NULL);
    else if (self->before == NULL || self->now == NULL)
        return;
    else if (g_str_has_prefix(self->key, TRAY))
        emit_tray(uuid, self->key + strlen(TRAY));
    else if (g_str_has_prefix(self->key, LIMIT))
        emit_limit(uuid, self->key + strlen(LIMIT), self->now);
    else if (g_str_equal(self->key, SCHEDULER))
        emit_scheduler(uuid, self->before, self->now);
}

void notice_emit_missing(const guint8 uuid[UUID_BYTES], const Notice *self)
{
    g_autoptr(Arena) arena = arena_new();
    if (!g_str_has_prefix(self->key, TRAY) || self->before == NULL)
        return;
    DomainEventCallbackDiskChangeMsg body = {
        .msg = {.oldSrcPath = self->before,
                .devAlias = self->key + strlen(TRAY),
                .reason = VIR_DOMAIN_EVENT_DISK_CHANGE_MISSING_ON_START}};
    domain_event_about(uuid, arena, &body.msg.dom);
    event_emit(REMOTE_PROC_DOMAIN_EVENT_CALLBACK_DISK_CHANGE, uuid, &body);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Told of a run: see told_run.h. */
#include "domain/told_run.h"
#include "domain/notice.h"
#include "domain/registry.h"

typedef struct Run {
    GHashTable *known; /* fact → value, as clients know it */
    GHashTable *early; /* those that a look has told, and a mark may still say */
} Run;

static GMutex runs_lock; /* of the table; never held during a VirtualBox call */
static GHashTable *runs; /* uuid as text → Run */

static void run_free(gpointer data)
{
    Run *self = data;
    g_hash_table_unref(self->known);
    g_hash_table_unref(self->early);
    g_free(self);
}

/* The lock is held. */
static Run *run_find(const guint8 uuid[UUID_BYTES])
{
    char text[UUID_STRING];
    uuid_format(uuid, text);
    return runs != NULL ? g_hash_table_lookup(runs, text) : NULL;
}

static gboolean is_known(const guint8 uuid[UUID_BYTES])
{
    g_mutex_lock(&runs_lock);
    gboolean known = run_find(uuid) != NULL;
    g_mutex_unlock(&runs_lock);
    return known;
}

/* NULL: it does not run, or VirtualBox does not say. */
static GHashTable *facts_now(const guint8 uuid[UUID_BYTES])
{
    EntryRun run;
    g_autoptr(Entry) entry = registry_find_by_uuid(uuid, NULL);
    if (entry == NULL || !entry_run(entry, &run, NULL) || run.id < 0)
        return NULL;
    g_autofree char *xml = entry_xml(entry, 0, NULL);
    g_autoptr(Model) domain = xml != NULL ? domain_parse(xml, NULL) : NULL;
    return domain != NULL ? notice_facts(domain) : NULL;
}

void told_run_remember(const guint8 uuid[UUID_BYTES])
{
    char text[UUID_STRING];
    g_autoptr(GHashTable) facts = is_known(uuid) ? NULL : facts_now(uuid);
    if (facts == NULL)
        return;
    uuid_format(uuid, text);
    g_mutex_lock(&runs_lock);
    if (runs == NULL)
        runs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, run_free);
    if (run_find(uuid) == NULL) {
        Run *run = g_new(Run, 1);
        run->known = g_steal_pointer(&facts);
        run->early = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        g_hash_table_insert(runs, g_strdup(text), run);
    }
    g_mutex_unlock(&runs_lock);
}

void told_run_forget(const guint8 uuid[UUID_BYTES])
{
    char text[UUID_STRING];
    uuid_format(uuid, text);
    g_mutex_lock(&runs_lock);
    if (runs != NULL)
        g_hash_table_remove(runs, text);
    g_mutex_unlock(&runs_lock);
}

static void put(GHashTable *facts, const char *key, const char *value)
{
    if (value != NULL)
        g_hash_table_replace(facts, g_strdup(key), g_strdup(value));
    else
        g_hash_table_remove(facts, key);
}

gboolean told_run_look(const guint8 uuid[UUID_BYTES])
{
    g_autoptr(GHashTable) now = is_known(uuid) ? facts_now(uuid) : NULL;
    if (now == NULL)
        return FALSE;
    g_autoptr(GPtrArray) notices = NULL;
    g_mutex_lock(&runs_lock);
    Run *run = run_find(uuid);
    if (run != NULL) {
        notices = notice_compare(run->known, now);
        for (guint i = 0; i < notices->len; i++) {
            const Notice *notice = notices->pdata[i];
            put(run->known, notice->key, notice->now);
            g_hash_table_replace(run->early, g_strdup(notice->key), g_strdup(notice->now));
        }
    }
    g_mutex_unlock(&runs_lock);
    for (guint i = 0; notices != NULL && i < notices->len; i++)
        notice_emit(uuid, notices->pdata[i]);
    return notices != NULL && notices->len > 0;
}

/* Whether a look has told this already.  Who is not known, as nobody listened when it started, has
 * heard nothing. */
static gboolean was_told(const guint8 uuid[UUID_BYTES], const Notice *notice)
{
    gpointer early;
    g_mutex_lock(&runs_lock);
    Run *run = run_find(uuid);
    gboolean was = run != NULL &&
                   g_hash_table_lookup_extended(run->early, notice->key, NULL, &early) &&
                   g_strcmp0(early, notice->now) == 0;
    if (run != NULL) {
        put(run->known, notice->key, notice->now);
        g_hash_table_remove(run->early, notice->key);
    }
    g_mutex_unlock(&runs_lock);
    return was;
}

gboolean told_run_changed(const guint8 uuid[UUID_BYTES], char **parts)
{
    g_autoptr(GPtrArray) notices = notice_parse(parts);
    for (guint i = 0; notices != NULL && i < notices->len; i++)
        if (!was_told(uuid, notices->pdata[i]))
            notice_emit(uuid, notices->pdata[i]);
    return notices != NULL;
}

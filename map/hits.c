/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hits: how often each row was used in each direction; for the test that all were. */
#include "map/kind.h"

typedef struct Hits {
    guint counts[MAP_DIRECTIONS];
} Hits;

static GHashTable *hits; /* Field * → Hits *; NULL: nobody counts */
static GMutex mutex;

void map_hits_start(void)
{
    if (hits == NULL)
        hits = g_hash_table_new_full(NULL, NULL, NULL, g_free);
}

void hits_count(const Field *field, MapDirection direction)
{
    if (hits == NULL)
        return;
    g_mutex_lock(&mutex);
    Hits *entry = g_hash_table_lookup(hits, field);
    if (entry == NULL) {
        entry = g_new0(Hits, 1);
        g_hash_table_insert(hits, (gpointer)field, entry);
    }
    entry->counts[direction]++;
    g_mutex_unlock(&mutex);
}

char *map_hits_report(const Schema *schema)
{
    GString *report = g_string_new(NULL);
    g_mutex_lock(&mutex);
    for (const Element *const *place = schema->elements; *place != NULL; place++) {
        FIELDS(*place, field)
        {
            static const Hits none;
            const Hits *entry = hits == NULL ? NULL : g_hash_table_lookup(hits, field);
            if (entry == NULL)
                entry = &none;
            g_string_append_printf(report, "/%s/%s\t%s\t%s\t%u\t%u\t%u\t%u\n", schema->root,
                                   (*place)->path, field->path == NULL ? "-" : field->path,
                                   field->attribute == NULL ? "-" : field->attribute,
                                   entry->counts[MAP_PARSE], entry->counts[MAP_APPLY],
                                   entry->counts[MAP_READ], entry->counts[MAP_FORMAT]);
        }
    }
    g_mutex_unlock(&mutex);
    return g_string_free(report, FALSE);
}

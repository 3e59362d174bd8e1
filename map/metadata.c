/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Metadata: see metadata.h. */
#include "map/metadata.h"
#include "map/xml.h"

/* namespace → its elements' text. */
static GHashTable *elements(const char *text)
{
    GHashTable *found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(xmlDoc) doc = text != NULL ? xml_read(text, "metadata", NULL) : NULL;
    xmlNode *node = doc != NULL ? xmlFirstElementChild(xmlDocGetRootElement(doc)) : NULL;
    for (; node != NULL; node = xmlNextElementSibling(node)) {
        const char *uri = node->ns != NULL ? (const char *)node->ns->href : "";
        const char *others = g_hash_table_lookup(found, uri);
        g_autofree char *own = xml_to_text(node);
        g_hash_table_replace(found, g_strdup(uri),
                             g_strconcat(others != NULL ? others : "", own, NULL));
    }
    return found;
}

static void add_unlike(GHashTable *some, GHashTable *others, gboolean with_changed, GPtrArray *uris)
{
    GHashTableIter iterator;
    gpointer uri, text;
    g_hash_table_iter_init(&iterator, some);
    while (g_hash_table_iter_next(&iterator, &uri, &text)) {
        const char *other = g_hash_table_lookup(others, uri);
        if (other == NULL || (with_changed && !g_str_equal(text, other)))
            g_ptr_array_add(uris, g_strdup(uri));
    }
}

char **metadata_differ(const char *before, const char *after)
{
    g_autoptr(GHashTable) old = elements(before);
    g_autoptr(GHashTable) new = elements(after);
    GPtrArray *uris = g_ptr_array_new();
    add_unlike(old, new, TRUE, uris);
    add_unlike(new, old, FALSE, uris);
    g_ptr_array_add(uris, NULL);
    return (char **)g_ptr_array_free(uris, FALSE);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Minded: see minded.h. */
#include "daemon/minded.h"

struct Minded {
    GHashTable *clients; /* id → whether it has left */
};

Minded *minded_new(void)
{
    Minded *self = g_new0(Minded, 1);
    self->clients = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return self;
}

void minded_free(Minded *self)
{
    g_hash_table_unref(self->clients);
    g_free(self);
}

void minded_add(Minded *self, guint64 client, gboolean here)
{
    g_hash_table_replace(self->clients, g_memdup2(&client, sizeof client), GINT_TO_POINTER(!here));
}

void minded_remove(Minded *self, guint64 client)
{
    g_hash_table_remove(self->clients, &client);
}

gboolean minded_left(Minded *self, guint64 client)
{
    if (!g_hash_table_contains(self->clients, &client))
        return FALSE;
    minded_add(self, client, FALSE);
    return TRUE;
}

GArray *minded_all_left(const Minded *self)
{
    GArray *left = g_array_new(FALSE, FALSE, sizeof(guint64));
    GHashTableIter each;
    gpointer id, has_left;
    g_hash_table_iter_init(&each, self->clients);
    while (g_hash_table_iter_next(&each, &id, &has_left))
        if (GPOINTER_TO_INT(has_left))
            g_array_append_vals(left, id, 1);
    return left;
}

gboolean minded_has_left(const Minded *self)
{
    g_autoptr(GArray) left = minded_all_left(self);
    return left->len > 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls of bags: what bag.c and bag_call.c share. */
#pragma once
#include "tests/unit/versions/bag.h"

typedef struct Cell {
    gint64 number;
    char *text;
    Bag *object;
    gboolean is_object; /* an object, or NULL, was set: none is made */
    GPtrArray *list;    /* of Bag */
    GArray *numbers;    /* of guint32 */
} Cell;

/* The cell of that name, made when there is none. */
Cell *bag_cell(Bag *self, const char *key);

/* The functions of an interface's objects, by slot; lives until bag_tables_free(). */
const FakeSlot *bag_table(const Interface *interface);
void bag_tables_free(void);

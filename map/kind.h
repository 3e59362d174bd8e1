/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kinds: how a member becomes XML text and VirtualBox's value, and back.  Private to map/. */
#pragma once
#include "map/map.h"

struct Kind {
    const char *name;   /* for the docs: "MAC address" */
    gsize size;         /* of the member; 0: it has none */
    gboolean is_owned;  /* the member is a char * of its own */
    gboolean is_number; /* the member is a gint64, NUMBER_ABSENT when absent */

    /* Reads XML text.  The error says what is wrong with the text; the caller says where. */
    gboolean (*parse)(const Field *field, const char *text, gpointer member, GError **error);
    /* XML text; NULL when the member is absent.  Owned by the caller. */
    char *(*format)(const Field *field, gconstpointer member);
    gboolean (*to_value)(const Field *field, gconstpointer member, Value *ret_value,
                         GError **error);
    /* Leaves the member absent when the value means nothing in the XML. */
    void (*from_value)(const Field *field, const Value *value, gpointer member);
    const char *unit; /* the @unit that a dump says beside the number; NULL: it has none */
};

/* The words of a row for a message: "a, b, c".  Owned by the caller. */
char *kind_word_list(const Field *field);

/* The member of an item. */
static inline gpointer field_member(const Field *field, const Item *item)
{
    return G_STRUCT_MEMBER_P(item, field->offset);
}
static inline gboolean field_has_member(const Field *field)
{
    return field->offset != G_MAXSIZE;
}
gboolean field_is_absent(const Field *field, const Item *item);
/* Sets a member absent, and frees it. */
void field_clear(const Field *field, Item *item);
/* Whether the row applies to this item: no `when`, or the KEY row has one of its words. */
gboolean field_applies(const Field *field, const Item *item);

/* Takes an item out of its list.  It lives as long as the model. */
void model_set_aside(Model *self, Item *item);
/* Those items (Item *).  Borrowed. */
const GPtrArray *model_aside(const Model *self);

/* Counts, when map_hits_start() was called. */
void hits_count(const Field *field, MapDirection direction);

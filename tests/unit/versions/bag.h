/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bag: objects of a VirtualBox that is not there, called as real ones are.
 *
 * Theory of operation.  A Bag is an object of any interface of a type library: a table of libffi's
 * closures for its methods, and cells with what was set.  An attribute is a cell of its name, 0, ""
 * or empty before it is set; an object that was never set is made when it is first asked for, as a
 * part of the bag that has it (a machine's audioSettings).  A method getFoo(a, b), isFoo() or
 * setFoo(a, b, value) is the cell "Foo(a,b)".  All else is a behaviour: a function, by name.
 *
 * Every call is counted, and one can be made to fail.  Bags live until bags_clear(); their
 * references are counted, so that one that vboxvirt forgot to drop is found. */
#pragma once
#include "tests/unit/xpcom/fake.h"

typedef struct Bag Bag;
struct Bag {
    Fake fake;
    const Interface *interface;
    Bag *whole;          /* whose part it is; NULL: it stands for itself */
    gboolean is_frozen;  /* neither it nor its parts can be set: a machine without a session */
    gboolean is_lasting; /* bags_clear() leaves it, and empties it */
    GHashTable *cells;   /* name → Cell */
};

typedef struct BagCall {
    Bag *self;
    const Method *method;
    void **args; /* libffi's */
} BagCall;

typedef struct Behaviour {
    const char *interface, *method; /* of the interface that has it, not of one that inherits it */
    guint32 (*run)(BagCall *call);
    gboolean is_change; /* refused on what is frozen */
} Behaviour;

/* What the fake does, and has seen. */
typedef struct BagWorld {
    const Typelib *typelib;
    const Behaviour *behaviours[4]; /* each ends with {NULL} */
    guint calls;                    /* seen so far */
    GString *changes;               /* a line each: setters, and behaviours that change */
    guint fail_at;                  /* this call fails, with this result; 0: none */
    guint32 fail_with;
    char *failed; /* which one that was: "IMachine::setBootOrder" */
} BagWorld;
extern BagWorld world;

Bag *bag_new(const char *interface, Bag *whole);
/* Frees all bags but lasting ones, which lose their cells; none may have references left. */
void bags_clear(void);
/* The end: frees the lasting ones and the closures too. */
void bags_free(void);

gint64 bag_number(Bag *self, const char *key);
void bag_set_number(Bag *self, const char *key, gint64 value);
const char *bag_text(Bag *self, const char *key);
void bag_set_text(Bag *self, const char *key, const char *value);
/* The object in a cell: NULL when none was set, or NULL was. */
Bag *bag_object(Bag *self, const char *key);
void bag_set_object(Bag *self, const char *key, Bag *object);
/* A list of objects, made when there is none; of what is put into it, what has self as its whole is
 * a part. */
GPtrArray *bag_list(Bag *self, const char *key);
/* An array of numbers, from a text like "1 2 3". */
void bag_set_numbers(Bag *self, const char *key, const char *numbers);
/* The keys that begin so, without that beginning, sorted.  Free the array, not the keys. */
GPtrArray *bag_keys(Bag *self, const char *prefix);

/* The names in the keys "Foo(name)", for a beginning "Foo(".  Free the array. */
GPtrArray *bag_names(Bag *self, const char *prefix);
/* Which of a list's bags has that text; NULL: none. */
Bag *bag_find(const GPtrArray *list, const char *key, const char *text);

/* Makes self what other is: cells, and parts anew.  What other only refers to is shared. */
void bag_assign(Bag *self, Bag *other);
/* All that differs from nothing, a line each, sorted, parts included. */
void bag_print(Bag *self, const char *path, GString *lines);

/* A call's arguments and result, by the number of the parameter. */
gint64 call_number(const BagCall *self, guint param);
char *call_text(const BagCall *self, guint param);
Bag *call_object(const BagCall *self, guint param);
/* An array of numbers, as bag_set_numbers() takes it. */
char *call_numbers(const BagCall *self, guint param);
void call_return_number(const BagCall *self, guint param, gint64 value);
void call_return_text(const BagCall *self, guint param, const char *value);
void call_return_object(const BagCall *self, guint param, Bag *object);
void call_return_objects(const BagCall *self, guint param, const GPtrArray *objects);
void call_return_numbers(const BagCall *self, guint param, const GArray *numbers);
void call_return_texts(const BagCall *self, guint param, const GPtrArray *texts);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Release: the type library that another release of VirtualBox has, made of the installed one and
 * of a table of differences.  Only what vboxvirt uses, or may come to use, is in a table. */
#pragma once
#include "xpcom/typelib.h"

/* What an interface or enum has or has not, in words:
 *
 *   -name             it has no attribute, method or constant of that name
 *   name=u name:u     it has that attribute, with ':' a read-only one
 *   name(s,u,>oIFoo)  it has that method; the parameters are those of tests/unit/xpcom/builder.h
 *   name#3            the enum has that constant
 *
 * "-" alone: there is no such interface. */
typedef struct Change {
    const char *interface, *members;
} Change;

typedef struct Release {
    const char *name;
    guint version;              /* as VirtualBox says it: 7000014 is 7.0.14 */
    const Change *changes;      /* to the release before it in the list; ends with {NULL} */
    const char *const *lacking; /* what it truly has not: the lines of map_bind()'s report */
} Release;

/* From the newest, the installed one, to the oldest; ends with {NULL}. */
extern const Release releases[];

/* What documents in tests/domain/rows say that not all releases have. */
extern const char *const newer_words[];

/* The library of a release, from that of the next newer one. */
Typelib *release_typelib(const Release *self, const Typelib *newer);

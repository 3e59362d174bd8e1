/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Builder: type libraries for tests, as bytes of an .xpt file. */
#pragma once
#include <glib.h>

#define BUILDER_GETTER 0x80
#define BUILDER_SETTER 0x40
#define BUILDER_NOTXPCOM 0x20
#define BUILDER_HIDDEN 0x08

typedef struct Builder Builder;
Builder *builder_new(void);
void builder_free(Builder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Builder, builder_free)

/* Begins an interface; what follows belongs to it.  parent NULL: none.  A parent, or a parameter's
 * interface, that is never begun stays an entry without a descriptor. */
void builder_interface(Builder *self, const char *name, const char *parent);

/* params, apart by spaces: '>' out or '=' in and out, 'a' array (its count is added before it) or
 * 'A' array (its count is the first parameter), then a letter of a signature (typelib.h), or Y
 * int8, S narrow string, F float, D double, N iid, V void pointer; after 'o' the interface:
 * "u >s aoIMachine". */
void builder_method(Builder *self, guint8 flags, const char *name, const char *params);

/* tag: a TypeTag of a number. */
void builder_constant(Builder *self, const char *name, guint8 tag, gint64 value);

/* The first four bytes of an interface's IID, as a number; the others are zero. */
guint32 builder_iid(const char *name);

/* Appends nsISupports with its three methods. */
void builder_supports(Builder *self);

/* The file.  May be called again after more was added. */
GBytes *builder_finish(Builder *self);

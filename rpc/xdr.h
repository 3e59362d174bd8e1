/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XDR: bounded decoding and encoding, driven by descriptions of C structs made from the spec. */
#pragma once
#include <glib.h>

/* Memory of one call: freed at once.  Everything decoded, and every string of a reply, is in it. */
typedef struct Arena Arena;
Arena *arena_new(void);
void arena_free(Arena *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Arena, arena_free)

/* Zeroed memory; aligned for any type. */
void *arena_alloc(Arena *self, gsize size);
char *arena_strdup(Arena *self, const char *text);
/* length bytes, and a NUL after them. */
char *arena_strndup(Arena *self, const void *text, gsize length);
/* Takes over what g_malloc() gave; returns it.  NULL is passed through. */
void *arena_take(Arena *self, void *memory);

/* Describes a struct and its members (generated; see rpc/generate.py). */
typedef struct XdrStruct XdrStruct;

/* The size of the C struct. */
gsize xdr_size(const XdrStruct *type);

/* Decodes what stands in length bytes into *out (xdr_size() bytes).  A count is checked against the
 * spec's limit and against the bytes left before memory is taken.  As libvirt's server does: an
 * optional is absent when its marker is 0 and else present, text ends at its first NUL, and neither
 * padding nor what follows the last member matters.  Errors: VIR_ERR_RPC. */
gboolean xdr_decode(const XdrStruct *type, const guint8 *data, gsize length, void *out,
                    Arena *arena, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Appends *in to bytes.  Refuses what is over the spec's limits (VIR_ERR_RPC), so that a client
 * never gets what it must drop. */
gboolean xdr_encode(const XdrStruct *type, const void *in, GByteArray *bytes,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

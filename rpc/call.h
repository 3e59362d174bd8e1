/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A call as its handler sees it: who calls, memory for the answer, a stream to send. */
#pragma once
#include "base/error.h"
#include "rpc/procedure.h"

typedef struct Call {
    const Procedure *procedure;
    guint64 client;
    guint32 serial;
    gboolean read_only; /* the connection's; the procedure itself is allowed on it */
    Arena *arena;
    GBytes *stream; /* set by a handler of a stream procedure: what follows the reply */
} Call;

/* Strings of an answer: a copy, or one that g_malloc() made and the call takes over. */
static inline char *call_strdup(Call *call, const char *text)
{
    return arena_strdup(call->arena, text);
}
static inline void *call_take(Call *call, void *memory)
{
    return arena_take(call->arena, memory);
}

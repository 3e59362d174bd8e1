/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Output queues: what waits to be written to a socket, counted by what it is. */
#pragma once
#include "base/error.h"

typedef enum OutputKind {
    OUTPUT_REPLY,  /* what the other side asked for */
    OUTPUT_EVENT,  /* what comes unasked: grows without bound when nobody reads */
    OUTPUT_STREAM, /* stream data: its sender wants to know when it went out */
    OUTPUT_KINDS,
} OutputKind;

typedef struct Output {
    GQueue entries;
    gsize head_done;             /* bytes of the first entry that went out */
    gsize waiting[OUTPUT_KINDS]; /* memory of entries that are not out whole */
    gsize stream_out;            /* payload of stream messages that went out, see below */
} Output;

void output_init(Output *self);
void output_clear(Output *self);

/* Queues bytes; takes a reference of its own. */
void output_push(Output *self, OutputKind kind, GBytes *bytes);

/* Writes as much as fd takes without blocking.  FALSE: the other side has gone. */
gboolean output_flush(Output *self, int fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean output_is_empty(const Output *self);

/* Memory of all entries that wait. */
gsize output_waiting(const Output *self);

/* Bytes of stream data that went out since the last time, in whole messages and without their
 * headers; sets the count to 0. */
gsize output_take_stream_out(Output *self);

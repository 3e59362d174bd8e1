/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events: see event.h. */
#include "rpc/event.h"
#include "rpc/procedure.h"

#define CALLBACK_ID 4 /* bytes: the first member of every event of this form */

static EventSink event_sink;

void event_set_sink(EventSink sink)
{
    event_sink = sink;
}

void event_emit(RemoteProcedure procedure, const guint8 uuid[UUID_BYTES], const void *body)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    if (event_sink == NULL)
        return;
    if (!xdr_encode(procedure_find(procedure)->ret, body, bytes, &error)) {
        g_warning("an event is lost: %s", error->message);
        return;
    }
    event_sink(procedure, uuid, bytes->data + CALLBACK_ID, bytes->len - CALLBACK_ID);
}

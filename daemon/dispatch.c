/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dispatch: see dispatch.h. */
#include "daemon/dispatch.h"
#include "rpc/handlers.h"
#include "rpc/procedure.h"

#define PROTOCOL_VERSION 1 /* of both programs */

gboolean dispatch_must_wait(const MessageHeader *header)
{
    const Procedure *procedure = procedure_find(header->procedure);
    return header->program == REMOTE_PROGRAM && header->type == MESSAGE_CALL && procedure != NULL &&
           procedure->server == SERVER_ENGINE;
}

static const Procedure *find_procedure(const MessageHeader *header, GError **error)
{
    if (header->program != REMOTE_PROGRAM || header->version != PROTOCOL_VERSION) {
        fail(error, VIR_ERR_RPC, "Cannot find program %u version %u", header->program,
             header->version);
        return NULL;
    }
    if (header->status != STATUS_OK) {
        fail(error, VIR_ERR_RPC, "Unexpected message status %u", header->status);
        return NULL;
    }
    const Procedure *procedure = procedure_find(header->procedure);
    if (procedure == NULL || procedure->is_event) {
        fail(error, VIR_ERR_RPC, "unknown procedure: %u", header->procedure);
        return NULL;
    }
    return procedure;
}

/* What a connection may call before CONNECT_OPEN. */
static gboolean check_open(const Client *client, const Procedure *procedure, GError **error)
{
    if (client->uri != NULL || procedure->before_auth)
        return TRUE;
    switch (procedure->number) {
    case REMOTE_PROC_CONNECT_OPEN:
    case REMOTE_PROC_CONNECT_CLOSE:
    case REMOTE_PROC_CONNECT_SUPPORTS_FEATURE:
        return TRUE;
    default:
        return fail(error, VIR_ERR_INTERNAL_ERROR,
                    "the hypervisor connection is not open: CONNECT_OPEN comes before %s",
                    procedure->name);
    }
}

/* Refuses what this connection may not call, whatever the arguments are. */
static gboolean check_call(const Client *client, const MessageHeader *header,
                           const Procedure *procedure, GError **error)
{
    if (!check_open(client, procedure, error))
        return FALSE;
    if (client->read_only && !procedure->read_only)
        return procedure_check_read_only(procedure, NULL, error);
    /* The link to the engine carries no file descriptors. */
    if (procedure->server == SERVER_NONE || procedure->fds_in || procedure->fds_out)
        return fail(error, VIR_ERR_NO_SUPPORT,
                    "this function is not supported by the connection driver: %s",
                    procedure->api != NULL ? procedure->api : procedure->name);
    if (header->type == MESSAGE_CALL_FDS)
        return fail(error, VIR_ERR_RPC, "%s is called with file descriptors", procedure->name);
    return TRUE;
}

/* Decodes what the checks or the daemon itself need; *ret_args stays NULL otherwise. */
static gboolean decode(const Procedure *procedure, GBytes *message, Arena *arena, void **ret_args,
                       GError **error)
{
    gsize length;
    const guint8 *payload = message_payload(message, &length);
    *ret_args = NULL;
    if (procedure->args == NULL ||
        (procedure->flags_offset < 0 && procedure->server != SERVER_DAEMON))
        return TRUE;
    *ret_args = arena_alloc(arena, xdr_size(procedure->args));
    return xdr_decode(procedure->args, payload, length, *ret_args, arena, error);
}

static gboolean forward(Client *client, const MessageHeader *header, const Procedure *procedure,
                        GBytes *message, GError **error)
{
    gboolean sent;
    if (procedure->stream != STREAM_NONE && client->pending.streams >= PENDING_STREAMS)
        return fail(error, VIR_ERR_OPERATION_FAILED,
                    "this connection has %d open streams: finish one first", PENDING_STREAMS);
    if (!client->calls->forward(client, message, &sent, error))
        return FALSE;
    pending_add(&client->pending, header, sent);
    return TRUE;
}

static gboolean serve(Client *client, const MessageHeader *header, const Procedure *procedure,
                      void *args, GError **error)
{
    void *ret =
        procedure->ret != NULL ? arena_alloc(client->arena, xdr_size(procedure->ret)) : NULL;
    if (!daemon_handlers[procedure->number](client, args, ret, error))
        return FALSE;
    g_autoptr(GBytes) reply = message_reply(header, procedure->ret, ret, error);
    if (reply == NULL)
        return FALSE;
    client_send(client, OUTPUT_REPLY, reply);
    return TRUE;
}

static gboolean take_call(Client *client, const MessageHeader *header, GBytes *message,
                          GError **error)
{
    g_autoptr(Arena) arena = arena_new();
    void *args;
    const Procedure *procedure = find_procedure(header, error);
    if (procedure == NULL || !check_call(client, header, procedure, error) ||
        !decode(procedure, message, arena, &args, error))
        return FALSE;
    if (client->read_only && !procedure_check_read_only(procedure, args, error))
        return FALSE;
    if (!procedure_check_flags(procedure, args, error))
        return FALSE;
    if (procedure->server == SERVER_ENGINE)
        return forward(client, header, procedure, message, error);
    client->arena = arena;
    gboolean served = serve(client, header, procedure, args, error);
    client->arena = NULL;
    return served;
}

/* A packet of a stream that is over is dropped, as libvirt does: the client could not know. */
static gboolean take_packet(Client *client, const MessageHeader *header, GBytes *message,
                            GError **error)
{
    gboolean unused;
    return !pending_has_stream(&client->pending, header) ||
           client->calls->forward(client, message, &unused, error);
}

void dispatch(Client *client, const MessageHeader *header, GBytes *message)
{
    g_autoptr(GError) error = NULL;
    gboolean done = TRUE;
    if (header->program == KEEPALIVE_PROGRAM && header->version == PROTOCOL_VERSION &&
        header->type == MESSAGE_EVENT) {
        keepalive_message(client, header->procedure);
        return;
    }
    switch (header->type) {
    case MESSAGE_CALL:
    case MESSAGE_CALL_FDS:
        done = take_call(client, header, message, &error);
        break;
    case MESSAGE_STREAM:
    case MESSAGE_STREAM_HOLE:
        done = take_packet(client, header, message, &error);
        break;
    default:
        client_drop(client, "sends messages of type %u, which only servers send", header->type);
    }
    if (!done)
        client_send_error(client, header, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes the seeds of the frames' fuzzer into a folder, a random call and a random reply of each
 * procedure: fuzz-frames-seeds FOLDER. */
#include <stdio.h>
#include "rpc/message.h"
#include "rpc/remote.h"
#include "tests/unit/rpc/values.h"

static GBytes *make_message(const Procedure *procedure, const XdrStruct *type, MessageType kind)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GError) error = NULL;
    MessageHeader header = {
        .program = REMOTE_PROGRAM,
        .version = 1,
        .procedure = procedure->number,
        .type = kind,
    };
    GByteArray *message = message_begin(&header);
    if (type && !xdr_encode(type, random_value(type, arena), message, &error))
        g_error("%s: %s", procedure->name, error->message);
    return message_end(message);
}

static gboolean write_seed(const char *folder, const Procedure *procedure, const char *half,
                           GBytes *message)
{
    g_autofree char *name = g_strdup_printf("%s-%s", procedure->name, half);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GByteArray) seed = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    g_byte_array_append(seed, (const guint8 *)"\xff", 1); /* 256 bytes at once */
    g_byte_array_append(seed, g_bytes_get_data(message, NULL), (guint)g_bytes_get_size(message));
    if (g_file_set_contents(path, (const char *)seed->data, seed->len, &error))
        return TRUE;
    fprintf(stderr, "fuzz-frames-seeds: %s\n", error->message);
    return FALSE;
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (argc != 2) {
        fprintf(stderr, "usage: fuzz-frames-seeds FOLDER\n");
        return 2;
    }
    for (guint32 number = 1; number <= REMOTE_PROC_LAST; number++) {
        const Procedure *procedure = procedure_find(number);
        g_autoptr(GBytes) call = make_message(procedure, procedure->args, MESSAGE_CALL);
        g_autoptr(GBytes) reply = make_message(procedure, procedure->ret, MESSAGE_REPLY);
        if (!write_seed(argv[1], procedure, "call", call) ||
            !write_seed(argv[1], procedure, "reply", reply))
            return 1;
    }
    return 0;
}

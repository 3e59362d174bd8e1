/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine as a child process, and the link to it. */
#pragma once
#include "daemon/options.h"
#include "rpc/link.h"

typedef struct Child Child;

typedef struct ChildCalls {
    /* A frame came.  May free the child. */
    void (*frame)(const LinkHeader *header, GBytes *payload, void *data);
    /* The link is at its end: the engine has died or is about to.  May free the child. */
    void (*gone)(const char *why, void *data);
    /* All that was sent has been taken over by the kernel. */
    void (*drained)(void *data);
} ChildCalls;

/* Starts the engine as options->user, in an environment of its own. */
Child *child_start(const Options *options, const ChildCalls *calls, void *data,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Becomes the engine, with an argument instead of a link (--check=PART).  Returns on failure only.
 */
void child_become(const Options *options, const char *argument, GError **error);

pid_t child_pid(const Child *self);

/* Sends a frame, of which it keeps a reference. */
void child_send(Child *self, GBytes *frame);

/* Bytes that wait to be sent. */
gsize child_waiting(const Child *self);

/* Takes what the dead engine had still written; gone() follows. */
void child_drain(Child *self);

/* Closes the link.  The process is killed first if kill is set; who reaps it is main.c. */
void child_free(Child *self, gboolean kill);

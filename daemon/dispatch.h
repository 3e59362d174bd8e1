/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dispatch: checks a client's message against the table of procedures, then serves it or sends it
 * on to the engine. */
#pragma once
#include "daemon/client.h"

/* A call that waits for its turn when the client has many under way. */
gboolean dispatch_must_wait(const MessageHeader *header);

void dispatch(Client *client, const MessageHeader *header, GBytes *message);

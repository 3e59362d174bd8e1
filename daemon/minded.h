/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Minded: clients whose end an engine has to do something about (LINK_MIND).  It is told of it, and
 * so is each engine after it, until one says that it is done. */
#pragma once
#include <glib.h>

typedef struct Minded Minded;
Minded *minded_new(void);
void minded_free(Minded *self);

/* here: the client is connected. */
void minded_add(Minded *self, guint64 client, gboolean here);
void minded_remove(Minded *self, guint64 client);

/* The client has left.  TRUE: an engine minds. */
gboolean minded_left(Minded *self, guint64 client);

/* Those that have left; owned: an array of guint64. */
GArray *minded_all_left(const Minded *self);
gboolean minded_has_left(const Minded *self);

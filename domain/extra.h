/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Extra: settings that VirtualBox has only as extra data of a machine ("VBoxInternal/…"). */
#pragma once
#include "map/map.h"

/* The text at a key, without VirtualBox's "string:"; NULL: there is none.  That most machines have
 * none costs one call an operation.  Owned. */
gboolean extra_get(MapContext *context, Object *machine, const char *key, char **ret_text,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes a text so that it stays one, whatever it looks like; "" removes it. */
gboolean extra_set_text(Object *machine, const char *key, const char *text,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <permissions> of a pool's folder and of a volume's file. */
#pragma once
#include "map/map.h"

typedef struct Permissions {
    char *mode; /* octal digits */
    gint64 owner, group;
} Permissions;

/* Their rows, in an item that has a member `permissions`. */
#define PERMISSIONS_ROWS(Struct)                                                                \
    F("target/permissions/mode", Struct, permissions.mode, NULL, STR),                          \
        F("target/permissions/owner", Struct, permissions.owner, NULL, NUMBER(-1, G_MAXUINT32), \
          FILLED),                                                                              \
        F("target/permissions/group", Struct, permissions.group, NULL, NUMBER(-1, G_MAXUINT32), \
          FILLED),                                                                              \
        IGNORE("target/permissions/label", "the files get the label that the host gives them")

/* What a definition may ask for: any mode; the owner and group that a file has, or will have when
 * it is made: the user's.  path NULL: there is none yet.  *ret_mode is NUMBER_ABSENT when it is
 * left open.  item is for messages.
 */
gboolean permissions_check(const Permissions *self, const Item *item, const char *path,
                           gint64 *ret_mode, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Those that a file has.  FALSE, without an error: it is not there. */
gboolean permissions_read(Permissions *self, const char *path);

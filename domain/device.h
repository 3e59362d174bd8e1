/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Device: what the files of devices share. */
#pragma once
#include "domain/domain.h"

/* What clients write into every device and VirtualBox has no field for: its alias and its address
 * on a bus of the guest, which VirtualBox chooses by itself. */
#define PLACE_ROWS(Struct)                              \
    F("alias/@name", Struct, alias, NULL, ALIAS, KEEP), \
        F("address", Struct, address, NULL, SUBTREE, KEEP)

/* Refuses what a row of the item has (path: the row's; NULL: the item itself).  The message begins
 * with the path in the document.  Always FALSE. */
gboolean device_refuse(const Item *item, const char *path, GError **error, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* Puts the path of the item before VirtualBox's own message.  Always FALSE. */
gboolean device_fail(const Item *item, GError **error);

/* Replaces a member that is a text of its own. */
void device_set_text(char **member, const char *text);

/* Takes the last item out of an element's list. */
void device_drop_last(GPtrArray *items);

gboolean device_is_arm(MapContext *context);

/* The platform's properties (7.1 and later) or the system's, which have those that depend on it in
 * older versions.  Owned by the caller. */
Object *device_limits(MapContext *context, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Refuses the word of a row (of an enum) that the machine's platform does not support, by a list of
 * the platform's properties; where VirtualBox has no such list (before 7.1), nothing. */
gboolean device_check_supported(MapContext *context, const Item *item, const char *path,
                                const char *word, VboxName list,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

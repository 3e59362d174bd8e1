/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bandwidth: VirtualBox's bandwidth groups, which network adapters and disks are in. */
#pragma once
#include "domain/domain.h"

typedef struct Bandwidth {
    Item item;
    char *name;
    const char *type; /* "disk", "network" */
    gint64 maximum;   /* bytes a second; 0: no limit */
} Bandwidth;

/* The group that a device is in of its own, for a limit that libvirt has a word for: it is made, or
 * its limit becomes this one.  To be called by a device's prepare. */
void bandwidth_imply(Domain *domain, const char *name, const char *type, gint64 maximum);

/* The limit of a device's own group, which is not shown then; NUMBER_ABSENT: it is in no group of
 * that name, or has no multiple of unit for a limit. */
gint64 bandwidth_own(Domain *domain, const char *group, const char *name, gint64 unit);

/* Whether a group that a device names is one of that type in the document. */
gboolean bandwidth_check(Domain *domain, const Item *item, const char *path, const char *name,
                         const char *type, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A group of the machine's. */
gboolean bandwidth_find(MapContext *context, const char *name, Object **ret_group,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The name of a group; "" of NULL. */
gboolean bandwidth_name(Object *group, char **ret_name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes what the document does not have; when no device is in it any more. */
gboolean bandwidth_remove_others(MapContext *context, GError **error) G_GNUC_WARN_UNUSED_RESULT;

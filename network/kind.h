/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kind: what a network of each kind is in VirtualBox, and how it is made, started, removed.  The
 * record is not theirs: define.c writes it when VirtualBox has done its part. */
#pragma once
#include "network/network.h"

typedef struct KindOps {
    const char *word;   /* in the record */
    const char *noun;   /* for messages: "internal network" */
    const char *suffix; /* of one that others made, when a network of ours has its name */

    /* VirtualBox's names of all that there are; NULL: VirtualBox keeps no list, what others have of
     * it is no network. */
    char **(*names)(GError **error);
    /* Whether it runs now; NULL: the record says so. */
    gboolean (*is_active)(const char *vbox_name, gboolean *ret_active, GError **error);
    /* Asks VirtualBox for the rest of it (network_fill()). */
    gboolean (*fill)(Network *self, GError **error);
    /* Refuses what VirtualBox or the host cannot do, before anything is changed. */
    gboolean (*check)(const Network *want, GError **error);
    /* Makes it, and names it (vbox_name).  A failure leaves nothing. */
    gboolean (*make)(Network *want, GError **error);
    /* Makes it what is wanted; is: filled.  Also the way back after a failure. */
    gboolean (*change)(Network *want, const Network *is, GError **error);
    gboolean (*start)(Network *self, GError **error);
    gboolean (*stop)(Network *self, GError **error);
    gboolean (*remove)(const Network *self, GError **error);
} KindOps;

#define KINDS 4 /* of NetworkKind */

/* Any function of it may be NULL: there is nothing to do. */
const KindOps *kind_ops(NetworkKind kind);

extern const KindOps kind_internal, kind_host_only, kind_nat, kind_bridged;

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal networks: but a name that NICs share. */
#include "network/kind.h"

static char **names(GError **error)
{
    char **names = NULL;
    return vbox_call(vbox_root(), IVirtualBox_get_internalNetworks, error, &names) ? names : NULL;
}

static gboolean make(Network *want, GError **error)
{
    want->vbox_name = g_strdup(want->name);
    return TRUE;
}

const KindOps kind_internal = {
    .word = "internal",
    .noun = "internal network",
    .suffix = "-internal",
    .names = names,
    .make = make,
};

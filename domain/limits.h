/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Limits: how much of a thing a machine can have, as the installed VirtualBox says. */
#pragma once
#include "vbox/vbox.h"

/* Network adapters of a machine of that type (XML word; NULL is the default). */
gboolean limits_nics(const char *machine, guint *ret_count,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Ports of a controller on a StorageBus ("SATA"). */
gboolean limits_ports(const char *bus, guint *ret_count, GError **error) G_GNUC_WARN_UNUSED_RESULT;

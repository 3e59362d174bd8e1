/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OS info: VirtualBox's OS type for what clients say of the guest. */
#pragma once
#include "base/error.h"

/* The OS type of a new machine: by libosinfo's id in the <metadata> (XML, may be NULL), else
 * "Other", for the architecture ("x86_64").  Only one that this VirtualBox has.  Owned. */
char *osinfo_type(const char *metadata, const char *arch, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The architecture of a machine that does not say one: the host's.  Static. */
const char *osinfo_host_arch(void);

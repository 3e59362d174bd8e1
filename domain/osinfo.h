/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OS info: VirtualBox's OS type for what clients say of the guest. */
#pragma once
#include "base/error.h"

/* The OS type of libosinfo's id in the <metadata> (XML, may be NULL), for the architecture
 * ("x86_64"), else "Other" (*ret_is_said FALSE).  Only one that this VirtualBox has.  Owned. */
char *osinfo_type(const char *metadata, const char *arch, gboolean *ret_is_said,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether this VirtualBox has it: "Debian12_64". */
gboolean osinfo_is_type(const char *type, gboolean *ret_is_type,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The architecture of a machine that does not say one: the host's.  Static. */
const char *osinfo_host_arch(void);

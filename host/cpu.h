/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cpu: the host's processor, compared with a <cpu>. */
#pragma once
#include "base/error.h"

/* libvirt's name of the vendor that a /proc/cpuinfo names; NULL: it knows none.  Static. */
const char *cpu_vendor(const char *cpuinfo);

/* How a processor of that architecture and vendor (may be NULL) compares with a <cpu>:
 * virCPUCompareResult.  VIR_ERR_OPERATION_UNSUPPORTED: it names a model or features. */
gboolean cpu_compare(const char *xml, const char *arch, const char *vendor, gint *ret_result,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errors: a GError whose code is libvirt's own error number and whose message helps a user. */
#pragma once
#include <glib.h>

/* virErrorNumber, with libvirt's names and numbers (its virterror.h); a test compares them with
 * the installed header.  Only those that we use. */
typedef enum VirErrorNumber {
    VIR_ERR_INTERNAL_ERROR = 1,
    VIR_ERR_NO_SUPPORT = 3,
    VIR_ERR_INVALID_CONN = 6,
    VIR_ERR_INVALID_ARG = 8,
    VIR_ERR_OPERATION_FAILED = 9,
    VIR_ERR_XML_ERROR = 27,
    VIR_ERR_DOM_EXIST = 28,
    VIR_ERR_OPERATION_DENIED = 29,
    VIR_ERR_XML_DETAIL = 35,
    VIR_ERR_NETWORK_EXIST = 37,
    VIR_ERR_SYSTEM_ERROR = 38,
    VIR_ERR_RPC = 39,
    VIR_ERR_NO_DOMAIN = 42,
    VIR_ERR_NO_NETWORK = 43,
    VIR_ERR_AUTH_FAILED = 45,
    VIR_ERR_NO_STORAGE_POOL = 49,
    VIR_ERR_NO_STORAGE_VOL = 50,
    VIR_ERR_OPERATION_INVALID = 55,
    VIR_ERR_NO_INTERFACE = 57,
    VIR_ERR_MULTIPLE_INTERFACES = 59,
    VIR_ERR_CONFIG_UNSUPPORTED = 67,
    VIR_ERR_OPERATION_TIMEOUT = 68,
    VIR_ERR_ARGUMENT_UNSUPPORTED = 74,
    VIR_ERR_OPERATION_ABORTED = 78,
    VIR_ERR_NO_DOMAIN_METADATA = 80,
    VIR_ERR_OPERATION_UNSUPPORTED = 84,
    VIR_ERR_AGENT_UNRESPONSIVE = 86,
    VIR_ERR_RESOURCE_BUSY = 87,
    VIR_ERR_STORAGE_VOL_EXIST = 90,
    VIR_ERR_CPU_INCOMPATIBLE = 91,
    VIR_ERR_XML_INVALID_SCHEMA = 92,
    VIR_ERR_DEVICE_MISSING = 99,
    VIR_ERR_NO_NETWORK_PORT = 107,
    VIR_ERR_NO_NETWORK_METADATA = 111,
} VirErrorNumber;

#define VIR_ERROR vir_error_quark()
GQuark vir_error_quark(void);

/* Sets error to code with a sentence for the user.  Always FALSE, so that a function can end with
 * `return fail(error, …)`. */
gboolean fail(GError **error, VirErrorNumber code, const char *format, ...) G_GNUC_PRINTF(3, 4);

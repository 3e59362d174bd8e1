/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errors: see error.h. */
#include "base/error.h"

GQuark vir_error_quark(void)
{
    return g_quark_from_static_string("vir-error");
}

gboolean fail(GError **error, VirErrorNumber code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (error != NULL)
        *error = g_error_new_valist(VIR_ERROR, (gint)code, format, args);
    va_end(args);
    return FALSE;
}

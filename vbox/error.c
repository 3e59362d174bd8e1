/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Error translation: what VirtualBox answers, in libvirt's error numbers; the one table. */
#include "vbox/vbox.h"

#define E_OUTOFMEMORY 0x8007000eu

static const struct {
    guint32 result;
    VirErrorNumber code;
} codes[] = {
    {VBOX_E_INVALID_VM_STATE, VIR_ERR_OPERATION_INVALID},
    {VBOX_E_INVALID_OBJECT_STATE, VIR_ERR_RESOURCE_BUSY},
    {VBOX_E_INVALID_SESSION_STATE, VIR_ERR_OPERATION_INVALID},
    {VBOX_E_OBJECT_IN_USE, VIR_ERR_RESOURCE_BUSY},
    {VBOX_E_NOT_SUPPORTED, VIR_ERR_OPERATION_UNSUPPORTED},
    {NS_ERROR_NOT_IMPLEMENTED, VIR_ERR_OPERATION_UNSUPPORTED},
    {E_INVALIDARG, VIR_ERR_INVALID_ARG},
    {E_OUTOFMEMORY, VIR_ERR_INTERNAL_ERROR},
};

void vbox_error_translate(GError **error)
{
    if ((*error)->domain != XPCOM_ERROR)
        return;
    VirErrorNumber code = VIR_ERR_OPERATION_FAILED;
    for (guint i = 0; i < G_N_ELEMENTS(codes); i++)
        if ((guint32)(*error)->code == codes[i].result)
            code = codes[i].code;
    (*error)->domain = VIR_ERROR;
    (*error)->code = (gint)code;
}

gboolean vbox_is_missing(const GError *failure)
{
    return g_error_matches(failure, XPCOM_ERROR, (gint)VBOX_E_OBJECT_NOT_FOUND) ||
           g_error_matches(failure, XPCOM_ERROR, (gint)E_INVALIDARG);
}

gboolean vbox_is_gone(const GError *failure)
{
    gint64 revision;
    return (g_error_matches(failure, XPCOM_ERROR, (gint)NS_ERROR_ABORT) ||
            g_error_matches(failure, XPCOM_ERROR, (gint)NS_ERROR_CALL_FAILED)) &&
           !vbox_call(vbox_root(), IVirtualBox_get_APIRevision, NULL, &revision);
}

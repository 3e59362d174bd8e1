/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Progress: see progress.h. */
#include "vbox/progress.h"

#define WAIT_MS 1000 /* of one call; the loop goes on until the job ends */

static void (*wait_hook)(gint change);

void progress_set_wait_hook(void (*hook)(gint change))
{
    wait_hook = hook;
}

static gboolean wait_until_complete(Object *progress, GError **error)
{
    for (;;) {
        gboolean completed;
        if (!vbox_call(progress, IProgress_waitForCompletion, error, WAIT_MS) ||
            !vbox_call(progress, IProgress_get_completed, error, &completed))
            return FALSE;
        if (completed)
            return TRUE;
    }
}

static gboolean job_result(Object *progress, GError **error)
{
    gint32 result;
    if (!vbox_call(progress, IProgress_get_resultCode, error, &result))
        return FALSE;
    if (result >= 0)
        return TRUE;
    g_autoptr(Object) info = NULL;
    return vbox_call(progress, IProgress_get_errorInfo, error, &info) &&
           object_fail(info, (guint32)result, error);
}

gboolean progress_wait(Object *progress, GError **error)
{
    if (wait_hook != NULL)
        wait_hook(1);
    gboolean ok = wait_until_complete(progress, error);
    if (wait_hook != NULL)
        wait_hook(-1);
    return ok && job_result(progress, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Screenshot: a running machine's screen as a stream of PNG. */
#include "domain/console.h"
#include "rpc/handlers.h"
#include "vbox/session.h"

static GBytes *take(Object *display, guint32 screen, GError **error)
{
    guint32 width, height, bits, guest_monitor_status;
    gint32 x, y;
    GBytes *png = NULL;
    if (!vbox_call(display, IDisplay_getScreenResolution, error, screen, &width, &height, &bits, &x,
                   &y, &guest_monitor_status))
        return NULL;
    if (width == 0 || height == 0) {
        fail(error, VIR_ERR_OPERATION_FAILED, "screen %u of the machine is off", screen);
        return NULL;
    }
    if (!vbox_call(display, IDisplay_takeScreenShotToArray, error, screen, width, height,
                   vbox_enum(BitmapFormat_PNG), &png))
        return NULL;
    return png;
}

static gboolean check_screen(Object *machine, guint32 screen, GError **error)
{
    g_autoptr(Object) graphics = NULL;
    guint32 count;
    if (!vbox_call(machine, IMachine_get_graphicsAdapter, error, &graphics) ||
        !vbox_call(graphics, IGraphicsAdapter_get_monitorCount, error, &count))
        return FALSE;
    return screen < count || fail(error, VIR_ERR_INVALID_ARG,
                                  "there is no screen %u; the machine has %u", screen, count);
}

gboolean do_domain_screenshot(Call *call, const DomainScreenshotArgs *args,
                              DomainScreenshotRet *ret, GError **error)
{
    g_autoptr(Entry) entry = registry_find(&args->dom, error);
    if (entry == NULL)
        return FALSE;
    g_autoptr(Session) session = session_shared(entry_machine(entry), error);
    g_autoptr(Object) display = NULL;
    if (session == NULL || !check_screen(session_machine(session), args->screen, error) ||
        !vbox_call(session_console(session), IConsole_get_display, error, &display))
        return FALSE;
    call->stream = take(display, args->screen, error);
    if (call->stream == NULL)
        return console_explain(entry_machine(entry), error);
    ret->mime = call_strdup(call, "image/png");
    return TRUE;
}

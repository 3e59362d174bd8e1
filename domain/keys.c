/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys: pressed on a running machine's keyboard.
 *
 * VirtualBox takes what a PC keyboard sends (scan codes of set 1; some keys have 0xe0 before), or a
 * USB keyboard's usage codes.  The keys of Linux's first 88 codes are numbered by that set. */
#include "base/libvirt.h"
#include "domain/console.h"
#include "rpc/handlers.h"
#include "vbox/session.h"

#define EXTENDED 0xe0
#define RELEASE 0x80
#define USAGE_PAGE_KEYBOARD 0x07
#define HOLD_MAX 10000 /* milliseconds */

/* Linux's codes (input-event-codes.h) of keys that set 1 numbers otherwise. */
static const struct {
    guint8 linux_code, scancode;
    gboolean is_extended;
} others[] = {
    {89, 0x73, FALSE},  /* ro */
    {92, 0x79, FALSE},  /* henkan */
    {93, 0x70, FALSE},  /* katakana, hiragana */
    {94, 0x7b, FALSE},  /* muhenkan */
    {96, 0x1c, TRUE},   /* enter of the key pad */
    {97, 0x1d, TRUE},   /* right ctrl */
    {98, 0x35, TRUE},   /* slash of the key pad */
    {99, 0x37, TRUE},   /* print, sysrq */
    {100, 0x38, TRUE},  /* right alt */
    {102, 0x47, TRUE},  /* home */
    {103, 0x48, TRUE},  /* up */
    {104, 0x49, TRUE},  /* page up */
    {105, 0x4b, TRUE},  /* left */
    {106, 0x4d, TRUE},  /* right */
    {107, 0x4f, TRUE},  /* end */
    {108, 0x50, TRUE},  /* down */
    {109, 0x51, TRUE},  /* page down */
    {110, 0x52, TRUE},  /* insert */
    {111, 0x53, TRUE},  /* delete */
    {113, 0x20, TRUE},  /* mute */
    {114, 0x2e, TRUE},  /* volume down */
    {115, 0x30, TRUE},  /* volume up */
    {116, 0x5e, TRUE},  /* power */
    {124, 0x7d, FALSE}, /* yen */
    {125, 0x5b, TRUE},  /* left meta */
    {126, 0x5c, TRUE},  /* right meta */
    {127, 0x5d, TRUE},  /* menu */
    {142, 0x5f, TRUE},  /* sleep */
    {143, 0x63, TRUE},  /* wake up */
};

static gboolean from_linux(guint32 code, guint32 *ret_scancode, gboolean *ret_extended)
{
    *ret_scancode = code;
    *ret_extended = FALSE;
    if (code >= 1 && code <= 88)
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        if (others[i].linux_code == code) {
            *ret_scancode = others[i].scancode;
            *ret_extended = others[i].is_extended;
            return TRUE;
        }
    return FALSE;
}

/* Of libvirt's sets of key codes; FALSE: there is no such key. */
static gboolean translate(guint32 set, guint32 code, guint32 *ret_scancode, gboolean *ret_extended)
{
    if (set == VIR_KEYCODE_SET_LINUX)
        return from_linux(code, ret_scancode, ret_extended);
    gboolean is_qnum = set == VIR_KEYCODE_SET_QNUM;
    *ret_extended = is_qnum ? (code & RELEASE) != 0 : code >> 8 == EXTENDED;
    *ret_scancode = code & 0x7f;
    return *ret_scancode != 0 && (is_qnum ? code <= 0xff : code <= 0x7f || *ret_extended);
}

/* --- scan codes ---------------------------------------------------------------------------- */

static gboolean put(Object *keyboard, const GArray *scancodes, GError **error)
{
    guint32 stored = 0;
    return vbox_call(keyboard, IKeyboard_putScancodes, error, scancodes->len,
                     (const gint32 *)(const void *)scancodes->data, &stored) &&
           (stored == scancodes->len ||
            fail(error, VIR_ERR_OPERATION_FAILED,
                 "the keyboard of the machine is full; its guest does not read it"));
}

static void append(GArray *scancodes, guint32 scancode, gboolean is_extended)
{
    gint32 prefix = EXTENDED, code = (gint32)scancode;
    if (is_extended)
        g_array_append_val(scancodes, prefix);
    g_array_append_val(scancodes, code);
}

static gboolean send_scancodes(Object *keyboard, const DomainSendKeyArgs *args, GError **error)
{
    g_autoptr(GArray) down = g_array_new(FALSE, FALSE, sizeof(gint32));
    g_autoptr(GArray) up = g_array_new(FALSE, FALSE, sizeof(gint32));
    for (guint32 i = 0; i < args->keycodes_len; i++) {
        guint32 scancode;
        gboolean is_extended;
        if (!translate(args->codeset, args->keycodes[i], &scancode, &is_extended))
            return fail(error, VIR_ERR_INVALID_ARG, "a PC keyboard has no key %u of code set %u",
                        args->keycodes[i], args->codeset);
        append(down, scancode, is_extended);
        append(up, scancode | RELEASE, is_extended);
    }
    if (!put(keyboard, down, error))
        return FALSE;
    g_usleep(args->holdtime * 1000ul);
    return put(keyboard, up, error);
}

/* --- usage codes --------------------------------------------------------------------------- */

static gboolean put_usage(Object *keyboard, const DomainSendKeyArgs *args, gboolean release,
                          GError **error)
{
    for (guint32 i = 0; i < args->keycodes_len; i++)
        if (!vbox_call(keyboard, IKeyboard_putUsageCode, error, (gint32)args->keycodes[i],
                       USAGE_PAGE_KEYBOARD, release))
            return FALSE;
    return TRUE;
}

static gboolean send_usages(Object *keyboard, const DomainSendKeyArgs *args, GError **error)
{
    if (!put_usage(keyboard, args, FALSE, error))
        return FALSE;
    g_usleep(args->holdtime * 1000ul);
    return put_usage(keyboard, args, TRUE, error);
}

/* --- calls --------------------------------------------------------------------------------- */

static Session *open_running(const RemoteDomain *dom, GError **error)
{
    EntryRun run;
    g_autoptr(Entry) entry = registry_find(dom, error);
    if (entry == NULL || !entry_run(entry, &run, error))
        return NULL;
    if (run.id < 0) {
        fail(error, VIR_ERR_OPERATION_INVALID, "domain is not running");
        return NULL;
    }
    return session_shared(entry_machine(entry), error);
}

gboolean do_domain_send_key(Call *call, const DomainSendKeyArgs *args, GError **error)
{
    gboolean is_usage = args->codeset == VIR_KEYCODE_SET_USB;
    if (!is_usage && args->codeset != VIR_KEYCODE_SET_LINUX &&
        args->codeset != VIR_KEYCODE_SET_XT && args->codeset != VIR_KEYCODE_SET_ATSET1 &&
        args->codeset != VIR_KEYCODE_SET_QNUM)
        return fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED,
                    "keys are sent in the code sets linux, xt, atset1, usb and qnum, not in %u",
                    args->codeset);
    if (args->holdtime > HOLD_MAX)
        return fail(error, VIR_ERR_INVALID_ARG, "keys are held for at most %d milliseconds",
                    HOLD_MAX);
    g_autoptr(Session) session = open_running(&args->dom, error);
    g_autoptr(Object) keyboard = NULL;
    if (session == NULL)
        return FALSE;
    return (vbox_call(session_console(session), IConsole_get_keyboard, error, &keyboard) &&
            (is_usage ? send_usages : send_scancodes)(keyboard, args, error)) ||
           console_explain(session_machine(session), error);
}

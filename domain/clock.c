/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <clock>: what the machine's clock shows, and its timers. */
#include "domain/domain.h"
#include "domain/processor.h"
#include <string.h>

typedef struct Clock {
    Item item;
    const char *offset, *basis; /* the XML's side */
    gint64 adjustment, rest;    /* seconds, and milliseconds besides */
    Switch utc;                 /* VirtualBox's */
    gint64 milliseconds;
    Switch hpet;
    char *rtc, *pit, *kvmclock, *hypervclock;
} Clock;

#define SECOND 1000

/* clang-format off */
static const Word offsets[] = { { "utc" }, { "localtime" }, { "variable" }, END };
static const Word bases[] = { { "utc" }, { "localtime" }, END };

static const Field fields[] = {
    /* XML                         member              VirtualBox               kind, and what else holds */
    F("@offset",             Clock, offset,       NULL,                      WORD(offsets, NULL), KEY, KEEP, FALLBACK("utc"), BLANK),
    F("@adjustment",         Clock, adjustment,   NULL,                      NUMBER(0, 0), WHEN("variable"), FALLBACK("0"), BLANK),
    F("@basis",              Clock, basis,        NULL,                      WORD(bases, NULL), WHEN("variable"), FALLBACK("utc"), BLANK),
    F("vbox:clock/@milliseconds", Clock, rest,    NULL,                      NUMBER(0, SECOND - 1), WHEN("variable"), FALLBACK("0"), QUIET),
    F(NULL,                  Clock, utc,          "platform.RTCUseUTC|RTCUseUTC", YESNO),
    F(NULL,                  Clock, milliseconds, "firmwareSettings.timeOffset|BIOSSettings.timeOffset", NUMBER(0, 0)),
    F("timer[name=hpet]/@present", Clock, hpet,   "platform.x86.HPETEnabled|HPETEnabled", YESNO, FALLBACK("no"), QUIET,
      HOOK(hpet_get, hpet_set, 0)),
    F("timer[name=rtc]",     Clock, rtc,          NULL,                      SUBTREE, KEEP),
    F("timer[name=pit]",     Clock, pit,          NULL,                      SUBTREE, KEEP),
    F("timer[name=kvmclock]", Clock, kvmclock,    NULL,                      SUBTREE, KEEP),
    F("timer[name=hypervclock]", Clock, hypervclock, NULL,                   SUBTREE, KEEP),
    REFUSE("timer[name=tsc]", "it chooses itself how a guest reads it"),
    REFUSE("timer[name=platform]", "it is Xen's"),
    REFUSE("timer[name=armvtimer]", "it chooses itself how a guest reads it"),
    END };
/* clang-format on */

static gboolean check_timers(const Clock *self, const char *arch, GError **error)
{
    const char *const always[] = {self->rtc, self->pit};
    for (guint i = 0; i < G_N_ELEMENTS(always); i++)
        if (always[i] != NULL && strstr(always[i], "present=\"no\"") != NULL)
            return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                        "/domain/clock/timer: a machine of VirtualBox's has always an rtc and a "
                        "pit");
    if (self->hpet == SWITCH_YES && g_str_equal(arch, "aarch64"))
        return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                    "/domain/clock/timer: machines of architecture '%s' have no hpet", arch);
    return TRUE;
}

static gboolean check(Model *model, Item *item, GError **error)
{
    Clock *self = (Clock *)item;
    gboolean is_variable = g_str_equal(self->offset, "variable");
    const char *basis = is_variable ? self->basis : self->offset;
    if (is_variable && ABS(self->adjustment) > G_MAXINT32)
        return fail(error, VIR_ERR_XML_ERROR,
                    "/domain/clock/@adjustment: it is more than a life's seconds");
    self->utc = g_str_equal(basis, "utc") ? SWITCH_YES : SWITCH_NO;
    self->milliseconds = is_variable ? self->adjustment * SECOND + self->rest : 0;
    return check_timers(self, domain_os(model)->arch, error);
}

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    Clock *self = (Clock *)item;
    const char *basis = self->utc == SWITCH_YES ? "utc" : "localtime";
    gboolean is_variable = self->milliseconds != 0 || g_strcmp0(self->offset, "variable") == 0;
    self->offset = is_variable ? "variable" : basis;
    if (!is_variable)
        return TRUE;
    self->basis = basis;
    self->rest = (self->milliseconds % SECOND + SECOND) % SECOND;
    self->adjustment = (self->milliseconds - self->rest) / SECOND;
    return TRUE;
}

const Element domain_clock_element = {
    .path = "clock",
    .interface = "IMachine",
    .about = "`variable` is `basis` and a time of its own besides. What is said of timers that "
             "VirtualBox always has, or brings with its paravirtualization, is kept without "
             "effect: it makes up for lost ticks by itself.",
    .size = sizeof(Clock),
    .fields = fields,
    .single = TRUE,
    .check = check,
    .finish = finish,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <cputune>: how much of the host's processors a machine gets. */
#include "domain/domain.h"

typedef struct CpuTune {
    Item item;
    gint64 period, quota; /* microseconds */
    gint64 cap;           /* percent */
} CpuTune;

#define PERIOD_DEFAULT 100000 /* libvirt's, and Linux's */
#define QUOTA_MAX 17592186044415

/* clang-format off */
static const Field fields[] = {
    /* XML         member              VirtualBox */
    F("period",   CpuTune, period, NULL,              NUMBER(1000, 1000000), KEEP),
    F("quota",    CpuTune, quota,  NULL,              NUMBER(-1, QUOTA_MAX), KEEP),
    F(NULL,       CpuTune, cap,    "CPUExecutionCap", NUMBER(1, 100), HOT),
    REFUSE("shares", "give each processor's share of a host's as <period> and <quota>", BLANK),
    REFUSE("global_period", "say <period>, of each processor", BLANK),
    REFUSE("global_quota", "say <quota>, of each processor", BLANK),
    REFUSE("emulator_period", "it limits a machine's processors only", BLANK),
    REFUSE("emulator_quota", "it limits a machine's processors only", BLANK),
    REFUSE("iothread_period", "it has no iothreads", BLANK),
    REFUSE("iothread_quota", "it has no iothreads", BLANK),
    REFUSE("vcpupin", "it does not pin processors"),
    REFUSE("emulatorpin", "it does not pin processors"),
    REFUSE("iothreadpin", "it has no iothreads"),
    REFUSE("vcpusched", "the host schedules its processors as it does other threads"),
    REFUSE("iothreadsched", "it has no iothreads"),
    REFUSE("emulatorsched", "the host schedules it as it does other processes"),
    REFUSE("cachetune", "it does not divide the host's caches"),
    REFUSE("memorytune", "it does not limit memory bandwidth"),
    END };
/* clang-format on */

/* The percentage that the XML asks for; 0: none such, -1: it needs a fraction. */
static gint64 asked_cap(const CpuTune *self)
{
    gint64 period = self->period == NUMBER_ABSENT ? PERIOD_DEFAULT : self->period;
    gint64 quota = self->quota;
    if (quota == NUMBER_ABSENT || quota <= 0 || quota >= period)
        return 100;
    return quota * 100 % period == 0 ? quota * 100 / period : -1;
}

static gboolean check(Model *model, Item *item, GError **error)
{
    CpuTune *self = (CpuTune *)item;
    self->cap = asked_cap(self);
    if (self->cap > 0)
        return TRUE;
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                "/domain/cputune/quota: VirtualBox caps processors at whole percents of the "
                "period, and %" G_GINT64_FORMAT " is none",
                self->quota);
}

/* As the XML said it, as long as that is so. */
static gboolean finish(MapContext *context, Item *item, GError **error)
{
    CpuTune *self = (CpuTune *)item;
    if (self->cap == NUMBER_ABSENT || asked_cap(self) == self->cap)
        return TRUE;
    self->quota = NUMBER_ABSENT;
    if (self->cap == 100)
        return TRUE;
    if (self->period == NUMBER_ABSENT)
        self->period = PERIOD_DEFAULT;
    self->quota = self->cap * self->period / 100;
    if (asked_cap(self) == self->cap)
        return TRUE;
    self->period = PERIOD_DEFAULT;
    self->quota = self->cap * PERIOD_DEFAULT / 100;
    return TRUE;
}

const Element domain_cputune_element = {
    .path = "cputune",
    .interface = "IMachine",
    .about = "`quota` of `period` is each processor's share of a host's, in whole percents: "
             "VirtualBox's execution cap. A quota that is no limit is kept without effect.",
    .size = sizeof(CpuTune),
    .fields = fields,
    .single = TRUE,
    .check = check,
    .finish = finish,
};

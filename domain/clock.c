/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <clock>: what the machine's clock shows. */
#include "domain/domain.h"

typedef struct Clock {
    Item item;
    const char *offset;
} Clock;

/* clang-format off */
static const Word offsets[] = { { "utc", "1" }, { "localtime", "0" }, END };

static const Field fields[] = {
    F("@offset", Clock, offset, "platform.RTCUseUTC|RTCUseUTC", WORD(offsets, NULL), FALLBACK("utc")),
    REFUSE("timer", ""),
    END };
/* clang-format on */

const Element domain_clock_element = {
    .path = "clock",
    .interface = "IMachine",
    .size = sizeof(Clock),
    .fields = fields,
    .single = TRUE,
};

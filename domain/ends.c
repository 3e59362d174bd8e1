/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <on_poweroff>, <on_reboot>, <on_crash>: what follows the guest's end. */
#include "domain/domain.h"

typedef struct Ends {
    Item item;
    const char *on_poweroff, *on_reboot, *on_crash;
} Ends;

/* clang-format off */
static const Word poweroffs[] = { { "destroy" }, END };
static const Word reboots[] = { { "restart" }, END };
static const Word crashes[] = { { "destroy" }, { "preserve" }, END };

static const Field fields[] = {
    F("on_poweroff", Ends, on_poweroff, NULL, WORD(poweroffs, NULL), KEEP, FALLBACK("destroy")),
    F("on_reboot",   Ends, on_reboot,   NULL, WORD(reboots, NULL),   KEEP, FALLBACK("restart")),
    F("on_crash",    Ends, on_crash,    NULL, WORD(crashes, NULL),   KEEP, FALLBACK("destroy")),
    END };
/* clang-format on */

const Element domain_ends_element = {
    .path = "",
    .interface = "IMachine",
    .about = "VirtualBox ends a machine that powers off and goes on with one that reboots, and "
             "cannot be told otherwise. A machine that crashed (guru meditation) stays until it "
             "is destroyed, whatever `on_crash` says.",
    .size = sizeof(Ends),
    .fields = fields,
    .single = TRUE,
    .name = NULL,
};

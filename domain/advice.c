/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Advice: devices that clients add to every machine without being asked, and that VirtualBox has
 * nothing like.  A machine works as well without them. */
#include "domain/domain.h"

typedef struct Advice {
    Item item;
    char *balloon, *rng, *channels, *redirections;
} Advice;

/* clang-format off */
static const Field fields[] = {
    F("memballoon", Advice, balloon, NULL, SUBTREE, KEEP),
    F("rng",        Advice, rng,     NULL, SUBTREE, KEEP),
    F("channel",    Advice, channels, NULL, SUBTREES, KEEP),
    F("redirdev",   Advice, redirections, NULL, SUBTREES, KEEP),
    END };
/* clang-format on */

const Element domain_advice_element = {
    .path = "devices",
    .interface = "IMachine",
    .about =
        "What clients add to every machine unasked, and VirtualBox has nothing like: it is "
        "accepted, kept and shown again, without effect. The size of the balloon that "
        "VirtualBox has is `currentMemory`; consoles of type `pty`: see `<serial>`. Its guests "
        "are reached by Guest Additions, not by channels, and a remote display brings its USB "
        "devices by itself.",
    .size = sizeof(Advice),
    .fields = fields,
    .single = TRUE,
};

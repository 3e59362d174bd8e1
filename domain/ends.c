/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <on_poweroff>, <on_reboot>, <on_crash>: what follows the guest's end. */
#include "domain/domain.h"
#include "domain/extra.h"

typedef struct Ends {
    Item item;
    const char *on_poweroff, *on_reboot, *on_crash;
} Ends;

/* A reset by anybody, the guest or a client, then powers the machine off. */
#define POWER_OFF "VBoxInternal/PowerOffInsteadOfReset"

static gboolean get_reboot(MapContext *context, Object *machine, const Field *field,
                           Value *ret_value, GError **error)
{
    g_autofree char *text = NULL;
    if (!extra_get(context, machine, POWER_OFF, &text, error))
        return FALSE;
    ret_value->number = g_strcmp0(text, "1") == 0;
    return TRUE;
}

static gboolean set_reboot(MapContext *context, Object *machine, const Field *field,
                           const Value *value, GError **error)
{
    return vbox_call(machine, IMachine_setExtraData, error, POWER_OFF,
                     value->number != 0 ? "1" : "");
}

/* clang-format off */
static const Word poweroffs[] = { { "destroy" }, END };
static const Word reboots[] = { { "restart", "0" }, { "destroy", "1" }, END };
static const Word crashes[] = { { "destroy" }, { "preserve" }, END };

static const Field fields[] = {
    F("on_poweroff", Ends, on_poweroff, NULL, WORD(poweroffs, NULL), KEEP, FALLBACK("destroy")),
    F("on_reboot",   Ends, on_reboot,   POWER_OFF, WORD(reboots, NULL), FALLBACK("restart"),
      HOOK(get_reboot, set_reboot, 0)),
    F("on_crash",    Ends, on_crash,    NULL, WORD(crashes, NULL),   KEEP, FALLBACK("destroy")),
    REFUSE("on_lockfailure", "it has no lock manager", BLANK),
    END };
/* clang-format on */

const Element domain_ends_element = {
    .path = "",
    .interface = "IMachine",
    .about = "VirtualBox ends a machine that powers off, and cannot be told otherwise. With "
             "`on_reboot` `destroy` a reset, too, powers it off. A machine that crashed (guru "
             "meditation) stays until it "
             "is destroyed, whatever `on_crash` says.",
    .size = sizeof(Ends),
    .fields = fields,
    .late = LAST,
    .single = TRUE,
    .name = NULL,
};

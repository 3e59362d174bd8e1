/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Flag: see flag.h. */
#include "domain/flag.h"
#include "domain/quiet.h"
#include "vbox/session.h"

gboolean flag_set_text(Entry *entry, const char *key, const char *text, GError **error)
{
    /* VirtualBox saves the machine, and says that its data have changed. */
    g_autoptr(Mark) mark = quiet_begin(entry_uuid(entry), error);
    gboolean ok = mark != NULL && session_set_extra_data(entry_machine(entry), key, text, error);
    registry_forget_settings(entry_uuid(entry));
    return ok;
}

gboolean flag_set(Entry *entry, const char *key, gboolean now, gboolean on, GError **error)
{
    return now == on || flag_set_text(entry, key, on ? "yes" : NULL, error);
}

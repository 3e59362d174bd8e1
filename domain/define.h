/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Define: making a machine of an XML, changing it by one, removing it. */
#pragma once
#include "domain/registry.h"

typedef enum DefineMode {
    DEFINE_PERSISTENT,
    DEFINE_TRANSIENT, /* to run once: see build_machine() */
} DefineMode;

/* Makes the machine that the XML says, or changes the one of its uuid.  All or nothing: after a
 * failure VirtualBox is as it was. */
Entry *domain_define(const char *xml, DefineMode mode, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Unregisters the machine and removes what VirtualBox made for it; never the user's disks. */
gboolean domain_remove(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Of a machine that is not registered (any more): its settings file, logs and saved states. */
gboolean domain_remove_files(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* VirtualBox's name of the front end that the machine's XML asks for: "headless", "gui" or "sdl".
 * Owned by the caller. */
char *domain_front_end(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

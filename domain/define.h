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

/* What becomes of a machine's NVRAM file, which holds EFI variables and the TPM's state, when the
 * machine goes; domain/kept.h has the rest. */
typedef enum NvramFate { NVRAM_GOES, NVRAM_STAYS, NVRAM_AS_MARKED /* KEEP_NVRAM_KEY */ } NvramFate;

/* Unregisters the machine and removes what VirtualBox made for it; never the user's disks.  One
 * that somebody else has removed meanwhile is a success. */
gboolean domain_remove(Object *machine, NvramFate fate, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Returns when no machine is being removed: the files of one that has left VirtualBox's list have
 * gone, and an NVRAM file that stays is in its place. */
void domain_await_removals(void);
/* Of a machine that is not registered (any more): its settings file, logs and saved states. */
gboolean domain_remove_files(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* VirtualBox's name of the front end that the machine's XML asks for: "headless", "gui" or "sdl".
 * Owned by the caller. */
char *domain_front_end(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

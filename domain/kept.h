/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kept: NVRAM files that outlive their machines, and the machines that find them again.
 *
 * VirtualBox has a machine's EFI variables and the state of its TPM in one file, NAME.nvram in the
 * machine's folder, and deletes it with the machine.  It takes a file of that name that is there
 * already for a new machine's (measured on 7.2.22), so one that is kept stays where it is.  For a
 * machine of another name, or in another folder, there is a record in VirtualBox's global extra
 * data, "vboxvirt/nvram/UUID": the path. */
#pragma once
#include "base/uuid.h"
#include "vbox/vbox.h"

/* Extra data of a machine: "yes" when its NVRAM file is to stay when the machine goes by itself: as
 * a transient one, or one that could not be completed. */
#define KEEP_NVRAM_KEY "vboxvirt/keep-nvram"

/* What a machine's removal must not delete. */
typedef struct Kept {
    char *path, *aside; /* NULL: there is no such file */
} Kept;
void kept_clear(Kept *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Kept, kept_clear)

/* Records the file of a registered machine and puts it aside, where VirtualBox does not look. */
gboolean kept_put_aside(Object *machine, Kept *ret_kept, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Puts it back where it was. */
gboolean kept_put_back(const Kept *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives a machine that is not registered yet the file that was kept of its uuid or name.
 * *ret_found: it has one. */
gboolean kept_adopt(Object *machine, gboolean *ret_found, GError **error) G_GNUC_WARN_UNUSED_RESULT;

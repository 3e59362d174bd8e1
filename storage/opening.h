/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opening: the images that operations have opened, or are about to.
 *
 * VirtualBox lists an image once, whoever opened it.  An operation that fails, or that removes a
 * machine, closes what nobody has; an image that another one has just opened, to attach it, would
 * be closed under that one ("The object is not ready").  From any thread. */
#pragma once
#include "vbox/vbox.h"

/* An operation is about to open the image.  path: as VirtualBox is told it. */
void opening_begin(const char *path);

/* It has done with the image.  is_left: it has opened the image anew and leaves it to nobody. TRUE:
 * no other one is using it, and one of them left it, or somebody was to close it: it is to be
 * closed if nobody has it. */
gboolean opening_end(const char *path, gboolean is_left);

/* Takes a medium out of VirtualBox's list.  Refused while an operation is using its image
 * (VIR_ERR_RESOURCE_BUSY): the last one of them closes it then, if nobody has it. */
gboolean opening_close(Object *medium, GError **error) G_GNUC_WARN_UNUSED_RESULT;

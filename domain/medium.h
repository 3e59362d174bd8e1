/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Medium: images as VirtualBox's list of media has them. */
#pragma once
#include "map/map.h"

/* Refuses a hard disk's image that VirtualBox would damage or misread, unless the context's machine
 * has it already (storage/foreign.h).  VirtualBox does not open it. */
gboolean medium_admit(MapContext *context, const char *file,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Opens an image of a DeviceType (HardDisk, DVD, Floppy).  When the context ends in failure, and
 * VirtualBox did not have it in its list before, it is taken out again.  Borrowed. */
Object *medium_open(MapContext *context, const char *file, guint32 device_type,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a file that nobody calls so is a raw image: one with the name of another format may be a
 * broken one. */
gboolean medium_looks_raw(const char *file);

/* Opens a raw image that is to be a hard disk, else as medium_open(). */
Object *medium_open_raw(MapContext *context, const char *file,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The MediumType of an image, or of the one that its differences are to. */
gboolean medium_base_type(Object *medium, guint32 *ret_type,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The image that a user gave: where it is never written to (immutable, multi-attach), VirtualBox
 * attaches an image of its own, of differences to it.  Owned by the caller; its file, and the id of
 * its format. */
gboolean medium_shown(Object *medium, Object **ret_shown, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean medium_shown_file(Object *medium, char **ret_file,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean medium_shown_format(Object *medium, char **ret_format,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives it a MediumType, and when the context ends in failure the one that it had. */
gboolean medium_set_type(MapContext *context, Object *medium, guint32 type,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether an image of differences surely holds nothing that a guest wrote. */
gboolean medium_is_blank(Object *medium);

/* Removes an image of differences that no machine has, with its file. */
void medium_forget_written(Object *medium);

/* Takes an image out of VirtualBox's list, unless a machine has it.  The file stays. */
void medium_forget(Object *medium);

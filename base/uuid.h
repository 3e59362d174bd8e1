/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* UUIDs: 16 bytes in memory and on the wire, 36 characters for people and VirtualBox. */
#pragma once
#include <glib.h>

#define UUID_BYTES 16
#define UUID_STRING 37 /* with the final NUL */

/* Reads a UUID as libvirt does: 32 hex digits of any case, hyphens and spaces anywhere between
 * bytes, white space around it.  FALSE: it is none. */
gboolean uuid_parse(const char *text, guint8 uuid[UUID_BYTES]) G_GNUC_WARN_UNUSED_RESULT;

/* Writes the canonical lower-case form. */
void uuid_format(const guint8 uuid[UUID_BYTES], char text[UUID_STRING]);

/* Makes a random (version 4) UUID. */
void uuid_generate(guint8 uuid[UUID_BYTES]);

/* Whether all bytes are 0: nobody has said one. */
gboolean uuid_is_unset(const guint8 uuid[UUID_BYTES]);

/* Makes the same UUID from the same name, on every machine and for ever: version 5 of RFC 9562 in
 * a namespace of our own.  For things that have a name but no UUID. */
void uuid_derive(const char *name, guint8 uuid[UUID_BYTES]);

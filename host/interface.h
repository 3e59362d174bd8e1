/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interface: the host's network interfaces, as the kernel lists them below /sys.
 *
 * What libvirt's udev backend shows: all but taps of guests and members of a bridge, which the
 * bridge's XML has.  Looked at anew with each call; nothing is remembered, nothing can be changed.
 */
#pragma once
#include "base/error.h"

/* The names of those that are listed, sorted.  root: see host_text(). */
char **interface_names(const char *root);

/* Whether there is one of that name, listed or not. */
gboolean interface_exists(const char *root, const char *name);

/* Whether it is the host's end of a guest's wire. */
gboolean interface_is_tap(const char *root, const char *name);

/* "up" is what clients call active; "unknown", of interfaces without a wire, is not. */
gboolean interface_is_up(const char *root, const char *name);

/* "" when it has none.  Owned by the caller. */
char *interface_mac(const char *root, const char *name);

/* <interface> of one that exists, with those below a bridge or a bond.  Owned by the caller. */
char *interface_format(const char *root, const char *name);

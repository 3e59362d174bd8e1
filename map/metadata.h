/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Metadata: what differs between two <metadata> elements. */
#pragma once
#include <glib.h>

/* The namespaces whose elements came, went or changed.  Each is the text of a <metadata>, NULL:
 * there is none.  Owned by the caller. */
char **metadata_differ(const char *before, const char *after);

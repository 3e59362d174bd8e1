/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Edit: one change of a document, which is then parsed and applied like any other. */
#pragma once
#include "map/map.h"

typedef struct Edit Edit;

/* xml: as map_format() writes it; the items of its model have the numbers that the functions below
 * go by. */
Edit *edit_new(const Schema *schema, const char *xml, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void edit_free(Edit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Edit, edit_free)

/* The document as it is now.  Owned by the caller. */
char *edit_text(Edit *self);

/* Appends an element, given as XML, below a path of plain names: "devices". */
gboolean edit_add(Edit *self, const char *parent, const char *xml,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes the element of an item, or puts another one in its place. */
void edit_remove(Edit *self, const Item *item);
gboolean edit_replace(Edit *self, const Item *item, const char *xml,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives a place ("vcpu/@current", "title") a text; NULL removes it.  A size is given in KiB. */
void edit_set(Edit *self, const char *path, const char *text);
/* The same below the element of an item: "iotune/total_bytes_sec". */
void edit_set_of(Edit *self, const Item *item, const char *path, const char *text);

/* Description, title, and elements of <metadata> by their namespace, as virDomainMetadataType
 * numbers them; networks have the same numbers.  missing: the error's code when there is none. */
gboolean edit_get_metadata(Edit *self, gint type, const char *uri, VirErrorNumber missing,
                           char **ret_text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* text NULL or "": removes it.  An element is filed in the namespace with this prefix. */
gboolean edit_set_metadata(Edit *self, gint type, const char *prefix, const char *uri,
                           const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <pool>: libvirt's XML of a pool, from and to a Pool. */
#include <string.h>
#include "storage/permissions.h"
#include "storage/pool.h"

typedef struct PoolItem {
    Item item;
    const char *type;
    char *name, *uuid, *path;
    gint64 capacity, allocation, available;
    Switch source;
    Permissions permissions;
} PoolItem;

static const Word types[] = {{"dir"}, END};

static const Field pool_fields[] = {
    F("@type", PoolItem, type, NULL, WORD(types, NULL), REQUIRED),
    F("name", PoolItem, name, NULL, STR, REQUIRED),
    F("uuid", PoolItem, uuid, NULL, UUID),
    F("capacity", PoolItem, capacity, NULL, BYTES, LIVE),
    F("allocation", PoolItem, allocation, NULL, BYTES, LIVE),
    F("available", PoolItem, available, NULL, BYTES, LIVE),
    REFUSE("features/cow", "how a folder copies is its file system's business"),
    F("source", PoolItem, source, NULL, PRESENT),
    F("target/path", PoolItem, path, NULL, STR, REQUIRED),
    PERMISSIONS_ROWS(PoolItem),
    {0},
};

static gboolean check_name(const PoolItem *item, GError **error)
{
    if (item->name != NULL && *item->name == '\0')
        return fail(error, VIR_ERR_XML_ERROR, "/pool/name is empty");
    return item->name == NULL || strpbrk(item->name, "/\n") == NULL ||
           fail(error, VIR_ERR_XML_ERROR, "name %s cannot contain '/' or a line end", item->name);
}

static gboolean check_path(const PoolItem *item, GError **error)
{
    return item->path == NULL || g_path_is_absolute(item->path) ||
           fail(error, VIR_ERR_XML_ERROR, "/pool/target/path: '%s' is not an absolute path",
                item->path);
}

static const Element pool_element = {
    .path = "",
    .about = "A folder of the host; the images in it are its volumes.",
    .size = sizeof(PoolItem),
    .fields = pool_fields,
    .single = TRUE,
};

static const Element *const elements[] = {&pool_element, NULL};
static const Schema schema = {.root = "pool", .elements = elements};

Pool *pool_parse(const char *xml, Refusals *refusals, GError **error)
{
    g_autoptr(Model) model = map_parse_all(&schema, xml, refusals, error);
    if (model == NULL)
        return NULL;
    GError *reason = NULL;
    PoolItem *item = model_first(model, &pool_element);
    Pool *self = pool_new();
    refusals_note(refusals, check_name(item, &reason), &reason);
    self->name = g_steal_pointer(&item->name);
    self->path = item->path != NULL ? pool_clean_path(item->path) : NULL;
    self->owner = item->permissions.owner;
    self->group = item->permissions.group;
    refusals_note(refusals, check_path(item, &reason), &reason);
    if (item->uuid != NULL && !uuid_parse(item->uuid, self->uuid))
        fail(&reason, VIR_ERR_XML_ERROR, "malformed uuid element");
    refusals_note(refusals, reason == NULL, &reason);
    refusals_note(
        refusals,
        permissions_check(&item->permissions, &item->item, self->path, &self->mode, &reason),
        &reason);
    return self;
}

/* The folder's, or what it is to be made with. */
static void put_permissions(PoolItem *item, const Pool *self)
{
    if (permissions_read(&item->permissions, self->path))
        return;
    item->permissions.owner = self->owner;
    item->permissions.group = self->group;
    if (self->mode != NUMBER_ABSENT)
        item->permissions.mode = g_strdup_printf("%04o", (guint)self->mode);
}

char *pool_format(const Pool *self, GError **error)
{
    g_autoptr(Model) model = model_new(&schema);
    PoolItem *item = model_add(model, &pool_element);
    PoolSpace space = {0};
    char uuid[UUID_STRING];
    uuid_format(self->uuid, uuid);
    if (self->active && !pool_space(self, &space))
        g_debug("storage pool '%s': its folder is not there", self->name);
    item->type = types[0].word;
    item->name = g_strdup(self->name);
    item->uuid = g_strdup(uuid);
    item->capacity = (gint64)space.capacity;
    item->allocation = (gint64)space.allocation;
    item->available = (gint64)space.available;
    item->source = SWITCH_YES;
    item->path = g_strdup(self->path);
    put_permissions(item, self);
    return map_format(model, MAP_ACTIVE, error);
}

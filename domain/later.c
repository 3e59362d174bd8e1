/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Later: see later.h. */
#include "domain/later.h"
#include "domain/build.h"
#include "domain/domain.h"
#include "domain/next.h"
#include "map/edit.h"
#include "storage/pool.h"
#include "vbox/session.h"

/* Whether the image is still to be made, in a pool that is started. */
static gboolean is_to_come(const Item *disk)
{
    g_autofree char *device = item_text(disk, "@device");
    g_autofree char *file = item_text(disk, "source/@file");
    if (file == NULL || g_strcmp0(device, "disk") != 0 || g_file_test(file, G_FILE_TEST_EXISTS))
        return FALSE;
    g_autofree char *folder = g_path_get_dirname(file);
    g_autoptr(Pool) pool = pool_find_by_path(folder, NULL);
    return pool != NULL && pool->active;
}

/* A domain's document without these disks.  *ret_less is NULL when it has none. */
static gboolean take_out(const char *xml, char **ret_less, GError **error)
{
    g_autoptr(Model) domain = domain_parse(xml, error);
    g_autoptr(Edit) document = domain != NULL ? edit_new(&domain_schema, xml, error) : NULL;
    if (document == NULL)
        return FALSE;
    GPtrArray *disks = model_items(domain, &domain_disk_element);
    gboolean is_less = FALSE;
    for (guint i = disks->len; i-- > 0;) { /* the last first: it goes by their numbers */
        const Item *disk = disks->pdata[i];
        if (disk->number == 0 || !is_to_come(disk))
            continue;
        edit_remove(document, disk);
        is_less = TRUE;
    }
    *ret_less = is_less ? edit_text(document) : NULL;
    return TRUE;
}

/* The document as it will be read again, with a uuid. */
static char *whole_text(const char *xml, GError **error)
{
    g_autoptr(Model) domain = domain_parse(xml, error);
    if (domain == NULL)
        return NULL;
    General *general = domain_general(domain);
    if (general->uuid == NULL)
        general->uuid = g_uuid_string_random();
    return map_format(domain, MAP_SECURE, error);
}

Object *later_build(const char *xml, guint8 ret_uuid[UUID_BYTES], GError **error)
{
    g_autofree char *less = NULL;
    if (!take_out(xml, &less, error))
        return NULL;
    if (less == NULL)
        return build_machine(xml, FALSE, ret_uuid, error);
    g_autofree char *whole = whole_text(xml, error);
    g_clear_pointer(&less, g_free);
    if (whole == NULL || !take_out(whole, &less, error))
        return NULL;
    g_autoptr(Object) machine = build_machine(less != NULL ? less : whole, FALSE, ret_uuid, error);
    if (machine == NULL ||
        (less != NULL && !session_set_extra_data(machine, DOMAIN_NEXT_KEY, whole, error)))
        return NULL;
    return g_steal_pointer(&machine);
}

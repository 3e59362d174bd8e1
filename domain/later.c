/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Later: see later.h. */
#include "domain/later.h"
#include "domain/build.h"
#include "domain/domain.h"
#include "domain/next.h"
#include "domain/quiet.h"
#include "map/edit.h"
#include "storage/pool.h"
#include "vbox/machine.h"
#include "vbox/session.h"

gboolean later_is_to_come(const Item *disk)
{
    g_autofree char *device = item_text(disk, "@device");
    g_autofree char *file = item_text(disk, "source/@file");
    if (file == NULL || g_strcmp0(device, "disk") != 0 || g_file_test(file, G_FILE_TEST_EXISTS))
        return FALSE;
    g_autofree char *folder = g_path_get_dirname(file);
    g_autoptr(Pool) pool = pool_find_by_path(folder, NULL);
    return pool != NULL && pool->active;
}

static gboolean shares(Object *machine, const char *path)
{
    g_autoptr(GPtrArray) folders = NULL;
    if (!vbox_call(machine, IMachine_get_sharedFolders, NULL, &folders))
        return FALSE;
    for (guint i = 0; i < folders->len; i++) {
        g_autofree char *other = NULL;
        if (vbox_call(folders->pdata[i], ISharedFolder_get_hostPath, NULL, &other) &&
            g_str_equal(other, path))
            return TRUE;
    }
    return FALSE;
}

static gboolean plans(Object *machine, const char *path)
{
    g_autofree char *xml = next_get(machine, NULL);
    g_autoptr(Model) next = xml != NULL && *xml != '\0' ? domain_parse(xml, NULL) : NULL;
    return next != NULL && map_find_item(next, "source/@dir", path) != NULL;
}

gboolean later_is_gone(const Item *filesystem)
{
    g_autofree char *path = item_text(filesystem, "source/@dir");
    g_autoptr(GPtrArray) machines = NULL;
    if (path == NULL || g_file_test(path, G_FILE_TEST_EXISTS))
        return FALSE;
    machines = machine_all(NULL);
    for (guint i = 0; machines != NULL && i < machines->len; i++)
        if (shares(machines->pdata[i], path) || plans(machines->pdata[i], path))
            return TRUE;
    return FALSE;
}

static gboolean take_out_items(Edit *document, GPtrArray *items, gboolean (*is_out)(const Item *))
{
    gboolean is_less = FALSE;
    for (guint i = items->len; i-- > 0;) { /* the last first: it goes by their numbers */
        const Item *item = items->pdata[i];
        if (item->number == 0 || !is_out(item))
            continue;
        edit_remove(document, item);
        is_less = TRUE;
    }
    return is_less;
}

/* A domain's document without these devices.  *ret_less is NULL when it has none. */
static gboolean take_out(const char *xml, char **ret_less, GError **error)
{
    g_autoptr(Model) domain = domain_parse(xml, error);
    g_autoptr(Edit) document = domain != NULL ? edit_new(&domain_schema, xml, error) : NULL;
    if (document == NULL)
        return FALSE;
    gboolean is_less =
        take_out_items(document, model_items(domain, &domain_disk_element), later_is_to_come);
    is_less |=
        take_out_items(document, model_items(domain, &domain_filesystem_element), later_is_gone);
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

/* What is defined has been told. */
static gboolean keep(Object *machine, const char *whole, const guint8 uuid[UUID_BYTES],
                     GError **error)
{
    g_autoptr(Mark) mark = quiet_begin(uuid, error);
    return mark != NULL && session_set_extra_data(machine, DOMAIN_NEXT_KEY, whole, error);
}

Object *later_build(const char *xml, guint8 ret_uuid[UUID_BYTES], GError **error)
{
    g_autofree char *less = NULL;
    /* What is refused is refused there, for all reasons. */
    if (!take_out(xml, &less, NULL) || less == NULL)
        return build_machine(xml, FALSE, ret_uuid, error);
    g_autofree char *whole = whole_text(xml, error);
    g_clear_pointer(&less, g_free);
    if (whole == NULL || !take_out(whole, &less, error))
        return NULL;
    g_autoptr(Object) machine = build_machine(less != NULL ? less : whole, FALSE, ret_uuid, error);
    if (machine == NULL || (less != NULL && !keep(machine, whole, ret_uuid, error)))
        return NULL;
    return g_steal_pointer(&machine);
}

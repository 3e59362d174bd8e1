/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <filesystem>: a folder of the host's that the guest sees: VirtualBox's shared folders. */
#include <unistd.h>
#include "base/path.h"
#include "domain/device.h"
#include "domain/later.h"

typedef struct Filesystem {
    Item item;
    const char *type, *access, *driver;
    char *source, *target;
    Switch readonly, writable, auto_mount;
    char *mount_point;
    char *alias, *address;
} Filesystem;

/* clang-format off */
static const Word types[] = { { "mount" }, END };
static const Word modes[] = { { "passthrough" }, { "mapped" }, { "squash" }, END };
static const Word drivers[] = { { "path" }, END };

static const Field fields[] = {
    /* XML            member                VirtualBox  kind, and what else holds */
    F("@type",        Filesystem, type,     NULL,       WORD(types, NULL), KEY, FALLBACK("mount")),
    F("@accessmode",  Filesystem, access,   NULL,       WORD(modes, NULL), KEEP, FALLBACK("passthrough"), BLANK),
    F("driver/@type", Filesystem, driver,   NULL,       WORD(drivers, NULL), KEEP),
    F("source/@dir",  Filesystem, source,   NULL,       STR, REQUIRED),
    F("target/@dir",  Filesystem, target,   NULL,       STR, REQUIRED, IDENTITY),
    F("readonly",     Filesystem, readonly, NULL,       PRESENT),
    F(NULL,           Filesystem, writable, "writable", YESNO),
    F("vbox:mount/@autoMount", Filesystem, auto_mount, "autoMount", YESNO, FALLBACK("no"), QUIET),
    F("vbox:mount/@autoMountPoint", Filesystem, mount_point, "autoMountPoint", STR, FALLBACK(""), QUIET),
    PLACE_ROWS(Filesystem),
    REFUSE("@model", ""),
    REFUSE("@multidevs", ""),
    REFUSE("@fmode", ""),
    REFUSE("@dmode", ""),
    REFUSE("binary", ""),
    REFUSE("space_hard_limit", "", BLANK),
    REFUSE("space_soft_limit", "", BLANK),
    REFUSE("boot", ""),
    END };
/* clang-format on */

/* --- from the XML to VirtualBox -------------------------------------------------------------- */

static gboolean check(Model *model, Item *item, GError **error)
{
    Filesystem *self = (Filesystem *)item;
    if (!g_path_is_absolute(self->source))
        return device_refuse(item, "source/@dir", error, "'%s' is not an absolute path",
                             self->source);
    if (*self->target == '\0')
        return device_refuse(item, "target/@dir", error, "it is the name that the guest sees");
    self->writable = self->readonly == SWITCH_YES ? SWITCH_NO : SWITCH_YES;
    GPtrArray *items = model_items(model, item->element);
    for (guint i = 0; g_ptr_array_index(items, i) != item; i++)
        if (g_str_equal(((const Filesystem *)g_ptr_array_index(items, i))->target, self->target))
            return device_refuse(item, "target/@dir", error, "another one has the name '%s'",
                                 self->target);
    return TRUE;
}

static Filesystem *find(const GPtrArray *items, const char *target)
{
    for (guint i = 0; i < items->len; i++) {
        Filesystem *self = g_ptr_array_index(items, i);
        if (g_str_equal(self->target, target))
            return self;
    }
    return NULL;
}

/* The path of a machine's folder of that name; NULL without an error: it has none. */
static gboolean path_of(const GPtrArray *folders, const char *target, char **ret_path,
                        GError **error)
{
    *ret_path = NULL;
    for (guint i = 0; i < folders->len; i++) {
        g_autofree char *name = NULL;
        if (!vbox_call(folders->pdata[i], ISharedFolder_get_name, error, &name))
            return FALSE;
        if (g_str_equal(name, target))
            return vbox_call(folders->pdata[i], ISharedFolder_get_hostPath, error, ret_path);
    }
    return TRUE;
}

/* VirtualBox shares what is there; but what it shares, it keeps, there or not. */
static gboolean check_there(MapContext *context, const Filesystem *self, GError **error)
{
    g_autoptr(GPtrArray) folders = NULL;
    g_autofree char *path = NULL, *problem = NULL;
    if (self->source == NULL || self->target == NULL || !g_path_is_absolute(self->source))
        return TRUE;
    problem = path_problem(self->source, F_OK);
    if (problem == NULL)
        return TRUE;
    if (map_machine(context) != NULL &&
        (!vbox_call(map_machine(context), IMachine_get_sharedFolders, error, &folders) ||
         !path_of(folders, self->target, &path, error)))
        return FALSE;
    return g_strcmp0(path, self->source) == 0 ||
           device_refuse(&self->item, "source/@dir", error,
                         "%s, and VirtualBox shares only what is there", problem);
}

/* What may be gone is left out before it comes here again (domain/later.h). */
static gboolean look(MapContext *context, Item *item, GError **error)
{
    g_autoptr(GError) reason = NULL;
    if (check_there(context, (const Filesystem *)item, &reason) || later_is_gone(item))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&reason));
    return FALSE;
}

static gboolean prepare(MapContext *context, GPtrArray *items, GError **error)
{
    for (guint i = 0; i < items->len; i++)
        if (!check_there(context, items->pdata[i], error))
            return FALSE;
    return TRUE;
}

static gboolean create(Object *machine, const Filesystem *self, GError **error)
{
    return vbox_call(machine, IMachine_createSharedFolder, error, self->target, self->source,
                     self->writable == SWITCH_YES, self->auto_mount == SWITCH_YES,
                     self->mount_point) ||
           device_fail(&self->item, error);
}

/* The new folder is the last of the list. */
static gboolean set_symlinks(Object *machine, guint32 symlinks, GError **error)
{
    g_autoptr(GPtrArray) folders = NULL;
    return vbox_call(machine, IMachine_get_sharedFolders, error, &folders) &&
           vbox_call(g_ptr_array_index(folders, folders->len - 1), ISharedFolder_set_symlinkPolicy,
                     error, symlinks);
}

/* The folder's path cannot be changed: it is made anew.  What it does with symbolic links (since
 * 7.2) stays with the name; 0 is VirtualBox's choice, which cannot be set. */
static gboolean move(Object *machine, Object *shared, const Filesystem *self, GError **error)
{
    guint32 symlinks = 0;
    if (vbox_has(ISharedFolder_get_symlinkPolicy) &&
        !vbox_call(shared, ISharedFolder_get_symlinkPolicy, error, &symlinks))
        return FALSE;
    return vbox_call(machine, IMachine_removeSharedFolder, error, self->target) &&
           create(machine, self, error) &&
           (symlinks == 0 || set_symlinks(machine, symlinks, error));
}

/* A folder that is there: taken out, moved or changed. */
static gboolean apply_folder(MapContext *context, Object *shared, GPtrArray *items,
                             GPtrArray *found, GError **error)
{
    g_autofree char *name = NULL, *path = NULL;
    if (!vbox_call(shared, ISharedFolder_get_name, error, &name) ||
        !vbox_call(shared, ISharedFolder_get_hostPath, error, &path))
        return FALSE;
    Filesystem *self = find(items, name);
    if (self == NULL)
        return vbox_call(map_machine(context), IMachine_removeSharedFolder, error, name);
    g_ptr_array_add(found, self);
    if (!g_str_equal(path, self->source))
        return move(map_machine(context), shared, self, error);
    return map_apply_item(context, &self->item, shared, error);
}

static gboolean apply(MapContext *context, GPtrArray *items, GError **error)
{
    g_autoptr(GPtrArray) folders = NULL;
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    if (!vbox_call(map_machine(context), IMachine_get_sharedFolders, error, &folders))
        return FALSE;
    for (guint i = 0; i < folders->len; i++)
        if (!apply_folder(context, g_ptr_array_index(folders, i), items, found, error))
            return FALSE;
    for (guint i = 0; i < items->len; i++) {
        const Filesystem *self = g_ptr_array_index(items, i);
        if (!g_ptr_array_find(found, self, NULL) && !create(map_machine(context), self, error))
            return FALSE;
    }
    return TRUE;
}

/* --- from VirtualBox to the XML -------------------------------------------------------------- */

static gboolean finish(MapContext *context, Item *item, GError **error)
{
    Filesystem *self = (Filesystem *)item;
    self->readonly = self->writable == SWITCH_YES ? SWITCH_NO : SWITCH_YES;
    return TRUE;
}

static gboolean read_items(MapContext *context, GPtrArray *items, GError **error)
{
    g_autoptr(GPtrArray) folders = NULL;
    if (!vbox_call(map_machine(context), IMachine_get_sharedFolders, error, &folders))
        return FALSE;
    for (guint i = 0; i < folders->len; i++) {
        Object *shared = g_ptr_array_index(folders, i);
        Filesystem *self = model_add(map_model(context), &domain_filesystem_element);
        self->type = types[0].word;
        if (!vbox_call(shared, ISharedFolder_get_name, error, &self->target) ||
            !vbox_call(shared, ISharedFolder_get_hostPath, error, &self->source) ||
            !map_read_item(context, &self->item, shared, error))
            return FALSE;
    }
    return TRUE;
}

/* Brackets end the name of a group. */
static char *name(const Item *item)
{
    g_autofree char *target = g_uri_escape_string(((const Filesystem *)item)->target, NULL, FALSE);
    return g_strdup_printf("filesystem %s", target);
}

const Element domain_filesystem_element = {
    .path = "devices/filesystem",
    .interface = "ISharedFolder",
    .about = "A permanent shared folder; the target is the name that the guest mounts. Files in it "
             "belong to the user that runs the machine: `accessmode` is without effect. The folder "
             "must exist when the machine is defined. With `<vbox:mount>` the guest mounts it by "
             "itself. What it does with symbolic links has no place here and stays as it is.",
    .size = sizeof(Filesystem),
    .hot = TRUE,
    .fields = fields,
    .check = check,
    .look = look,
    .prepare = prepare,
    .apply = apply,
    .read = read_items,
    .finish = finish,
    .name = name,
    .serves = "ISharedFolder.name ISharedFolder.hostPath",
};

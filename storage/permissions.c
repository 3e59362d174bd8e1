/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Permissions: see permissions.h. */
#include "storage/permissions.h"
#include <sys/stat.h>
#include <unistd.h>

#define MODE_BITS 07777

static gboolean fail_at(const Item *item, const char *path, GError **error, const char *what)
{
    g_autofree char *where = item_path(item, element_field(item->element, path));
    return fail(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s: %s", where, what);
}

/* -1 asks for nothing. */
static gboolean may_be(gint64 wanted, guint own, gboolean exists, guint has)
{
    return wanted == NUMBER_ABSENT || wanted == -1 || wanted == own || (exists && wanted == has);
}

static gboolean take_mode(const Permissions *self, const Item *item, gint64 *ret_mode,
                          GError **error)
{
    guint64 mode = 0;
    *ret_mode = NUMBER_ABSENT;
    if (self->mode == NULL)
        return TRUE;
    if (!g_ascii_string_to_unsigned(self->mode, 8, 0, MODE_BITS, &mode, NULL))
        return fail_at(item, "target/permissions/mode", error, "not an octal mode like 0755");
    *ret_mode = (gint64)mode;
    return TRUE;
}

gboolean permissions_check(const Permissions *self, const Item *item, const char *path,
                           gint64 *ret_mode, GError **error)
{
    struct stat file;
    gboolean exists = path != NULL && stat(path, &file) == 0;
    g_autoptr(Refusals) refusals = refusals_new();
    GError *reason = NULL;
    refusals_note(refusals, take_mode(self, item, ret_mode, &reason), &reason);
    refusals_note(refusals,
                  may_be(self->owner, getuid(), exists, exists ? file.st_uid : 0) ||
                      fail_at(item, "target/permissions/owner", &reason,
                              "vboxvirt runs as its user and cannot give files away: leave it out"),
                  &reason);
    refusals_note(refusals,
                  may_be(self->group, getgid(), exists, exists ? file.st_gid : 0) ||
                      fail_at(item, "target/permissions/group", &reason,
                              "vboxvirt makes files with its user's group: leave it out"),
                  &reason);
    return refusals_tell(refusals, error);
}

gboolean permissions_read(Permissions *self, const char *path)
{
    struct stat file;
    if (stat(path, &file) < 0)
        return FALSE;
    self->mode = g_strdup_printf("%04o", file.st_mode & MODE_BITS);
    self->owner = file.st_uid;
    self->group = file.st_gid;
    return TRUE;
}

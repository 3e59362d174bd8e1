/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Known: see known.h. */
#include "storage/known.h"
#include <string.h>
#include <sys/stat.h>
#include "base/uuid.h"
#include "storage/flat.h"
#include "storage/foreign.h"
#include "storage/opening.h"
#include "vbox/machine.h"

typedef struct Wanted {
    const char *path;
    struct stat file;
    Object *found; /* NULL: not yet */
} Wanted;

/* One that goes while we look is not it. */
static gboolean is_it(const Wanted *wanted, Object *medium)
{
    g_autofree char *location = NULL;
    struct stat file;
    if (!flat_location(medium, &location, NULL))
        return FALSE;
    return g_str_equal(location, wanted->path) ||
           (stat(location, &file) == 0 && file.st_dev == wanted->file.st_dev &&
            file.st_ino == wanted->file.st_ino);
}

static void look(Wanted *wanted, GPtrArray *media)
{
    for (guint i = 0; wanted->found == NULL && i < media->len; i++) {
        Object *medium = g_ptr_array_index(media, i);
        g_autoptr(GPtrArray) children = NULL;
        if (is_it(wanted, medium))
            wanted->found = object_ref(medium);
        else if (vbox_call(medium, IMedium_get_children, NULL, &children))
            look(wanted, children);
    }
}

gboolean known_find(const char *path, Object **ret_medium, GError **error)
{
    static const VboxName lists[] = {IVirtualBox_get_hardDisks, IVirtualBox_get_DVDImages,
                                     IVirtualBox_get_floppyImages};
    Wanted wanted = {.path = path};
    if (stat(path, &wanted.file) < 0)
        wanted.file.st_ino = 0; /* of no file */
    for (guint i = 0; wanted.found == NULL && i < G_N_ELEMENTS(lists); i++) {
        g_autoptr(GPtrArray) media = NULL;
        if (!vbox_call(vbox_root(), lists[i], error, &media))
            return FALSE;
        look(&wanted, media);
    }
    *ret_medium = wanted.found;
    return TRUE;
}

char *known_machine_name(const char *id)
{
    guint8 uuid[UUID_BYTES];
    g_autoptr(Object) machine = uuid_parse(id, uuid) ? machine_find(uuid, NULL, NULL) : NULL;
    char *name = machine != NULL ? machine_name(machine, NULL) : NULL;
    return name != NULL ? name : g_strdup(id);
}

/* What VirtualBox would not read, or would damage; of what it has on top of another image it knows
 * both. */
static gboolean check_foreign(const char *path, LoanUse use, Object *medium, GError **error)
{
    g_auto(Image) image = {0};
    g_autoptr(Object) parent = NULL;
    if (medium != NULL && !vbox_call(medium, IMedium_get_parent, error, &parent))
        return FALSE;
    if (parent != NULL)
        return TRUE;
    return image_read(path, &image, error) &&
           (use == LOAN_WRITE ? foreign_check_write(path, &image, error)
                              : foreign_check_read(path, &image, error));
}

static gboolean is_running(const char *id)
{
    guint8 uuid[UUID_BYTES];
    guint32 state;
    g_autoptr(Object) machine = uuid_parse(id, uuid) ? machine_find(uuid, NULL, NULL) : NULL;
    return machine != NULL && machine_state(machine, &state, NULL) &&
           machine_state_is_online(state);
}

/* Of a medium and all that stands on it.  but: the id of a machine that does not count. */
static void add_users(Object *medium, gboolean only_running, const char *but, GPtrArray *ids)
{
    g_auto(GStrv) has = NULL;
    g_autoptr(GPtrArray) children = NULL;
    if (!vbox_call(medium, IMedium_get_machineIds, NULL, &has) ||
        !vbox_call(medium, IMedium_get_children, NULL, &children))
        return;
    for (char **id = has; *id != NULL; id++)
        if (g_strcmp0(*id, but) != 0 && (!only_running || is_running(*id)) &&
            !g_ptr_array_find_with_equal_func(ids, *id, g_str_equal, NULL))
            g_ptr_array_add(ids, g_strdup(*id));
    for (guint i = 0; i < children->len; i++)
        add_users(children->pdata[i], only_running, but, ids);
}

static char *names_of(const GPtrArray *ids)
{
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < ids->len; i++) {
        g_autofree char *name = known_machine_name(ids->pdata[i]);
        g_string_append_printf(names, "%s'%s'", i > 0 ? ", " : "", name);
    }
    return g_string_free(names, FALSE);
}

char *known_runners(Object *medium)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    add_users(medium, TRUE, NULL, ids);
    return names_of(ids);
}

char *known_others(Object *medium, const char *but)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    add_users(medium, FALSE, but, ids);
    return names_of(ids);
}

/* Whoever reads an image keeps others from writing only. */
gboolean known_check_free(Object *medium, gboolean is_written, VirErrorNumber code,
                          const char *advice, GError **error)
{
    g_autofree char *file = NULL;
    guint32 state;
    if (!vbox_call(medium, IMedium_get_state, NULL, &state) ||
        !flat_location(medium, &file, NULL) ||
        (state != vbox_enum(MediumState_LockedWrite) &&
         (state != vbox_enum(MediumState_LockedRead) || !is_written)))
        return TRUE;
    g_autofree char *runners = known_runners(medium);
    if (*runners != '\0')
        return fail(error, code,
                    "'%s' is in use: domain %s runs with it; shut that down first, or %s", file,
                    runners, advice);
    return fail(error, code,
                "'%s' is in use: VirtualBox copies, resizes or opens it at the moment; try again "
                "when that has ended",
                file);
}

gboolean known_borrow(const char *path, LoanUse use, Loan *ret_loan, GError **error)
{
    g_autofree char *descriptor = NULL;
    gboolean is_new;
    *ret_loan = (Loan){0};
    if (!known_find(path, &ret_loan->medium, error) ||
        !check_foreign(path, use, ret_loan->medium, error))
        return FALSE;
    if (ret_loan->medium != NULL)
        return known_check_free(ret_loan->medium, use == LOAN_WRITE, VIR_ERR_OPERATION_INVALID,
                                DETACH, error);
    if (use == LOAN_READ_RAW) {
        descriptor = flat_describe(path, &is_new, error);
        if (descriptor == NULL)
            return FALSE;
        ret_loan->described = is_new ? g_strdup(path) : NULL;
    }
    guint32 access = vbox_enum(use == LOAN_WRITE ? AccessMode_ReadWrite : AccessMode_ReadOnly);
    ret_loan->is_opened = vbox_call(
        vbox_root(), IVirtualBox_openMedium, error, descriptor != NULL ? descriptor : path,
        vbox_enum(DeviceType_HardDisk), access, FALSE, &ret_loan->medium);
    return ret_loan->is_opened;
}

gboolean known_forget(Object *medium)
{
    g_autoptr(GError) failure = NULL;
    if (opening_close(medium, &failure))
        return TRUE;
    g_debug("a medium stays in VirtualBox's list: %s", failure->message);
    return FALSE;
}

void known_return(Loan *self)
{
    /* it stays when a domain has got it meanwhile, and then its descriptor does */
    gboolean stays = self->is_opened && !known_forget(self->medium);
    if (self->described != NULL && !stays)
        flat_forget(self->described);
    g_clear_pointer(&self->medium, object_unref);
    g_clear_pointer(&self->described, g_free);
    self->is_opened = FALSE;
}

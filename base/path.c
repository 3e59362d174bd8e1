/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Path: see path.h. */
#include "base/path.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first folder on the way that the user may not enter; NULL: none.  Owned by the caller. */
static char *closed_folder(const char *path)
{
    for (const char *end = path; (end = strchr(end, '/')) != NULL; end++) {
        g_autofree char *folder =
            end == path ? g_strdup("/") : g_strndup(path, (gsize)(end - path));
        if (access(folder, X_OK) < 0 && errno == EACCES)
            return g_steal_pointer(&folder);
    }
    return NULL;
}

static const char *verb_of(const char *path, gint wanted)
{
    if ((wanted & R_OK) != 0 && access(path, R_OK) < 0)
        return "read";
    return (wanted & W_OK) != 0 && access(path, W_OK) < 0 ? "write to" : "enter";
}

char *path_problem(const char *path, gint wanted)
{
    if (access(path, wanted) == 0)
        return NULL;
    gint reason = errno;
    g_autofree char *folder = reason == EACCES ? closed_folder(path) : NULL;
    const char *user = g_get_user_name();
    if (folder != NULL)
        return g_strdup_printf("'%s' cannot be reached: user '%s' may not enter '%s'", path, user,
                               folder);
    if (reason == EACCES)
        return g_strdup_printf("user '%s' may not %s '%s'", user, verb_of(path, wanted), path);
    if (reason == ENOENT || reason == ENOTDIR)
        return g_strdup_printf("'%s' does not exist", path);
    return g_strdup_printf("'%s' cannot be used: %s", path, g_strerror(reason));
}

gboolean path_is_same(const char *one, const char *other)
{
    g_autofree char *folder = g_path_get_dirname(one), *name = g_path_get_basename(one);
    g_autofree char *place = g_path_get_dirname(other), *called = g_path_get_basename(other);
    struct stat here, there;
    return g_str_equal(name, called) && stat(folder, &here) == 0 && stat(place, &there) == 0 &&
           here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

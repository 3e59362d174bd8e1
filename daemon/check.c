/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Check: see check.h.
 *
 * The engine makes the report.  Root starts one for each user, as that user: what VirtualBox makes
 * in a user's folders is then that user's, as if they had asked themselves. */
#include "daemon/check.h"
#include "daemon/child.h"
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOME_VARIABLE "VBOX_USER_HOME"

/* A user whose VirtualBox is looked at. */
typedef struct Person {
    Options options;
    char *settings; /* the folder of VirtualBox's settings; NULL: where VirtualBox wants it */
    gboolean named; /* by HOME_VARIABLE, which the others are not to see */
} Person;

static void person_free(gpointer data)
{
    Person *self = data;
    options_clear(&self->options);
    g_free(self->settings);
    g_free(self);
}

static Person *person_new(const Options *options, const struct passwd *entry)
{
    Person *self = g_new0(Person, 1);
    self->options = (Options){.system = TRUE,
                              .user = g_strdup(entry->pw_name),
                              .uid = entry->pw_uid,
                              .gid = entry->pw_gid,
                              .home = g_strdup(entry->pw_dir),
                              .engine = g_strdup(options->engine)};
    return self;
}

/* The first of a home's folders that VirtualBox would take; NULL: the user has not used it. */
static char *find_settings(const char *home)
{
    static const char *const folders[] = {".VirtualBox", ".config/VirtualBox"};
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename(home, folders[i], NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            return g_steal_pointer(&path);
    }
    return NULL;
}

/* The owner of the folder that root's environment names. */
static void add_named(GPtrArray *people, const Options *options)
{
    const char *settings = g_getenv(HOME_VARIABLE);
    struct stat info;
    const struct passwd *entry =
        settings != NULL && stat(settings, &info) == 0 ? getpwuid(info.st_uid) : NULL;
    if (entry == NULL)
        return;
    Person *self = person_new(options, entry);
    self->settings = g_strdup(settings);
    self->named = TRUE;
    g_ptr_array_add(people, self);
}

static gboolean has_user(const GPtrArray *people, uid_t uid)
{
    for (guint i = 0; i < people->len; i++)
        if (((const Person *)people->pdata[i])->options.uid == uid)
            return TRUE;
    return FALSE;
}

/* Everybody who has used VirtualBox, or --user. */
static GPtrArray *find_people(const Options *options)
{
    GPtrArray *people = g_ptr_array_new_with_free_func(person_free);
    add_named(people, options);
    setpwent();
    for (const struct passwd *entry; (entry = getpwent()) != NULL;) {
        gboolean is_asked = options->user != NULL && entry->pw_uid == options->uid;
        g_autofree char *settings = find_settings(entry->pw_dir);
        if (has_user(people, entry->pw_uid) || (settings == NULL && !is_asked))
            continue;
        Person *self = person_new(options, entry);
        self->settings = g_steal_pointer(&settings);
        g_ptr_array_add(people, self);
    }
    endpwent();
    for (guint i = people->len; options->user != NULL && i > 0; i--)
        if (((const Person *)people->pdata[i - 1])->options.uid != options->uid)
            g_ptr_array_remove_index(people, i - 1);
    return people;
}

/* Returns on failure only. */
static int become(const Options *options, const char *argument)
{
    g_autoptr(GError) error = NULL;
    child_become(options, argument, &error);
    g_printerr("vboxvirtd: %s\n", error->message);
    return 1;
}

/* Runs one part of the report to its end.  FALSE: it found that VirtualBox cannot be used. */
static gboolean run_part(const Person *self, const char *argument)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        if (!self->named)
            g_unsetenv(HOME_VARIABLE);
        _exit(become(&self->options, argument));
    }
    int status = 0;
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static gboolean check_person(const Person *self)
{
    g_print("\nuser %s%s%s\n", self->options.user, self->settings != NULL ? ": " : "",
            self->settings != NULL ? self->settings : "");
    return run_part(self, "--check=user");
}

static int check_as_root(const Options *options)
{
    g_autoptr(GPtrArray) people = find_people(options);
    const Person host = {.options = {.system = TRUE,
                                     .user = (char *)"root",
                                     .home = (char *)"/",
                                     .engine = options->engine}};
    gboolean is_good = run_part(&host, "--check=host");
    for (guint i = 0; i < people->len; i++)
        is_good = check_person(people->pdata[i]) && is_good;
    if (people->len == 0)
        g_print("\nno user of this host has a folder of VirtualBox's yet: run vboxvirtd --check as "
                "the one who is to have machines, or with --user NAME\n");
    fflush(stdout);
    return is_good ? 0 : 1;
}

int check_run(const Options *options)
{
    return getuid() == 0 ? check_as_root(options) : become(options, "--check=all");
}

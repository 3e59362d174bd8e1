/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Autodestroy: see autodestroy.h. */
#include "domain/autodestroy.h"
#include "base/pid.h"
#include "domain/flag.h"
#include "domain/lifecycle.h"
#include "vbox/machine.h"
#include <unistd.h>

#define KEY "vboxvirt/autodestroy"

typedef struct Mark {
    Pid daemon;
    guint64 client;
    Pid vm;
} Mark;

static void (*mind_client)(guint64 client, gboolean minds);
static GRWLock starts; /* read by those that start machines */
static GMutex jobs_lock;
static GCond jobs_end;
static guint jobs;

void autodestroy_set_mind(void (*mind)(guint64 client, gboolean minds))
{
    mind_client = mind;
}

/* --- marks --------------------------------------------------------------------------------- */

static Pid our_daemon(void)
{
    return pid_now((gint32)getppid());
}

static char *mark_format(const Mark *self)
{
    g_autofree char *daemon = pid_format(&self->daemon), *vm = pid_format(&self->vm);
    return g_strdup_printf("%s %" G_GUINT64_FORMAT " %s", daemon, self->client, vm);
}

/* FALSE: it has none. */
static gboolean mark_read(Entry *entry, Mark *ret_mark)
{
    g_autofree char *text = extra_data_get(entry_machine(entry), KEY, NULL);
    g_auto(GStrv) words = g_strsplit(text != NULL ? text : "", " ", 3);
    return g_strv_length(words) == 3 && pid_parse(words[0], &ret_mark->daemon) &&
           g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXUINT64, &ret_mark->client, NULL) &&
           pid_parse(words[2], &ret_mark->vm);
}

gboolean autodestroy_mark(Entry *entry, guint64 client, GError **error)
{
    EntryRun run;
    if (!entry_run(entry, &run, error))
        return FALSE;
    Mark mark = {.daemon = our_daemon(), .client = client, .vm = pid_now(run.id)};
    g_autofree char *text = mark_format(&mark);
    return flag_set_text(entry, KEY, text, error);
}

/* FALSE: it has none of the process that it has now. */
static gboolean mark_read_now(Entry *entry, Mark *ret_mark)
{
    EntryRun run;
    if (!entry_run(entry, &run, NULL) || run.id < 0 || !mark_read(entry, ret_mark))
        return FALSE;
    Pid vm = pid_now(run.id);
    return pid_same(&ret_mark->vm, &vm);
}

guint64 autodestroy_client(Entry *entry)
{
    Mark mark;
    Pid daemon = our_daemon();
    return mark_read_now(entry, &mark) && pid_same(&mark.daemon, &daemon) ? mark.client : 0;
}

void autodestroy_stopped(Entry *entry)
{
    Mark mark;
    g_autoptr(GError) failure = NULL;
    /* It means nothing any more, so it may stay where somebody starts the machine just now. */
    if (mark_read(entry, &mark) && !flag_set_text(entry, KEY, NULL, &failure))
        g_debug("the mark of a machine that has stopped: %s", failure->message);
}

/* --- a start ------------------------------------------------------------------------------- */

void autodestroy_begin(guint64 client)
{
    g_rw_lock_reader_lock(&starts);
    mind_client(client, TRUE);
}

void autodestroy_end(void)
{
    g_rw_lock_reader_unlock(&starts);
}

/* --- the end ------------------------------------------------------------------------------- */

static void destroy(Entry *entry)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GError) error = NULL;
    RemoteDomain domain;
    if (!entry_domain(entry, arena, &domain, &error) || !lifecycle_destroy(&domain, 0, &error))
        lifecycle_warn(entry, "autodestroy", error);
}

/* client 0: of daemons that are no more; there is no client of that number. */
static gboolean is_over(const Mark *mark, guint64 client)
{
    Pid daemon = our_daemon();
    if (client == 0)
        return !pid_lives(&mark->daemon);
    return mark->client == client && pid_same(&mark->daemon, &daemon);
}

static void destroy_all(guint64 client)
{
    g_autoptr(GPtrArray) all = registry_all(NULL);
    for (guint i = 0; all != NULL && i < all->len; i++) {
        Mark mark;
        if (mark_read_now(all->pdata[i], &mark) && is_over(&mark, client))
            destroy(all->pdata[i]);
    }
}

static gpointer job(gpointer data)
{
    g_autofree guint64 *client = data;
    /* A start that is under way has no mark yet. */
    g_rw_lock_writer_lock(&starts);
    g_rw_lock_writer_unlock(&starts);
    destroy_all(*client);
    if (*client != 0)
        mind_client(*client, FALSE);
    g_mutex_lock(&jobs_lock);
    jobs--;
    g_cond_broadcast(&jobs_end);
    g_mutex_unlock(&jobs_lock);
    return NULL;
}

void autodestroy_client_left(guint64 client)
{
    g_mutex_lock(&jobs_lock);
    jobs++;
    g_mutex_unlock(&jobs_lock);
    g_thread_unref(g_thread_new("autodestroy", job, g_memdup2(&client, sizeof client)));
}

void autodestroy_clean_up(void)
{
    autodestroy_client_left(0);
}

void autodestroy_wait(void)
{
    g_mutex_lock(&jobs_lock);
    while (jobs > 0)
        g_cond_wait(&jobs_end, &jobs_lock);
    g_mutex_unlock(&jobs_lock);
}

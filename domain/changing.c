/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changing: see changing.h. */
#include "domain/changing.h"
#include <string.h>
#include "domain/notice.h"
#include "domain/quiet.h"
#include "domain/told.h"
#include "domain/told_run.h"
#include "vbox/machine.h"

#define NAME "name"         /* and the old and the new one */
#define METADATA "metadata" /* and its type; of an element also the namespace */
#define RUN "run"           /* and notice_parts() */
#define START "start"       /* and the same */

static char *told; /* the list as VirtualBox told it last; of the event thread alone */

Mark *changing_name(const guint8 uuid[UUID_BYTES], const char *old, const char *name,
                    GError **error)
{
    return mark_begin(CHANGING_KEY, uuid, (const char *const[]){NAME, old, name, NULL}, error);
}

Mark *changing_metadata(const guint8 uuid[UUID_BYTES], gint type, const char *uri, GError **error)
{
    g_autofree char *number = g_strdup_printf("%d", type);
    return mark_begin(CHANGING_KEY, uuid, (const char *const[]){METADATA, number, uri, NULL},
                      error);
}

static Mark *begin(const char *what, const guint8 uuid[UUID_BYTES], const GPtrArray *notices,
                   GError **error)
{
    g_auto(GStrv) said = notice_parts(notices);
    g_autoptr(GStrvBuilder) parts = g_strv_builder_new();
    g_strv_builder_add(parts, what);
    g_strv_builder_addv(parts, (const char **)said);
    g_auto(GStrv) all = g_strv_builder_end(parts);
    return mark_begin(CHANGING_KEY, uuid, (const char *const *)all, error);
}

Mark *changing_run(const guint8 uuid[UUID_BYTES], const GPtrArray *notices, GError **error)
{
    return begin(RUN, uuid, notices, error);
}

Mark *changing_start(const guint8 uuid[UUID_BYTES], const GPtrArray *notices, GError **error)
{
    return begin(START, uuid, notices, error);
}

gboolean changing_is(const guint8 uuid[UUID_BYTES])
{
    return marks_have(told, uuid);
}

/* FALSE: the parts say nothing. */
static gboolean tell_missing(const guint8 uuid[UUID_BYTES], char **parts)
{
    g_autoptr(GPtrArray) notices = notice_parse(parts);
    for (guint i = 0; notices != NULL && i < notices->len; i++)
        notice_emit_missing(uuid, notices->pdata[i]);
    return notices != NULL;
}

static gboolean tell_parts(const guint8 uuid[UUID_BYTES], char **parts, guint count)
{
    if (count == 3 && g_str_equal(parts[0], NAME))
        told_renamed(uuid, parts[1], parts[2]);
    else if (count >= 2 && g_str_equal(parts[0], METADATA))
        told_metadata(uuid, atoi(parts[1]), parts[2]);
    else if (count == 1 && g_str_equal(parts[0], QUIET_WORD))
        told_new_description(uuid);
    else if (count > 0 && g_str_equal(parts[0], RUN))
        return told_run_changed(uuid, parts + 1);
    else
        return count > 0 && g_str_equal(parts[0], START) && tell_missing(uuid, parts + 1);
    return TRUE;
}

static void tell(const char *word)
{
    guint8 uuid[UUID_BYTES];
    g_auto(GStrv) parts = mark_parts(word, uuid);
    guint count = parts != NULL ? g_strv_length(parts) : 0;
    if (!tell_parts(uuid, parts, count))
        g_warning("'%s' in %s is not understood; does another release of vboxvirt run?", word,
                  CHANGING_KEY);
}

void changing_told(const char *value)
{
    g_auto(GStrv) ended = marks_ended(told, value);
    g_free(told);
    told = g_strdup(value);
    for (char **word = ended; *word != NULL; word++)
        tell(*word);
}

void changing_clean_up(void)
{
    g_autoptr(GError) failure = NULL;
    g_auto(GStrv) words = marks_left(CHANGING_KEY, &failure);
    for (char **word = words; word != NULL && *word != NULL; word++)
        if (!mark_drop(CHANGING_KEY, *word, &failure))
            break;
    if (failure != NULL)
        g_warning("changes that an engine before began: %s", failure->message);
}

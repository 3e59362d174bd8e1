/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Marks: see mark.h. */
#include "vbox/mark.h"
#include <string.h>
#include <unistd.h>
#include "base/pid.h"
#include "vbox/machine.h"
#include "vbox/turn.h"

/* Other parts have these escaped. */
#define FAILED "!" /* the only part of the word that stands for one that failed */
#define OWNER "@"

struct Mark {
    const char *key;
    char uuid[UUID_STRING];
    char *word;
};

/* The engine that this is. */
static char *owner_new(void)
{
    Pid us = pid_now((gint32)getpid());
    return pid_format(&us);
}

static char *word_new(const char *uuid, const char *const *parts)
{
    g_autofree char *owner = owner_new();
    GString *word = g_string_new(uuid);
    for (; *parts != NULL; parts++) {
        g_string_append_c(word, '/');
        g_string_append_uri_escaped(word, *parts, NULL, FALSE);
    }
    g_string_append(word, OWNER);
    g_string_append(word, owner);
    return g_string_free(word, FALSE);
}

/* The list without one word (NULL: with all) and with another one (NULL: none). */
static char *list_change(const char *list, const char *out, const char *in)
{
    g_auto(GStrv) words = g_strsplit(list, " ", -1);
    g_autoptr(GPtrArray) kept = g_ptr_array_new();
    for (char **word = words; *word != NULL; word++)
        if (**word != '\0' && g_strcmp0(*word, out) != 0)
            g_ptr_array_add(kept, *word);
    if (in != NULL)
        g_ptr_array_add(kept, (gpointer)in);
    g_ptr_array_add(kept, NULL);
    return g_strjoinv(" ", (char **)kept->pdata);
}

static gboolean change(const char *key, const char *out, const char *in, GError **error)
{
    g_auto(Turn) G_GNUC_UNUSED turn = turn_begin(TURN_MACHINES);
    g_autofree char *list = extra_data_get(NULL, key, error);
    if (list == NULL)
        return FALSE;
    g_autofree char *now = list_change(list, out, in);
    return extra_data_set(NULL, key, now, error);
}

Mark *mark_begin(const char *key, const guint8 uuid[UUID_BYTES], const char *const *parts,
                 GError **error)
{
    g_autoptr(Mark) self = g_new0(Mark, 1);
    self->key = key;
    uuid_format(uuid, self->uuid);
    char *word = word_new(self->uuid, parts);
    if (!change(key, NULL, word, error)) {
        g_free(word);
        return NULL;
    }
    self->word = word;
    return g_steal_pointer(&self);
}

void mark_fail(Mark *self)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *owner = owner_new();
    char *failed = g_strconcat(self->uuid, "/", FAILED, OWNER, owner, NULL);
    if (!change(self->key, self->word, failed, &failure)) {
        g_free(failed);
        g_warning("clients may hear of a change that was not made: %s", failure->message);
        return;
    }
    g_free(self->word);
    self->word = failed;
}

void mark_free(Mark *self)
{
    g_autoptr(GError) failure = NULL;
    if (self->word != NULL && !change(self->key, self->word, NULL, &failure))
        g_warning("machine %s stays marked in %s: %s", self->uuid, self->key, failure->message);
    g_free(self->word);
    g_free(self);
}

gboolean marks_have(const char *list, const guint8 uuid[UUID_BYTES])
{
    char text[UUID_STRING];
    uuid_format(uuid, text);
    g_autofree char *begin = g_strconcat(text, "/", NULL);
    g_auto(GStrv) words = g_strsplit(list != NULL ? list : "", " ", -1);
    for (char **word = words; *word != NULL; word++)
        if (g_str_has_prefix(*word, begin))
            return TRUE;
    return FALSE;
}

/* Whether the list says of the word's machine that it failed. */
static gboolean has_failed(char **list, const char *word)
{
    const char *slash = strchr(word, '/');
    if (slash == NULL)
        return FALSE;
    g_autofree char *uuid = g_strndup(word, (gsize)(slash - word));
    g_autofree char *failed = g_strconcat(uuid, "/", FAILED, NULL);
    for (; *list != NULL; list++)
        if (g_str_has_prefix(*list, failed))
            return TRUE;
    return g_str_has_prefix(word, failed);
}

gboolean mark_is_alive(const char *word)
{
    const char *owner = strstr(word, OWNER);
    Pid engine;
    return owner != NULL && pid_parse(owner + strlen(OWNER), &engine) && pid_lives(&engine);
}

char **marks_left(const char *key, GError **error)
{
    g_autofree char *list = extra_data_get(NULL, key, error);
    if (list == NULL)
        return NULL;
    g_auto(GStrv) words = g_strsplit(list, " ", -1);
    GPtrArray *left = g_ptr_array_new();
    for (char **word = words; *word != NULL; word++)
        if (**word != '\0' && !mark_is_alive(*word))
            g_ptr_array_add(left, g_strdup(*word));
    g_ptr_array_add(left, NULL);
    return (char **)g_ptr_array_free(left, FALSE);
}

gboolean mark_drop(const char *key, const char *word, GError **error)
{
    return change(key, word, NULL, error);
}

char **marks_ended(const char *before, const char *now)
{
    g_auto(GStrv) old = g_strsplit(before != NULL ? before : "", " ", -1);
    g_auto(GStrv) new = g_strsplit(now != NULL ? now : "", " ", -1);
    GPtrArray *ended = g_ptr_array_new();
    for (char **word = old; *word != NULL; word++)
        if (**word != '\0' && !g_strv_contains((const char *const *)new, *word) &&
            !has_failed(new, *word))
            g_ptr_array_add(ended, g_strdup(*word));
    g_ptr_array_add(ended, NULL);
    return (char **)g_ptr_array_free(ended, FALSE);
}

char **mark_parts(const char *word, guint8 ret_uuid[UUID_BYTES])
{
    g_autofree char *content = g_strndup(word, strcspn(word, OWNER));
    g_auto(GStrv) parts = g_strsplit(content, "/", -1);
    if (parts[0] == NULL || !uuid_parse(parts[0], ret_uuid))
        return NULL;
    GPtrArray *plain = g_ptr_array_new_with_free_func(g_free);
    for (char **part = parts + 1; *part != NULL; part++) {
        char *text = g_uri_unescape_string(*part, NULL);
        if (text == NULL) {
            g_ptr_array_unref(plain);
            return NULL;
        }
        g_ptr_array_add(plain, text);
    }
    g_ptr_array_add(plain, NULL);
    g_ptr_array_set_free_func(plain, NULL);
    return (char **)g_ptr_array_free(plain, FALSE);
}

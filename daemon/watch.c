/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches: see watch.h. */
#include "daemon/watch.h"

struct Watch {
    GSource source;
    gpointer tag;
    guint wanted;
    WatchCall call;
    void *data;
};

static gboolean watch_check(GSource *source)
{
    Watch *self = (Watch *)source;
    return g_source_query_unix_fd(source, self->tag) != 0;
}

static gboolean watch_dispatch(GSource *source, GSourceFunc unused, gpointer unused_data)
{
    Watch *self = (Watch *)source;
    self->call(g_source_query_unix_fd(source, self->tag), self->data);
    return G_SOURCE_CONTINUE;
}

Watch *watch_new(int fd, guint wanted, WatchCall call, void *data)
{
    static GSourceFuncs functions = {.check = watch_check, .dispatch = watch_dispatch};
    Watch *self = (Watch *)g_source_new(&functions, sizeof *self);
    self->tag = g_source_add_unix_fd(&self->source, fd, wanted);
    self->wanted = wanted;
    self->call = call;
    self->data = data;
    g_source_attach(&self->source, NULL);
    return self;
}

void watch_set(Watch *self, guint wanted)
{
    if (self->wanted == wanted)
        return;
    self->wanted = wanted;
    g_source_modify_unix_fd(&self->source, self->tag, wanted);
}

void watch_free(Watch *self)
{
    if (self == NULL)
        return;
    g_source_destroy(&self->source);
    g_source_unref(&self->source);
}

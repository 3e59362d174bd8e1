/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches: an fd in the main loop whose conditions can change at any time. */
#pragma once
#include <glib.h>

typedef struct Watch Watch;

/* wanted: any of GIOCondition, or 0.  ready: which of the wanted conditions hold; G_IO_HUP and
 * G_IO_ERR come unasked. */
typedef void (*WatchCall)(GIOCondition ready, void *data);

/* Watches fd until watch_free(); the fd stays the caller's. */
Watch *watch_new(int fd, guint wanted, WatchCall call, void *data);
void watch_set(Watch *self, guint wanted);
/* May be called from within the watch's own call. */
void watch_free(Watch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Watch, watch_free)

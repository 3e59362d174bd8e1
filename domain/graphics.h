/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Graphics: what starting a machine needs of its <graphics>. */
#pragma once
#include "domain/domain.h"

/* Environment of the front end ("DISPLAY=:0", "XAUTHORITY=…"); free with g_strfreev(). */
char **graphics_environment(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same, of a model that was read. */
char **graphics_model_environment(Model *model);

/* Before a start: a display server with autoport gets a port that is free now. */
gboolean graphics_choose_port(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

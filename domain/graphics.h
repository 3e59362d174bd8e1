/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Graphics: what starting a machine needs of its <graphics>. */
#pragma once
#include "domain/domain.h"
#include "domain/host_port.h"

#define GRAPHICS_DEFAULT_PORT 3389 /* VirtualBox's, whatever its server speaks */

/* Environment of the front end ("DISPLAY=:0", "XAUTHORITY=…"); free with g_strfreev(). */
char **graphics_environment(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same, of a model that was read. */
char **graphics_model_environment(Model *model);

/* Where the display server listens, by the settings.  *ret_port 0: nowhere, or, before a start,
 * where graphics_choose_port() says.  *ret_address is set with a port; owned by the caller. */
gboolean graphics_port(Object *machine, gboolean is_running, char **ret_address, guint *ret_port,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Before a start: a display server with autoport gets a port that is free now, and claimed. */
gboolean graphics_choose_port(Object *machine, HostClaim *claim,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What is to be written for a list of ports: of a machine that runs, its display server moves there
 * at once, so that a fixed port must be free, and a list begins with one that is.  Owned by the
 * caller. */
char *graphics_ports_to_write(Object *machine, const char *ports,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pool define: making, changing, starting, stopping and removing pools.  One at a time. */
#pragma once
#include "storage/pool.h"

/* Makes the pool of the XML, or changes the one that it means. */
Pool *pool_define(const char *xml, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes and starts it (virStoragePoolCreateXML): persistent only if it was.  With build its folder
 * is made first. */
Pool *pool_create(const char *xml, gboolean build, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Each refuses what libvirt refuses: VIR_ERR_OPERATION_INVALID when it is started already, is not
 * started, is not persistent. */
gboolean pool_start(const guint8 uuid[UUID_BYTES], const char *name, gboolean build,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean pool_stop(const guint8 uuid[UUID_BYTES], const char *name,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean pool_undefine(const guint8 uuid[UUID_BYTES], const char *name,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean pool_set_autostart(const guint8 uuid[UUID_BYTES], const char *name, gboolean autostart,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes its folder, with those above it. */
gboolean pool_build(const guint8 uuid[UUID_BYTES], const char *name,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Removes its folder, which must be empty; the pool stays. */
gboolean pool_delete(const guint8 uuid[UUID_BYTES], const char *name,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Once after a boot of the host, which stopped all: starts those that are marked for it, removes
 * the transient ones.  What fails is a warning in the log. */
void pool_autostart_all(void);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Machine: looking one up. */
#pragma once
#include "base/uuid.h"
#include "vbox/vbox.h"

/* By uuid (16 bytes).  VIR_ERR_NO_DOMAIN with libvirt's own words when there is none; name is for
 * that message and may be NULL. */
Object *machine_find(const guint8 uuid[UUID_BYTES], const char *name,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* By its name, never by something that only looks like one; also one whose settings VirtualBox
 * cannot read, by what machine_name() says. */
Object *machine_find_by_name(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What people know it by: its name, or that of its settings file when VirtualBox cannot read it (it
 * is inaccessible).  Owned by the caller. */
char *machine_name(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *machine_name_of_file(const char *path);

/* The settings file that a new machine of that name would get.  Owned by the caller. */
char *machine_file_of_name(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What VirtualBox has against the settings of an inaccessible machine, in one line; "": nothing.
 * Owned by the caller. */
char *machine_fault(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Of an inaccessible machine: what is wrong and what can be done (VIR_ERR_OPERATION_INVALID).  What
 * reads a machine's XML for more than a name asks this first, for VirtualBox knows nothing else. */
gboolean machine_check_settings(Object *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Of an inaccessible machine almost every call fails, with "access denied": then the error becomes
 * that of machine_check_settings().  Any other stays. */
void machine_explain(Object *machine, GError **error);

/* All registered machines (Object *), inaccessible ones included; or those alone. */
GPtrArray *machine_all(GError **error) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *machine_all_inaccessible(GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean machine_uuid(Object *machine, guint8 ret_uuid[UUID_BYTES],
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean machine_state(Object *machine, guint32 *ret_state,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A VM process exists: running, paused, starting, saving and so on; by VirtualBox's own
 * FirstOnline..LastOnline. */
gboolean machine_state_is_online(guint32 state);

/* It is off and has a saved state. */
gboolean machine_state_is_saved(guint32 state);

/* Extra data of a machine or, with machine NULL, of VirtualBox; "" when unset. */
char *extra_data_get(Object *machine, const char *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* NULL or "" removes it.  On a session's machine this also saves all its other changes
 * (VirtualBox's behaviour): make it the last step. */
gboolean extra_data_set(Object *machine, const char *key, const char *value,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

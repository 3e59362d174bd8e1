/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Session: see session.h. */
#include "vbox/session.h"
#include "vbox/machine.h"
#include "vbox/orphan.h"

/* After a poweroff the lock stays until the VM process has gone (facts/testbed.md). */
#define LOCK_TRIES 40
#define LOCK_PAUSE (50 * 1000) /* µs */

struct Session {
    Object *session, *machine, *console;
};

/* Whether somebody has locked the machine, and may let it go.  For a moment VirtualBox also offers
 * to share the lock of a program that has ended. */
static gboolean may_pass(Object *machine, const GError *failure)
{
    guint32 state;
    gboolean locked = g_error_matches(failure, XPCOM_ERROR, (gint)VBOX_E_INVALID_OBJECT_STATE);
    return (locked || orphan_is(machine)) && machine_state(machine, &state, NULL) &&
           !machine_state_is_online(state);
}

static gboolean lock(Object *machine, Object *session, VboxEnum type, GError **error)
{
    for (guint i = 0;; i++) {
        g_autoptr(GError) failure = NULL;
        if (vbox_call(machine, IMachine_lockMachine, &failure, session, vbox_enum(type)))
            return TRUE;
        if (i == LOCK_TRIES || !may_pass(machine, failure)) {
            orphan_explain(machine, &failure);
            g_propagate_error(error, g_steal_pointer(&failure));
            return FALSE;
        }
        g_usleep(LOCK_PAUSE);
    }
}

static Session *session_open(Object *machine, VboxEnum type, GError **error)
{
    g_autoptr(Object) session = NULL;
    if (!vbox_call(vbox_client(), IVirtualBoxClient_get_session, error, &session) ||
        !lock(machine, session, type, error))
        return NULL;
    g_autoptr(Session) self = g_new0(Session, 1);
    self->session = g_steal_pointer(&session);
    if (!vbox_call(self->session, ISession_get_machine, error, &self->machine))
        return NULL;
    return g_steal_pointer(&self);
}

static gboolean online(Object *machine, gboolean *ret_online, GError **error)
{
    guint32 state;
    if (!machine_state(machine, &state, error))
        return FALSE;
    *ret_online = machine_state_is_online(state);
    return TRUE;
}

Session *session_write(Object *machine, GError **error)
{
    gboolean running;
    if (!online(machine, &running, error))
        return NULL;
    if (running) {
        fail(error, VIR_ERR_OPERATION_INVALID, "the domain is running; shut it down first");
        return NULL;
    }
    return session_open(machine, LockType_Write, error);
}

Session *session_shared(Object *machine, GError **error)
{
    gboolean running;
    if (!online(machine, &running, error))
        return NULL;
    if (!running) {
        fail(error, VIR_ERR_OPERATION_INVALID, "domain is not running");
        return NULL;
    }
    g_autoptr(Session) self = session_open(machine, LockType_Shared, error);
    if (self == NULL || !vbox_call(self->session, ISession_get_console, error, &self->console))
        return NULL;
    if (self->console == NULL) {
        fail(error, VIR_ERR_OPERATION_INVALID, "domain is not running");
        return NULL;
    }
    return g_steal_pointer(&self);
}

gboolean session_wait_free(Object *machine, GError **error)
{
    for (guint i = 0;; i++) {
        guint32 state;
        if (!vbox_call(machine, IMachine_get_sessionState, error, &state))
            return FALSE;
        if (state == vbox_enum(SessionState_Unlocked))
            return TRUE;
        if (i == LOCK_TRIES) {
            fail(error, VIR_ERR_RESOURCE_BUSY,
                 "another program has the machine locked: close it there and try again");
            orphan_explain(machine, error);
            return FALSE;
        }
        g_usleep(LOCK_PAUSE);
    }
}

gboolean session_set_extra_data(Object *machine, const char *key, const char *value, GError **error)
{
    g_autoptr(Session) self = session_open(machine, LockType_Shared, error);
    return self != NULL && extra_data_set(self->machine, key, value, error);
}

Object *session_machine(Session *self)
{
    return self->machine;
}

Object *session_console(Session *self)
{
    return self->console;
}

gboolean session_save(Session *self, GError **error)
{
    return vbox_call(self->machine, IMachine_saveSettings, error);
}

void session_discard(Session *self)
{
    g_autoptr(GError) failure = NULL;
    if (!vbox_call(self->machine, IMachine_discardSettings, &failure))
        g_warning("taking a change of a machine back: %s", failure->message);
}

void session_free(Session *self)
{
    g_autoptr(GError) failure = NULL;
    /* VirtualBox rolls back what was not saved when the lock goes. */
    if (!vbox_call(self->session, ISession_unlockMachine, &failure))
        g_debug("unlocking a machine: %s", failure->message);
    g_clear_pointer(&self->console, object_unref);
    g_clear_pointer(&self->machine, object_unref);
    object_unref(self->session);
    g_free(self);
}

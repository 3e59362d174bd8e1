/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Domain events: see domain_event.h. */
#include "domain/domain_event.h"
#include "base/libvirt.h"
#include "domain/define.h"
#include "domain/lifecycle.h"
#include "domain/registry.h"
#include "domain/state.h"
#include "domain/stop.h"
#include "rpc/event.h"
#include "vbox/machine.h"

static GHashTable *last_states; /* uuid as text → MachineState; of the event thread alone */

static void emit(const guint8 uuid[UUID_BYTES], gint event, gint detail)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(Entry) entry = registry_find_by_uuid(uuid, NULL);
    DomainEventCallbackLifecycleMsg body = {.msg = {.event = event, .detail = detail}};
    if (entry == NULL || !entry_domain(entry, arena, &body.msg.dom, NULL))
        registry_remembered(uuid, arena, &body.msg.dom);
    event_emit(REMOTE_PROC_DOMAIN_EVENT_CALLBACK_LIFECYCLE, uuid, &body);
}

/* What a lifecycle event says of the state that follows it, for virDomainGetState's reason. */
static const struct {
    gint event, detail, state, reason;
} reasons[] = {
    {VIR_DOMAIN_EVENT_STARTED, VIR_DOMAIN_EVENT_STARTED_BOOTED, VIR_DOMAIN_RUNNING,
     VIR_DOMAIN_RUNNING_BOOTED},
    {VIR_DOMAIN_EVENT_STARTED, VIR_DOMAIN_EVENT_STARTED_RESTORED, VIR_DOMAIN_RUNNING,
     VIR_DOMAIN_RUNNING_RESTORED},
    {VIR_DOMAIN_EVENT_STARTED, VIR_DOMAIN_EVENT_STARTED_MIGRATED, VIR_DOMAIN_RUNNING,
     VIR_DOMAIN_RUNNING_MIGRATED},
    {VIR_DOMAIN_EVENT_RESUMED, VIR_DOMAIN_EVENT_RESUMED_UNPAUSED, VIR_DOMAIN_RUNNING,
     VIR_DOMAIN_RUNNING_UNPAUSED},
    {VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN, VIR_DOMAIN_SHUTOFF,
     VIR_DOMAIN_SHUTOFF_SHUTDOWN},
    {VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_DESTROYED, VIR_DOMAIN_SHUTOFF,
     VIR_DOMAIN_SHUTOFF_DESTROYED},
    {VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_FAILED, VIR_DOMAIN_SHUTOFF,
     VIR_DOMAIN_SHUTOFF_FAILED},
};

static void remember_reason(const guint8 uuid[UUID_BYTES], const StateEvent *event)
{
    for (guint i = 0; i < G_N_ELEMENTS(reasons); i++)
        if (reasons[i].event == event->event && reasons[i].detail == event->detail)
            registry_set_reason(uuid, reasons[i].state, reasons[i].reason);
}

/* The state before this one; 0: not known. */
static guint32 swap_state(const guint8 uuid[UUID_BYTES], guint32 state)
{
    char text[UUID_STRING];
    uuid_format(uuid, text);
    if (last_states == NULL)
        last_states = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    guint32 before = GPOINTER_TO_UINT(g_hash_table_lookup(last_states, text));
    g_hash_table_replace(last_states, g_strdup(text), GUINT_TO_POINTER(state));
    return before;
}

static void state_changed(const guint8 uuid[UUID_BYTES], guint32 state)
{
    guint32 before = swap_state(uuid, state);
    gboolean off = state == vbox_enum(MachineState_PoweredOff);
    gboolean by_guest = FALSE;
    StateEvent events[2];
    registry_forget_run(uuid);
    g_autoptr(Entry) entry = registry_find_by_uuid(uuid, NULL);
    if (off && entry != NULL)
        by_guest = stop_was_by_guest(entry_machine(entry));
    guint count = state_events(before, state, by_guest, events);
    for (guint i = 0; i < count; i++) {
        remember_reason(uuid, &events[i]);
        emit(uuid, events[i].event, events[i].detail);
    }
    if (count > 0 && !machine_state_is_online(state))
        lifecycle_powered_off(uuid);
}

static void registered(const guint8 uuid[UUID_BYTES], gboolean there)
{
    if (there) {
        registry_added(uuid);
        emit(uuid, VIR_DOMAIN_EVENT_DEFINED, VIR_DOMAIN_EVENT_DEFINED_ADDED);
        return;
    }
    emit(uuid, VIR_DOMAIN_EVENT_UNDEFINED, VIR_DOMAIN_EVENT_UNDEFINED_REMOVED);
    registry_removed(uuid);
    swap_state(uuid, 0);
}

void domain_event(const VboxEvent *event)
{
    switch (event->kind) {
    case EVENT_MACHINE_STATE:
        state_changed(event->uuid, event->state);
        break;
    case EVENT_MACHINE_REGISTERED:
        registered(event->uuid, event->flag);
        break;
    case EVENT_MACHINE_DATA:
        registry_forget_settings(event->uuid);
        if (!define_is_under_way(event->uuid))
            emit(event->uuid, VIR_DOMAIN_EVENT_DEFINED, VIR_DOMAIN_EVENT_DEFINED_UPDATED);
        break;
    case EVENT_EXTRA_DATA:
    case EVENT_SNAPSHOT:
        registry_forget_settings(event->uuid);
        break;
    case EVENT_SESSION_STATE:
        registry_forget_run(event->uuid);
        break;
    case EVENT_GAP:
        registry_forget_all();
        break;
    case EVENT_DEAD:
        break;
    }
}

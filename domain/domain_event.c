/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Domain events: see domain_event.h. */
#include "domain/domain_event.h"
#include "base/libvirt.h"
#include "domain/active.h"
#include "domain/changing.h"
#include "domain/hidden.h"
#include "domain/incomplete.h"
#include "domain/lifecycle.h"
#include "domain/registry.h"
#include "domain/state.h"
#include "domain/stop.h"
#include "domain/told.h"
#include "domain/told_run.h"
#include "rpc/event.h"
#include "vbox/machine.h"

#define SESSION_ENDING G_MAXUINT32 /* of a VM that has stopped; no SessionState of VirtualBox's */

/* What clients were last told of a domain's definition.  TO_BE_TRANSIENT: it is being made. */
enum { DEFINED = 1, TRANSIENT, TO_BE_TRANSIENT };

/* uuid as text → what was last told of a machine; of the event thread alone. */
static GHashTable *last_states, *last_sessions, *last_definitions;

void domain_event_about(const guint8 uuid[UUID_BYTES], Arena *arena, RemoteDomain *ret_domain)
{
    g_autoptr(Entry) entry = registry_find_by_uuid(uuid, NULL);
    if (entry == NULL || !entry_domain(entry, arena, ret_domain, NULL))
        registry_remembered(uuid, arena, ret_domain);
}

void domain_event_emit(const guint8 uuid[UUID_BYTES], gint event, gint detail)
{
    g_autoptr(Arena) arena = arena_new();
    DomainEventCallbackLifecycleMsg body = {.msg = {.event = event, .detail = detail}};
    domain_event_about(uuid, arena, &body.msg.dom);
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

static guint32 last(GHashTable *table, const guint8 uuid[UUID_BYTES])
{
    char text[UUID_STRING];
    uuid_format(uuid, text);
    return table != NULL ? GPOINTER_TO_UINT(g_hash_table_lookup(table, text)) : 0;
}

/* 0: it is not known any more. */
static void set_last(GHashTable **table, const guint8 uuid[UUID_BYTES], guint32 number)
{
    char text[UUID_STRING];
    uuid_format(uuid, text);
    if (*table == NULL)
        *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_replace(*table, g_strdup(text), GUINT_TO_POINTER(number));
    if (number == 0)
        g_hash_table_remove(*table, text);
}

/* Of one that has gone by now, with its log, its removal knew. */
static gboolean ended_by_guest(const guint8 uuid[UUID_BYTES], Entry *entry, guint32 state)
{
    if (state != vbox_enum(MachineState_PoweredOff))
        return FALSE;
    return entry != NULL ? stop_was_by_guest(entry_machine(entry)) : registry_ended_by_guest(uuid);
}

static void state_changed(const guint8 uuid[UUID_BYTES], guint32 state)
{
    guint32 before = last(last_states, uuid);
    StateEvent events[2];
    set_last(&last_states, uuid, state);
    registry_forget_run(uuid);
    g_autoptr(Entry) entry = registry_find_by_uuid(uuid, NULL);
    /* VirtualBox tells of states while it unregisters a machine, and after: of none with a VM
     * process.  A start and a stop are told however soon the machine went after them. */
    gboolean is_run = machine_state_is_online(before) || machine_state_is_online(state);
    if (state == before || (entry == NULL && !is_run))
        return;
    gboolean by_guest = ended_by_guest(uuid, entry, state);
    guint count = state_events(before, state, by_guest, events);
    if (count > 0)
        active_changed(uuid, machine_state_is_online(state));
    for (guint i = 0; i < count; i++) {
        remember_reason(uuid, &events[i]);
        domain_event_emit(uuid, events[i].event, events[i].detail);
    }
    if (count > 0 && machine_state_is_online(state))
        told_run_remember(uuid);
    if (count > 0 && !machine_state_is_online(state)) {
        told_run_forget(uuid);
        set_last(&last_sessions, uuid, SESSION_ENDING);
        if (!state_is_start(before))
            lifecycle_powered_off(uuid, by_guest);
    }
}

/* A transient domain has no definition that could be added or removed. */
static void definition_changed(const guint8 uuid[UUID_BYTES], gboolean defined)
{
    guint32 now = defined ? DEFINED : TRANSIENT;
    if (last(last_definitions, uuid) == now)
        return;
    set_last(&last_definitions, uuid, now);
    if (defined)
        domain_event_emit(uuid, VIR_DOMAIN_EVENT_DEFINED, VIR_DOMAIN_EVENT_DEFINED_ADDED);
    else
        domain_event_emit(uuid, VIR_DOMAIN_EVENT_UNDEFINED, VIR_DOMAIN_EVENT_UNDEFINED_REMOVED);
}

static gboolean is_transient(const guint8 uuid[UUID_BYTES], gboolean *ret_transient)
{
    g_autoptr(Entry) entry = registry_find_by_uuid(uuid, NULL);
    EntrySettings settings;
    if (entry == NULL || !entry_settings(entry, &settings, NULL))
        return FALSE;
    *ret_transient = settings.transient;
    return TRUE;
}

static void registered(const guint8 uuid[UUID_BYTES], gboolean there)
{
    gboolean transient = FALSE;
    if (there) {
        registry_added(uuid);
        /* One that is being made is looked at when it is complete. */
        if (!incomplete_is(uuid))
            told_remember(uuid);
        if (last(last_definitions, uuid) == TO_BE_TRANSIENT ||
            (is_transient(uuid, &transient) && transient))
            set_last(&last_definitions, uuid, TRANSIENT);
        else
            definition_changed(uuid, TRUE);
        return;
    }
    if (registry_was_transient(uuid))
        set_last(&last_definitions, uuid, TRANSIENT);
    definition_changed(uuid, FALSE);
    registry_removed(uuid);
    registry_forget_name(uuid);
    told_forget(uuid);
    told_run_forget(uuid);
    set_last(&last_states, uuid, 0);
    set_last(&last_sessions, uuid, 0);
    set_last(&last_definitions, uuid, 0);
}

/* A machine that is being made has its mark before it is registered. */
static void transient_changed(const guint8 uuid[UUID_BYTES], gboolean transient)
{
    if (!incomplete_is(uuid))
        definition_changed(uuid, !transient);
    else if (transient)
        set_last(&last_definitions, uuid, TO_BE_TRANSIENT);
}

/* The machine is there, or has never been. */
static void completed(const guint8 uuid[UUID_BYTES])
{
    if (last(last_definitions, uuid) == TO_BE_TRANSIENT)
        set_last(&last_definitions, uuid, 0);
    told_remember(uuid);
}

static void extra_data_changed(const guint8 uuid[UUID_BYTES], const char *key, const char *value)
{
    registry_forget_settings(uuid);
    if (g_strcmp0(key, INCOMPLETE_KEY) == 0)
        incomplete_told(value, completed);
    if (g_strcmp0(key, CHANGING_KEY) == 0)
        changing_told(value);
    if (g_strcmp0(key, DOMAIN_TRANSIENT_KEY) == 0)
        transient_changed(uuid, g_strcmp0(value, "yes") == 0);
}

/* Where there is none nothing is updated; when one comes, that is told as "Added". */
static gboolean has_definition(const guint8 uuid[UUID_BYTES])
{
    gboolean transient;
    guint32 told = last(last_definitions, uuid);
    if (told != 0)
        return told == DEFINED;
    /* It is older than we are. */
    return !is_transient(uuid, &transient) || !transient;
}

/* VirtualBox says "data changed" when somebody saved settings, which needs a session, and when the
 * session of a VM ends that saved its state, which changes no settings.  What of a domain that runs
 * has an event of its own is told as that alone, as QEMU's driver does. */
static void data_changed(const guint8 uuid[UUID_BYTES])
{
    registry_forget_settings(uuid);
    if (incomplete_is(uuid) || changing_is(uuid))
        return;
    guint32 session = last(last_sessions, uuid);
    gboolean is_edit = session == 0 || session == vbox_enum(SessionState_Locked);
    if (!told_new_name(uuid) && is_edit && !told_run_look(uuid) && has_definition(uuid))
        domain_event_emit(uuid, VIR_DOMAIN_EVENT_DEFINED, VIR_DOMAIN_EVENT_DEFINED_UPDATED);
    told_new_description(uuid);
}

/* VirtualBox counts the resets of a machine, its guest's own too. */
static void guest_property(const guint8 uuid[UUID_BYTES], const char *name, const char *value)
{
    g_autoptr(Arena) arena = arena_new();
    DomainEventCallbackRebootMsg body = {0};
    /* 0: it has just started. */
    if (g_strcmp0(name, "/VirtualBox/VMInfo/ResetCounter") != 0 || g_strcmp0(value, "0") == 0)
        return;
    domain_event_about(uuid, arena, &body.msg.dom);
    event_emit(REMOTE_PROC_DOMAIN_EVENT_CALLBACK_REBOOT, uuid, &body);
}

/* Of a machine that clients shall not see.  TRUE: the event was about one. */
static gboolean is_hidden(const VboxEvent *event)
{
    if (!hidden_has(event->uuid))
        return FALSE;
    if (event->kind == EVENT_MACHINE_REGISTERED && !event->flag)
        registry_removed(event->uuid);
    return TRUE;
}

void domain_event(const VboxEvent *event)
{
    if (is_hidden(event))
        return;
    switch (event->kind) {
    case EVENT_MACHINE_STATE:
        state_changed(event->uuid, event->state);
        break;
    case EVENT_MACHINE_REGISTERED:
        registered(event->uuid, event->flag);
        break;
    case EVENT_MACHINE_DATA:
        data_changed(event->uuid);
        break;
    case EVENT_EXTRA_DATA:
        extra_data_changed(event->uuid, event->key, event->value);
        break;
    case EVENT_SNAPSHOT:
        registry_forget_settings(event->uuid);
        break;
    case EVENT_SESSION_STATE:
        set_last(&last_sessions, event->uuid, event->state);
        registry_forget_run(event->uuid);
        break;
    case EVENT_GUEST_PROPERTY:
        guest_property(event->uuid, event->key, event->value);
        break;
    case EVENT_GAP:
        incomplete_told("", completed);
        changing_told("");
        registry_forget_all();
        break;
    case EVENT_NAT_NETWORK:
    case EVENT_DEAD:
        break;
    }
}

static gpointer preload_thread(gpointer data)
{
    g_autoptr(GPtrArray) all = registry_all(NULL);
    for (guint i = 0; all != NULL && i < all->len; i++) {
        g_autoptr(Arena) arena = arena_new();
        RemoteDomain domain;
        if (entry_domain(all->pdata[i], arena, &domain, NULL) && domain.id >= 0)
            active_changed(domain.uuid, TRUE);
        told_remember(entry_uuid(all->pdata[i]));
        told_run_remember(entry_uuid(all->pdata[i]));
    }
    return NULL;
}

void domain_event_preload(void)
{
    static gsize once;
    if (g_once_init_enter(&once)) {
        g_thread_unref(g_thread_new("preload", preload_thread, NULL));
        g_once_init_leave(&once, 1);
    }
}

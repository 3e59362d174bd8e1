/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Event: see event.h.
 *
 * Theory of operation.  A passive listener is polled by one thread: VirtualBox keeps up to 500
 * events for it and drops a listener that does not come for about 75 s, or falls behind; then
 * getEvent() says "object not found", we register again and report a gap.  Only named events are
 * subscribed to: with Any we would have to answer vetoable ones, and would delay everybody. */
#include "vbox/event.h"

#define POLL_MS 10000 /* getEvent() returns earlier when there is one */

typedef struct Type {
    VboxEnum type; /* of VBoxEventType */
    const char *interface;
    VboxEventKind kind;
} Type;

static const Type types[] = {
    {VBoxEventType_OnMachineStateChanged, "IMachineStateChangedEvent", EVENT_MACHINE_STATE},
    {VBoxEventType_OnMachineDataChanged, "IMachineDataChangedEvent", EVENT_MACHINE_DATA},
    {VBoxEventType_OnMachineRegistered, "IMachineRegisteredEvent", EVENT_MACHINE_REGISTERED},
    {VBoxEventType_OnSessionStateChanged, "ISessionStateChangedEvent", EVENT_SESSION_STATE},
    {VBoxEventType_OnSnapshotTaken, "ISnapshotTakenEvent", EVENT_SNAPSHOT},
    {VBoxEventType_OnSnapshotDeleted, "ISnapshotDeletedEvent", EVENT_SNAPSHOT},
    {VBoxEventType_OnSnapshotChanged, "ISnapshotChangedEvent", EVENT_SNAPSHOT},
    {VBoxEventType_OnSnapshotRestored, "ISnapshotRestoredEvent", EVENT_SNAPSHOT},
    {VBoxEventType_OnExtraDataChanged, "IExtraDataChangedEvent", EVENT_EXTRA_DATA},
    {VBoxEventType_OnGuestPropertyChanged, "IGuestPropertyChangedEvent", EVENT_GUEST_PROPERTY},
    {VBoxEventType_OnNATNetworkCreationDeletion, "INATNetworkCreationDeletionEvent",
     EVENT_NAT_NETWORK},
    {VBoxEventType_OnNATNetworkSetting, "INATNetworkSettingEvent", EVENT_NAT_NETWORK},
};

static void (*event_handler)(const VboxEvent *event);

static Object *listener_register(Object *source, GError **error)
{
    g_autoptr(Object) listener = NULL;
    guint32 wanted[G_N_ELEMENTS(types)];
    for (guint i = 0; i < G_N_ELEMENTS(types); i++)
        wanted[i] = vbox_enum(types[i].type);
    if (!vbox_call(source, IEventSource_createListener, error, &listener) ||
        !vbox_call(source, IEventSource_registerListener, error, listener,
                   (guint)G_N_ELEMENTS(types), wanted, FALSE))
        return NULL;
    return g_steal_pointer(&listener);
}

/* The id of a machine is "" where an event is about VirtualBox as a whole. */
static gboolean read_machine(Object *typed, VboxName getter, VboxEvent *event, GError **error)
{
    g_autofree char *id = NULL;
    if (!vbox_call(typed, getter, error, &id))
        return FALSE;
    if (!uuid_parse(id, event->uuid))
        memset(event->uuid, 0, UUID_BYTES);
    return TRUE;
}

static gboolean read_event(Object *typed, VboxEvent *event, GError **error)
{
    if (event->kind == EVENT_NAT_NETWORK)
        return TRUE;
    if (event->kind == EVENT_EXTRA_DATA)
        return read_machine(typed, IExtraDataChangedEvent_get_machineId, event, error) &&
               vbox_call(typed, IExtraDataChangedEvent_get_key, error, &event->key) &&
               vbox_call(typed, IExtraDataChangedEvent_get_value, error, &event->value);
    if (!read_machine(typed, IMachineEvent_get_machineId, event, error))
        return FALSE;
    if (event->kind == EVENT_MACHINE_STATE)
        return vbox_call(typed, IMachineStateChangedEvent_get_state, error, &event->state);
    if (event->kind == EVENT_SESSION_STATE)
        return vbox_call(typed, ISessionStateChangedEvent_get_state, error, &event->state);
    if (event->kind == EVENT_GUEST_PROPERTY)
        return vbox_call(typed, IGuestPropertyChangedEvent_get_name, error, &event->key) &&
               vbox_call(typed, IGuestPropertyChangedEvent_get_value, error, &event->value);
    if (event->kind == EVENT_MACHINE_REGISTERED)
        return vbox_call(typed, IMachineRegisteredEvent_get_registered, error, &event->flag);
    return TRUE;
}

static const Type *type_find(guint32 number)
{
    for (guint i = 0; i < G_N_ELEMENTS(types); i++)
        if (vbox_enum(types[i].type) == number)
            return &types[i];
    return NULL;
}

static gboolean take(Object *source, Object *listener, Object *raw, GError **error)
{
    guint32 number;
    if (!vbox_call(raw, IEvent_get_type, error, &number))
        return FALSE;
    const Type *type = type_find(number);
    if (type != NULL) {
        VboxEvent event = {.kind = type->kind};
        g_autoptr(Object) typed = object_query(raw, vbox_interface(type->interface), error);
        gboolean ok = typed != NULL && read_event(typed, &event, error);
        if (ok)
            event_handler(&event);
        g_free(event.key);
        g_free(event.value);
        if (!ok)
            return FALSE;
    }
    return vbox_call(source, IEventSource_eventProcessed, error, listener, raw);
}

/* Polls until the listener is lost or VBoxSVC has gone. */
static void poll_listener(Object *source, Object *listener, GError **error)
{
    for (;;) {
        g_autoptr(Object) raw = NULL;
        if (!vbox_call(source, IEventSource_getEvent, error, listener, POLL_MS, &raw))
            return;
        if (raw != NULL && !take(source, listener, raw, error))
            return;
    }
}

static gpointer listen_thread(gpointer data)
{
    g_autoptr(Object) source = data;
    g_autoptr(Object) listener = NULL;
    g_autoptr(GError) failure = NULL;
    for (;;) {
        g_clear_error(&failure);
        if (listener == NULL)
            listener = listener_register(source, &failure);
        if (listener != NULL)
            poll_listener(source, listener, &failure);
        if (vbox_is_gone(failure))
            break;
        g_info("VirtualBox's events: %s; listening anew", failure->message);
        g_clear_pointer(&listener, object_unref);
        event_handler(&(VboxEvent){.kind = EVENT_GAP});
        g_usleep(G_USEC_PER_SEC / 10); /* a failure that stays must not spin */
    }
    event_handler(&(VboxEvent){.kind = EVENT_DEAD, .value = failure->message});
    return NULL;
}

gboolean event_start(void (*handler)(const VboxEvent *event), GError **error)
{
    g_autoptr(Object) source = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(types); i++)
        if (!vbox_enum_known(types[i].type) ||
            typelib_find(vbox_typelib(), types[i].interface) == NULL)
            return fail(error, VIR_ERR_NO_SUPPORT, "this VirtualBox has no %s", types[i].interface);
    if (!vbox_call(vbox_root(), IVirtualBox_get_eventSource, error, &source))
        return FALSE;
    event_handler = handler;
    g_thread_unref(g_thread_new("events", listen_thread, g_steal_pointer(&source)));
    return TRUE;
}

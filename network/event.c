/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network events: see event.h.
 *
 * VirtualBox tells of each change of an extra data key: of a record of ours, of the keys that an
 * adapter comes and goes with.  Which network that made, ended, started or stopped follows from a
 * comparison with the networks that were there before; that works as well for what another daemon
 * or VBoxManage did. */
#include "network/event.h"
#include <string.h>
#include "base/libvirt.h"
#include "map/metadata.h"
#include "network/define.h"
#include "network/record.h"
#include "rpc/event.h"

/* Guarded by network_writer: a change that is under way is not looked at before it is whole. */
static GPtrArray *known; /* Network *; NULL: nobody listens yet */

static void tell(const Network *network, gint event)
{
    NetworkEventLifecycleMsg body = {.net.name = network->name, .event = event};
    memcpy(body.net.uuid, network->uuid, UUID_BYTES);
    event_emit(REMOTE_PROC_NETWORK_EVENT_LIFECYCLE, network->uuid, &body);
}

static void tell_metadata(const Network *network, gint type, char *uri)
{
    NetworkEventCallbackMetadataChangeMsg body = {
        .net.name = network->name, .type = type, .nsuri = uri};
    memcpy(body.net.uuid, network->uuid, UUID_BYTES);
    event_emit(REMOTE_PROC_NETWORK_EVENT_CALLBACK_METADATA_CHANGE, network->uuid, &body);
}

/* What virNetworkSetMetadata can change.  A definition that changes it as well is told as that. */
static void compare_metadata(const Network *before, const Network *after)
{
    if (g_strcmp0(before->description, after->description) != 0)
        tell_metadata(after, VIR_DOMAIN_METADATA_DESCRIPTION, NULL);
    if (g_strcmp0(before->title, after->title) != 0)
        tell_metadata(after, VIR_DOMAIN_METADATA_TITLE, NULL);
    g_auto(GStrv) uris = metadata_differ(before->metadata, after->metadata);
    for (char **uri = uris; *uri != NULL; uri++)
        tell_metadata(after, VIR_DOMAIN_METADATA_ELEMENT, *uri);
}

/* before NULL: it is new; after NULL: it has gone. */
static void compare(const Network *before, const Network *after)
{
    gboolean was_defined = before != NULL && before->persistent;
    gboolean was_active = before != NULL && before->active;
    gboolean is_defined = after != NULL && after->persistent;
    gboolean is_active = after != NULL && after->active;
    gboolean is_changed = before != NULL && after != NULL && before->revision != after->revision;
    if (is_defined && (!was_defined || is_changed))
        tell(after, VIR_NETWORK_EVENT_DEFINED);
    else if (before != NULL && after != NULL)
        compare_metadata(before, after);
    if (is_active && !was_active)
        tell(after, VIR_NETWORK_EVENT_STARTED);
    if (was_active && !is_active)
        tell(before, VIR_NETWORK_EVENT_STOPPED);
    if (was_defined && !is_defined)
        tell(before, VIR_NETWORK_EVENT_UNDEFINED);
}

static void look_again(void)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&network_writer);
    if (known == NULL)
        return;
    g_autoptr(GError) failure = NULL;
    GPtrArray *now = network_all(&failure);
    if (now == NULL) {
        g_warning("changes of networks cannot be told: %s", failure->message);
        return;
    }
    for (guint i = 0; i < known->len; i++) {
        const Network *before = known->pdata[i];
        compare(before, network_in_by_uuid(now, before->uuid));
    }
    for (guint i = 0; i < now->len; i++) {
        const Network *after = now->pdata[i];
        if (network_in_by_uuid(known, after->uuid) == NULL)
            compare(NULL, after);
    }
    g_ptr_array_unref(known);
    known = now;
}

void network_event(const VboxEvent *event)
{
    static const guint8 global[UUID_BYTES];
    guint8 uuid[UUID_BYTES];
    gboolean is_key = event->kind == EVENT_EXTRA_DATA && event->key != NULL &&
                      memcmp(event->uuid, global, UUID_BYTES) == 0;
    gboolean is_record = is_key && record_key_parse(event->key, uuid);
    if (is_record || event->kind == EVENT_GAP)
        record_told();
    if (is_record || event->kind == EVENT_GAP || event->kind == EVENT_NAT_NETWORK ||
        (is_key && g_str_has_prefix(event->key, "HostOnly/")))
        look_again();
}

static gint is_watched; /* atomic */

void network_event_ready(void)
{
    if (g_atomic_int_get(&is_watched) && known == NULL)
        known = network_all(NULL);
}

static gpointer preload_thread(gpointer data)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&network_writer);
    network_event_ready();
    return NULL;
}

void network_event_preload(void)
{
    if (g_atomic_int_compare_and_exchange(&is_watched, 0, 1))
        g_thread_unref(g_thread_new("networks", preload_thread, NULL));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network events: see event.h.
 *
 * VirtualBox tells of each change of an extra data key: of a record of ours, of the keys that an
 * adapter comes and goes with.  The kernel tells when an adapter gets or loses its address, which
 * changes no key when it is VirtualBox's default, or when a machine's start sets it.  A machine's
 * settings may name an internal network for the first time, or for the last.  Which network that
 * made, ended, started or stopped follows from a comparison with the networks that were there
 * before; that works as well for what another daemon or VBoxManage did. */
#include "network/event.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/libvirt.h"
#include "map/metadata.h"
#include "network/kind.h"
#include "network/record.h"
#include "rpc/event.h"
#include "vbox/turn.h"

/* Of whose turn it is: a change that is under way is not looked at before it is whole. */
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

void network_event_look(void)
{
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

static void look_again(void)
{
    g_auto(Turn) G_GNUC_UNUSED turn = turn_begin(TURN_NETWORKS);
    network_event_look();
}

/* --- what tells ---------------------------------------------------------------------------- */

static gint is_watched; /* atomic */

/* Whether machines name other internal networks than when it was last asked; one call. */
static gboolean internal_changed(void)
{
    static char *last; /* of the event thread */
    g_auto(GStrv) names = kind_ops(NETWORK_INTERNAL)->names(NULL);
    char *now = names != NULL ? g_strjoinv("\n", names) : NULL;
    gboolean is_same = g_strcmp0(now, last) == 0;
    g_free(last);
    last = now;
    return !is_same;
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
    gboolean is_machine =
        event->kind == EVENT_MACHINE_DATA || event->kind == EVENT_MACHINE_REGISTERED;
    if (is_machine && g_atomic_int_get(&is_watched) && internal_changed())
        look_again();
}

/* What the kernel tells of links and addresses; -1: it must not be asked in here. */
static gint open_kernel(void)
{
    const struct sockaddr_nl groups = {.nl_family = AF_NETLINK,
                                       .nl_groups =
                                           RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
    gint fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&groups, sizeof groups) == 0)
        return fd;
    g_message("addresses that others give to adapters are not told: %s", g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* What a message says does not matter, nor that some were lost (ENOBUFS): adapters are compared. */
static void follow_kernel(gint fd)
{
    g_autofree char *last = NULL;
    char message[8192];
    while (recv(fd, message, sizeof message, 0) >= 0 || errno == ENOBUFS || errno == EINTR) {
        char *now = adapter_states();
        gboolean is_same = g_strcmp0(now, last) == 0;
        g_free(last);
        last = now;
        if (!is_same)
            look_again();
    }
    g_warning("addresses that others give to adapters are not told any more: %s",
              g_strerror(errno));
    close(fd);
}

void network_event_ready(void)
{
    if (g_atomic_int_get(&is_watched) && known == NULL)
        known = network_all(NULL);
}

static void preload(void)
{
    g_auto(Turn) G_GNUC_UNUSED turn = turn_begin(TURN_NETWORKS);
    network_event_ready();
}

static gpointer watch_thread(gpointer data)
{
    gint fd = open_kernel();
    preload();
    /* A change may have made it remember before the kernel was listened to. */
    look_again();
    if (fd >= 0)
        follow_kernel(fd);
    return NULL;
}

void network_event_preload(void)
{
    if (g_atomic_int_compare_and_exchange(&is_watched, 0, 1))
        g_thread_unref(g_thread_new("networks", watch_thread, NULL));
}

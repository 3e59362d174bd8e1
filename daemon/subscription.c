/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Subscriptions: see subscription.h. */
#include "daemon/subscription.h"
#include "rpc/message.h"
#include "rpc/remote.h"
#include <string.h>

/* An event's message with callback id, without it (0: there is none), and how many bytes of the
 * new form's body the old form lacks. */
typedef struct Kind {
    guint32 procedure, old;
    gsize skip;
} Kind;

/* By VIR_DOMAIN_EVENT_ID_…. */
static const Kind domain_kinds[] = {
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_LIFECYCLE, REMOTE_PROC_DOMAIN_EVENT_LIFECYCLE, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_REBOOT, REMOTE_PROC_DOMAIN_EVENT_REBOOT, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_RTC_CHANGE, REMOTE_PROC_DOMAIN_EVENT_RTC_CHANGE, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_WATCHDOG, REMOTE_PROC_DOMAIN_EVENT_WATCHDOG, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_IO_ERROR, REMOTE_PROC_DOMAIN_EVENT_IO_ERROR, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_GRAPHICS, REMOTE_PROC_DOMAIN_EVENT_GRAPHICS, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_IO_ERROR_REASON, REMOTE_PROC_DOMAIN_EVENT_IO_ERROR_REASON,
     0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_CONTROL_ERROR, REMOTE_PROC_DOMAIN_EVENT_CONTROL_ERROR, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_BLOCK_JOB, REMOTE_PROC_DOMAIN_EVENT_BLOCK_JOB, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_DISK_CHANGE, REMOTE_PROC_DOMAIN_EVENT_DISK_CHANGE, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_TRAY_CHANGE, REMOTE_PROC_DOMAIN_EVENT_TRAY_CHANGE, 0},
    /* These three got a reason of 4 bytes, in front of the domain. */
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_PMWAKEUP, REMOTE_PROC_DOMAIN_EVENT_PMWAKEUP, 4},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_PMSUSPEND, REMOTE_PROC_DOMAIN_EVENT_PMSUSPEND, 4},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_BALLOON_CHANGE, REMOTE_PROC_DOMAIN_EVENT_BALLOON_CHANGE, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_PMSUSPEND_DISK, REMOTE_PROC_DOMAIN_EVENT_PMSUSPEND_DISK, 4},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_DEVICE_REMOVED, REMOTE_PROC_DOMAIN_EVENT_DEVICE_REMOVED, 0},
    {REMOTE_PROC_DOMAIN_EVENT_BLOCK_JOB_2, 0, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_TUNABLE, 0, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_AGENT_LIFECYCLE, 0, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_DEVICE_ADDED, 0, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_MIGRATION_ITERATION, 0, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_JOB_COMPLETED, 0, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_DEVICE_REMOVAL_FAILED, 0, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_METADATA_CHANGE, 0, 0},
    {REMOTE_PROC_DOMAIN_EVENT_BLOCK_THRESHOLD, 0, 0},
    {REMOTE_PROC_DOMAIN_EVENT_MEMORY_FAILURE, 0, 0},
    {REMOTE_PROC_DOMAIN_EVENT_MEMORY_DEVICE_SIZE_CHANGE, 0, 0},
    {REMOTE_PROC_DOMAIN_EVENT_NIC_MAC_CHANGE, 0, 0},
    {REMOTE_PROC_DOMAIN_EVENT_VCPU_REMOVED, 0, 0},
    {REMOTE_PROC_DOMAIN_EVENT_CALLBACK_CHANNEL_LIFECYCLE, 0, 0},
};

/* By VIR_NETWORK_EVENT_ID_…. */
static const Kind network_kinds[] = {
    {REMOTE_PROC_NETWORK_EVENT_LIFECYCLE, 0, 0},
    {REMOTE_PROC_NETWORK_EVENT_CALLBACK_METADATA_CHANGE, 0, 0},
};

/* By VIR_STORAGE_POOL_EVENT_ID_…. */
static const Kind pool_kinds[] = {
    {REMOTE_PROC_STORAGE_POOL_EVENT_LIFECYCLE, 0, 0},
    {REMOTE_PROC_STORAGE_POOL_EVENT_REFRESH, 0, 0},
};

static const struct Family {
    const Kind *kinds;
    gsize count;
    const char *name;
} families[] = {
    [FAMILY_DOMAIN] = {domain_kinds, G_N_ELEMENTS(domain_kinds), "domain"},
    [FAMILY_NETWORK] = {network_kinds, G_N_ELEMENTS(network_kinds), "network"},
    [FAMILY_POOL] = {pool_kinds, G_N_ELEMENTS(pool_kinds), "storage pool"},
};

/* NULL: the protocol has no such event in that style. */
static const Kind *find_kind(SubscriptionFamily family, SubscriptionStyle style, gint32 event)
{
    const struct Family *self = &families[family];
    if (event < 0 || (gsize)event >= self->count)
        return NULL;
    const Kind *kind = &self->kinds[event];
    return style == STYLE_CALLBACK || kind->old != 0 ? kind : NULL;
}

void subscriptions_init(Subscriptions *self)
{
    *self = (Subscriptions){.items = g_array_new(FALSE, FALSE, sizeof(Subscription))};
}

void subscriptions_clear(Subscriptions *self)
{
    g_array_unref(self->items);
    *self = (Subscriptions){0};
}

Subscription *subscription_at(const Subscriptions *self, guint i)
{
    gpointer items = self->items->data;
    return (Subscription *)items + i;
}

/* len: there is none. */
static guint find(const Subscriptions *self, SubscriptionFamily family, SubscriptionStyle style,
                  gint32 number)
{
    guint i = 0;
    for (; i < self->items->len; i++) {
        const Subscription *item = subscription_at(self, i);
        gint32 has = style == STYLE_OLD ? item->event : item->id;
        if (item->family == family && item->style == style && has == number)
            break;
    }
    return i;
}

static gboolean is_same(const Subscription *one, const Subscription *other)
{
    return one->family == other->family && one->event == other->event &&
           one->filtered == other->filtered &&
           memcmp(one->uuid, other->uuid, sizeof one->uuid) == 0;
}

/* Once is enough: libvirt's servers refuse to subscribe twice too, whatever the style. */
static gboolean is_there(const Subscriptions *self, const Subscription *wanted)
{
    for (guint i = 0; i < self->items->len; i++) {
        if (is_same(wanted, subscription_at(self, i)))
            return TRUE;
    }
    return FALSE;
}

gboolean subscription_add(Subscriptions *self, SubscriptionFamily family, SubscriptionStyle style,
                          gint32 event, const guint8 *uuid, gint32 *ret_id, GError **error)
{
    Subscription item = {.family = family, .style = style, .event = event};
    if (find_kind(family, style, event) == NULL)
        return fail(error, VIR_ERR_INTERNAL_ERROR, "unsupported %s event ID %d",
                    families[family].name, event);
    if (self->items->len >= SUBSCRIPTIONS_LIMIT)
        return fail(error, VIR_ERR_OPERATION_FAILED,
                    "this connection has %d event subscriptions already: subscribe once for all "
                    "objects",
                    SUBSCRIPTIONS_LIMIT);
    if (uuid != NULL) {
        item.filtered = TRUE;
        memcpy(item.uuid, uuid, sizeof item.uuid);
    }
    if (is_there(self, &item))
        return fail(error, VIR_ERR_INVALID_ARG, "%s event %d is subscribed to already",
                    families[family].name, event);
    item.id = self->next_id;
    self->next_id = (self->next_id + 1) & G_MAXINT32;
    g_array_append_val(self->items, item);
    *ret_id = item.id;
    return TRUE;
}

gboolean subscription_remove(Subscriptions *self, SubscriptionFamily family,
                             SubscriptionStyle style, gint32 number, GError **error)
{
    if (style == STYLE_OLD && find_kind(family, style, number) == NULL)
        return fail(error, VIR_ERR_INTERNAL_ERROR, "unsupported %s event ID %d",
                    families[family].name, number);
    guint i = find(self, family, style, number);
    if (i == self->items->len)
        return fail(error, VIR_ERR_INTERNAL_ERROR, "%s event callback %d not registered",
                    families[family].name, number);
    g_array_remove_index(self->items, i);
    return TRUE;
}

GBytes *subscription_message(const Subscription *self, const LinkEvent *event, const guint8 *body,
                             gsize length)
{
    const Kind *kind = &families[self->family].kinds[self->event];
    if (kind->procedure != event->procedure)
        return NULL;
    if (self->filtered && memcmp(self->uuid, event->uuid, sizeof self->uuid) != 0)
        return NULL;
    if (self->style == STYLE_CALLBACK)
        return message_event(kind->procedure, &self->id, body, length);
    if (length < kind->skip)
        return NULL;
    return message_event(kind->old, NULL, body + kind->skip, length - kind->skip);
}

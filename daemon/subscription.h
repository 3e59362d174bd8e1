/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Subscriptions: which events a client wants to hear of, in which of the protocol's three ways. */
#pragma once
#include "base/error.h"
#include "base/uuid.h"
#include "rpc/link.h"

#define SUBSCRIPTIONS_LIMIT 4096 /* of a client: a monitor of 1000 machines has some thousand */

/* What can be subscribed to: each numbers its events from 0. */
typedef enum SubscriptionFamily {
    FAMILY_DOMAIN,
    FAMILY_NETWORK,
    FAMILY_POOL,
} SubscriptionFamily;

typedef enum SubscriptionStyle {
    STYLE_CALLBACK, /* by callback id */
    STYLE_OLD,      /* by event: procedures 105, 106, 167, 168; messages without callback id */
} SubscriptionStyle;

typedef struct Subscription {
    SubscriptionFamily family;
    SubscriptionStyle style;
    gint32 event; /* VIR_DOMAIN_EVENT_ID_…, VIR_NETWORK_EVENT_ID_… and so on */
    gint32 id;    /* the callback id */
    gboolean filtered;
    guint8 uuid[UUID_BYTES]; /* of the only object wanted, if filtered */
} Subscription;

typedef struct Subscriptions {
    GArray *items;
    gint32 next_id;
} Subscriptions;

void subscriptions_init(Subscriptions *self);
void subscriptions_clear(Subscriptions *self);

/* uuid NULL: of all objects. */
gboolean subscription_add(Subscriptions *self, SubscriptionFamily family, SubscriptionStyle style,
                          gint32 event, const guint8 *uuid, gint32 *ret_id,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* number: the callback id, or the event in the old style. */
gboolean subscription_remove(Subscriptions *self, SubscriptionFamily family,
                             SubscriptionStyle style, gint32 number,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* i < items->len */
Subscription *subscription_at(const Subscriptions *self, guint i);

/* The message that tells this subscriber of the event; NULL: it did not ask for it. */
GBytes *subscription_message(const Subscription *self, const LinkEvent *event, const guint8 *body,
                             gsize length);

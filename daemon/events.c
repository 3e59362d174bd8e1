/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Event procedures: subscribe and unsubscribe, in the protocol's three ways. */
#include "base/libvirt.h"
#include "daemon/client.h"
#include "rpc/handlers.h"

static gboolean add(Client *client, SubscriptionFamily family, SubscriptionStyle style,
                    gint32 event, const guint8 *uuid, gint32 *ret_id, GError **error)
{
    if (!subscription_add(&client->subscriptions, family, style, event, uuid, ret_id, error))
        return FALSE;
    client->calls->changed(client);
    return TRUE;
}

static gboolean take_off(Client *client, SubscriptionFamily family, SubscriptionStyle style,
                         gint32 number, GError **error)
{
    if (!subscription_remove(&client->subscriptions, family, style, number, error))
        return FALSE;
    client->calls->changed(client);
    return TRUE;
}

/* ---- the first way: lifecycle events of domains, nothing else ---- */

gboolean daemon_connect_domain_event_register(Client *client, ConnectDomainEventRegisterRet *ret,
                                              GError **error)
{
    gint32 unused;
    ret->cb_registered = 0; /* libvirt's servers answer 0 to both */
    return add(client, FAMILY_DOMAIN, STYLE_OLD, VIR_DOMAIN_EVENT_ID_LIFECYCLE, NULL, &unused,
               error);
}

gboolean daemon_connect_domain_event_deregister(Client *client,
                                                ConnectDomainEventDeregisterRet *ret,
                                                GError **error)
{
    ret->cb_registered = 0;
    return take_off(client, FAMILY_DOMAIN, STYLE_OLD, VIR_DOMAIN_EVENT_ID_LIFECYCLE, error);
}

/* ---- the second way: by event ---- */

gboolean daemon_connect_domain_event_register_any(Client *client,
                                                  const ConnectDomainEventRegisterAnyArgs *args,
                                                  GError **error)
{
    gint32 unused;
    return add(client, FAMILY_DOMAIN, STYLE_OLD, args->eventID, NULL, &unused, error);
}

gboolean daemon_connect_domain_event_deregister_any(Client *client,
                                                    const ConnectDomainEventDeregisterAnyArgs *args,
                                                    GError **error)
{
    return take_off(client, FAMILY_DOMAIN, STYLE_OLD, args->eventID, error);
}

/* ---- the third way: by callback id, for one object if wanted ---- */

gboolean daemon_connect_domain_event_callback_register_any(
    Client *client, const ConnectDomainEventCallbackRegisterAnyArgs *args,
    ConnectDomainEventCallbackRegisterAnyRet *ret, GError **error)
{
    return add(client, FAMILY_DOMAIN, STYLE_CALLBACK, args->eventID,
               args->dom != NULL ? args->dom->uuid : NULL, &ret->callbackID, error);
}

gboolean daemon_connect_domain_event_callback_deregister_any(
    Client *client, const ConnectDomainEventCallbackDeregisterAnyArgs *args, GError **error)
{
    return take_off(client, FAMILY_DOMAIN, STYLE_CALLBACK, args->callbackID, error);
}

gboolean daemon_connect_network_event_register_any(Client *client,
                                                   const ConnectNetworkEventRegisterAnyArgs *args,
                                                   ConnectNetworkEventRegisterAnyRet *ret,
                                                   GError **error)
{
    return add(client, FAMILY_NETWORK, STYLE_CALLBACK, args->eventID,
               args->net != NULL ? args->net->uuid : NULL, &ret->callbackID, error);
}

gboolean daemon_connect_network_event_deregister_any(
    Client *client, const ConnectNetworkEventDeregisterAnyArgs *args, GError **error)
{
    return take_off(client, FAMILY_NETWORK, STYLE_CALLBACK, args->callbackID, error);
}

gboolean daemon_connect_storage_pool_event_register_any(
    Client *client, const ConnectStoragePoolEventRegisterAnyArgs *args,
    ConnectStoragePoolEventRegisterAnyRet *ret, GError **error)
{
    return add(client, FAMILY_POOL, STYLE_CALLBACK, args->eventID,
               args->pool != NULL ? args->pool->uuid : NULL, &ret->callbackID, error);
}

gboolean daemon_connect_storage_pool_event_deregister_any(
    Client *client, const ConnectStoragePoolEventDeregisterAnyArgs *args, GError **error)
{
    return take_off(client, FAMILY_POOL, STYLE_CALLBACK, args->callbackID, error);
}

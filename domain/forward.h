/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Forward: ports of the host that reach a guest behind NAT, in the XML's words and VirtualBox's. */
#pragma once
#include "domain/device.h"

typedef struct Forward {
    const char *proto;
    char *host, *guest,
        *name; /* empty: any address, VirtualBox's guest, a name that is no matter */
    guint host_port, guest_port;
} Forward;

/* Those of an INATEngine (Forward *); free the array. */
GPtrArray *forward_read(Object *engine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* From <portForward> and <vbox:redirect> elements of an item (XML, or NULL) to one list, sorted: a
 * line each, "tcp,HOST ADDRESS,HOST PORT,GUEST ADDRESS,GUEST PORT,NAME".  The name is empty where
 * it does not matter: of what <portForward> can say. */
gboolean forward_list(const Item *item, const char *plain, const char *redirects, char **ret_list,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Back: what <portForward> can say, and the rest.  NULL: nothing. */
void forward_split(const char *list, char **ret_plain, char **ret_redirects);

/* Such a list from and to an INetworkAdapter's NATEngine. */
gboolean forward_get(MapContext *context, Object *adapter, const Field *field, Value *ret_value,
                     GError **error);
gboolean forward_set(MapContext *context, Object *adapter, const Field *field, const Value *value,
                     GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Define: making, changing, starting, stopping and removing networks.  One at a time: see turn.h.
 */
#pragma once
#include "map/edit.h"
#include "network/network.h"

typedef enum DefineHow {
    DEFINE_ONLY,   /* virNetworkDefineXML: persistent; started only if it was */
    DEFINE_START,  /* virNetworkCreateXML: started; persistent only if it was */
    DEFINE_CHANGE, /* virNetworkUpdate: the rest as it was */
} DefineHow;

/* Makes or changes the network of the XML.  A failure leaves all as it was. */
Network *network_define(const char *xml, DefineHow how, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One change of its document, made by edit; flags of virNetworkUpdateFlags, of which a network that
 * has but one configuration only asks whether they can be. */
typedef gboolean (*NetworkEdit)(Edit *edit, const Network *network, gconstpointer data,
                                GError **error);
gboolean network_change(const guint8 uuid[UUID_BYTES], const char *name, guint32 flags,
                        NetworkEdit edit, gconstpointer data,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same of its title, description and metadata, of which VirtualBox knows nothing: the document
 * has no more, and all else stays as it is. */
gboolean network_change_words(const guint8 uuid[UUID_BYTES], const char *name, guint32 flags,
                              NetworkEdit edit, gconstpointer data,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* VIR_ERR_OPERATION_INVALID when it runs already, does not run. */
gboolean network_start(const guint8 uuid[UUID_BYTES], const char *name,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean network_stop(const guint8 uuid[UUID_BYTES], const char *name,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes it, with its adapter and its DHCP server; one that runs stays until it is stopped. */
gboolean network_undefine(const guint8 uuid[UUID_BYTES], const char *name,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean network_set_autostart(const guint8 uuid[UUID_BYTES], const char *name, gboolean autostart,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

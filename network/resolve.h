/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resolving: from a network's libvirt name to what a NIC attaches to, and back.
 *
 * For domain/, which maps <interface type='network'>.  Both ask VirtualBox and change nothing. */
#pragma once
#include "base/error.h"

typedef enum NetworkKind {
    NETWORK_INTERNAL,  /* NetworkAttachmentType Internal, INetworkAdapter.internalNetwork */
    NETWORK_HOST_ONLY, /* HostOnly, INetworkAdapter.hostOnlyInterface */
    NETWORK_NAT,       /* NATNetwork, INetworkAdapter.NATNetwork */
    NETWORK_BRIDGED,   /* Bridged, INetworkAdapter.bridgedInterface */
} NetworkKind;

typedef struct NetworkTarget {
    NetworkKind kind;
    char *name; /* VirtualBox's: the value of the attribute above; owned */
} NetworkTarget;

static inline void network_target_clear(NetworkTarget *self)
{
    g_clear_pointer(&self->name, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(NetworkTarget, network_target_clear)

/* What the network of that libvirt name is in VirtualBox.  A network that was made outside
 * (VBoxManage) has VirtualBox's own name, the adapter's for a host-only one; that name is also
 * accepted for a network that has another one in libvirt.  VIR_ERR_NO_NETWORK, with libvirt's
 * words and the name, when there is none. */
gboolean network_resolve(const char *name, NetworkTarget *ret_target,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The name of the bridged network on that interface of the host; *ret_name NULL: there is none. */
gboolean network_name_of_bridge(const char *interface, char **ret_name,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The libvirt name of the network that VirtualBox calls so; VirtualBox's own name when the
 * network has no other (or is none that network/ knows).  NULL only with an error, which is a
 * failed call.  Owned by the caller. */
char *network_name_of(NetworkKind kind, const char *vbox_name,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A number that is another one whenever the two functions above may answer otherwise: for who
 * remembers their answers. */
gint network_names_now(void);

/* Refuses the name of an interface that VirtualBox cannot bridge to: VIR_ERR_CONFIG_UNSUPPORTED,
 * with the names of those that it can. */
gboolean network_check_bridge(const char *interface, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Refuses the name of a host-only adapter that is not there, with the network that makes it again.
 */
gboolean network_check_adapter(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

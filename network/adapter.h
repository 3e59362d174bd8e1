/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Adapter: VirtualBox's host-only adapters vboxnetN, one for each host-only network.
 *
 * Theory of operation.  VirtualBox makes an adapter with the lowest free number and keeps nothing
 * of it but two kinds of keys in its global extra data, HostOnly/vboxnetN/…: the address that the
 * adapter gets when a machine that is attached to it starts.  The adapter itself is the kernel's:
 * it is gone after a reboot, and VBoxSVC makes it again, with the same name, for each such key.
 * So a network that is stopped is an adapter without address whose keys are set, and a network
 * that is started is one that has the address as well.  Neither needs a file of ours. */
#pragma once
#include "base/address.h"
#include "vbox/vbox.h"

/* An address with its network; address.family 0: none. */
typedef struct AdapterIp {
    Address address;
    guint prefix;
} AdapterIp;

gboolean adapter_ip_equal(const AdapterIp *a, const AdapterIp *b);

typedef struct Adapter {
    char *name;       /* "vboxnet0" */
    char *mac;        /* "0a:00:27:00:00:00" */
    AdapterIp v4, v6; /* as VirtualBox has set or will set them */
    gboolean is_up;   /* has an address of the host now */
} Adapter;

void adapter_free(Adapter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Adapter, adapter_free)

/* Whether VirtualBox names adapters so: "vboxnet" and a number. */
gboolean adapter_is_name(const char *name);

/* The names of all.  Owned by the caller. */
char **adapter_names(void);

/* *ret_adapter is NULL when there is none of that name. */
gboolean adapter_read(const char *name, Adapter **ret_adapter,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the interface of that name is up and has an address that somebody gave it (an IPv6 one
 * that the kernel derived from the MAC address does not count). */
gboolean adapter_is_up(const char *name);

/* All of them with whether each is up, as a text to be compared.  Owned by the caller. */
char *adapter_states(void);

/* An interface of the host, other than that adapter, whose network overlaps; NULL: none.  Owned
 * by the caller. */
char *adapter_find_clash(const char *name, const AdapterIp *ip);

/* Makes one; wanted: of that name (after it was lost), NULL: of any.  *ret_name is owned. */
gboolean adapter_create(const char *wanted, char **ret_name,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Says what to do about VirtualBox's message that it cannot make one.  Always FALSE. */
gboolean adapter_explain_create(const char *message, GError **error);

/* Removes it and its keys.  There being none is no error. */
gboolean adapter_remove(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Refuses what root has not allowed (VIR_ERR_CONFIG_UNSUPPORTED, with the line to add). */
gboolean adapter_check_range(const AdapterIp *ip, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Keeps the addresses for the next start; the adapter stays as it is. */
gboolean adapter_keep(const char *name, const AdapterIp *v4, const AdapterIp *v6,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives it the addresses, now and after each reboot. */
gboolean adapter_start(const char *name, const AdapterIp *v4, const AdapterIp *v6,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes its addresses away, and keeps them. */
gboolean adapter_stop(const char *name, const AdapterIp *v4, const AdapterIp *v6,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

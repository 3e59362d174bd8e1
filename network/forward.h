/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Forward: whether the host hands on what guests of a routed network send. */
#pragma once
#include "network/network.h"

#define FORWARD_4 "/proc/sys/net/ipv4/ip_forward"
#define FORWARD_6 "/proc/sys/net/ipv6/conf/all/forwarding"

/* Refuses a network of libvirt's mode "route" on a host that forwards nothing, with the switch to
 * throw: libvirt throws it itself, which takes root.  The files are those switches (proc(5)). */
gboolean forward_check(const Network *network, const char *file_4, const char *file_6,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

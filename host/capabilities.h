/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Capabilities: the XML of virConnectGetCapabilities and virConnectGetDomainCapabilities. */
#pragma once
#include "base/uuid.h"
#include "vbox/platform.h"
#include "host/topology.h"

/* The host's uuid: the mainboard's where we may read it (root), else one made of the machine id;
 * below root.  FALSE: the host has neither. */
gboolean host_uuid(const char *root, guint8 ret_uuid[UUID_BYTES]);

/* <capabilities>; uuid and vendor may be NULL.  Pure: asks neither the host nor VirtualBox. */
char *capabilities_format(const guint8 *uuid, const char *vendor, const Topology *topology,
                          const GPtrArray *arches, const char *emulator, guint max_vcpus);

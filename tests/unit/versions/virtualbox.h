/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* VirtualBox: a property-bag one, of any release's type library, which vboxvirt takes for the real
 * one: machines with their parts, sessions that are saved or discarded, images. */
#pragma once
#include "tests/unit/versions/bag.h"
#include "tests/unit/versions/release.h"

/* Where everything hangs. */
typedef struct VirtualBox {
    Bag *client, *root; /* IVirtualBoxClient, IVirtualBox */
} VirtualBox;
extern VirtualBox virtualbox;

/* What is no plain property. */
extern const Behaviour machine_behaviours[], part_behaviours[];
extern const Behaviour network_behaviours[], adapter_behaviours[];

/* Makes it the process's VirtualBox (vbox_start_on()); takes the type library. */
void virtualbox_start(const Release *release, Typelib *typelib);
/* As new: no machines, no images, no extra data.  No object of it may be held. */
void virtualbox_reset(void);
void virtualbox_stop(void);

/* All that a person could see of it: machines, images, extra data; owned by the caller. */
char *virtualbox_print(void);
/* The machines alone; the networks and the extra data, where their records are. */
char *virtualbox_print_machines(void);
char *virtualbox_print_networks(void);

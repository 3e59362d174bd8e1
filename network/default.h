/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Default: the network that users of libvirt expect to be there. */
#pragma once

/* Makes the NAT network "default", once in a VirtualBox's life: who removes it is rid of it. Before
 * the first call of a client; what fails is a warning in the log, and tried again next time. */
void network_make_default(void);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Alias: what a device of a running domain is called in its XML and in events.
 *
 * A client's own name ("ua-…") is kept with the device.  Any other device is called by where it
 * stands, in libvirt's way ("sata0-0-1", "net0"): nothing has to be remembered, and as long as the
 * device is there its alias is the same. */
#pragma once
#include "domain/domain.h"

/* Of an item of the domain; NULL: its element has none.  Owned by the caller. */
char *alias_of(Domain *domain, const Item *item);

/* Gives all devices theirs, which a dump of a running domain then shows. */
void alias_show(Domain *domain);

/* The same of a domain that was parsed from the XML of another one, which VirtualBox has read. */
void alias_lend(Domain *domain, Domain *read);

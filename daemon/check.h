/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `vboxvirtd --check`: whose VirtualBox is looked at. */
#pragma once
#include "daemon/options.h"

/* Prints the report and returns the process's exit status: 0 when each VirtualBox can be used, else
 * 1.  An ordinary user looks at their own.  Root, who has none to serve, looks at the host and then
 * at each user's who has used VirtualBox, or at --user's alone. */
int check_run(const Options *options);

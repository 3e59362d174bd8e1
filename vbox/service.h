/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Service: the process VBoxSVC, as its clients' socket shows it. */
#pragma once
#include "base/pid.h"

/* Whether this process is the only client that VBoxSVC has; VBoxSVC then ends some seconds after
 * this process has closed its connection.  FALSE also when it cannot be seen. */
gboolean service_is_ours_alone(Pid *ret_service);

/* Until that VBoxSVC has ended.  FALSE: it lives on, for it has got another client. */
gboolean service_wait_end(const Pid *service);

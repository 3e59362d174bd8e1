# SPDX-License-Identifier: LGPL-2.1-or-later
"""VirtualBox's events, late: what must not depend on when they come."""
import contextlib
import signal

import processes
from commands import vboxmanage


@contextlib.contextmanager
def held_events(machines, connection):
    """Meanwhile VirtualBox tells nobody of anything; at the end of all, in its order.

    A machine's process wants to hear of guest properties, and VirtualBox's service, which tells one
    after the other, waits until it has: so that process is stopped."""
    holder, other = machines.make(), machines.make()
    pid = connection.lookupByUUIDString(holder.start().uuid).ID()
    processes.kill(pid, signal.SIGSTOP)
    try:
        vboxmanage('guestproperty', 'set', other.uuid, 'a', 'b')
        yield
    finally:
        processes.kill(pid, signal.SIGCONT)

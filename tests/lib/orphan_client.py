# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program that ends while it locks a machine, in the one moment when VirtualBox does not notice: orphan_client.py UUID

VirtualBox gives a session the lock's token, and asks for the session's name before the lock is taken.  A program that
is killed between the two gives up the token just then; this one's session gives it up by itself, and takes its time
to tell its name, so that it is no race.  Prints what VirtualBox then says of the lock: its state and its holder."""
import os
import sys
import time

import vboxapi

WRITE = 2  # LockType
UNLOCKED = 1  # SessionState
PAUSE = 0.2  # seconds, in which VirtualBox unlocks what it has not locked yet


class Session:
    """As much of a session as VirtualBox asks for."""
    state, PID = UNLOCKED, os.getpid()

    def __init__(self, interfaces):
        self._com_interfaces_ = [interfaces.ISession, interfaces.IInternalSessionControl]

    def assignMachine(self, *_machine_type_token):
        """Takes the token, and gives it up."""

    @property
    def name(self):
        """What VirtualBox shows as the session's name."""
        time.sleep(PAUSE)
        return 'orphan'


def main():
    """Leaves the machine locked."""
    manager = vboxapi.VirtualBoxManager(None, None)  # it must live as long as what comes from it
    interfaces = sys.modules['xpcom'].components.interfaces  # vboxapi knows where it is
    machine = manager.getVirtualBox().findMachine(sys.argv[1])
    machine.lockMachine(Session(interfaces), WRITE)
    print(machine.sessionState, machine.sessionPID, flush=True)
    os._exit(0)  # as one that is killed: nothing is given back


main()

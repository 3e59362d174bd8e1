# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fixtures of the proof: one machine, its domain, and both running."""
import pytest


@pytest.fixture
def machine(machines):
    """A machine that VBoxManage has made; it is off."""
    return machines.make()


@pytest.fixture
def domain(connection, machine):
    """The same machine as libvirt sees it."""
    return connection.lookupByUUIDString(machine.uuid)


@pytest.fixture
def running(domain, machine):
    """The domain, started through libvirt; its guest has said READY."""
    domain.create()
    machine.guest.wait_for('READY')
    return domain

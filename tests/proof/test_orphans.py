# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program was killed in the one moment when VirtualBox does not notice that it had a machine locked: the machine is
free again as soon as VirtualBox's service can end, and until then everybody hears what is the matter."""
import pathlib
import re
import sys

import libvirt
import pytest

import domains
import machines as machines_module
import processes
import settings
import waiting
from commands import machine_facts, run, vboxmanage

CLIENT = pathlib.Path(machines_module.__file__).with_name('orphan_client.py')
LOCKED = '2'  # SessionState
BUSY = libvirt.VIR_ERR_RESOURCE_BUSY


def make_orphan(uuid):
    """Leaves the machine locked by a program that is no more."""
    state, holder = run(sys.executable, CLIENT, uuid).stdout.split()
    assert state == LOCKED and not processes.is_alive(int(holder))


@pytest.fixture(name='orphan')
def _orphan(connection, machines):
    """The XML of a domain whose machine is so."""
    name = machines.name()
    uuid = connection.defineXML(domains.xml(name)).UUIDString()
    make_orphan(uuid)
    return domains.xml(name, uuid=uuid, memory=40)


def test_next_engine_frees_it(connection, machines, orphan, service):
    """The engine died: the next one finds what it left, also of what it had not made whole.  No call fails."""
    half = machines.name()
    uuid = connection.defineXML(domains.xml(half)).UUIDString()
    vboxmanage('setextradata', 'global', 'vboxvirt/incomplete', f'{uuid}/{half}')
    make_orphan(uuid)
    service.kill_engine()
    domain = connection.defineXML(orphan)
    vboxmanage('modifyvm', domain.name(), '--memory', '41')
    assert machine_facts(domain.name())['memory'] == '41'
    assert not domains.exists(connection, half)
    assert not (settings.PLACES[1] / half).exists()
    assert not settings.keys('vboxvirt/incomplete')


def test_others_use_virtualbox(connection, orphan, running, service):
    """Nobody's machine is touched: calls say which one is locked, and why.  When the others have left, a call gives
    VirtualBox up, and the next one works."""
    name = re.search('<name>(.*)</name>', orphan)[1]
    engine, pid = service.engine(), running.ID()
    domain = connection.lookupByName(name)
    sentence = f"domain '{name}' locked for a program that ended"
    for call in (lambda: connection.defineXML(orphan), domain.undefine, lambda: domain.setAutostart(1)):
        with domains.fails(BUSY, containing=sentence):
            call()
    assert service.engine() == engine
    assert running.ID() == pid and running.isActive() == 1
    running.destroy()
    waiting.until(lambda: not processes.pids_of('VBoxHeadless'), 'its process has gone')
    with domains.fails(libvirt.VIR_ERR_OPERATION_FAILED, containing='call again'):
        domain.setAutostart(1)
    domain.setAutostart(1)
    assert domain.autostart() == 1

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two daemons of one user define and stop machines of one VirtualBox."""
import concurrent.futures
import signal
import subprocess
import threading

import libvirt
import pytest
from lxml import etree

import commands
import domains
import processes
import recorder
import service as service_module
import settings
import waiting


class Definition(threading.Thread):
    """A definition that is under way."""

    def __init__(self, connection, name):
        super().__init__(daemon=True)
        self.connection, self.name = connection, name
        self.start()

    def run(self):
        self.connection.defineXML(domains.xml(self.name))

    def is_half_done(self):
        """Whether VirtualBox knows the machine, and it is not complete."""
        try:
            return settings.keys('vboxvirt/incomplete') and settings.known('MachineRegistry/MachineEntry', 'uuid')
        except (OSError, etree.XMLSyntaxError):  # VirtualBox is writing it
            return False


def send(number, *pids):
    """Sends a signal to each."""
    for pid in pids:
        processes.kill(pid, number)


def answers():
    """Whether VirtualBox tells everything of its machines: it waits for a program that is just locking one."""
    try:
        commands.run(commands.VBOXMANAGE, 'list', '--long', 'vms', timeout=2)
    except subprocess.TimeoutExpired:
        return False
    return True


@pytest.fixture(name='half_done')
def _half_done(connection, machines, service):
    """A definition that has come half way and stands still, until the test lets its daemon go on."""
    connection.getVersion()
    pids = service.engine(), service.pid
    while True:
        definition = Definition(connection, machines.name())
        waiting.until(lambda: definition.is_half_done() or not definition.is_alive(), 'it has begun', pause=0)
        send(signal.SIGSTOP, *pids)
        if definition.is_half_done() and answers():
            break
        send(signal.SIGCONT, *pids)
        definition.join(waiting.LIMIT)
        connection.lookupByName(definition.name).undefine()
    yield definition
    send(signal.SIGCONT, *pids)


def test_one_starts_while_the_other_defines(connection, half_done, service, tmp_path):
    """What the first one has not completed yet is not taken for what a dead one has left."""
    other = service_module.Service(path=tmp_path / 'other-sock').start()
    opened = recorder.connect(f'vbox+unix:///session?socket={other.path}')
    opened.listAllDomains()
    opened.close()
    other.stop()
    assert half_done.is_alive()
    send(signal.SIGCONT, service.engine(), service.pid)
    half_done.join(waiting.LIMIT)
    assert domains.exists(connection, half_done.name)
    assert 'removing machine' not in other.log() and 'serves VirtualBox' in other.log()


def test_both_stop_one_domain(both, machine, service):
    """Who meets it half way waits for its end: its process is not killed, which makes it crash."""
    said = len(service.log())
    here, there = [each.lookupByName(machine.name) for each in both]

    def stop(domain):
        try:
            domain.destroy()
        except libvirt.libvirtError as error:
            assert error.get_error_code() == libvirt.VIR_ERR_OPERATION_INVALID  # it does not run

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for _ in range(8):
            here.create()
            list(pool.map(stop, (here, there)))
            waiting.until(lambda: here.state() != [libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_UNKNOWN],
                          'VirtualBox tells of it')
            assert here.state() == [libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_DESTROYED]
    assert 'destroy in good order' not in service.log()[said:]

# SPDX-License-Identifier: LGPL-2.1-or-later
"""start and create --autodestroy: the domain ends with the connection that started it."""
import signal
import subprocess
import threading

import libvirt
import pytest

import domains
import processes
import waiting
from commands import URI, virsh, vboxmanage
from recorder import Recorder

AUTODESTROY = libvirt.VIR_DOMAIN_START_AUTODESTROY


def start(machine, flags=0):
    """A connection of its own that starts the machine, and the domain."""
    client = libvirt.open(URI)
    domain = client.lookupByUUIDString(machine.uuid)
    domain.createWithFlags(AUTODESTROY | flags)
    return client, domain


def has_ended(domain):
    """Until it is off, as after a destroy: who looks from outside may see that it is off before the reason is known."""
    waiting.until(lambda: domain.state() == [libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_DESTROYED],
                  'the domain has ended by a destroy')


def test_virsh_that_quits(machine, domain):
    with subprocess.Popen(['virsh', '-c', URI], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as shell:
        shell.stdin.write(f'start --autodestroy {machine.name}\n')
        shell.stdin.flush()
        waiting.until(domain.isActive, 'it runs')
        machine.guest.wait_for('READY')
        waiting.never(lambda: not domain.isActive(), 'it has ended early', 0.5)
        shell.stdin.write('quit\n')
        shell.stdin.close()
    has_ended(domain)
    waiting.until(lambda: 'vboxvirt/autodestroy' not in vboxmanage('getextradata', machine.uuid), 'its mark has gone')


def test_transient_of_virsh(connection, machines, tmp_path):
    name = machines.name()
    path = tmp_path / 'domain.xml'
    path.write_text(domains.xml(name, devices=domains.FLOPPY), encoding='utf-8')
    with Recorder(connection) as recorder:
        assert 'created' in virsh('create', '--autodestroy', path)
        recorder.wait_for(name, 'Stopped Destroyed')
        waiting.until(lambda: not domains.exists(connection, name), 'it has gone')
        assert recorder.of(name) == ['Started Booted', 'Stopped Destroyed']


@pytest.mark.parametrize('flags', [0, libvirt.VIR_DOMAIN_START_PAUSED])
def test_connection_that_closes(machine, domain, flags):
    client, mine = start(machine, flags)
    other = libvirt.open(URI)
    other.close()
    assert domain.isActive() == 1
    del mine
    client.close()
    has_ended(domain)


def test_only_its_own_run(machine, domain):
    """Who starts it next has nothing to do with the connection of before."""
    client, mine = start(machine)
    mine.destroy()
    domain.create()
    client.close()
    machine.guest.wait_for('READY')
    waiting.never(lambda: not domain.isActive(), 'it has ended', 1)


def test_client_that_dies_during_the_start(service, machine, domain):
    code = f"import libvirt; libvirt.open('{URI}').lookupByName('{machine.name}').createWithFlags({AUTODESTROY})"
    with subprocess.Popen(['python3', '-c', code]) as client:
        waiting.until(lambda: processes.pids_of('VBoxHeadless') or client.poll() is not None, 'it starts')
        client.kill()
    waiting.until(lambda: not processes.pids_of('VBoxHeadless') and not domain.isActive(), 'it has ended')
    assert domain.state()[0] == libvirt.VIR_DOMAIN_SHUTOFF


def test_many_clients(connection, machines):
    """Each takes its own machine along."""
    made = [machines.make() for _ in range(3)]
    started = [None] * len(made)

    def work(number):
        started[number] = start(made[number])
    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(made))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    everything = [connection.lookupByUUIDString(each.uuid) for each in made]
    client, mine = started[0]
    del mine
    started[0] = None
    client.close()
    has_ended(everything[0])
    assert [each.isActive() for each in everything[1:]] == [1, 1]


def test_reboot_keeps_it(machine, domain):
    client, mine = start(machine)
    before = mine.ID()
    machine.guest.wait_for('READY')
    domain.reboot()
    machine.guest.wait_for('PWRBTN')
    machine.guest.say('q')
    waiting.until(lambda: domain.connect().lookupByName(machine.name).ID() not in (before, -1), 'it runs again')
    machine.guest.close()
    machine.guest.wait_for('READY')
    del mine
    client.close()
    has_ended(domain)


def test_engine_that_dies_in_between(service, machine, domain):
    client, mine = start(machine)
    service.kill_engine()
    assert domain.isActive()  # by the next engine
    del mine
    client.close()
    has_ended(domain)


def test_client_that_leaves_while_there_is_no_engine(service, machine):
    client, mine = start(machine)
    service.kill_engine()
    del mine
    client.close()
    waiting.until(lambda: machine.state() == 'powered off', 'it has ended')


@pytest.mark.restarts_daemon
@pytest.mark.parametrize('how', [signal.SIGTERM, signal.SIGKILL])
def test_daemon_that_ends(service, machine, how):
    """In good order it takes the machine along; when it is killed, the next one does."""
    client, mine = start(machine)
    processes.kill(service.pid, how)
    waiting.until(lambda: not service.is_running(), 'the daemon has ended')
    if how == signal.SIGKILL:
        assert machine.state() == 'running'
        service.start()
        libvirt.open(URI).listAllDomains()
    waiting.until(lambda: machine.state() == 'powered off', 'the machine has ended')
    if not service.is_running():
        service.start()
    del mine
    client.close()

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Many clients, and VBoxManage beside them: every answer right, nobody waits for a stranger's job."""
import concurrent.futures
import itertools
import threading
import time

import libvirt

import domains
import processes
import waiting
from commands import URI, vboxmanage
from machines import BOOT_IMAGE

CLIENTS = 8


def all_of(work, count=CLIENTS):
    """Runs work(number) in as many threads, and passes on what failed."""
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return [each.result(120) for each in [pool.submit(work, n) for n in range(count)]]


def test_many_clients_with_machines_of_their_own(service, machines):
    """Define, start, dump, stop, undefine, all at once."""
    names = [machines.name() for _ in range(CLIENTS)]

    def life(number):
        name, opened = names[number], libvirt.open(URI)
        domain = opened.defineXML(domains.xml(name, memory=16 + number, devices=domains.FLOPPY))
        for _ in range(2):
            domain.create()
            assert f'{(16 + number) * 1024}</memory>' in domain.XMLDesc()
            assert domain.state()[0] == libvirt.VIR_DOMAIN_RUNNING
            assert domain.info()[1] == (16 + number) * 1024
            domain.destroy()
            assert domain.isActive() == 0
        domain.undefine()
        assert not domains.exists(opened, name)
        opened.close()
    all_of(life)
    assert not vboxmanage('list', 'vms').strip()


def test_many_clients_with_one_machine(service, machine):
    """Writers of one machine come in turn; each of them gets a sensible answer."""
    allowed = (libvirt.VIR_ERR_OPERATION_INVALID, libvirt.VIR_ERR_OPERATION_FAILED)

    def work(number):
        opened = libvirt.open(URI)
        domain, done = opened.lookupByName(machine.name), 0
        for call in (domain.create, domain.suspend, domain.resume, domain.destroy) * 2:
            try:
                call()
                done += 1
            except libvirt.libvirtError as error:
                assert error.get_error_code() in allowed, error
            assert domain.state()[0] in (libvirt.VIR_DOMAIN_RUNNING, libvirt.VIR_DOMAIN_PAUSED,
                                         libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTDOWN)
        opened.close()
        return done
    assert sum(all_of(work, 4)) > 0
    opened = libvirt.open(URI)
    domain = opened.lookupByName(machine.name)
    if domain.isActive():
        domain.destroy()
    domain.create()
    machine.guest.wait_for('READY')
    domain.destroy()


def test_many_readers(service, machine):
    """The same answers, however many ask."""
    opened = libvirt.open(URI)
    expected = opened.lookupByName(machine.name).XMLDesc()

    def read(_number):
        mine = libvirt.open(URI)
        for _ in range(20):
            domain = mine.lookupByName(machine.name)
            assert domain.XMLDesc() == expected
            assert domain.info()[1] == 16384
            assert [each.name() for each in mine.listAllDomains()] == [machine.name]
        mine.close()
    all_of(read, 16)
    opened.close()


def test_one_connection_many_threads(connection, machine):
    """Calls of one connection may be under way together; each gets its own answer."""
    domain = connection.lookupByName(machine.name)

    def work(number):
        for _ in range(20):
            if number % 3 == 0:
                assert domain.info()[1] == 16384
            elif number % 3 == 1:
                assert machine.uuid in domain.XMLDesc()
            else:
                with domains.fails(libvirt.VIR_ERR_NO_DOMAIN, containing=f'nobody-{number}'):
                    connection.lookupByName(f'nobody-{number}')
    all_of(work)


def test_long_job_delays_nobody(connection, machines, service):
    """A machine whose process stands still keeps its own calls waiting, and no others."""
    stuck, other = machines.make(), machines.make()
    connection.lookupByName(stuck.name).create()
    pid = connection.lookupByName(stuck.name).ID()
    engine = service.engine()
    opened = libvirt.open(URI)
    processes.kill(pid, 19)  # SIGSTOP
    waiter = threading.Thread(target=attempt, args=(opened.lookupByName(stuck.name).suspend,),
                              daemon=True)
    waiter.start()
    try:
        time.sleep(0.2)
        assert waiter.is_alive(), 'the job was not long'
        domain = connection.lookupByName(other.name)
        domain.create()
        domain.suspend()
        domain.resume()
        assert domain.info()[0] == libvirt.VIR_DOMAIN_RUNNING
        domain.destroy()
        assert len(connection.listAllDomains()) == 2
        assert waiter.is_alive(), 'the job ended before the others'
    finally:
        processes.kill(pid, 18)  # SIGCONT
    waiter.join(waiting.LIMIT)
    assert not waiter.is_alive()
    assert connection.lookupByName(stuck.name).state()[0] == libvirt.VIR_DOMAIN_PAUSED
    assert service.engine() == engine, 'a long job must not look like a hang'
    opened.close()


def attempt(call):
    """Calls, whatever comes of it."""
    try:
        call()
    except libvirt.libvirtError:
        pass


def test_beside_vboxmanage(connection, machines):
    """Two loops of VBoxManage change machines while our clients do too: no lost change, no false answer."""
    ours, theirs, shared = machines.name(), machines.make(), machines.make()
    ended, rounds = threading.Event(), {theirs: 0, shared: 0}

    def loop(machine):
        while not ended.is_set():
            text = f'round {rounds[machine] + 1}'
            machine.manage('modifyvm', '--description', text)
            assert text in machine.manage('showvminfo')
            rounds[machine] += 1

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        loops = [pool.submit(loop, each) for each in (theirs, shared)]
        try:
            for number in itertools.count():
                had = rounds[shared] > 0
                domain = connection.defineXML(domains.xml(ours, memory=16 + number))
                assert domain.info()[1] == (16 + number) * 1024
                assert 'round' in connection.lookupByName(shared.name).XMLDesc() or not had
                assert len(connection.listAllDomains()) == 3
                domain.undefine()
                if number > 15 and min(rounds.values()) > 2 or any(each.done() for each in loops):
                    break
        finally:
            ended.set()
        assert all(each.result(60) is None for each in loops)


def test_changing_one_machine_from_both_sides(connection, machines):
    """A machine that VBoxManage has locked just now is waited for, or the error says so; never lost."""
    name = machines.name()
    domain = connection.defineXML(domains.xml(name))
    uuid, ended, rounds = domain.UUIDString(), threading.Event(), [0]

    def loop():
        while not ended.is_set():
            vboxmanage('modifyvm', uuid, '--cpus', str(rounds[0] % 3 + 1), check=False)
            rounds[0] += 1

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        looping = pool.submit(loop)
        try:
            for number in itertools.count():
                connection.defineXML(domains.xml(name, uuid=uuid, memory=16 + number))
                assert domain.info()[1] == (16 + number) * 1024
                if number > 20 and rounds[0] > 5 or looping.done():
                    break
        finally:
            ended.set()
        assert looping.result(60) is None


def test_definitions_with_one_image(service):
    """Some fail after they have opened it, and some are removed: none loses the image under its hands."""
    bad = "<interface type='network'><source network='nowhere'/></interface>"

    def work(number):
        opened, name = libvirt.open(URI), f'image-{number}'
        for _ in range(12):
            if number % 2:
                with domains.fails(libvirt.VIR_ERR_NO_NETWORK, containing='nowhere'):
                    opened.defineXML(domains.xml(name, devices=domains.FLOPPY + bad))
            else:
                opened.defineXML(domains.xml(name, devices=domains.FLOPPY)).undefine()
        opened.close()
    all_of(work, 4)
    assert str(BOOT_IMAGE) not in vboxmanage('list', 'floppies')

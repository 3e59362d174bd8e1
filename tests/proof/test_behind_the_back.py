# SPDX-License-Identifier: LGPL-2.1-or-later
"""What VBoxManage changed a moment ago is what libvirt's client sees, always: the cache is never stale."""
import os

import libvirt
import pytest

import domains
from commands import vboxmanage
from domains import fails

ROUNDS = 15


@pytest.fixture
def seen(machine, domain):
    """The domain after everything about it has been read once."""
    domain.info()
    domain.XMLDesc()
    domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    domain.autostart()
    return domain


def test_memory(machine, seen):
    for size in range(16, 16 + ROUNDS):
        machine.manage('modifyvm', '--memory', str(size))
        assert seen.info()[1] == size * 1024
        assert seen.maxMemory() == size * 1024


def test_memory_in_xml(machine, seen):
    for size in range(16, 16 + ROUNDS):
        machine.manage('modifyvm', '--memory', str(size))
        assert f"<memory unit='KiB'>{size * 1024}</memory>" in seen.XMLDesc().replace('"', "'")


def test_processors(machine, seen):
    for count in (2, 3, 4, 1) * 3:
        machine.manage('modifyvm', '--cpus', str(count))
        assert seen.info()[3] == count


def test_description(machine, seen):
    for number in range(ROUNDS):
        machine.manage('modifyvm', '--description', f'number {number}')
        assert f'<description>number {number}</description>' in seen.XMLDesc()


def test_name(connection, machine, seen):
    before = machine.name
    for number in range(ROUNDS):
        name = f'{machine.name}-{number}'
        machine.manage('modifyvm', '--name', name)
        assert connection.lookupByName(name).UUIDString() == machine.uuid
        assert connection.listDefinedDomains() == [name]
        with fails(libvirt.VIR_ERR_NO_DOMAIN):
            connection.lookupByName(before)
        assert connection.lookupByUUIDString(machine.uuid).name() == name
        before = name


def test_nic(machine, seen):
    for number in range(ROUNDS):
        mac = f'0800270000{number:02X}'
        machine.manage('modifyvm', '--nic1', 'nat', '--mac-address1', mac)
        assert f'08:00:27:00:00:{number:02x}' in seen.XMLDesc().lower()
        machine.manage('modifyvm', '--nic1', 'none')
        assert '<interface' not in seen.XMLDesc()


def test_disk(machine, seen):
    eject = ('--storagectl', 'floppy', '--port', '0', '--device', '0', '--medium')
    for _ in range(ROUNDS // 2):
        machine.manage('storageattach', *eject, 'emptydrive')
        assert 'boot.img' not in seen.XMLDesc()
        machine.manage('storageattach', *eject, machine.folder / 'boot.img')
        assert 'boot.img' in seen.XMLDesc()


def test_come_and_go(connection, machines):
    known = {each.name() for each in connection.listAllDomains()}
    for _ in range(ROUNDS):
        machine = machines.make()
        assert {each.name() for each in connection.listAllDomains()} == known | {machine.name}
        domain = connection.lookupByUUIDString(machine.uuid)
        assert connection.numOfDefinedDomains() == len(known) + 1
        machine.manage('unregistervm', '--delete')
        assert {each.name() for each in connection.listAllDomains()} == known
        assert connection.listDefinedDomains() == list(known)
        with fails(libvirt.VIR_ERR_NO_DOMAIN):
            domain.info()
        with fails(libvirt.VIR_ERR_NO_DOMAIN):
            connection.lookupByName(machine.name)


def test_same_name_another_machine(connection, machines):
    """A client that asks by name gets the machine that has it now."""
    name = machines.name()
    for _ in range(ROUNDS // 2):
        machine = machines.make(name)
        assert connection.lookupByName(name).UUIDString() == machine.uuid
        machine.manage('unregistervm', '--delete')


def test_states(machine, seen):
    for _ in range(4):
        machine.manage('startvm', '--type', 'headless')
        assert seen.state()[0] == libvirt.VIR_DOMAIN_RUNNING
        pid = seen.connect().lookupByName(machine.name).ID()
        assert pid > 0 and os.path.exists(f'/proc/{pid}')
        for _ in range(3):
            machine.manage('controlvm', 'pause')
            assert seen.info()[0] == libvirt.VIR_DOMAIN_PAUSED
            machine.manage('controlvm', 'resume')
            assert seen.info()[0] == libvirt.VIR_DOMAIN_RUNNING
        machine.manage('controlvm', 'poweroff')
        assert seen.state()[0] == libvirt.VIR_DOMAIN_SHUTOFF
        assert seen.isActive() == 0
        machine.wait_until_off()


def test_lists_follow_states(connection, machine, seen):
    active, inactive = (libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE,
                        libvirt.VIR_CONNECT_LIST_DOMAINS_INACTIVE)
    for _ in range(3):
        machine.manage('startvm', '--type', 'headless')
        assert [each.name() for each in connection.listAllDomains(active)] == [machine.name]
        assert connection.numOfDomains() == 1
        assert not connection.listAllDomains(inactive)
        machine.manage('controlvm', 'poweroff')
        assert not connection.listAllDomains(active)
        assert [each.name() for each in connection.listAllDomains(inactive)] == [machine.name]
        machine.wait_until_off()


def test_snapshots(machine, seen):
    for number in range(1, 4):
        machine.manage('snapshot', 'take', f's{number}')
        assert seen.snapshotNum() == number
    for number in (2, 1, 0):
        machine.manage('snapshot', 'delete', f's{number + 1}')
        assert seen.snapshotNum() == number


def test_our_change_then_theirs(connection, machines):
    """Redefined by us, changed by them, and so on: the last one wins, and is seen."""
    name = machines.name()
    domain = connection.defineXML(domains.xml(name))
    for round_ in range(ROUNDS):
        connection.defineXML(domains.xml(name, uuid=domain.UUIDString(), memory=100 + round_))
        assert domain.info()[1] == (100 + round_) * 1024
        vboxmanage('modifyvm', name, '--memory', str(20 + round_))
        assert domain.info()[1] == (20 + round_) * 1024
        assert f'>{(20 + round_) * 1024}</memory>' in domain.XMLDesc()


def test_moved(connection, machines, machine, seen):
    """VirtualBox moves the settings file itself to another folder."""
    goal = machine.folder / 'elsewhere'
    goal.mkdir()
    machine.manage('movevm', '--folder', goal)
    machine.manage('modifyvm', '--memory', '21')
    assert seen.info()[1] == 21 * 1024

# SPDX-License-Identifier: LGPL-2.1-or-later
"""What changes of a domain are told as: renamed, metadata, updated; whoever makes them, and however
late VirtualBox tells of them."""
import contextlib
import threading
from uuid import uuid4

import libvirt
import pytest

import domains
import waiting
from commands import vboxmanage
from lateness import held_events
from machines import Guest
from recorder import connect
from watchers import Watchers

TYPES = {libvirt.VIR_DOMAIN_METADATA_DESCRIPTION: 'description',
         libvirt.VIR_DOMAIN_METADATA_TITLE: 'title', libvirt.VIR_DOMAIN_METADATA_ELEMENT: 'element'}
URI = 'http://example.org/{}'


@pytest.fixture
def watch(machines):
    """All kinds of watchers."""
    watchers = Watchers(machines)
    yield watchers
    watchers.close()


class Metadata:
    """Keeps what is told of metadata: (name, type, namespace)."""

    def __init__(self, domain=None):
        self.connection, self.seen, self.lock = connect(), [], threading.Lock()
        own = self.connection.lookupByUUIDString(domain.UUIDString()) if domain else None
        self.identity = self.connection.domainEventRegisterAny(
            own, libvirt.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, self.take, None)

    def take(self, _connection, domain, kind, uri, _opaque):
        """Libvirt's callback."""
        with self.lock:
            self.seen.append((domain.name(), TYPES[kind], uri))

    def of(self, name):
        """What came of one domain."""
        with self.lock:
            return [event[1:] for event in self.seen if event[0] == name]

    def close(self):
        """No more events."""
        self.connection.domainEventDeregisterAny(self.identity)
        self.connection.close()


@pytest.fixture
def metadata():
    """Who watches metadata of all domains."""
    watcher = Metadata()
    yield watcher
    watcher.close()


RENAMED = ('Undefined Renamed', 'Defined Renamed')


def test_renamed(machine, domain, machines, watch):
    """By us and by VBoxManage, with the old name and then the new one; nothing else is told."""
    first, second, third = machine.name, machines.name(), machines.name()
    domain.rename(second)
    assert watch.saw(first, RENAMED[0]) == [RENAMED[0]]
    assert watch.saw(second, RENAMED[1]) == [RENAMED[1]]
    watch.forget()
    machine.manage('modifyvm', '--name', third)
    assert watch.saw(second, RENAMED[0]) == [RENAMED[0]]
    assert watch.saw(third, RENAMED[1]) == [RENAMED[1]]
    order = [event for event in watch.all['callback'].events if event[0] in (second, third)]
    assert order == [(second, RENAMED[0]), (third, RENAMED[1])]


def test_what_is_not_renamed(machine, domain, machines, watch):
    """A rename that fails is not told, and hides no change that follows."""
    name = machines.name()
    (machine.folder / f'{name}.vbox').mkdir()
    with domains.fails(libvirt.VIR_ERR_OPERATION_FAILED):
        domain.rename(name)
    machine.manage('modifyvm', '--memory', '20')
    assert watch.saw(machine.name, 'Defined Updated') == ['Defined Updated']


def test_renames_that_follow_each_other(machine, domain, machines, watch, connection):
    """Each is told, also when VirtualBox tells of the first after the last."""
    names = [machine.name, machines.name(), machines.name()]
    names += names[:1]
    with held_events(machines, connection):
        for name in names[1:]:
            domain.rename(name)
            domain = connection.lookupByName(name)
    watch.saw(names[0], RENAMED[1])
    ours = [event for event in watch.all['virsh'].events if event[0] in names]
    assert ours == [event for old, new in zip(names, names[1:])
                    for event in ((old, RENAMED[0]), (new, RENAMED[1]))]


def test_defined_while_events_are_late(connection, machines, watch):
    """One "Defined Added" each, however late VirtualBox tells of what was done before."""
    names = [machines.name() for _ in range(5)]
    with held_events(machines, connection):
        for name in names:
            connection.defineXML(domains.xml(name))
        connection.defineXML(domains.xml(names[-1], connection.lookupByName(names[-1]).UUIDString(), 32))
    assert watch.saw(names[-1], 'Defined Updated') == ['Defined Added', 'Defined Updated']
    for name in names[:-1]:
        assert watch.saw(name, 'Defined Added') == ['Defined Added']


def test_gone_while_events_are_late(connection, machines, watch, tmp_path):
    """A start and a stop are told, with who stopped it, also when VirtualBox tells of them after the domain's end."""
    names, guest = [machines.name() for _ in range(2)], Guest(tmp_path / 'serial')
    with held_events(machines, connection):
        destroyed = connection.defineXML(domains.xml(names[0]))
        destroyed.create()
        destroyed.destroy()
        destroyed.undefine()
        off = connection.defineXML(domains.booting(names[1], guest.path, top='<features><acpi/></features>'))
        off.create()
        guest.wait_for('READY')
        off.shutdown()
        guest.wait_for('PWRBTN')
        guest.say('q')
        waiting.until(lambda: not off.isActive(), 'it has powered off')
        off.undefine()
    guest.close()
    assert watch.saw(names[0], 'Undefined Removed') == \
        ['Defined Added', 'Started Booted', 'Stopped Destroyed', 'Undefined Removed']
    assert watch.saw(names[1], 'Undefined Removed') == \
        ['Defined Added', 'Started Booted', 'Stopped Shutdown', 'Undefined Removed']


@pytest.mark.parametrize('is_late', [False, True])
def test_defined_while_it_runs(connection, machines, watch, is_late):
    """What had no definition gets one, once; that becomes what it is when it has stopped, of which nothing is told. Nor
    is anything of the definition by which a domain runs once."""
    name = machines.name()
    once = domains.xml(name, str(uuid4()), top='<on_reboot>destroy</on_reboot>')
    with held_events(machines, connection) if is_late else contextlib.nullcontext():
        domain = connection.createXML(once)
        connection.defineXML(once.replace('<on_reboot>destroy', '<on_reboot>restart'))
    assert watch.saw(name, 'Defined Added') == ['Started Booted', 'Defined Added']
    for start in (domain.create, lambda: connection.createXML(once), domain.create):
        watch.forget()
        domain.destroy()
        start()
        assert watch.saw(name, 'Started Booted') == ['Stopped Destroyed', 'Started Booted']


def test_starts_that_fail(connection, machines, watch, tmp_path):
    """Told alike of a domain with and without a definition, however late; of a transient one nothing else."""
    path = str(tmp_path / 'disk.vdi')
    vboxmanage('createmedium', 'disk', '--filename', path, '--size', '4')
    disk = f"<disk type='file' device='disk'><source file='{path}'/><target dev='sda' bus='sata'/></disk>"
    connection.createXML(domains.xml(machines.name(), devices=disk))
    defined, created, late = [machines.name() for _ in range(3)]
    with domains.fails(libvirt.VIR_ERR_RESOURCE_BUSY):
        connection.defineXML(domains.xml(defined, devices=disk)).create()
    with domains.fails(libvirt.VIR_ERR_RESOURCE_BUSY):
        connection.createXML(domains.xml(created, devices=disk))
    with held_events(machines, connection), domains.fails(libvirt.VIR_ERR_RESOURCE_BUSY):
        connection.createXML(domains.xml(late, devices=disk))
    assert watch.saw(defined, 'Stopped Failed') == ['Defined Added', 'Stopped Failed']
    for name in (created, late):
        assert watch.saw(name, 'Stopped Failed') == ['Stopped Failed']


def set_all(domain, flags):
    """Sets metadata of each type; twice the same is told twice, as libvirt does."""
    for text in ('one', 'one'):
        domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_DESCRIPTION, text, None, None, flags)
    domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_TITLE, 'two', None, None, flags)
    domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, '<a/>', 'k', URI.format(1), flags)
    domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, '<b/>', 'l', URI.format('ü ?/2'), flags)
    domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, None, None, URI.format(1), flags)


ALL_SET = [('description', None), ('description', None), ('title', None), ('element', URI.format(1)),
           ('element', URI.format('ü ?/2')), ('element', URI.format(1))]


def test_metadata(machine, domain, machines, watch, metadata):
    """Of a machine that is off and one that runs; it is told as nothing else."""
    own, stranger = Metadata(domain), Metadata(domain.connect().lookupByUUIDString(machines.make().uuid))
    set_all(domain, 0)
    with domains.fails(libvirt.VIR_ERR_OPERATION_INVALID):
        domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_TITLE, 'three', None, None,
                           libvirt.VIR_DOMAIN_AFFECT_LIVE)
    waiting.until(lambda: len(metadata.of(machine.name)) >= len(ALL_SET), 'it is told')
    machine.start()
    both = libvirt.VIR_DOMAIN_AFFECT_LIVE | libvirt.VIR_DOMAIN_AFFECT_CONFIG
    set_all(domain, both)
    assert watch.saw(machine.name, 'Started Booted') == ['Started Booted']
    waiting.until(lambda: len(own.of(machine.name)) >= 2 * len(ALL_SET), 'it is told')
    watch.barrier()
    assert metadata.of(machine.name) == own.of(machine.name) == ALL_SET * 2
    assert not stranger.seen
    own.close()
    stranger.close()


def test_description_of_vboxmanage(connection, machine, machines, watch, metadata):
    """VBoxManage's change of a description is an update, and a change of metadata; of a domain that we defined too."""
    ours = connection.defineXML(domains.xml(machines.name(), top='<description>d</description>'))
    watch.saw(ours.name(), 'Defined Added')
    for uuid, name in ((machine.uuid, machine.name), (ours.UUIDString(), ours.name())):
        machines.known(uuid).manage('modifyvm', '--description', 'new')
        machines.known(uuid).manage('modifyvm', '--description', 'new', '--memory', '18')
        waiting.until(lambda name=name: metadata.of(name), 'it is told')
        watch.barrier()
        assert metadata.of(name) == [('description', None)]
        assert watch.saw(name, 'Defined Updated')[-2:] == ['Defined Updated'] * 2


def test_rebooted(machine, domain, watch):
    """A reset by us, by VBoxManage and by the guest itself is told as a reboot; a start is not."""
    seen = []
    connection = connect()
    identity = connection.domainEventRegisterAny(
        None, libvirt.VIR_DOMAIN_EVENT_ID_REBOOT, lambda _c, domain, _o: seen.append(domain.name()), None)
    machine.start()
    watch.saw(machine.name, 'Started Booted')
    assert not seen
    resets = (domain.reset, lambda: machine.manage('controlvm', 'reset'), lambda: machine.guest.say('r'))
    for count, reset in enumerate(resets, 1):
        reset()
        machine.guest.wait_for('READY')
        waiting.until(lambda count=count: len(seen) == count, f'it is told: {seen}')
    assert watch.saw(machine.name, 'Started Booted') == ['Started Booted']
    assert seen == [machine.name] * 3
    connection.domainEventDeregisterAny(identity)
    connection.close()

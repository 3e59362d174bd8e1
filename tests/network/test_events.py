# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lifecycle events of networks: what a client does and what VBoxManage does."""
import re
import subprocess
import threading

import libvirt
import pytest

import commands
import recorder
import waiting
from commands import vboxmanage

WORDS = {libvirt.VIR_NETWORK_EVENT_DEFINED: 'defined',
         libvirt.VIR_NETWORK_EVENT_UNDEFINED: 'undefined',
         libvirt.VIR_NETWORK_EVENT_STARTED: 'started',
         libvirt.VIR_NETWORK_EVENT_STOPPED: 'stopped'}


TYPES = {libvirt.VIR_NETWORK_METADATA_DESCRIPTION: 'description', libvirt.VIR_NETWORK_METADATA_TITLE: 'title',
         libvirt.VIR_NETWORK_METADATA_ELEMENT: 'element'}


class Watch:
    """Keeps the events of networks: (name, word); of metadata (name, type, namespace)."""

    def __init__(self, connection):
        self.connection, self.seen, self.lock = connection, [], threading.Lock()
        self.identities = [connection.networkEventRegisterAny(None, event, take, None) for event, take in (
            (libvirt.VIR_NETWORK_EVENT_ID_LIFECYCLE, self.take),
            (libvirt.VIR_NETWORK_EVENT_ID_METADATA_CHANGE, self.take_metadata))]

    def take(self, _connection, network, event, detail, _opaque):
        """Libvirt's callback."""
        assert detail == 0
        with self.lock:
            self.seen.append((network.name(), WORDS[event]))

    def take_metadata(self, _connection, network, kind, uri, _opaque):
        """Libvirt's callback."""
        with self.lock:
            self.seen.append((network.name(), TYPES[kind], uri))

    def saw(self, *expected):
        """Of these networks exactly these have come; then all are forgotten.  A network that a test
        before this one removed may still be told of."""
        names = {each[0] for each in expected}

        def ours():
            return [each for each in self.seen if each[0] in names]
        waiting.until(lambda: len(ours()) >= len(expected), f'events {expected}: {self.seen}')
        with self.lock:
            assert ours() == list(expected)
            self.seen.clear()


@pytest.fixture
def watch(service, networks):
    """A connection that watches."""
    connection = recorder.connect()
    watching = Watch(connection)
    yield watching
    for identity in watching.identities:
        connection.networkEventDeregisterAny(identity)
    connection.close()


def test_changes_that_follow_each_other(connection, networks, watch):
    """Each is told, also when the next comes before VirtualBox has told of it."""
    for _ in range(20):
        network = connection.networkDefineXML(networks.internal())
        network.create()
        network.destroy()
        network.undefine()
    watch.saw(*[('lan', word) for word in ('defined', 'started', 'stopped', 'undefined')] * 20)


@pytest.mark.parametrize('kind', ['internal', 'host_only', 'nat', 'bridged'])
def test_a_life(connection, networks, watch, kind):
    """Each step once, in order."""
    name = f'life-{kind}'
    xml = getattr(networks, kind)(name)
    network = connection.networkDefineXML(xml)
    watch.saw((name, 'defined'))
    network.create()
    watch.saw((name, 'started'))
    network.setAutostart(1)
    connection.networkDefineXML(network.XMLDesc())  # says nothing new
    connection.networkDefineXML(network.XMLDesc().replace('</name>', '</name><title>t</title>'))
    watch.saw((name, 'defined'))
    network.destroy()
    watch.saw((name, 'stopped'))
    network.undefine()
    watch.saw((name, 'undefined'))


@pytest.mark.parametrize('kind', ['internal', 'host_only', 'nat', 'bridged'])
def test_a_transient_life(connection, networks, watch, kind):
    """It is started and stopped, and never defined."""
    name = f'transient-{kind}'
    network = connection.networkCreateXML(getattr(networks, kind)(name))
    watch.saw((name, 'started'))
    network.destroy()
    watch.saw((name, 'stopped'))


def test_adapters_of_vboxmanage(networks, watch):
    """They come, start and go; the address is VirtualBox's own default, which changes no key."""
    vboxmanage('hostonlyif', 'create')
    watch.saw(('vboxnet0', 'defined'))
    vboxmanage('hostonlyif', 'ipconfig', 'vboxnet0', '--ip=192.168.56.1')
    watch.saw(('vboxnet0', 'started'))
    vboxmanage('hostonlyif', 'remove', 'vboxnet0')
    watch.saw(('vboxnet0', 'stopped'), ('vboxnet0', 'undefined'))


def test_nat_networks_of_vboxmanage(networks, watch):
    """They come, start, stop and go; VBoxManage makes one that is enabled, and disables it afterwards if asked to."""
    vboxmanage('natnetwork', 'add', '--netname', 'theirs', '--network', '10.77.0.0/24', '--enable')
    watch.saw(('theirs', 'defined'), ('theirs', 'started'))
    vboxmanage('natnetwork', 'modify', '--netname', 'theirs', '--disable')
    watch.saw(('theirs', 'stopped'))
    vboxmanage('natnetwork', 'modify', '--netname', 'theirs', '--enable')
    watch.saw(('theirs', 'started'))
    vboxmanage('natnetwork', 'remove', '--netname', 'theirs')
    watch.saw(('theirs', 'stopped'), ('theirs', 'undefined'))


def test_machines_of_vboxmanage(connection, networks, machines, watch):
    """The name on a NIC is a network, and a start gives an adapter its address."""
    machine = machines.make()
    machine.manage('modifyvm', '--nic1', 'intnet', '--intnet1', 'theirs')
    watch.saw(('theirs', 'defined'), ('theirs', 'started'))
    machine.manage('modifyvm', '--nic1', 'none', '--intnet1', '')
    watch.saw(('theirs', 'stopped'), ('theirs', 'undefined'))
    connection.networkDefineXML(networks.host_only())
    watch.saw(('ho', 'defined'))
    machine.manage('modifyvm', '--nic1', 'hostonly', '--host-only-adapter1', 'vboxnet0')
    vboxmanage('startvm', machine.name, '--type', 'headless')
    watch.saw(('ho', 'started'))


def test_metadata(connection, networks, watch):
    """What a client sets, each once, and nothing else; a definition that changes it is a definition."""
    network = connection.networkDefineXML(networks.internal())
    watch.saw(('lan', 'defined'))
    network.setMetadata(libvirt.VIR_NETWORK_METADATA_TITLE, 't', None, None)
    watch.saw(('lan', 'title', None))
    network.setMetadata(libvirt.VIR_NETWORK_METADATA_TITLE, 't', None, None)  # says nothing new
    network.setMetadata(libvirt.VIR_NETWORK_METADATA_DESCRIPTION, 'd', None, None)
    watch.saw(('lan', 'description', None))
    network.setMetadata(libvirt.VIR_NETWORK_METADATA_ELEMENT, '<a/>', 'x', 'urn:x')
    watch.saw(('lan', 'element', 'urn:x'))
    network.setMetadata(libvirt.VIR_NETWORK_METADATA_ELEMENT, '<a/>', 'y', 'urn:y')
    watch.saw(('lan', 'element', 'urn:y'))
    network.setMetadata(libvirt.VIR_NETWORK_METADATA_ELEMENT, '<a b="1"/>', 'x', 'urn:x')
    watch.saw(('lan', 'element', 'urn:x'))
    network.setMetadata(libvirt.VIR_NETWORK_METADATA_ELEMENT, None, 'y', 'urn:y')
    watch.saw(('lan', 'element', 'urn:y'))
    connection.networkDefineXML(network.XMLDesc().replace('<title>t</title>', ''))
    watch.saw(('lan', 'defined'))


def test_virsh_sees_metadata_change(connection, networks):
    """Stock virsh waits for one, and ends when it has come."""
    network = connection.networkDefineXML(networks.internal())
    titles = iter(range(1000))

    def is_seen():
        network.setMetadata(libvirt.VIR_NETWORK_METADATA_TITLE, str(next(titles)), None, None)
        return watching.poll() is not None
    with subprocess.Popen(['virsh', '-c', commands.URI, 'net-event', '--event', 'metadata-change', 'lan'],
                          stdout=subprocess.PIPE, text=True) as watching:
        waiting.until(is_seen, 'virsh prints the event and ends', pause=0.2)
        said = watching.stdout.read()
    assert re.search(r"event 'metadata-change' for network '?lan'?: (type )?title", said), said

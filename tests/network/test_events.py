# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lifecycle events of networks: what a client does and what VBoxManage does."""
import threading

import libvirt
import pytest

import recorder
import waiting
from commands import vboxmanage

WORDS = {libvirt.VIR_NETWORK_EVENT_DEFINED: 'defined',
         libvirt.VIR_NETWORK_EVENT_UNDEFINED: 'undefined',
         libvirt.VIR_NETWORK_EVENT_STARTED: 'started',
         libvirt.VIR_NETWORK_EVENT_STOPPED: 'stopped'}


class Watch:
    """Keeps the events of networks: (name, word)."""

    def __init__(self, connection):
        self.connection, self.seen, self.lock = connection, [], threading.Lock()
        self.identity = connection.networkEventRegisterAny(
            None, libvirt.VIR_NETWORK_EVENT_ID_LIFECYCLE, self.take, None)

    def take(self, _connection, network, event, detail, _opaque):
        """Libvirt's callback."""
        assert detail == 0
        with self.lock:
            self.seen.append((network.name(), WORDS[event]))

    def saw(self, *expected):
        """Of these networks exactly these have come; then all are forgotten.  A network that a test
        before this one removed may still be told of."""
        names = {name for name, _word in expected}

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
    connection.networkEventDeregisterAny(watching.identity)
    connection.close()


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


def test_what_vboxmanage_does(networks, watch):
    """Adapters come, start and go."""
    vboxmanage('hostonlyif', 'create')
    watch.saw(('vboxnet0', 'defined'))
    vboxmanage('hostonlyif', 'ipconfig', 'vboxnet0', '--ip=192.168.60.1')
    watch.saw(('vboxnet0', 'started'))
    vboxmanage('hostonlyif', 'remove', 'vboxnet0')
    watch.saw(('vboxnet0', 'stopped'), ('vboxnet0', 'undefined'))

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Names of the host's interfaces: those that are not there are refused with those that are."""
import re

import libvirt
import pytest

import domains
from commands import machine_facts, vboxmanage, virsh, virsh_error
from nets import refused
from settings import Unchanged

NIC = "<interface type='bridge'><mac address='08:00:27:00:00:55'/><source bridge='{}'/></interface>"
BOTH = r'there are: eth0(-peer)?, eth0(-peer)?\b'


def rejects(call):
    """It must be refused with the names of all that there are."""
    with pytest.raises(libvirt.libvirtError, match=BOTH) as caught:
        call()
    assert caught.value.get_error_code() == libvirt.VIR_ERR_CONFIG_UNSUPPORTED


def test_a_nic_on_what_is_not_there(connection, machines):
    """Defined, attached, updated: VirtualBox stays as it is."""
    domain = connection.defineXML(domains.xml('vm', devices=NIC.format('eth0')))
    machine = machines.make()
    with Unchanged():
        rejects(lambda: connection.defineXML(domains.xml('new', devices=NIC.format('nowhere'))))
        rejects(lambda: connection.defineXML(domain.XMLDesc().replace("'eth0'", "'nowhere'")))
        rejects(lambda: domain.updateDeviceFlags(NIC.format('nowhere')))
        rejects(lambda: connection.lookupByName(machine.name).attachDeviceFlags(NIC.format('nowhere')))
        rejects(lambda: connection.createXML(domains.xml('new', devices=NIC.format('nowhere'))))


def test_an_adapter_of_virtualbox(connection, networks, unchanged):
    """Is joined as a network, and the message says so."""
    with refused('CONFIG_UNSUPPORTED', "joined by <interface type='network'>"):
        connection.defineXML(domains.xml('vm', devices=NIC.format('vboxnet0')))


def test_what_has_vanished_since(connection, machines, stands_still):
    """A machine of others keeps its name through every change of something else; the start says what is missing."""
    machine = machines.make()
    machine.manage('modifyvm', '--nic1', 'bridged', '--bridge-adapter1', 'gone0', '--mac-address1', '080027000055')
    domain = connection.lookupByName(machine.name)
    stands_still(domain)
    connection.defineXML(domain.XMLDesc().replace('</name>', '</name><title>t</title>'))
    link = NIC.format('gone0').replace('</interface>', "<link state='down'/></interface>")
    domain.updateDeviceFlags(link)
    said = machine_facts(machine.name)
    assert (said['bridgeadapter1'], said['cableconnected1']) == ('gone0', 'off')
    rejects(lambda: domain.updateDeviceFlags(NIC.format('gone1')))
    for words in ((), ('--paused',)):
        said = virsh_error('start', machine.name, *words)
        assert re.search(rf"cannot bridge to 'gone0'; {BOTH}", said), said
        machine.wait_until_off()
    domain.updateDeviceFlags(NIC.format('eth0'))
    virsh('start', machine.name)


def test_a_network_on_what_has_vanished(connection, networks, machines):
    """Such a network keeps its name as well, and a machine of it says why it does not start."""
    with refused('CONFIG_UNSUPPORTED', "cannot bridge to 'gone0'"):
        connection.networkDefineXML(networks.bridged('lan', 'gone0'))
    network = connection.networkDefineXML(networks.bridged('lan', 'eth0'))
    key = f'vboxvirt/network/{network.UUIDString()}'
    record = vboxmanage('getextradata', 'global', key).removeprefix('Value: ')
    vboxmanage('setextradata', 'global', key, record.replace('virtualbox=eth0', 'virtualbox=gone0'))
    xml = network.XMLDesc().replace('</name>', '</name><title>t</title>')
    assert "<interface dev='gone0'/>" in xml
    assert '<title>t</title>' in connection.networkDefineXML(xml).XMLDesc()
    with refused('CONFIG_UNSUPPORTED', "cannot bridge to 'gone1'"):
        connection.networkDefineXML(xml.replace('gone0', 'gone1'))
    machine = machines.make()
    domain = connection.lookupByName(machine.name)
    domain.attachDeviceFlags("<interface type='network'><source network='lan'/></interface>")
    assert "cannot bridge to 'gone0'" in virsh_error('start', machine.name)


def test_a_host_only_adapter_that_has_vanished(connection, networks, machines):
    """The message names the network that makes it again; then the machine starts."""
    network = connection.networkDefineXML(networks.host_only())
    machine = machines.make()
    machine.manage('modifyvm', '--nic1', 'hostonly', '--host-only-adapter1', 'vboxnet0')
    vboxmanage('hostonlyif', 'remove', 'vboxnet0')
    said = virsh_error('start', machine.name)
    assert "the host-only adapter 'vboxnet0' has gone: start or define its network 'ho'" in said
    network.create()
    machine.wait_until_off()
    virsh('start', machine.name)


@pytest.fixture
def stands_still(connection):
    """Defining a domain by its own dump changes neither."""
    def check(domain):
        xml = domain.XMLDesc()
        with Unchanged():
            assert connection.defineXML(xml).XMLDesc() == xml
    return check


def test_the_name_of_the_bridge(connection, networks):
    """XML, net-info and the call agree: only a host-only network has one, which is its adapter."""
    for kind, name in (('internal', ''), ('nat', ''), ('bridged', ''), ('host_only', 'vboxnet0')):
        network = connection.networkDefineXML(getattr(networks, kind)(kind))
        assert network.bridgeName() == name, kind
        assert re.search(r'^Bridge: *(.*)$', virsh('net-info', kind), re.MULTILINE)[1] == name, kind
        assert f"<bridge name='{name}'/>" in network.XMLDesc() if name else '<bridge' not in network.XMLDesc(), kind

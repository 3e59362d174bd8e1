# SPDX-License-Identifier: LGPL-2.1-or-later
"""Internal networks: no <forward>, no <ip>."""
import re

import libvirt
import pytest

from commands import vboxmanage, virsh
from nets import refused

UUID = '11111111-2222-3333-4444-555555555555'


def test_virsh(only_networks, valid, tmp_path):
    """A whole life by stock virsh leaves nothing behind."""
    path = tmp_path / 'lan.xml'
    path.write_text(only_networks.internal(more=f'<uuid>{UUID}</uuid>'), encoding='utf-8')
    assert 'Network lan defined' in virsh('net-define', path)
    assert re.search(r'lan\s+inactive\s+no\s+yes', virsh('net-list', '--all'))
    assert valid(virsh('net-dumpxml', 'lan'))
    virsh('net-start', 'lan')
    virsh('net-autostart', 'lan')
    assert re.search(r'lan\s+active\s+yes\s+yes', virsh('net-list'))
    assert virsh('net-uuid', 'lan').strip() == UUID
    assert virsh('net-name', UUID).strip() == 'lan'
    virsh('net-destroy', 'lan')
    assert 'lan' not in virsh('net-list')
    virsh('net-undefine', 'lan')
    assert 'lan' not in virsh('net-list', '--all')


def test_it_keeps_what_virtualbox_has_no_field_for(connection, only_networks, valid):
    """Name, UUID, title, description, metadata and domain come back."""
    more = (f'<uuid>{UUID}</uuid><title>A &amp; B</title><description>two\nlines</description>'
            "<metadata><x:y xmlns:x='urn:x'>z</x:y></metadata><domain name='example.org'/>")
    network = connection.networkDefineXML(only_networks.internal(more=more))
    xml = network.XMLDesc()
    assert valid(xml)
    assert '<title>A &amp; B</title>' in xml and 'two\nlines' in xml
    assert "<domain name='example.org'/>" in xml and '>z</x:y>' in xml
    assert network.UUIDString() == UUID and network.name() == 'lan'
    again = connection.networkDefineXML(xml)
    assert again.XMLDesc() == xml
    network.undefine()


def test_a_definition_of_a_dump_changes_nothing(connection, networks):
    """Neither the XML nor VirtualBox."""
    network = connection.networkDefineXML(networks.internal())
    xml, before = network.XMLDesc(), vboxmanage('getextradata', 'global', 'enumerate')
    connection.networkDefineXML(xml)
    assert vboxmanage('getextradata', 'global', 'enumerate') == before


@pytest.mark.parametrize('name', ['ä ö', '"quoted" \'twice\'', 'a;b=c#[d]', '<&>', 'x' * 127,
                                  '-rf', '%s', 'vboxnetwork', '..'])
def test_odd_names(connection, only_networks, name):
    """Names of any kind."""
    escaped = name.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')
    network = connection.networkDefineXML(only_networks.internal(escaped))
    assert network.name() == name
    assert connection.networkLookupByName(name).UUID() == network.UUID()
    assert [each.name() for each in connection.listAllNetworks()] == [name]
    network.create()
    network.destroy()
    network.undefine()


def test_states(connection, only_networks):
    """Starting twice, stopping twice, and what a stopped one may do."""
    network = connection.networkDefineXML(only_networks.internal())
    assert (network.isActive(), network.isPersistent(), network.autostart()) == (0, 1, 0)
    with refused('OPERATION_INVALID', 'not active'):
        network.destroy()
    network.create()
    with refused('OPERATION_INVALID', 'already active'):
        network.create()
    network.setAutostart(1)
    network.setAutostart(1)
    assert network.autostart() == 1
    network.setAutostart(0)
    assert network.autostart() == 0
    assert network.bridgeName() == ''
    network.destroy()
    network.undefine()
    with refused('NO_NETWORK', UUID[:0] + network.UUIDString()):
        network.create()


def test_transient(connection, only_networks):
    """Made by net-create: gone when it is stopped."""
    network = connection.networkCreateXML(only_networks.internal())
    assert (network.isActive(), network.isPersistent(), network.autostart()) == (1, 0, 0)
    with refused('OPERATION_INVALID', 'transient'):
        network.setAutostart(1)
    with refused('OPERATION_INVALID', 'transient'):
        network.undefine()
    with refused('OPERATION_INVALID', 'already active'):
        connection.networkCreateXML(network.XMLDesc())
    network.destroy()
    assert connection.listAllNetworks() == []


def test_transient_becomes_persistent_and_back(connection, only_networks):
    """By a definition, and by undefining it while it runs."""
    network = connection.networkCreateXML(only_networks.internal())
    connection.networkDefineXML(network.XMLDesc())
    assert (network.isActive(), network.isPersistent()) == (1, 1)
    network.undefine()
    assert (network.isActive(), network.isPersistent()) == (1, 0)
    network.destroy()
    assert connection.listAllNetworks() == []


def test_a_stopped_one_is_started_by_its_xml(connection, only_networks):
    """net-create of a defined network starts it; it stays persistent."""
    network = connection.networkDefineXML(only_networks.internal())
    connection.networkCreateXML(network.XMLDesc())
    assert (network.isActive(), network.isPersistent()) == (1, 1)
    network.destroy()
    network.undefine()


def test_filters(connection, only_networks):
    """Every flag of the list, alone and with its opposite."""
    running = connection.networkDefineXML(only_networks.internal('running'))
    running.create()
    running.setAutostart(1)
    connection.networkDefineXML(only_networks.internal('off'))
    connection.networkCreateXML(only_networks.internal('leaving'))
    expected = {'ACTIVE': {'running', 'leaving'}, 'INACTIVE': {'off'},
                'PERSISTENT': {'running', 'off'}, 'TRANSIENT': {'leaving'},
                'AUTOSTART': {'running'}, 'NO_AUTOSTART': {'off', 'leaving'}}
    prefix = 'VIR_CONNECT_LIST_NETWORKS_'
    flags = {name.removeprefix(prefix): value for name, value in vars(libvirt).items()
             if name.startswith(prefix)}
    assert flags.keys() == expected.keys()
    for first, some in expected.items():
        assert {each.name() for each in connection.listAllNetworks(flags[first])} == some
        for second, others in expected.items():
            pair = {first, second}
            opposite = pair in ({'ACTIVE', 'INACTIVE'}, {'PERSISTENT', 'TRANSIENT'},
                                {'AUTOSTART', 'NO_AUTOSTART'})
            both = some | others if opposite else some & others
            found = connection.listAllNetworks(flags[first] | flags[second])
            assert {each.name() for each in found} == both, pair
    assert set(connection.listNetworks()) == expected['ACTIVE']
    assert connection.numOfNetworks() == 2
    assert connection.listDefinedNetworks() == ['off']
    assert connection.numOfDefinedNetworks() == 1
    for name in ('running', 'leaving'):
        connection.networkLookupByName(name).destroy()
    for name in ('running', 'off'):
        connection.networkLookupByName(name).undefine()


def test_machines_of_vboxmanage(connection, networks, machines):
    """A NIC that VBoxManage attached by the network's name is on the network."""
    network = connection.networkDefineXML(networks.internal())
    machine = machines.make()
    machine.manage('modifyvm', '--nic1', 'intnet', '--intnet1', 'lan')
    assert [each.name() for each in connection.listAllNetworks()] == ['lan']
    network.undefine()
    # the NIC has it still
    assert [each.name() for each in connection.listAllNetworks()] == ['lan']
    again = connection.networkDefineXML(networks.internal(more=f'<uuid>{UUID}</uuid>'))
    assert again.UUIDString() == UUID
    assert [each.UUIDString() for each in connection.listAllNetworks()] == [UUID]

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Networks that others made: VBoxManage's adapters, and names of internal networks on NICs."""
from commands import vboxmanage
from nets import refused

SERVER = 'HostInterfaceNetworking-vboxnet0'


def names(connection):
    """Of all networks."""
    return {each.name() for each in connection.listAllNetworks()}


def test_an_adapter_comes_and_goes(connection, networks, valid):
    """With a name, a UUID that stays the same, its address and its DHCP server."""
    vboxmanage('hostonlyif', 'create')
    network = connection.networkLookupByName('vboxnet0')
    uuid = network.UUIDString()
    assert (network.isActive(), network.isPersistent(), network.autostart()) == (0, 1, 0)
    assert network.bridgeName() == 'vboxnet0' and valid(network.XMLDesc())
    vboxmanage('hostonlyif', 'ipconfig', 'vboxnet0', '--ip=192.168.60.1')
    vboxmanage('dhcpserver', 'add', f'--network={SERVER}', '--server-ip=192.168.60.2',
               '--netmask=255.255.255.0', '--lower-ip=192.168.60.100',
               '--upper-ip=192.168.60.101', '--enable')
    assert network.isActive() == 1
    xml = network.XMLDesc()
    assert valid(xml) and "address='192.168.60.1'" in xml
    assert "<range start='192.168.60.100' end='192.168.60.101'/>" in xml
    vboxmanage('hostonlyif', 'remove', 'vboxnet0')
    assert names(connection) == set()
    vboxmanage('hostonlyif', 'create')
    assert connection.networkLookupByName('vboxnet0').UUIDString() == uuid


def test_it_obeys_and_stays_theirs(connection, networks):
    """Stop, start, autostart; when VBoxManage removes it, it is gone all the same."""
    vboxmanage('hostonlyif', 'create')
    vboxmanage('hostonlyif', 'ipconfig', 'vboxnet0', '--ip=192.168.60.1')
    vboxmanage('dhcpserver', 'add', f'--network={SERVER}', '--server-ip=192.168.60.2',
               '--netmask=255.255.255.0', '--lower-ip=192.168.60.100',
               '--upper-ip=192.168.60.101', '--disable')
    network = connection.networkLookupByName('vboxnet0')
    assert 'dhcp' not in network.XMLDesc()
    network.destroy()
    assert networks.addresses('vboxnet0') == set()
    network.create()
    assert networks.addresses('vboxnet0') == {'192.168.60.1/24'}
    # they had switched their server off, so it stays off
    assert networks.servers()[SERVER]['Enabled'] == 'No'
    vboxmanage('dhcpserver', 'modify', f'--network={SERVER}', '--enable')
    network.destroy()
    assert networks.servers()[SERVER]['Enabled'] == 'No'
    network.create()
    assert networks.servers()[SERVER]['Enabled'] == 'Yes'
    network.setAutostart(1)
    assert network.autostart() == 1
    vboxmanage('hostonlyif', 'remove', 'vboxnet0')
    assert names(connection) == set()


def test_it_can_be_taken_over(connection, networks):
    """Defined by its own dump with a new address: then it is ours, and comes back when it is lost."""
    vboxmanage('hostonlyif', 'create')
    network = connection.networkLookupByName('vboxnet0')
    xml = network.XMLDesc().replace('192.168.56.1', '192.168.61.1')
    assert connection.networkDefineXML(xml).UUIDString() == network.UUIDString()
    assert "address='192.168.61.1'" in network.XMLDesc()
    vboxmanage('hostonlyif', 'remove', 'vboxnet0')
    assert names(connection) == {'vboxnet0'}
    network.create()
    assert networks.addresses('vboxnet0') == {'192.168.61.1/24'}


def test_undefine_removes_it(connection, only_networks):
    """With its DHCP server; when it runs, after it is stopped."""
    vboxmanage('hostonlyif', 'create')
    vboxmanage('hostonlyif', 'ipconfig', 'vboxnet0', '--ip=192.168.60.1')
    network = connection.networkLookupByName('vboxnet0')
    network.undefine()
    assert (network.isActive(), network.isPersistent()) == (1, 0)
    network.destroy()
    assert only_networks.adapters() == {}
    vboxmanage('hostonlyif', 'create')
    connection.networkLookupByName('vboxnet0').undefine()
    assert only_networks.adapters() == {}


def test_an_internal_network_lives_as_long_as_nics_name_it(connection, networks, machines, valid):
    """It has a UUID that stays the same."""
    machine, other = machines.make(), machines.make()
    machine.manage('modifyvm', '--nic2', 'intnet', '--intnet2', 'odd & name')
    network = connection.networkLookupByName('odd & name')
    assert (network.isActive(), network.isPersistent()) == (1, 1)
    assert valid(network.XMLDesc())
    other.manage('modifyvm', '--nic1', 'intnet', '--intnet1', 'odd & name')
    assert connection.networkLookupByName('odd & name').UUID() == network.UUID()
    with refused('OPERATION_INVALID', 'interfaces of domains name it'):
        network.undefine()
    machine.manage('modifyvm', '--nic2', 'none', '--intnet2', '')
    other.manage('modifyvm', '--nic1', 'none', '--intnet1', '')
    assert names(connection) == set()


def test_names_that_meet(connection, networks, machines):
    """An internal network that is called like an adapter has another name; both are found."""
    vboxmanage('hostonlyif', 'create')
    machine = machines.make()
    machine.manage('modifyvm', '--nic1', 'intnet', '--intnet1', 'vboxnet0')
    assert names(connection) == {'vboxnet0', 'vboxnet0-internal'}
    assert connection.networkLookupByName('vboxnet0').bridgeName() == 'vboxnet0'


def test_a_foreign_key_hides_no_network(connection, networks):
    """Something that is no record of ours, where ours are."""
    connection.networkDefineXML(networks.internal())
    vboxmanage('setextradata', 'global',
               'vboxvirt/network/99999999-2222-3333-4444-555555555555', 'nonsense')
    vboxmanage('setextradata', 'global', 'vboxvirt/network/x', 'nonsense')
    assert names(connection) == {'lan'}

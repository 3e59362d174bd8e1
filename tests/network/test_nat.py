# SPDX-License-Identifier: LGPL-2.1-or-later
"""NAT networks and bridged ones: <forward mode='nat'> and <forward mode='bridge'>; VBoxManage confirms."""
import re

import libvirt
import pytest

import domains
import settings
from commands import machine_facts, vboxmanage, virsh
from nets import refused

DHCP = ("<dhcp><range start='192.168.130.10' end='192.168.130.99'/>"
        "<host mac='08:00:27:00:00:01' name='web' ip='192.168.130.5'/></dhcp>")
MORE = ("<ip family='ipv6' address='fd17:625c:f037:2::1' prefix='64'/>"
        "<vbox:portForward name='ssh, in' hostport='2222' guestip='192.168.130.5' guestport='22'/>"
        "<vbox:portForward family='ipv6' proto='udp' hostip='::1' hostport='53' "
        "guestip='fd17:625c:f037:2::5' guestport='53'/>"
        "<vbox:loopback address='127.0.0.1' offset='7'/><vbox:loopback address='127.0.0.2' offset='8'/>")


@pytest.fixture
def plain(valid):
    """A document without our own elements, valid by libvirt's schema."""
    def check(xml):
        return valid(re.sub(r" *<vbox:.*\n|^(<network) xmlns:vbox='[^']*'", r'\1', xml, flags=re.MULTILINE))
    return check


def test_the_steps_in_virtualbox(connection, only_networks, plain):
    network = connection.networkDefineXML(only_networks.nat(dhcp=DHCP, more=MORE))
    said = only_networks.nat_networks()['out']
    assert re.search(r'Enabled: +No', said) and re.search(r'Network: +192\.168\.130\.0/24', said)
    assert 'ssh, in:tcp:[]:2222:[192.168.130.5]:22' in said
    assert 'udp-53:udp:[::1]:53:[fd17:625c:f037:2::5]:53' in said
    assert '127.0.0.1=7' in said and '127.0.0.2=8' in said and re.search(r'IPv6 Prefix: +fd17:625c:f037:2::/64', said)
    server = only_networks.servers()['out']
    assert (server['Enabled'], server['LowerIPAddress'], server['UpperIPAddress']) == (
        'No', '192.168.130.10', '192.168.130.99')
    assert '3/legacy: 192.168.130.1' in server['all'] and '6/legacy: 192.168.130.1' in server['all']
    assert network.isActive() == 0
    network.create()
    assert re.search(r'Enabled: +Yes', only_networks.nat_networks()['out'])
    assert only_networks.servers()['out']['Enabled'] == 'Yes'
    xml = network.XMLDesc()
    assert plain(xml) and network.isActive() == 1
    assert network.bridgeName() == ''
    network.destroy()
    assert re.search(r'Enabled: +No', only_networks.nat_networks()['out'])
    assert network.XMLDesc() == xml
    network.undefine()
    assert only_networks.nat_networks() == {} and only_networks.servers() == {}


def test_it_changes(connection, only_networks):
    """What is not asked for any more goes; a change that fails leaves all as it was."""
    network = connection.networkCreateXML(only_networks.nat(dhcp=DHCP, more=MORE))
    connection.networkDefineXML(only_networks.nat(dhcp=DHCP, more=MORE))
    less = only_networks.nat(more="<vbox:portForward name='ssh, in' hostport='2223' "
                                  "guestip='192.168.130.5' guestport='22'/>")
    connection.networkDefineXML(less)
    said = only_networks.nat_networks()['out']
    assert '2223' in said and '2222' not in said and 'udp-53' not in said
    assert '127.0.0.1=2' in said and '127.0.0.2' not in said
    assert re.search(r'IPv6: +No', said) and only_networks.servers() == {}
    assert network.isActive() == 1
    with settings.Unchanged():
        with refused('CONFIG_UNSUPPORTED', 'first address'):
            connection.networkDefineXML(only_networks.nat(address='192.168.130.7'))
        with refused('CONFIG_UNSUPPORTED', 'undefine it'):
            connection.networkDefineXML(only_networks.internal('out'))
    network.destroy()
    network.undefine()


def test_vboxmanage_makes_changes_and_removes(connection, networks):
    vboxmanage('natnetwork', 'add', '--netname', 'theirs', '--network', '10.77.0.0/16', '--enable',
               '--dhcp', 'off')
    network = connection.networkLookupByName('theirs')
    assert "<ip address='10.77.0.1' netmask='255.255.0.0'/>" in network.XMLDesc()
    assert (network.isActive(), network.isPersistent()) == (1, 1)
    vboxmanage('natnetwork', 'modify', '--netname', 'theirs', '--network', '10.78.0.0/16')
    assert '10.78.0.1' in network.XMLDesc()
    network.destroy()
    assert re.search(r'Enabled: +No', networks.nat_networks()['theirs'])
    vboxmanage('natnetwork', 'remove', '--netname', 'theirs')
    with refused('NO_NETWORK', 'theirs'):
        connection.networkLookupByName('theirs')


def test_one_that_was_removed_is_made_again(connection, networks):
    network = connection.networkDefineXML(networks.nat(dhcp=DHCP))
    vboxmanage('natnetwork', 'remove', '--netname', 'out')
    assert network.isActive() == 0
    network.create()
    assert '192.168.130.0/24' in networks.nat_networks()['out']


@pytest.fixture
def machine(machines):
    """A machine without NICs."""
    return machines.make()


@pytest.mark.parametrize('kind, fact, value', [
    ('nat', 'nat-network1', 'joined'), ('bridged', 'bridgeadapter1', 'eth0')])
def test_a_machine_joins(connection, networks, machine, kind, fact, value):
    """Whoever attached the NIC, a dump names the network; and it runs."""
    connection.networkCreateXML(getattr(networks, kind)('joined'))
    domain = connection.lookupByName(machine.name)
    domain.attachDeviceFlags("<interface type='network'><source network='joined'/></interface>")
    assert machine_facts(machine.name)[fact] == value
    assert "<source network='joined'/>" in domain.XMLDesc()
    assert [each.name() for each in connection.listAllNetworks()] == ['joined']  # and no "intnet" of VirtualBox's
    domain.create()
    machine.guest.wait_for('READY')
    assert "<source network='joined'/>" in domain.XMLDesc()
    domain.destroy()
    machine.wait_until_off()
    attached = {'nat': ('natnetwork', '--nat-network2', 'joined'),
                'bridged': ('bridged', '--bridge-adapter2', 'eth0')}[kind]
    machine.manage('modifyvm', '--nic2', *attached)
    assert domain.XMLDesc().count("<source network='joined'/>") == 2


def test_a_running_machine_changes_its_network(connection, networks, machine):
    connection.networkCreateXML(networks.nat('one'))
    connection.networkCreateXML(networks.bridged('two'))
    domain = connection.lookupByName(machine.name)
    nic = "<interface type='network'><mac address='08:00:27:00:00:77'/><source network='{}'/></interface>"
    domain.attachDeviceFlags(nic.format('one'))
    domain.create()
    domain.updateDeviceFlags(nic.format('two'), libvirt.VIR_DOMAIN_AFFECT_LIVE)
    assert machine_facts(machine.name)['bridgeadapter1'] == 'eth0'
    assert "network='one'" in domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    domain.updateDeviceFlags(nic.format('one'), libvirt.VIR_DOMAIN_AFFECT_LIVE)
    assert machine_facts(machine.name)['nat-network1'] == 'one'
    assert {each.name() for each in connection.listAllNetworks()} == {'one', 'two'}
    assert domain.isUpdated() == 0


def test_default(connection, networks, service):
    """It is there on first use, runs, starts by itself; and once removed it stays away."""
    def again():
        service.kill_engine()
        return [each.name() for each in connection.listAllNetworks()]  # by the next engine
    vboxmanage('setextradata', 'global', 'vboxvirt/default-network')
    assert again() == ['default']
    network = connection.networkLookupByName('default')
    assert (network.isActive(), network.isPersistent(), network.autostart()) == (1, 1, 1)
    assert "start='192.168.122.4'" in network.XMLDesc()
    network.destroy()
    network.undefine()
    assert not again()


def test_bridged(connection, only_networks, valid):
    network = connection.networkDefineXML(only_networks.bridged())
    assert network.isActive() == 0 and valid(network.XMLDesc())
    network.create()
    virsh('net-autostart', 'lan')
    with refused('OPERATION_FAILED', "network 'lan' already"):
        connection.networkDefineXML(only_networks.bridged('other'))
    same = network.XMLDesc()
    for other in ("<forward mode='bridge' dev='eth0'/>", "<forward mode='bridge'/><bridge name='eth0'/>"):
        connection.networkDefineXML(f"<network><name>lan</name>{other}</network>")
        assert network.XMLDesc() == same
    network.destroy()
    network.undefine()


def test_an_interface_of_a_network_that_is_not_there(connection, machine):
    with settings.Unchanged():
        with domains.fails(libvirt.VIR_ERR_NO_NETWORK, containing='nowhere'):
            connection.lookupByName(machine.name).attachDeviceFlags(
                "<interface type='network'><source network='nowhere'/></interface>")


def test_loopback_goes_only_without_machines(connection, networks, machines, put_back):
    """VirtualBox never forgets one: the network is made anew, which takes it from machines that run."""
    loopback = "<vbox:loopback address='127.0.0.2' offset='8'/>"
    network = connection.networkCreateXML(networks.nat(more=loopback))
    domain = connection.defineXML(domains.xml('a', devices=domains.FLOPPY + (
        "<interface type='network'><source network='out'/></interface>")))
    domain.create()
    with put_back(), refused('OPERATION_INVALID', "domain 'a' runs on it"):
        connection.networkDefineXML(networks.nat())
    # all else can be changed
    connection.networkDefineXML(networks.nat(more=loopback.replace("'8'", "'9'")))
    assert '127.0.0.2=9' in networks.nat_networks()['out']
    domain.destroy()
    connection.networkDefineXML(networks.nat())
    assert '127.0.0.2' not in networks.nat_networks()['out']
    network.destroy()

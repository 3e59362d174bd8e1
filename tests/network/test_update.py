# SPDX-License-Identifier: LGPL-2.1-or-later
"""Changing one part of a network, its metadata, and the leases that its DHCP server gave."""
import pathlib
import time

import libvirt
import pytest
from lxml import etree

import domains
import settings
from commands import vboxmanage, virsh
from nets import refused

ADD, ADD_FIRST = libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST, libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_FIRST
MODIFY, DELETE = libvirt.VIR_NETWORK_UPDATE_COMMAND_MODIFY, libvirt.VIR_NETWORK_UPDATE_COMMAND_DELETE
HOST, RANGE = libvirt.VIR_NETWORK_SECTION_IP_DHCP_HOST, libvirt.VIR_NETWORK_SECTION_IP_DHCP_RANGE
DHCP = "<dhcp><range start='192.168.130.100' end='192.168.130.200'/></dhcp>"
ONE = "<host mac='08:00:27:00:00:01' name='one' ip='192.168.130.11'/>"
LEASES = '''<?xml version="1.0"?>
<Leases version="1.0">
  <Lease mac="08:00:27:00:00:01" id="01080027000001" network="0.0.0.0" state="acked">
    <Address value="192.168.130.11"/><Time issued="{now}" expiration="600"/></Lease>
  <Lease mac="08:00:27:00:00:02" network="0.0.0.0" state="acked">
    <Address value="192.168.130.101"/><Time issued="{now}" expiration="300"/></Lease>
  <Lease mac="08:00:27:00:00:0C" id="ff:00:1a:2b" network="0.0.0.0" state="acked">
    <Address value="192.168.130.112"/><Time issued="{now}" expiration="4294967295"/></Lease>
  <Lease mac="08:00:27:00:00:03" network="0.0.0.0" state="expired">
    <Address value="192.168.130.102"/><Time issued="{now}" expiration="600"/></Lease>
  <Lease mac="08:00:27:00:00:04" network="0.0.0.0" state="acked">
    <Address value="192.168.130.103"/><Time issued="{before}" expiration="600"/></Lease>
  <Lease mac="08:00:27:00:00:05" network="0.0.0.0" state="released">
    <Address value="192.168.130.104"/><Time issued="{now}" expiration="600"/></Lease>
  <Lease mac="08:00:27:00:00:06" network="0.0.0.0" state="offered">
    <Address value="192.168.130.105"/><Time issued="{now}" expiration="600"/></Lease>
  <Lease mac="00:00:00:00:00:00" network="0.0.0.0" state="free">
    <Address value="192.168.130.106"/><Time issued="{now}" expiration="0"/></Lease>
  <Lease mac="08:00:27:00:00:08" network="0.0.0.0">
    <Address value="192.168.130.107"/><Time issued="{now}" expiration="600"/></Lease>
  <Lease mac="bad"/>
</Leases>
'''


@pytest.fixture
def network(connection, networks):
    """A NAT network that runs and has DHCP."""
    return connection.networkCreateXML(networks.nat(dhcp=DHCP))


def hosts(network):
    """What the dump says: mac → ip."""
    return {host.get('mac'): host.get('ip') for host in etree.fromstring(network.XMLDesc()).iter('host')}


def test_hosts(network, networks):
    network.update(ADD, HOST, -1, ONE)
    virsh('net-update', 'out', 'add', 'ip-dhcp-host',
          "<host mac='08:00:27:00:00:02' ip='192.168.130.12'/>", '--live')
    assert hosts(network) == {'08:00:27:00:00:01': '192.168.130.11', '08:00:27:00:00:02': '192.168.130.12'}
    assert '192.168.130.12' in networks.servers()['out']['all']
    network.update(MODIFY, HOST, 0, ONE.replace('.11', '.21'))
    assert hosts(network)['08:00:27:00:00:01'] == '192.168.130.21'
    network.update(DELETE, HOST, -1, "<host mac='08:00:27:00:00:01'/>")
    network.update(DELETE, HOST, -1, "<host ip='192.168.130.12'/>")
    assert hosts(network) == {} and network.isPersistent() == 0


def test_ranges(network, networks):
    with refused('OPERATION_INVALID', 'one range'):
        network.update(ADD, RANGE, -1, "<range start='192.168.130.50' end='192.168.130.60'/>")
    with refused('OPERATION_INVALID', 'matching dhcp range'):
        network.update(DELETE, RANGE, -1, "<range start='192.168.130.1' end='192.168.130.2'/>")
    network.update(ADD, HOST, -1, ONE)
    network.update(DELETE, RANGE, -1, "<range start='192.168.130.100' end='192.168.130.200'/>")
    assert hosts(network) == {'08:00:27:00:00:01': '192.168.130.11'} and '<range' not in network.XMLDesc()
    alone = networks.servers()['out']  # the only address to lease is the server's own, which is never leased
    assert alone['LowerIPAddress'] == alone['UpperIPAddress'] == alone['Dhcpd IP'] != '192.168.130.11'
    network.update(ADD, RANGE, -1, "<range start='192.168.130.60' end='192.168.130.70'/>")
    assert hosts(network) == {'08:00:27:00:00:01': '192.168.130.11'}
    assert networks.servers()['out']['LowerIPAddress'] == '192.168.130.60'
    network.update(DELETE, RANGE, -1, "<range start='192.168.130.60' end='192.168.130.70'/>")
    network.update(DELETE, HOST, -1, ONE)
    assert networks.servers() == {} and 'dhcp' not in network.XMLDesc()
    network.update(ADD_FIRST, RANGE, -1, "<range start='192.168.130.50' end='192.168.130.60'/>")
    assert networks.servers()['out']['LowerIPAddress'] == '192.168.130.50'


def test_what_is_refused(network):
    network.update(ADD, HOST, -1, ONE)
    with settings.Unchanged():
        for code, part, words in (
                ('OPERATION_INVALID', 'existing dhcp host', (ADD, HOST, -1, ONE)),
                ('OPERATION_INVALID', 'locate', (DELETE, HOST, -1, "<host mac='08:00:27:00:00:99'/>")),
                ('OPERATION_INVALID', 'index 4', (ADD, HOST, 4, ONE)),
                ('OPERATION_INVALID', 'modified', (MODIFY, RANGE, -1, '<range/>')),
                ('OPERATION_UNSUPPORTED', "'bridge' of a network", (ADD, 1, -1, "<bridge name='x'/>")),
                ('OPERATION_INVALID', 'matching dns-host', (DELETE, 10, -1, "<host ip='192.168.130.9'/>")),
                ('CONFIG_UNSUPPORTED', '/network/portgroup', (ADD, 9, -1, "<portgroup name='x'/>")),
                ('CONFIG_UNSUPPORTED', "/network/dns/host is not supported by VirtualBox: it has no DNS server of its own",
                 (ADD, 10, -1, "<host ip='192.168.130.9'><hostname>a</hostname></host>")),
                ('CONFIG_UNSUPPORTED', 'by their MAC', (ADD, HOST, -1, "<host name='a' ip='192.168.130.9'/>")),
                ('INVALID_ARG', 'command', (9, HOST, -1, ONE)),
                ('XML_ERROR', 'not one of the network', (ADD, HOST, -1,
                                                         "<host mac='08:00:27:00:00:05' ip='10.0.0.1'/>")),
                ('XML_ERROR', '@ip', (ADD, HOST, -1, "<host mac='08:00:27:00:00:05'/>")),
                ('CONFIG_UNSUPPORTED', 'surprise', (ADD, HOST, -1, ONE.replace('name', 'surprise'))),
                ('XML_DETAIL', '', (ADD, HOST, -1, '<host'))):
            with refused(code, part):
                network.update(*words)
        with refused('OPERATION_INVALID', 'transient'):
            network.update(ADD, HOST, -1, ONE.replace('11', '12'), libvirt.VIR_NETWORK_UPDATE_AFFECT_CONFIG)


@pytest.mark.parametrize('kind', ['internal', 'host_only', 'nat', 'bridged'])
def test_metadata(connection, networks, kind):
    network = connection.networkDefineXML(getattr(networks, kind)('words'))
    virsh('net-desc', 'words', 'more words')
    virsh('net-desc', 'words', '--title', 'a title')
    virsh('net-metadata', 'words', 'urn:app', '--key', 'app', '--set', "<data a='1'/>")
    assert virsh('net-desc', 'words').strip() == 'more words'
    assert virsh('net-desc', 'words', '--title').strip() == 'a title'
    assert etree.fromstring(network.metadata(libvirt.VIR_NETWORK_METADATA_ELEMENT, 'urn:app')).get('a') == '1'
    again = connection.networkLookupByName('words').XMLDesc()
    assert "<app:data xmlns:app='urn:app'" in again and '<title>a title</title>' in again
    virsh('net-metadata', 'words', 'urn:app', '--remove')
    with refused('NO_NETWORK_METADATA', 'urn:app'):
        network.metadata(libvirt.VIR_NETWORK_METADATA_ELEMENT, 'urn:app')
    with refused('OPERATION_INVALID', 'not running'):
        network.setMetadata(libvirt.VIR_NETWORK_METADATA_TITLE, 'x', None, None,
                            libvirt.VIR_NETWORK_UPDATE_AFFECT_LIVE)


@pytest.fixture
def lease_file():
    """Writes a file of leases as VirtualBox's DHCP server does, which does not run here (its states and attributes
    are those of VirtualBox's source, NetworkServices/Dhcpd/Db.cpp); VBoxManage reads it too."""
    paths = []

    def write(name):
        now = int(time.time())
        paths.append(pathlib.Path.home() / f'.config/VirtualBox/{name}-Dhcpd.leases')
        paths[-1].write_text(LEASES.format(now=now, before=now - 10000), encoding='utf-8')
        return now
    yield write
    for path in paths:
        path.unlink()


@pytest.fixture
def leases(lease_file):
    """Of the NAT network."""
    return lease_file('out')


def test_leases(network, leases):
    """Those that hold; all states that VirtualBox writes, and files of old versions."""
    network.update(ADD, HOST, -1, ONE)
    assert network.DHCPLeases('08:00:27:00:00:01') == [{
        'iface': 'out', 'expirytime': leases + 600, 'type': libvirt.VIR_IP_ADDR_TYPE_IPV4,
        'mac': '08:00:27:00:00:01', 'ipaddr': '192.168.130.11', 'prefix': 24, 'hostname': 'one',
        'clientid': '01:08:00:27:00:00:01', 'iaid': None}]
    found = {each['ipaddr']: each for each in network.DHCPLeases()}
    assert found.keys() == {'192.168.130.11', '192.168.130.101', '192.168.130.112'}
    endless = found['192.168.130.112']
    assert (endless['mac'], endless['clientid'], endless['expirytime']) == (
        '08:00:27:00:00:0c', 'ff:00:1a:2b', leases + 4294967295)
    assert '192.168.130.101/24' in virsh('net-dhcp-leases', 'out')
    for mac, said in (('01', '192.168.130.11'), ('03', 'expired'), ('04', 'expired'), ('05', 'released')):
        assert said in vboxmanage('dhcpserver', 'findlease', '--network=out', f'--mac-address=08:00:27:00:00:{mac}')


def test_leases_of_an_internal_network(connection, networks, lease_file, machines):
    """One of VBoxManage's; its name is that of the file."""
    vboxmanage('dhcpserver', 'add', '--network=ä & b', '--server-ip=192.168.130.2', '--netmask=255.255.0.0',
               '--lower-ip=192.168.130.10', '--upper-ip=192.168.130.20', '--enable')
    machines.make().manage('modifyvm', '--nic1', 'intnet', '--intnet1', 'ä & b')
    network = connection.networkLookupByName('ä & b')
    assert network.DHCPLeases() == []
    lease_file('ä & b')
    found = network.DHCPLeases('08:00:27:00:00:01')
    assert [(each['iface'], each['ipaddr'], each['prefix']) for each in found] == [('ä & b', '192.168.130.11', 16)]
    said = vboxmanage('dhcpserver', 'findlease', '--network=ä & b', '--mac-address=08:00:27:00:00:01')
    assert '192.168.130.11' in said


def test_addresses_of_a_machine(connection, network, leases, machines):
    machine = machines.make()
    domain = connection.lookupByName(machine.name)
    domain.attachDeviceFlags("<interface type='network'><mac address='08:00:27:00:00:02'/>"
                             "<source network='out'/></interface>")
    with refused('OPERATION_INVALID', 'not running'):
        domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE)
    domain.create()
    assert domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE) == {
        'nic1': {'hwaddr': '08:00:27:00:00:02',
                 'addrs': [{'type': 0, 'addr': '192.168.130.101', 'prefix': 24}]}}
    with domains.fails(libvirt.VIR_ERR_AGENT_UNRESPONSIVE, containing='Guest Additions'):
        domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT)
    with refused('ARGUMENT_UNSUPPORTED', '--source'):
        domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP)
    for name, value in (('Count', '1'), ('0/Name', 'eth0'), ('0/MAC', '080027000002'),
                        ('0/V4/IP', '10.0.0.5'), ('0/V4/Netmask', '255.255.0.0')):
        machine_property(machine, f'/VirtualBox/GuestInfo/Net/{name}', value)
    said = domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT)
    assert said == {'eth0': {'hwaddr': '08:00:27:00:00:02',
                             'addrs': [{'type': 0, 'addr': '10.0.0.5', 'prefix': 16}]}}
    assert '10.0.0.5/16' in virsh('domifaddr', machine.name, '--source', 'agent')


def machine_property(machine, name, value):
    """As Guest Additions would set it."""
    vboxmanage('guestproperty', 'set', machine.uuid, name, value)

# SPDX-License-Identifier: LGPL-2.1-or-later
"""What stands there and is not changed stays, whoever made it and whatever it is: networks of VBoxManage in every
flavour, changes of something else, and VirtualBox's settings before and after."""
import pathlib
import re
import shlex

import libvirt
import pytest
from lxml import etree

import dhcpserver
import settings
from commands import vboxmanage, virsh
from nets import refused

HOME = pathlib.Path.home() / '.config/VirtualBox'
HOST = "<host mac='08:00:27:00:00:41' ip='{}'/>"
SERVER = 'HostInterfaceNetworking-vboxnet0'


def nat(*words, network='10.71.0.0/24'):
    """A NAT network."""
    return [('natnetwork', 'add', '--netname=net', f'--network={network}', *words)]


def server(name, *words, own='10.71.0.3', low='10.71.0.50', high='10.71.0.60', mask='255.255.255.0'):
    """A DHCP server."""
    return [('dhcpserver', 'add', f'--network={name}', f'--server-ip={own}', f'--netmask={mask}',
             f'--lower-ip={low}', f'--upper-ip={high}', *(words or ('--enable',)))]


def more(name, *words):
    """What is said of a DHCP server besides."""
    return [('dhcpserver', 'modify', f'--network={name}', *words)]


# It makes the server, with its own range and the host's name servers; the network's process ends without a driver.
START = ('natnetwork', 'start', '--netname', 'net')
ADAPTER = [('hostonlyif', 'create'), ('hostonlyif', 'ipconfig', 'vboxnet0', '--ip=192.168.60.1')]
LAN = {'own': '192.168.60.2', 'low': '192.168.60.100', 'high': '192.168.60.101'}
# name → VBoxManage's commands, the network's name, a new host's address (None: it has no DHCP)
FLAVOURS = {
    'with DHCP to come': (nat('--enable', '--dhcp=on'), 'net', '10.71.0.9'),
    'with DHCP to come, not enabled': (nat('--disable', '--dhcp=on'), 'net', '10.71.0.9'),
    'as VirtualBox started it': (nat('--enable', '--dhcp=on') + [START], 'net', '10.71.0.9'),
    'without options': (nat('--enable', '--dhcp=on') + server('net'), 'net', '10.71.0.9'),
    'not enabled with a server that is': (nat('--disable', '--dhcp=on') + server('net'), 'net', None),
    'a server that it does not use': (nat('--enable', '--dhcp=off') + server('net'), 'net', None),
    'a server that is off': (nat('--enable', '--dhcp=on') + server('net', '--disable')
                             + more('net', '--mac-address=08:00:27:00:00:01', '--fixed-address=10.71.0.8'), 'net', None),
    'moved away from its server': (nat('--enable', '--dhcp=on') + [START]
                                   + [('natnetwork', 'modify', '--netname=net', '--network=10.72.0.0/16')], 'net', None),
    'odd': (nat('--enable', '--dhcp=on', '--ipv6=on', network='224.0.0.0/24')
            + [('natnetwork', 'modify', '--netname=net', *words) for words in (
                ('--port-forward-4', 'odd,:tcp:[junk]:1:[x]:5'), ('--port-forward-6', 'six:udp:[]:53:[fe80::1]:53'),
                ('--loopback-4', '127.0.0.9=1'), ('--loopback-4', '127.0.0.8=255'))]
            + server('net', own='10.1.1.2', low='10.1.1.2', high='10.1.1.9', mask='255.255.0.0')
            + more('net', '--set-opt-hex=255', 'ff', '--set-opt-hex=0', '00', '--force-opt=1', '--set-opt-hex=43', '0')
            + more('net', '--min-lease-time=100', '--max-lease-time=10')
            + more('net', '--mac-address=08:00:27:00:00:01', '--fixed-address=10.9.9.9', '--set-opt-hex=0', '1')
            + more('net', '--mac-address=01:00:27:00:00:07', '--set-opt=12', 'multicast')
            + more('net', '--mac-address=08:00:27:00:00:02', '--fixed-address=10.1.1.2')
            + more('net', '--mac-address=08:00:27:00:00:03', '--fixed-address=10.1.1.2')
            + more('net', '--group=g', '--incl-mac=08:00:27:00:00:04', '--set-opt-hex=7', 'xyz'), 'net', None),
    'an odd name': ([('natnetwork', 'add', '--netname=a/b', '--network=10.71.0.0/24', '--enable', '--dhcp=on')],
                    'a/b', '10.71.0.9'),
    'host-only': (ADAPTER + server(SERVER, **LAN), 'vboxnet0', '192.168.60.9'),
    'host-only, its server off': (ADAPTER + server(SERVER, '--disable', **LAN), 'vboxnet0', None),
    'host-only, no room': (ADAPTER[:1] + [('hostonlyif', 'ipconfig', 'vboxnet0', '--ip=192.168.60.1',
                                           '--netmask=255.255.255.254')] + server(SERVER, **LAN), 'vboxnet0', None),
    'host-only, a range with all in it': (ADAPTER + server(
        SERVER, own='192.168.60.100', low='192.168.60.1', high='192.168.60.254'), 'vboxnet0', None),
}


def make(commands):
    """What they say."""
    for words in commands:
        vboxmanage(*words)


def facts():
    """What VirtualBox keeps of networks and DHCP servers, without our records."""
    tree = etree.parse(HOME / 'VirtualBox.xml')
    found = [etree.tostring(each) for each in tree.iterfind('{*}Global/{*}NetserviceRegistry')]
    keys = [(each.get('name'), each.get('value')) for each in tree.iterfind('{*}Global/{*}ExtraData/{*}ExtraDataItem')]
    return found, sorted(key for key in keys if key[0].startswith('HostOnly/'))


@pytest.fixture
def stays(tmp_path, networks):
    """Each change of something else leaves VirtualBox's part of a network as it is; a host comes and goes alone."""
    def check(network, address):
        name, before, dump = network.name(), facts(), network.XMLDesc()
        virsh('net-desc', name, 'words')
        virsh('net-metadata', name, 'urn:app', '--key', 'app', '--set', '<data/>')
        assert facts() == before
        described = network.XMLDesc()
        assert re.sub(r' *<(description|metadata)>.*</\1>\n', '', described, flags=re.DOTALL) == dump
        path = tmp_path / 'own.xml'
        path.write_text(described, encoding='utf-8')
        virsh('net-define', path)
        assert (facts(), network.XMLDesc()) == (before, described)
        if network.isActive() == 0 and networks.servers() == {}:
            network.create()
            network.destroy()
            assert (facts(), network.XMLDesc()) == (before, described)
        if address is not None:
            virsh('net-update', name, 'add', 'ip-dhcp-host', HOST.format(address))
            virsh('net-update', name, 'delete', 'ip-dhcp-host', HOST.format(address))
            assert network.XMLDesc() == described
    return check


@pytest.mark.parametrize('flavour', FLAVOURS)
def test_what_others_made(connection, networks, stays, flavour):
    """Of VBoxManage's NAT networks and adapters."""
    commands, name, address = FLAVOURS[flavour]
    make(commands)
    stays(connection.networkLookupByName(name), address)


def test_what_others_made_of_an_internal_network(connection, networks, machines, stays):
    """A name on a NIC, and a server of that name."""
    make(server('lan', own='10.1.1.2', low='10.1.1.2', high='10.1.1.200', mask='255.255.0.0')
         + more('lan', '--mac-address=08:00:27:00:00:01', '--fixed-address=10.9.9.9'))
    machines.make().manage('modifyvm', '--nic1', 'intnet', '--intnet1', 'lan')
    stays(connection.networkLookupByName('lan'), '10.1.1.9')


def test_a_server_that_virtualbox_made(connection, networks):
    """Its own range is no rule for what a client says: one that begins at .3 is cut then."""
    make(nat('--enable', '--dhcp=on') + [START])
    network, made = connection.networkLookupByName('net'), networks.servers()['net']
    assert (made['Dhcpd IP'], made['LowerIPAddress']) == ('10.71.0.2', '10.71.0.3')
    virsh('net-update', 'net', 'add', 'ip-dhcp-host', HOST.format('10.71.0.9'))
    said = networks.servers()['net']
    assert (said['Dhcpd IP'], said['LowerIPAddress']) == ('10.71.0.2', '10.71.0.3')
    connection.networkDefineXML(network.XMLDesc().replace("end='10.71.0.254'", "end='10.71.0.99'"))
    said = networks.servers()['net']
    assert (said['Dhcpd IP'], said['LowerIPAddress'], said['UpperIPAddress']) == ('10.71.0.2', '10.71.0.4', '10.71.0.99')


def test_a_server_to_come(connection, networks):
    """VirtualBox makes it when the network runs: a dump shows it, and a definition without it says no."""
    vboxmanage('natnetwork', 'add', '--netname=net', '--network=10.71.0.0/24', '--enable', '--dhcp=on')
    network = connection.networkLookupByName('net')
    assert "<range start='10.71.0.3' end='10.71.0.254'/>" in network.XMLDesc() and networks.servers() == {}
    network.destroy()
    assert "<range start='10.71.0.3' end='10.71.0.254'/>" in network.XMLDesc()
    network.create()
    assert networks.servers() == {} and 'DHCP Server:  Yes' in networks.nat_networks()['net']
    virsh('net-update', 'net', 'add', 'ip-dhcp-host', HOST.format('10.71.0.9'))
    said = networks.servers()['net']
    assert (said['Dhcpd IP'], said['LowerIPAddress'], said['Enabled']) == ('10.71.0.2', '10.71.0.3', 'Yes')
    assert '3/legacy: 10.71.0.1' in said['all'] and '6/legacy: 10.71.0.1' in said['all']
    connection.networkDefineXML("<network><name>net</name><forward mode='nat'/>"
                                "<ip address='10.71.0.1' netmask='255.255.255.0'/></network>")
    assert networks.servers() == {} and 'DHCP Server:  No' in networks.nat_networks()['net']


GUEST = '--mac-address=08:00:27:00:00:01'
# what VirtualBox's own server has against it → VBoxManage's commands, and what net-start says
BAD = [
    ('outside the network', [START, ('natnetwork', 'modify', '--netname=net', '--network=10.72.0.0/16')],
     '10.71.0.2/24 is not of the network 10.72.0.1/16', ''),
    ('outside the network by half', [START, ('natnetwork', 'modify', '--netname=net', '--network=10.71.0.0/25')],
     '10.71.0.3 to 10.71.0.254, which are not all of the network 10.71.0.1/25', ''),
    ('a host outside', server('net') + more('net', GUEST, '--fixed-address=10.9.9.9'),
     '10.9.9.9 of the host 08:00:27:00:00:01 is not of its network', 'is not the DHCP network'),
    ('a host in a larger network', server('net', mask='255.255.0.0') + more('net', GUEST, '--fixed-address=10.71.1.9'),
     '10.71.1.9 of the host 08:00:27:00:00:01 is not of the network 10.71.0.1/24', ''),
    ('two hosts', server('net') + more('net', GUEST, '--fixed-address=10.71.0.55')
     + more('net', '--mac-address=08:00:27:00:00:02', '--fixed-address=10.71.0.55'),
     'given away twice', 'VERR_ADDRESS_CONFLICT'),
    ('no mask', server('net', mask='0.0.0.0'), 'VBoxManage dhcpserver modify', 'IP mask is not valid'),
    ('bytes', server('net') + more('net', '--set-opt-hex=43', 'xyz'), "'xyz', the bytes of the option 43 of all", ''),
    ('bytes of a host', server('net') + more('net', GUEST, '--set-opt-hex=7', '00 11'), 'of the host 08:00', ''),
    ('bytes of a group', server('net') + more('net', '--group=a b', '--incl-mac-wild=*', '--set-opt-hex=7', '00xy'),
     "of the group 'a b'", ''),
]


@pytest.mark.parametrize('name, commands, words, complaint', BAD, ids=[each[0] for each in BAD])
def test_a_server_that_would_not_start(connection, networks, name, commands, words, complaint):
    """VirtualBox says nothing of it, so the network is not started, with the reason and what to do."""
    make(nat('--enable', '--dhcp=on') + commands)
    said = dhcpserver.complaint('net')
    assert complaint in said and bool(complaint) == bool(said), said
    network = connection.networkLookupByName('net')
    network.destroy()
    with settings.Unchanged(), pytest.raises(libvirt.libvirtError, match=re.escape(words)) as caught:
        network.create()
    assert caught.value.get_error_code() == libvirt.VIR_ERR_OPERATION_INVALID
    _, found, way = str(caught.value).partition('VBoxManage ')
    if found:
        vboxmanage(*shlex.split(way))
        network.create()
        assert dhcpserver.complaint('net') == ''


def test_a_server_of_two_adapters(connection, networks, machines):
    """That have the same MAC address, as copies of a machine may: VirtualBox's server ends."""
    one, other = machines.make(), machines.make()
    for machine in (one, other):
        machine.manage('modifyvm', '--nic1', 'intnet', '--intnet1', 'net', '--macaddress1', '080027000001')
    make(server('net') + more('net', f'--vm={one.uuid}', '--nic=1', '--fixed-address=10.71.0.8',
                              f'--vm={other.uuid}', '--nic=1', '--fixed-address=10.71.0.9'))
    assert 'Duplicate MAC address' in dhcpserver.complaint('net')
    network = connection.networkLookupByName('net')
    connection.networkDefineXML(network.XMLDesc())
    network.destroy()
    with settings.Unchanged(), refused('CONFIG_UNSUPPORTED', 'have the MAC address 08:00:27:00:00:01'):
        network.create()
    other.manage('modifyvm', '--macaddress1', '080027000002')
    network.create()
    assert dhcpserver.complaint('net') == ''


def test_a_mapping_goes(connection, networks):
    """VirtualBox forgets none, so the network is made anew: with all that no XML says."""
    vboxmanage('natnetwork', 'add', '--netname=net', '--network=10.71.0.0/24', '--enable', '--dhcp=off')
    vboxmanage('natnetwork', 'modify', '--netname=net', '--loopback-4', '127.0.0.9=9')
    network, before = connection.networkLookupByName('net'), facts()
    vboxmanage('natnetwork', 'modify', '--netname=net', '--loopback-4', '127.0.0.8=8')
    connection.networkDefineXML(re.sub(r' *<vbox:loopback address=.127.0.0.8.*\n', '', network.XMLDesc()))
    assert facts() == before


def test_other_networks_stay(connection, networks):
    """Those that come, change and go touch no other network, and no server that they do not use."""
    make(nat('--enable', '--dhcp=on') + [START] + ADAPTER + server(SERVER, **LAN) + server('waits'))
    before = facts()
    dhcp = "<dhcp><range start='{0}.10' end='{0}.99'/></dhcp>"
    for kind, name, words in (('nat', 'out', {'dhcp': dhcp.format('192.168.130')}), ('nat', 'waits', {}),
                              ('host_only', 'ho', {'dhcp': dhcp.format('192.168.56')}), ('internal', 'lan', {})):
        network = connection.networkDefineXML(getattr(networks, kind)(name, **words))
        network.create()
        connection.networkDefineXML(network.XMLDesc().replace('.99', '.98'))
        network.destroy()
        network.undefine()
        assert facts() == before, name

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bad input: the right error, and VirtualBox is as it was."""
import libvirt
import pytest

from commands import virsh_error
from nets import refused
from settings import Unchanged

IP = "<ip address='192.168.56.1' netmask='255.255.255.0'>{}</ip>"
BAD = [
    ('XML_DETAIL', '', '<network><name>x</name>'),
    ('XML_DETAIL', '', 'not XML'),
    ('XML_DETAIL', '', ''),
    ('XML_ERROR', 'DOCTYPE', '<!DOCTYPE network [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
     '<network><name>&b;</name></network>'),
    ('XML_ERROR', 'network', '<domain><name>x</name></domain>'),
    ('XML_ERROR', '/network/name', '<network/>'),
    ('XML_ERROR', "'/'", '<network><name>a/b</name></network>'),
    ('INTERNAL_ERROR', 'uuid', '<network><name>x</name><uuid>xyz</uuid></network>'),
    ('CONFIG_UNSUPPORTED', '/network/surprise', '<network><name>x</name><surprise/></network>'),
    ('CONFIG_UNSUPPORTED', '/network/@surprise', "<network surprise='1'><name>x</name></network>"),
    ('CONFIG_UNSUPPORTED', '/network/ip', '<network><name>x</name><forward/></network>'),
    ('CONFIG_UNSUPPORTED', '/network/forward/nat/port',
     "<network><name>x</name><forward mode='nat'><nat><port start='1' end='2'/></nat></forward>"
     f'{IP.format("")}</network>'),
    ('CONFIG_UNSUPPORTED', "mode 'private'",
     f"<network><name>x</name><forward mode='private'/>{IP.format('')}</network>"),
    ('CONFIG_UNSUPPORTED', '/network/forward/@dev',
     f"<network><name>x</name><forward mode='route' dev='eth0'/>{IP.format('')}</network>"),
    ('XML_ERROR', 'needs an <ip>', "<network><name>x</name><forward mode='open'/></network>"),
    ('CONFIG_UNSUPPORTED', '/network/forward/@dev',
     f"<network><name>x</name><forward mode='nat' dev='eth0'/>{IP.format('')}</network>"),
    ('CONFIG_UNSUPPORTED', 'there are: eth0',
     "<network><name>x</name><forward mode='bridge'/><bridge name='br0'/></network>"),
    ('XML_ERROR', '<interface dev=', "<network><name>x</name><forward mode='bridge'/></network>"),
    ('CONFIG_UNSUPPORTED', '/network/ip', "<network><name>x</name><forward mode='bridge'>"
     f"<interface dev='eth0'/></forward>{IP.format('')}</network>"),
    ('CONFIG_UNSUPPORTED', 'first address',
     "<network><name>x</name><forward mode='nat'/><ip address='10.9.0.2' prefix='24'/></network>"),
    ('CONFIG_UNSUPPORTED', '10.9.0.4 is the first',
     "<network><name>x</name><forward mode='nat'/><ip address='10.9.0.1' prefix='24'>"
     "<dhcp><range start='10.9.0.2' end='10.9.0.3'/></dhcp></ip></network>"),
    ('CONFIG_UNSUPPORTED', 'prefix of 64', "<network><name>x</name><forward mode='nat'/>"
     "<ip address='10.9.0.1' prefix='24'/><ip family='ipv6' address='fd00::1' prefix='56'/></network>"),
    ('CONFIG_UNSUPPORTED', "mode='nat'",
     "<network xmlns:vbox='urn:vboxvirt:1'><name>x</name><vbox:portForward hostport='1' "
     "guestip='10.0.0.1' guestport='1'/></network>"),
    ('XML_ERROR', 'portForward[2]: another',
     "<network xmlns:vbox='urn:vboxvirt:1'><name>x</name><forward/>" + IP.format('')
     + "<vbox:portForward hostport='1' guestip='192.168.56.9' guestport='1'/>" * 2 + '</network>'),
    ('XML_ERROR', '@address: not a loopback',
     "<network xmlns:vbox='urn:vboxvirt:1'><name>x</name><forward/>" + IP.format('')
     + "<vbox:loopback address='10.0.0.1' offset='2'/></network>"),
    ('CONFIG_UNSUPPORTED', '/network/dns/host',
     "<network><name>x</name><dns><host ip='10.0.0.1'/></dns></network>"),
    ('CONFIG_UNSUPPORTED', 'IPv4',
     "<network><name>x</name><ip family='ipv6' address='fd00::1' prefix='64'/></network>"),
    ('XML_ERROR', '@address', "<network><name>x</name><ip address='1.2.3'/></network>"),
    ('XML_ERROR', 'netmask', "<network><name>x</name><ip address='10.0.0.1' netmask='1'/></network>"),
    ('INTERNAL_ERROR', 'not entirely within',
     '<network><name>x</name>' + IP.format(
         "<dhcp><range start='10.0.0.1' end='10.0.0.2'/></dhcp>") + '</network>'),
    ('CONFIG_UNSUPPORTED', '/network/ip/dhcp/range[2]',
     '<network><name>x</name>' + IP.format(
         "<dhcp><range start='192.168.56.2' end='192.168.56.3'/>"
         "<range start='192.168.56.5' end='192.168.56.6'/></dhcp>") + '</network>'),
    ('XML_ERROR', '/network/ip/dhcp: the shortest lease, of 121 seconds, is longer than the longest one, of 120',
     '<network><name>x</name>' + IP.format(
         "<dhcp><range start='192.168.56.2' end='192.168.56.3'><lease expiry='2'/></range>"
         "<vbox:lease xmlns:vbox='urn:vboxvirt:1' min='121'/></dhcp>") + '</network>'),
    ('CONFIG_UNSUPPORTED', '/network/ip/tftp',
     '<network><name>x</name>' + IP.format("<tftp root='/'/>") + '</network>'),
    ('CONFIG_UNSUPPORTED', 'networks.conf',
     "<network><name>x</name><ip address='203.0.113.1'/></network>"),
    ('CONFIG_UNSUPPORTED', '127', f'<network><name>{"x" * 128}</name></network>'),
]


@pytest.mark.parametrize('code, part, xml', BAD)
def test_definitions(connection, networks, unchanged, code, part, xml):
    """By every call that takes XML."""
    for call in (connection.networkDefineXML, connection.networkCreateXML,
                 lambda text: connection.networkDefineXMLFlags(
                     text, libvirt.VIR_NETWORK_DEFINE_VALIDATE)):
        with refused(code, part):
            call(xml)


def test_huge_and_deep(connection, networks, unchanged):
    """Memory is not taken for what a client only says."""
    with refused('XML_ERROR', 'deeper'):
        connection.networkDefineXML('<network>' + '<a>' * 200 + '</a>' * 200 + '</network>')
    with refused('CONFIG_UNSUPPORTED', '/network/x'):
        connection.networkDefineXML(f'<network><name>n</name>{"<x/>" * 200000}</network>')


def test_clashes_of_names_and_uuids(connection, networks):
    """Libvirt's codes and words; both networks stay as they are."""
    lan = connection.networkDefineXML(networks.internal('lan'))
    ho = connection.networkDefineXML(networks.host_only('ho'))
    other = '99999999-2222-3333-4444-555555555555'
    with Unchanged():
        with refused('OPERATION_FAILED', f"'lan' already exists with uuid {lan.UUIDString()}"):
            connection.networkDefineXML(networks.internal('lan', f'<uuid>{other}</uuid>'))
        with refused('OPERATION_FAILED', f"'lan' is already defined with uuid {lan.UUIDString()}"):
            connection.networkDefineXML(
                networks.internal('new', f'<uuid>{lan.UUIDString()}</uuid>'))
        with refused('OPERATION_FAILED', 'is already defined with uuid'):
            connection.networkDefineXML(
                networks.internal('ho', f'<uuid>{lan.UUIDString()}</uuid>'))
        with refused('OPERATION_FAILED', f"'ho' already exists with uuid {ho.UUIDString()}"):
            connection.networkCreateXML(
                networks.host_only('ho', more=f'<uuid>{other}</uuid>'))
        with refused('CONFIG_UNSUPPORTED', 'undefine it'):
            connection.networkDefineXML(networks.host_only('lan'))
        with refused('CONFIG_UNSUPPORTED', 'undefine it'):
            connection.networkDefineXML(networks.internal('ho'))


def test_what_is_not_there(connection, networks):
    """Lookups, and calls on a network that has gone."""
    uuid = '99999999-2222-3333-4444-555555555555'
    network = connection.networkDefineXML(networks.internal('gone'))
    network.undefine()
    with Unchanged():
        with refused('NO_NETWORK', "Network not found: no network with matching name 'nowhere'"):
            connection.networkLookupByName('nowhere')
        with refused('NO_NETWORK', f"Network not found: no network with matching uuid '{uuid}'"):
            connection.networkLookupByUUIDString(uuid)
        for call in (network.create, network.destroy, network.undefine, network.XMLDesc,
                     network.isActive, network.isPersistent, network.autostart,
                     network.bridgeName, lambda: network.setAutostart(1)):
            with refused('NO_NETWORK', '(gone)'):
                call()
        assert "failed to get network 'nowhere'" in virsh_error('net-start', 'nowhere')


def test_unknown_flags(connection, networks, unchanged):
    """Are refused before anything is done."""
    with refused('INVALID_ARG'):
        connection.networkDefineXMLFlags(networks.internal(), 1 << 20)
    with refused('INVALID_ARG'):
        connection.networkCreateXMLFlags(networks.internal(), 1 << 20)
    with refused('INVALID_ARG'):
        connection.listAllNetworks(1 << 20)


def test_a_read_only_connection(service, connection, networks):
    """Sees all, changes nothing."""
    connection.networkDefineXML(networks.internal())
    reader = libvirt.openReadOnly('vbox:///session')
    network = reader.networkLookupByName('lan')
    assert '<name>lan</name>' in network.XMLDesc()
    for call in (network.create, network.undefine, lambda: network.setAutostart(1),
                 lambda: reader.networkDefineXML(networks.internal('x'))):
        with refused('OPERATION_DENIED'):
            call()
    reader.close()

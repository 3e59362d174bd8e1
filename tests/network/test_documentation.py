# SPDX-License-Identifier: LGPL-2.1-or-later
"""What libvirt's page about network XML has examples of: each is defined, or refused as docs/networks.md says.

The documents are ours; each uses the elements and attributes of one example there, in its order.
"""
import pytest
from lxml import etree

from nets import refused

LAN = "<ip address='10.40.0.1' netmask='255.255.255.0'>{}</ip>"
SIX = "<ip family='ipv6' address='fd00:40::1' prefix='64'{}"
NAT = "<forward mode='nat'/>"
# What is accepted: of each example its name here, the document, what its dump has, and has not
DEFINED = [
    ('metadata', "<network ipv6='yes'><name>doc</name><uuid>7c1d2a5e-0b1f-4a53-9a43-5a1f2f0d9e11</uuid>"
     "<metadata><one:x xmlns:one='urn:one'>1</one:x><two:y xmlns:two='urn:two'>2</two:y></metadata></network>",
     ['7c1d2a5e-0b1f-4a53-9a43-5a1f2f0d9e11', 'urn:one', '2</two:y>'], ['ipv6']),
    ('bridge and domain', "<network><name>doc</name><bridge name='br7' stp='on' delay='3' macTableManager='kernel'/>"
     f"<domain name='doc.example' localOnly='no'/>{LAN.format('')}</network>",
     ["name='vboxnet0'", "<domain name='doc.example'/>"], ['br7', 'macTableManager', 'localOnly']),
    ('firewall zone', f"<network><name>doc</name><bridge name='br7' zone='public'/>{LAN.format('')}</network>",
     ['vboxnet0'], ['zone']),
    ('IPv6 through the NAT', f"<network><name>doc</name><forward mode='nat'><nat ipv6='yes'/></forward>{LAN.format('')}"
     f"{SIX.format('/>')}</network>", ["mode='nat'", 'fd00:40::1'], ['<nat']),
    ('addressing', "<network><name>doc</name><mac address='52:54:00:01:02:03'/><domain name='doc.example'/>"
     "<dns enable='no'/><ip address='10.40.0.1' netmask='255.255.255.0' localPtr='yes'><dhcp>"
     "<range start='10.40.0.50' end='10.40.0.99'><lease expiry='3' unit='hours'/></range>"
     "<host mac='52:54:00:00:00:0a' name='a.doc.example' ip='10.40.0.10'><lease expiry='45' unit='minutes'/></host>"
     "<host mac='52:54:00:00:00:0b' name='b.doc.example' ip='10.40.0.11'/></dhcp></ip>"
     f"""{SIX.format(" localPtr='yes'/>")}</network>""",
     ["<lease expiry='3' unit='hours'/>", "<lease expiry='45' unit='minutes'/>", "name='b.doc.example'", 'fd00:40::1'],
     ['localPtr', '52:54:00:01:02:03']),
    ('boot file', "<network><name>doc</name>" + LAN.format(
        "<dhcp><range start='10.40.0.50' end='10.40.0.99'/><bootp file='boot.img' server='10.40.0.9'/></dhcp>")
     + '</network>', ["<bootp file='boot.img' server='10.40.0.9'/>"], []),
    ('NAT', f"<network><name>doc</name><bridge name='br7'/>{NAT}" + LAN.format(
        "<dhcp><range start='10.40.0.4' end='10.40.0.254'/></dhcp>") + f"{SIX.format('/>')}</network>",
     ["<range start='10.40.0.4' end='10.40.0.254'/>", 'fd00:40::1'], ['br7']),
    ('isolated', "<network><name>doc</name><bridge name='br7'/>" + LAN.format(
        "<dhcp><range start='10.40.0.2' end='10.40.0.254'/></dhcp>") + f"{SIX.format('/>')}</network>",
     ["name='vboxnet0'", "<range start='10.40.0.2' end='10.40.0.254'/>"], ['forward']),
    ('an interface of the host', "<network><name>doc</name><forward mode='bridge'/><bridge name='eth0'/></network>",
     ["<interface dev='eth0'/>"], []),
    ('interfaces of the host', "<network><name>doc</name><forward mode='bridge'><interface dev='eth0'/></forward></network>",
     ["<interface dev='eth0'/>"], []),
    ('routed', f"<network><name>doc</name><bridge name='br7'/><forward mode='route'/>{LAN.format('')}{SIX.format('/>')}"
     '</network>', ["<forward mode='route'/>", "name='vboxnet0'"], ['br7']),
    ('open', f"<network><name>doc</name><forward mode='open'/>{LAN.format('')}</network>",
     ["<forward mode='open'/>", "name='vboxnet0'"], []),
    ("libvirt's own default", "<network><name>doc</name><uuid>7c1d2a5e-0b1f-4a53-9a43-5a1f2f0d9e13</uuid>"
     "<forward mode='nat'><nat><port start='1024' end='65535'/></nat></forward>"
     "<bridge name='virbr0' stp='on' delay='0'/><mac address='52:54:00:01:02:05'/>" + LAN.format(
         "<dhcp><range start='10.40.0.2' end='10.40.0.254'/></dhcp>") + '</network>',
     ["mode='nat'", "<range start='10.40.0.4' end='10.40.0.254'/>"], ['virbr0', '1024']),
    ('a range with the own address', '<network><name>doc</name>' + LAN.format(
        "<dhcp><range start='10.40.0.1' end='10.40.0.254'/></dhcp>") + '</network>',
     ["<range start='10.40.0.1' end='10.40.0.254'/>"], ['<host', 'vbox:']),
    ('hosts alone', '<network><name>doc</name>' + LAN.format(
        "<dhcp><host mac='52:54:00:00:00:0a' ip='10.40.0.10'/></dhcp>") + '</network>',
     ["<host mac='52:54:00:00:00:0a' ip='10.40.0.10'/>"], ['<range']),
    ('DHCP without anything', '<network><name>doc</name>' + LAN.format('<dhcp/>') + '</network>', [], ['dhcp']),
    ('no gateway', "<network ipv6='yes'><name>doc</name><uuid>7c1d2a5e-0b1f-4a53-9a43-5a1f2f0d9e12</uuid>"
     "<bridge name='br7' stp='on' delay='0'/><mac address='52:54:00:01:02:04'/></network>",
     ['7c1d2a5e-0b1f-4a53-9a43-5a1f2f0d9e12'], ['bridge', 'mac']),
]


def bare(inner):
    """A document with one thing that is refused."""
    return f'<network><name>doc</name>{inner}</network>'


SIX_DHCP = f"{LAN.format('')}{SIX.format('>')}<dhcp>{{}}</dhcp></ip>"
# What is refused: of each example its name here, the code, the path that the message begins with, the document
REFUSED = [
    ('receive filters', 'CONFIG_UNSUPPORTED', '/network/@trustGuestRxFilters',
     "<network trustGuestRxFilters='no'><name>doc</name></network>"),
    ('MTU', 'CONFIG_UNSUPPORTED', '/network/mtu', bare("<mtu size='9000'/>")),
    ('NAT through one device', 'CONFIG_UNSUPPORTED', '/network/forward/@dev',
     bare(f"<forward mode='nat' dev='eth0'/>{LAN.format('')}")),
    ('addresses of the NAT', 'CONFIG_UNSUPPORTED', '/network/forward/nat/address',
     bare(f"<forward mode='nat'><nat><address start='10.9.0.2' end='10.9.0.3'/></nat></forward>{LAN.format('')}")),
    ('ports of the NAT', 'CONFIG_UNSUPPORTED', '/network/forward/nat/port',
     bare(f"<forward mode='nat'><nat><port start='2000' end='3000'/></nat></forward>{LAN.format('')}")),
    ('routed through one device', 'CONFIG_UNSUPPORTED', '/network/forward/@dev',
     bare(f"<bridge name='br7'/><forward mode='route' dev='eth0'/>{LAN.format('')}")),
    *[(mode, 'CONFIG_UNSUPPORTED', '/network/forward/@mode',
       bare(f"<forward mode='{mode}'><interface dev='eth0'/></forward>"))
      for mode in ('private', 'vepa', 'passthrough')],
    ('passthrough of a function', 'CONFIG_UNSUPPORTED', '/network/forward/pf',
     bare("<forward mode='passthrough'><pf dev='eth0'/></forward>")),
    ('host devices', 'CONFIG_UNSUPPORTED', '/network/forward/address',
     bare("<forward mode='hostdev' managed='yes'><driver name='vfio'/>"
          "<address type='pci' domain='0' bus='5' slot='0' function='1'/></forward>")),
    ('host devices by function', 'CONFIG_UNSUPPORTED', '/network/forward/pf',
     bare("<forward mode='hostdev' managed='yes'><pf dev='eth0'/></forward>")),
    ('several interfaces', 'CONFIG_UNSUPPORTED', '/network/forward/interface[2]',
     bare("<forward mode='bridge'><interface dev='eth0'/><interface dev='eth1'/></forward>")),
    ('bandwidth', 'CONFIG_UNSUPPORTED', '/network/bandwidth',
     bare(f"{NAT}<bandwidth><inbound average='900' peak='4000' burst='5000'/><outbound average='100'/></bandwidth>"
          f"{LAN.format('')}")),
    ('Open vSwitch', 'CONFIG_UNSUPPORTED', '/network/vlan',
     bare("<forward mode='bridge'/><bridge name='ovs7'/><virtualport type='openvswitch'/>"
          "<vlan trunk='yes'><tag id='7' nativeMode='untagged'/><tag id='8'/></vlan>")),
    ('virtual ports', 'CONFIG_UNSUPPORTED', '/network/virtualport',
     bare("<forward mode='bridge'/><bridge name='eth0'/><virtualport type='openvswitch'/>")),
    ('isolated ports', 'CONFIG_UNSUPPORTED', '/network/port',
     bare("<forward mode='bridge'/><bridge name='eth0'/><port isolated='yes'/>")),
    ('port groups', 'CONFIG_UNSUPPORTED', '/network/portgroup',
     bare("<forward mode='bridge'><interface dev='eth0'/></forward><portgroup name='some' default='yes'/>")),
    ('static routes', 'CONFIG_UNSUPPORTED', '/network/route',
     bare(f"{LAN.format('')}<route address='10.50.0.0' prefix='24' gateway='10.40.0.2'/>")),
    ('DNS forwarders', 'CONFIG_UNSUPPORTED', '/network/dns/forwarder', bare("<dns><forwarder addr='192.0.2.53'/></dns>")),
    ('DNS texts', 'CONFIG_UNSUPPORTED', '/network/dns/txt', bare("<dns><txt name='a' value='b'/></dns>")),
    ('DNS services', 'CONFIG_UNSUPPORTED', '/network/dns/srv', bare("<dns><srv service='s' protocol='tcp'/></dns>")),
    ('DNS hosts', 'CONFIG_UNSUPPORTED', '/network/dns/host',
     bare("<dns><host ip='10.40.0.2'><hostname>a</hostname></host></dns>")),
    ('plain names', 'CONFIG_UNSUPPORTED', '/network/dns/@forwardPlainNames', bare("<dns forwardPlainNames='no'/>")),
    ('TFTP', 'CONFIG_UNSUPPORTED', '/network/ip/tftp', bare(LAN.format("<tftp root='/srv'/>"))),
    ('a short lease', 'CONFIG_UNSUPPORTED', '/network/ip/dhcp', bare(LAN.format(
        "<dhcp><range start='10.40.0.50' end='10.40.0.99'><lease expiry='119' unit='seconds'/></range></dhcp>"))),
    ('dnsmasq', 'CONFIG_UNSUPPORTED', '/network/dnsmasq:options',
     "<network xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0'><name>doc</name>"
     "<dnsmasq:options><dnsmasq:option value='log-dhcp'/></dnsmasq:options></network>"),
    ('DHCP of IPv6', 'CONFIG_UNSUPPORTED', '/network/ip/dhcp',
     bare(SIX_DHCP.format("<range start='fd00:40::100' end='fd00:40::1ff'/>"))),
    ('hosts of IPv6', 'CONFIG_UNSUPPORTED', '/network/ip/dhcp',
     bare(SIX_DHCP.format("<host name='a' ip='fd00:40::2'/>"))),
    ('client ids', 'CONFIG_UNSUPPORTED', '/network/ip/dhcp/host/@id',
     bare(SIX_DHCP.format("<host id='0:3:0:1:52:54:0:0:0:a' name='a' ip='fd00:40::2'/>"))),
    ('hosts by name', 'CONFIG_UNSUPPORTED', '/network/ip/dhcp/host/@mac',
     bare(LAN.format("<dhcp><range start='10.40.0.50' end='10.40.0.99'/><host name='a' ip='10.40.0.2'/></dhcp>"))),
    ('IPv6 alone', 'CONFIG_UNSUPPORTED', '/network/ip', bare(f"<bridge name='br7'/>{SIX.format('/>')}")),
    ('several addresses', 'CONFIG_UNSUPPORTED', '/network/ip',
     bare(LAN.format('') + "<ip address='10.41.0.1' prefix='24'/>")),
]


@pytest.mark.parametrize('xml, shown, hidden', [case[1:] for case in DEFINED], ids=[case[0] for case in DEFINED])
def test_defined(connection, networks, valid, xml, shown, hidden):
    """As libvirt takes it; the dump is valid, has what counts, and not what was advice."""
    assert valid(xml)
    network = connection.networkDefineXML(xml)
    dump = network.XMLDesc()
    assert valid(dump) and etree.fromstring(dump).find('name').text == 'doc'
    assert [part for part in shown if part not in dump] == [] and [part for part in hidden if part in dump] == []
    connection.networkDefineXML(dump)
    assert network.XMLDesc() == dump


@pytest.fixture
def refuses(connection, networks, valid, unchanged):
    """Says whether a document that libvirt takes is refused, and VirtualBox left as it is."""
    def check(code, path, xml):
        assert valid(xml)
        with refused(code, path):
            connection.networkDefineXML(xml)
    return check


def test_refused(refuses):
    """With the code of what VirtualBox cannot, and the place."""
    for name, code, path, xml in REFUSED:
        try:
            refuses(code, path, xml)
        except AssertionError as failure:
            raise AssertionError(f'{name}: {failure}') from failure

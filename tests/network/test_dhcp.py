# SPDX-License-Identifier: LGPL-2.1-or-later
"""DHCP servers: leases, options, boot files, groups; of each kind of network.  VBoxManage confirms."""
import re

import libvirt
import pytest

import settings
from commands import vboxmanage, virsh
from nets import VBOX, refused

SERVER = 'HostInterfaceNetworking-vboxnet0'
UUID = '11111111-2222-3333-4444-555555555555'
WORDS = f'''<range start='{{net}}.100' end='{{net}}.200'>
        <lease expiry='2' unit='hours'/>
      </range>
      <bootp file='pxelinux.0' server='boot.example'/>
      <vbox:lease min='60' max='90000'/>
      <vbox:option number='2' value='3600' send='always'/>
      <vbox:option number='28' send='never'/>
      <vbox:option number='42' value='{{net}}.7 {{net}}.8'/>
      <vbox:option number='43' encoding='hex' value='01:02:ff'/>
      <host mac='08:00:27:00:00:01' name='web' ip='{{net}}.10'>
        <lease expiry='0'/>
        <vbox:option number='15' value='own.example'/>
      </host>
      <host mac='08:00:27:00:00:02' ip='{{net}}.11'/>
      <vbox:guest machine='{UUID}' slot='3' name='db' ip='{{net}}.12'>
        <lease expiry='5' unit='minutes'/>
      </vbox:guest>
      <vbox:guest mac='08:00:27:00:00:03'>
        <vbox:lease default='30'/>
      </vbox:guest>
      <vbox:group name='some &amp; &lt;others&gt;'>
        <vbox:condition type='MACWildcard' value='08:00:27:*'/>
        <vbox:condition type='MAC' value='08:00:27:00:00:09' inclusive='no'/>
        <lease expiry='121' unit='seconds'/>
        <vbox:option number='3' value='{{net}}.9'/>
      </vbox:group>'''
SAID = ('2/legacy: 3600', '42/legacy: {net}.7 {net}.8', '43/hex: 01:02:ff', '66/legacy: boot.example',
        '67/legacy: pxelinux.0', '12/legacy: web', '15/legacy: own.example', '15/legacy: d.example',
        '12/legacy: db', '3/legacy: {net}.9', '7200 sec', '90000 sec', '60 sec', '300 sec', '121 sec',
        "Forced options: +2", "Suppressed opts.: +28", 'include MAC* 08:00:27:*',
        'exclude MAC 08:00:27:00:00:09', '4294967295 sec')


def full(kind):
    """A network of a kind that has all words of DHCP, its addresses' beginning, and its server's name."""
    net = {'host_only': '192.168.56', 'nat': '192.168.130', 'internal': '10.1.1'}[kind]
    words = WORDS.format(net=net)
    domain = "<domain name='d.example'/>"
    if kind == 'internal':
        dhcp = f"<vbox:dhcp address='{net}.2' netmask='255.255.255.0'>{words}</vbox:dhcp>"
        body = domain + dhcp
    else:
        forward = "<forward mode='nat'/>" if kind == 'nat' else ''
        body = (f"{forward}{domain}<ip address='{net}.1' netmask='255.255.255.0'><dhcp>{words}</dhcp></ip>")
    xml = f"<network xmlns:vbox='{VBOX}'><name>full</name>{body}</network>"
    return xml, net, SERVER if kind == 'host_only' else 'full'


def lines(xml):
    """The lines of a document, without what shows its structure."""
    return [line.strip() for line in xml.replace('><', '>\n<').splitlines()]


@pytest.mark.parametrize('kind', ['host_only', 'nat', 'internal'])
def test_all_words(connection, only_networks, kind):
    """Each is in VirtualBox; a dump says it again, and defining the dump changes nothing."""
    xml, net, name = full(kind)
    network = connection.networkDefineXML(xml)
    server = only_networks.servers()[name]
    said = re.sub(r'[ \t]+', ' ', server['all'])
    missing = [each for each in SAID if not re.search(re.escape(each.format(net=net)).replace(r'\+', '+'), said)]
    assert not missing, said
    dump = network.XMLDesc()
    assert not set(lines(WORDS.format(net=net))) - set(lines(dump)), dump
    with settings.Unchanged():
        connection.networkDefineXML(dump)
    assert network.XMLDesc() == dump
    network.create()
    assert only_networks.servers()[name]['Enabled'] == 'Yes' and network.XMLDesc() == dump
    network.destroy()
    assert only_networks.servers()[name]['Enabled'] == 'No' and network.XMLDesc() == dump
    network.undefine()
    assert only_networks.servers() == {}


def test_what_vboxmanage_set(connection, networks, machines):
    """A dump shows it, in libvirt's words where there are any; a definition says all, so what is left out goes."""
    network = connection.networkDefineXML(networks.host_only(dhcp=networks.dhcp))
    machine = machines.make()
    modify = ('dhcpserver', 'modify', f'--network={SERVER}')
    vboxmanage(*modify, '--set-opt=42', '10.0.0.1', '--set-opt=15', 'd.example', '--set-opt=67', 'file',
               '--max-lease-time=777', '--force-opt=42')
    vboxmanage(*modify, '--group=them', '--incl-mac-wild=08:00:*', '--set-opt=3', '192.168.56.9')
    vboxmanage(*modify, f'--vm={machine.name}', '--nic=2', '--fixed-address=192.168.56.12')
    vboxmanage(*modify, '--mac-address=080027000001', '--set-opt=12', 'web', '--min-lease-time=33')
    dump = network.XMLDesc()
    for line in ("<vbox:option number='42' value='10.0.0.1' send='always'/>", "<domain name='d.example'/>",
                 "<vbox:option number='67' value='file'/>", "<vbox:lease max='777'/>", "<vbox:group name='them'>",
                 "<vbox:condition type='MACWildcard' value='08:00:*'/>",
                 f"<vbox:guest machine='{machine.uuid}' slot='1' ip='192.168.56.12'/>",
                 "<vbox:guest mac='08:00:27:00:00:01' name='web'>", "<vbox:lease min='33'/>"):
        assert line in dump, dump
    network.create()
    before = networks.servers()[SERVER]['all']
    connection.networkDefineXML(dump.replace("end='192.168.56.200'", "end='192.168.56.201'"))
    assert networks.servers()[SERVER]['all'] == before.replace('192.168.56.200', '192.168.56.201')
    connection.networkDefineXML(re.sub(r'.*<vbox:option .*\n', '', dump))
    after = networks.servers()[SERVER]['all']
    assert '42/legacy' not in after and '67/legacy' not in after and '15/legacy: d.example' in after
    assert '777' in after and 'web' in after


def test_a_change_that_virtualbox_refuses(connection, only_networks, put_back):
    """Only VirtualBox knows what an option may be: what was set before is taken back."""
    bad = "<vbox:option number='{}' value='nonsense'/>"
    dhcp = "<dhcp><range start='{net}.100' end='{net}.200'/><vbox:option number='15' value='x'/>{bad}</dhcp>"
    for kind, net in (('host_only', '192.168.56'), ('nat', '192.168.130')):
        xml = getattr(only_networks, kind)('n', dhcp=dhcp.format(net=net, bad=bad.format(42)))
        with put_back(), refused('CONFIG_UNSUPPORTED', "'nonsense' for the option 42"):
            connection.networkDefineXML(xml.replace('<network>', f"<network xmlns:vbox='{VBOX}'>"))
    good, net, _ = full('internal')
    wrong = good.replace(f"value='{net}.9'", "value='nonsense'")
    assert wrong != good
    with put_back(), refused('CONFIG_UNSUPPORTED', "'nonsense' for the option 3"):
        connection.networkDefineXML(wrong)
    network = connection.networkCreateXML(good)
    with put_back():
        for worse in (wrong.replace("slot='3'", "slot='4'").replace("number='2'", "number='37'"),
                      wrong.replace('08:00:27:*', '08:*').replace(f'{net}.100', f'{net}.101')):
            with refused('CONFIG_UNSUPPORTED', 'VirtualBox'):
                connection.networkDefineXML(worse)
    network.destroy()
    assert only_networks.servers() == {}


def test_an_internal_network(connection, only_networks, machines):
    """Its server comes and goes with it; a NIC of it powers up."""
    dhcp = "<vbox:dhcp address='10.1.1.2' prefix='24'><range start='10.1.1.2' end='10.1.1.9'/></vbox:dhcp>"
    xml = only_networks.internal('lan', dhcp).replace('<network>', f"<network xmlns:vbox='{VBOX}'>")
    network = connection.networkCreateXML(xml)
    server = only_networks.servers()['lan']
    assert (server['Enabled'], server['Dhcpd IP'], server['UpperIPAddress']) == ('Yes', '10.1.1.2', '10.1.1.9')
    virsh('net-update', 'lan', 'add', 'ip-dhcp-host', "<host mac='08:00:27:00:00:09' ip='10.1.1.7'/>", '--live')
    assert "<host mac='08:00:27:00:00:09' ip='10.1.1.7'/>" in network.XMLDesc()
    assert "<vbox:dhcp address='10.1.1.2' prefix='24'>" in network.XMLDesc()
    virsh('net-update', 'lan', 'delete', 'ip-dhcp-range', "<range start='10.1.1.2' end='10.1.1.9'/>", '--live')
    assert "<host mac='08:00:27:00:00:09' ip='10.1.1.7'/>" in network.XMLDesc() and 'range' not in network.XMLDesc()
    assert only_networks.servers()['lan']['UpperIPAddress'] == '10.1.1.2'  # the server's own, which it never leases
    virsh('net-update', 'lan', 'delete', 'ip-dhcp-host', "<host mac='08:00:27:00:00:09'/>", '--live')
    assert only_networks.servers() == {} and 'vbox:dhcp' not in network.XMLDesc()
    with refused('OPERATION_INVALID', 'no <ip> element'):
        network.update(libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST, libvirt.VIR_NETWORK_SECTION_IP_DHCP_RANGE, -1,
                       "<range start='10.1.1.2' end='10.1.1.9'/>")
    network.destroy()
    assert only_networks.servers() == {} and connection.listAllNetworks() == []


def test_an_internal_network_of_vboxmanage(connection, networks, machines):
    """Its server is shown, and is the network's from its definition on."""
    vboxmanage('dhcpserver', 'add', '--network=theirs', '--server-ip=10.1.1.2', '--netmask=255.255.255.0',
               '--lower-ip=10.1.1.10', '--upper-ip=10.1.1.20', '--enable')
    machine = machines.make()
    machine.manage('modifyvm', '--nic1', 'intnet', '--intnet1', 'theirs')
    network = connection.networkLookupByName('theirs')
    said = "<vbox:dhcp address='10.1.1.2' netmask='255.255.255.0'>"
    assert said in network.XMLDesc() and "<range start='10.1.1.10' end='10.1.1.20'/>" in network.XMLDesc()
    network.destroy()
    assert networks.servers()['theirs']['Enabled'] == 'No'
    machine.manage('modifyvm', '--nic1', 'none', '--intnet1', '')
    assert connection.listAllNetworks() == []
    network = connection.networkDefineXML(networks.internal('theirs'))
    assert said in network.XMLDesc()
    network.undefine()
    assert networks.servers() == {}


def test_a_server_that_is_another_networks(connection, networks, machines):
    """VirtualBox knows DHCP servers by the name of the network alone."""
    nat = connection.networkDefineXML(networks.nat('both', dhcp=(
        "<dhcp><range start='192.168.130.10' end='192.168.130.99'/></dhcp>")))
    machine = machines.make()
    machine.manage('modifyvm', '--nic1', 'intnet', '--intnet1', 'both')
    other = connection.networkLookupByName('both-internal')
    assert 'dhcp' not in other.XMLDesc()
    with settings.Unchanged(), refused('CONFIG_UNSUPPORTED', 'give the network another name'):
        connection.networkDefineXML(
            f"<network xmlns:vbox='{VBOX}'><name>{SERVER}</name><vbox:dhcp address='10.1.1.2' prefix='24'>"
            "<range start='10.1.1.3' end='10.1.1.4'/></vbox:dhcp></network>")
    nat.undefine()


@pytest.mark.parametrize('kind', ['nat', 'internal'])
def test_odd_names(connection, only_networks, kind):
    """Names are VirtualBox's names, and those of DHCP servers."""
    names = ['ä ö', '"quoted" \'twice\'', 'a;b=c#[d]', '<&>', '-rf', '%s', '..', 'n' * 120]
    xml, _, _ = full(kind)
    for name in names:
        escaped = name.replace('&', '&amp;').replace('<', '&lt;')
        assert connection.networkDefineXML(xml.replace('<name>full<', f'<name>{escaped}<')).name() == name
    assert only_networks.servers().keys() == set(names)
    with settings.Unchanged():
        for name in names:
            connection.networkDefineXML(connection.networkLookupByName(name).XMLDesc())
    for name in names:
        connection.networkLookupByName(name).undefine()
    assert only_networks.servers() == {}


def test_a_guest_that_is_named_twice(connection, networks, machines):
    """By its MAC address, and as an adapter: VirtualBox's server would end at its start, and nobody would be told."""
    machine = machines.make()
    machine.manage('modifyvm', '--nic1', 'nat', '--mac-address1', '080027AA0001')
    guest, host = f"<vbox:guest machine='{machine.uuid}' slot='0'/>", "<host mac='08:00:27:aa:00:01' ip='192.168.130.11'/>"
    dhcp = "<dhcp><range start='192.168.130.20' end='192.168.130.30'/>{}</dhcp>"
    network = connection.networkDefineXML(networks.nat(dhcp=dhcp.format(guest)))
    with settings.Unchanged():
        with refused('CONFIG_UNSUPPORTED', 'has the MAC address 08:00:27:aa:00:01'):
            network.update(libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST, libvirt.VIR_NETWORK_SECTION_IP_DHCP_HOST, -1, host)
        with refused('CONFIG_UNSUPPORTED', 'all of it of one of them'):
            connection.networkDefineXML(networks.nat(dhcp=dhcp.format(guest + host)))
    vboxmanage('dhcpserver', 'modify', '--network=out', '--mac-address=08:00:27:aa:00:01', '--fixed-address=192.168.130.12')
    connection.networkDefineXML(network.XMLDesc())
    with settings.Unchanged(), refused('CONFIG_UNSUPPORTED', 'ends as soon as it starts'):
        network.create()

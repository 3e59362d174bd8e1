# SPDX-License-Identifier: LGPL-2.1-or-later
"""Host-only networks: <ip>, with or without <dhcp>; VBoxManage and ip(8) confirm each step."""
import os
import pathlib
import re

import pytest

import commands
import dhcpserver
import domains
import processes
import recorder
import waiting
from commands import vboxmanage, virsh
from nets import refused

SERVER = 'HostInterfaceNetworking-vboxnet0'
HELPER = '/usr/lib/virtualbox/VBoxNetAdpCtl'
HOSTS = ("<dhcp><range start='192.168.56.100' end='192.168.56.200'/>"
         "<host mac='08:00:27:AA:BB:CC' name='web' ip='192.168.56.10'/>"
         "<host mac='08:00:27:aa:bb:cd' ip='192.168.56.11'/></dhcp>")
BYTES = ("<dhcp><range start='192.168.59.100' end='192.168.59.200'/><vbox:option xmlns:vbox='urn:vboxvirt:1' number='43' "
         "encoding='hex' value='00:01:02'/></dhcp>")


def test_virsh(only_networks, valid, tmp_path):
    """A whole life by stock virsh leaves nothing behind."""
    path = tmp_path / 'ho.xml'
    path.write_text(only_networks.host_only(dhcp=only_networks.dhcp), encoding='utf-8')
    virsh('net-define', path)
    assert re.search(r'ho\s+inactive\s+no\s+yes', virsh('net-list', '--all'))
    virsh('net-start', 'ho')
    assert re.search(r'Bridge:\s+vboxnet0', virsh('net-info', 'ho'))
    xml = virsh('net-dumpxml', 'ho')
    assert valid(xml)
    assert "<bridge name='vboxnet0'/>" in xml and "<mac address='0a:00:27:00:00:00'/>" in xml
    assert virsh('net-dumpxml', 'ho', '--inactive') == xml
    virsh('net-destroy', 'ho')
    virsh('net-undefine', 'ho')
    assert only_networks.adapters() == {} and only_networks.servers() == {}
    assert only_networks.keys() == []


def test_the_steps_in_virtualbox(connection, only_networks):
    """Defined: an adapter without address, DHCP off.  Started: its address, DHCP on.  And back."""
    network = connection.networkDefineXML(only_networks.host_only(dhcp=HOSTS))
    assert list(only_networks.adapters()) == ['vboxnet0']
    assert only_networks.addresses('vboxnet0') == set()
    server = only_networks.servers()[SERVER]
    assert (server['Enabled'], server['LowerIPAddress'], server['UpperIPAddress']) == (
        'No', '192.168.56.100', '192.168.56.200')
    assert server['Dhcpd IP'] == '192.168.56.99'
    assert '08:00:27:aa:bb:cc' in server['all'] and '192.168.56.10\n' in server['all']
    assert network.isActive() == 0
    network.create()
    assert network.isActive() == 1
    assert only_networks.addresses('vboxnet0') == {'192.168.56.1/24'}
    assert only_networks.servers()[SERVER]['Enabled'] == 'Yes'
    network.destroy()
    assert network.isActive() == 0
    assert only_networks.addresses('vboxnet0') == set()
    assert only_networks.servers()[SERVER]['Enabled'] == 'No'
    assert 'HostOnly/vboxnet0/IPAddress' in only_networks.keys()
    network.undefine()
    assert only_networks.addresses('vboxnet0') is None
    assert only_networks.servers() == {} and only_networks.keys() == []


def test_the_same_xml_in_all_states(connection, networks, valid):
    """What was defined is dumped, stopped and started; defining the dump changes nothing at all."""
    more = "<domain name='example.org'/>"
    network = connection.networkDefineXML(networks.host_only(more=more, dhcp=HOSTS))
    xml = network.XMLDesc()
    assert valid(xml)
    assert "name='web' ip='192.168.56.10'" in xml and more in xml
    for step in (network.create, network.destroy):
        step()
        assert network.XMLDesc() == xml
        before = (vboxmanage('getextradata', 'global', 'enumerate'), networks.servers(),
                  networks.adapters(), networks.addresses('vboxnet0'))
        connection.networkDefineXML(xml)
        assert before == (vboxmanage('getextradata', 'global', 'enumerate'), networks.servers(),
                          networks.adapters(), networks.addresses('vboxnet0'))
    assert '15/legacy: example.org' in networks.servers()[SERVER]['all']
    assert '12/legacy: web' in networks.servers()[SERVER]['all']


def test_change_while_it_runs(connection, networks):
    """A new address, a new range, without DHCP: at once, on the same adapter."""
    network = connection.networkDefineXML(networks.host_only(dhcp=HOSTS))
    network.create()
    uuid = f'<uuid>{network.UUIDString()}</uuid>'
    connection.networkDefineXML(networks.host_only(
        address='10.7.0.1', more=uuid,
        dhcp="<dhcp><range start='10.7.0.2' end='10.7.0.254'/></dhcp>"))
    assert networks.addresses('vboxnet0') == {'10.7.0.1/24'}
    server = networks.servers()[SERVER]
    assert (server['LowerIPAddress'], server['UpperIPAddress'], server['Enabled']) == (
        '10.7.0.2', '10.7.0.254', 'Yes')
    # the range takes all: the server has the last address of it, which it does not give away
    assert server['Dhcpd IP'] == '10.7.0.254' and '192.168.56.10' not in server['all']
    connection.networkDefineXML(networks.host_only(more=uuid))
    assert networks.addresses('vboxnet0') == {'192.168.56.1/24'}
    assert networks.servers() == {}
    assert network.isActive() == 1


def test_both_families(connection, networks, valid):
    """IPv4 and IPv6; stopping takes both away, undefining all."""
    six = "<ip family='ipv6' address='fd00:7::1' prefix='64'/>"
    xml = networks.host_only().replace('</network>', six + '</network>')
    network = connection.networkDefineXML(xml)
    assert networks.addresses('vboxnet0') == set()
    network.create()
    assert networks.addresses('vboxnet0') == {'192.168.56.1/24', 'fd00:7::1/64'}
    assert valid(network.XMLDesc()) and six in network.XMLDesc()
    network.destroy()
    assert networks.addresses('vboxnet0') == set() and six in network.XMLDesc()
    network.create()
    connection.networkDefineXML(networks.host_only())
    assert networks.addresses('vboxnet0') == {'192.168.56.1/24'}
    assert 'ipv6' not in network.XMLDesc()


def test_ipv6_goes_only_without_machines(connection, networks, machines, put_back):
    """It goes with the adapter, which is made anew: machines that run would lose it."""
    six = "<ip family='ipv6' address='fd00:7::1' prefix='64'/></network>"
    network = connection.networkCreateXML(networks.host_only().replace('</network>', six))
    domain = connection.defineXML(domains.xml('a', devices=domains.FLOPPY + (
        "<interface type='network'><source network='ho'/></interface>")))
    domain.create()
    with put_back(), refused('OPERATION_INVALID', "domain 'a' runs on it"):
        connection.networkDefineXML(networks.host_only())
    assert networks.addresses('vboxnet0') == {'192.168.56.1/24', 'fd00:7::1/64'}
    connection.networkDefineXML(networks.host_only().replace('</network>', six.replace(':7:', ':8:')))
    assert networks.addresses('vboxnet0') == {'192.168.56.1/24', 'fd00:8::1/64'}
    domain.destroy()
    connection.networkDefineXML(networks.host_only())
    assert networks.addresses('vboxnet0') == {'192.168.56.1/24'}
    network.destroy()


def test_prefix_and_netmask_are_shown_as_given(connection, networks):
    """Clients compare."""
    for index, (given, shown) in enumerate((("prefix='16'", "prefix='16'"),
                                            ("netmask='255.255.0.0'", "netmask='255.255.0.0'"),
                                            ('', "netmask='255.0.0.0'"))):
        xml = f"<network><name>n{index}</name><ip address='10.{index}.0.1' {given}/></network>"
        assert f"address='10.{index}.0.1' {shown}" in connection.networkDefineXML(xml).XMLDesc()


def test_two_networks_have_two_adapters(connection, networks):
    """The first free number is taken; removing one leaves the other alone."""
    first = connection.networkDefineXML(networks.host_only('first', dhcp=networks.dhcp))
    second = connection.networkDefineXML(networks.host_only('second', '192.168.57.1'))
    assert (first.bridgeName(), second.bridgeName()) == ('vboxnet0', 'vboxnet1')
    second.create()
    first.undefine()
    assert list(networks.adapters()) == ['vboxnet1']
    assert networks.addresses('vboxnet1') == {'192.168.57.1/24'}
    third = connection.networkDefineXML(networks.host_only('third', '192.168.58.1'))
    assert third.bridgeName() == 'vboxnet0'


def test_a_lost_adapter_comes_back_under_its_name(connection, networks):
    """After VBoxManage removed it, and with a gap before it."""
    connection.networkDefineXML(networks.host_only('first')).undefine()
    vboxmanage('hostonlyif', 'create')
    network = connection.networkDefineXML(networks.host_only(dhcp=networks.dhcp))
    assert network.bridgeName() == 'vboxnet1'
    network.create()
    for name in ('vboxnet1', 'vboxnet0'):
        vboxmanage('hostonlyif', 'remove', name)
    assert network.isActive() == 0
    network.create()
    assert network.isActive() == 1
    assert list(networks.adapters()) == ['vboxnet1']
    assert networks.addresses('vboxnet1') == {'192.168.56.1/24'}
    vboxmanage('hostonlyif', 'remove', 'vboxnet1')
    network.undefine()
    assert networks.servers() == {} and networks.keys() == []


@pytest.mark.restarts_daemon
def test_after_a_reboot_of_the_host(networks, the_service):
    """The kernel has forgotten the adapter: VirtualBox makes it again, the network is the same, and off."""
    connection = recorder.connect()
    network = connection.networkDefineXML(networks.host_only(dhcp=networks.dhcp))
    connection.networkDefineXML(networks.host_only('other', '192.168.57.1'))
    network.create()
    xml = network.XMLDesc()
    connection.close()
    the_service.stop()
    waiting.until(lambda: not processes.pids_of('VBoxSVC'), 'VBoxSVC ends')
    for name in ('vboxnet0', 'vboxnet1'):
        commands.run(HELPER, name, 'remove')
    the_service.start()
    assert virsh('net-dumpxml', 'ho').strip() == xml.strip()
    assert set(networks.adapters()) == {'vboxnet0', 'vboxnet1'}
    assert re.search(r'ho\s+inactive', virsh('net-list', '--all'))
    virsh('net-start', 'ho')
    assert networks.addresses('vboxnet0') == {'192.168.56.1/24'}


@pytest.mark.restarts_daemon
def test_autostart_after_a_reboot_of_the_host(networks, the_service):
    """The first daemon gives its address back to a network that is marked; a transient one has gone; what cannot be
    started is told in the log."""
    connection = recorder.connect()
    connection.networkDefineXML(networks.host_only(dhcp=networks.dhcp)).setAutostart(1)
    connection.networkDefineXML(networks.host_only('other', '192.168.57.1')).create()
    connection.networkCreateXML(networks.host_only('passing', '192.168.58.1'))
    connection.networkDefineXML(networks.host_only('broken', '192.168.59.1', dhcp=BYTES)).setAutostart(1)
    connection.close()
    the_service.stop()
    waiting.until(lambda: not processes.pids_of('VBoxSVC'), 'VBoxSVC ends')
    path = dhcpserver.HOME / 'VirtualBox.xml'
    path.write_text(path.read_text(encoding='utf-8').replace('"00:01:02"', '"012"'), encoding='utf-8')
    said = len(the_service.log())
    for number in range(4):
        commands.run(HELPER, f'vboxnet{number}', 'remove')
    pathlib.Path(os.environ['XDG_RUNTIME_DIR'], 'vboxvirt', 'autostarted').unlink()
    the_service.start()
    waiting.until(lambda: 'passing' not in virsh('net-list', '--all'), 'networks are started, transient ones removed')
    waiting.until(lambda: networks.addresses('vboxnet0') == {'192.168.56.1/24'}, 'the marked one has its address')
    assert re.search(r'ho\s+active\s+yes', virsh('net-list')) and networks.servers()[SERVER]['Enabled'] == 'Yes'
    assert re.search(r'other\s+inactive', virsh('net-list', '--all')) and networks.addresses('vboxnet1') == set()
    assert set(networks.adapters()) == {'vboxnet0', 'vboxnet1', 'vboxnet3'}
    waiting.until(lambda: "network 'broken': cannot start it: VirtualBox's DHCP server cannot read '012'"
                  in the_service.log()[said:], 'the log says why the broken one is not started')
    assert re.search(r'broken\s+inactive', virsh('net-list', '--all'))
    vboxmanage('dhcpserver', 'modify', '--network=HostInterfaceNetworking-vboxnet3', '--enable')
    assert "Bad option '43'" in dhcpserver.complaint('HostInterfaceNetworking-vboxnet3')


def test_servers_of_others_stay(connection, networks, service):
    """A DHCP server without an adapter is theirs, whatever comes and goes; ours go with their network."""
    for name in ('HostInterfaceNetworking-vboxnet7', 'theirs'):
        vboxmanage('dhcpserver', 'add', f'--network={name}', '--server-ip=192.168.99.2', '--netmask=255.255.255.0',
                   '--lower-ip=192.168.99.100', '--upper-ip=192.168.99.101', '--enable')
    before = networks.servers()
    network = connection.networkCreateXML(networks.host_only(dhcp=networks.dhcp))
    assert networks.servers().keys() == before.keys() | {SERVER}
    vboxmanage('hostonlyif', 'remove', 'vboxnet0')
    assert networks.servers().keys() == before.keys() | {SERVER}
    service.kill_engine()
    assert 'ho' in virsh('net-list', '--all')  # by the next engine
    connection.networkDefineXML(network.XMLDesc())
    network.undefine()
    assert networks.servers() == before


def test_an_address_in_use_is_refused(connection, networks, put_back):
    """By another network that runs, or by another interface of the host: before anything is made."""
    first = connection.networkDefineXML(networks.host_only('first'))
    second = connection.networkDefineXML(networks.host_only('second', '192.168.56.77'))
    first.create()
    in_use = ('INTERNAL_ERROR', 'Network is already in use by interface ')
    with put_back(), refused(in_use[0], in_use[1] + 'vboxnet0'):
        second.create()
    assert second.isActive() == 0 and networks.addresses('vboxnet1') == set()
    for xml in (networks.host_only('third', '192.168.56.9'), networks.nat('third', '192.168.56.1')):
        with put_back(), refused(in_use[0], in_use[1] + 'vboxnet0'):
            connection.networkCreateXML(xml)
    with put_back(), refused(in_use[0], in_use[1] + 'eth0'):
        connection.networkCreateXML(networks.nat('third', '192.0.2.1'))
    assert list(networks.adapters()) == ['vboxnet0', 'vboxnet1']
    first.destroy()
    second.create()
    with refused(in_use[0], in_use[1] + 'vboxnet1'):
        first.create()
    # what is only defined may have any
    nat = connection.networkDefineXML(networks.nat('third', '192.168.56.1'))
    second.destroy()
    nat.create()
    with put_back(), refused('INTERNAL_ERROR', "Network is already in use by network 'third'"):
        first.create()
    with put_back(), refused('INTERNAL_ERROR', "Network is already in use by network 'third'"):
        connection.networkCreateXML(networks.nat('fourth', '192.168.56.1'))
    connection.networkDefineXML(networks.nat('third', '192.168.56.1', f'<uuid>{nat.UUIDString()}</uuid>',
                                             "<dhcp><range start='192.168.56.4' end='192.168.56.9'/></dhcp>"))


def test_a_dhcp_server_without_adapter_is_replaced(connection, only_networks):
    """VirtualBox leaves such servers when an adapter goes."""
    words = ('dhcpserver', 'add', f'--network={SERVER}', '--server-ip=192.168.99.2',
             '--netmask=255.255.255.0', '--lower-ip=192.168.99.100',
             '--upper-ip=192.168.99.101', '--enable')
    vboxmanage(*words)
    network = connection.networkDefineXML(only_networks.host_only())
    assert only_networks.servers() == {}
    network.undefine()
    vboxmanage(*words)
    network = connection.networkDefineXML(only_networks.host_only(dhcp=only_networks.dhcp))
    assert only_networks.servers()[SERVER]['LowerIPAddress'] == '192.168.56.100'
    assert network.isActive() == 0
    network.undefine()
    assert only_networks.servers() == {}


def test_transient(connection, only_networks):
    """net-create: adapter, address and DHCP at once; net-destroy: nothing is left."""
    network = connection.networkCreateXML(only_networks.host_only(dhcp=only_networks.dhcp))
    assert (network.isActive(), network.isPersistent()) == (1, 0)
    assert only_networks.addresses('vboxnet0') == {'192.168.56.1/24'}
    assert only_networks.servers()[SERVER]['Enabled'] == 'Yes'
    network.destroy()
    assert connection.listAllNetworks() == []


def test_the_name_of_the_bridge_is_advice(connection, networks):
    """A bridge's name from elsewhere is accepted; another network's adapter is not."""
    more = "<bridge name='virbr7' stp='on' delay='0'/><mac address='52:54:00:11:22:33'/>"
    network = connection.networkDefineXML(networks.host_only(more=more))
    assert network.bridgeName() == 'vboxnet0'
    assert "<mac address='0a:00:27:00:00:00'/>" in network.XMLDesc()
    with refused('INTERNAL_ERROR', "'vboxnet0' already in use"):
        connection.networkDefineXML(networks.host_only(
            'other', '10.0.0.1', more="<bridge name='vboxnet0'/>"))


@pytest.mark.parametrize('how', ['networkDefineXML', 'networkCreateXML'])
def test_a_range_that_root_has_not_allowed(connection, only_networks, how):
    """The error names the file, and the line to add."""
    with refused('CONFIG_UNSUPPORTED', '`* 203.0.113.0/24` to /etc/vbox/networks.conf'):
        getattr(connection, how)(only_networks.host_only(address='203.0.113.1'))


def test_no_adapter_is_left_to_have(connection, networks):
    """VirtualBox has 128: the next definition fails with its words, and leaves nothing."""
    while commands.run(HELPER, 'add', check=False).returncode == 0:
        pass
    before = (networks.servers(), networks.keys())
    with refused('OPERATION_FAILED', 'cannot make a host-only adapter'):
        connection.networkDefineXML(networks.host_only())
    assert before == (networks.servers(), networks.keys())
    for number in range(128):
        commands.run(HELPER, f'vboxnet{number}', 'remove')


def test_a_network_is_not_named_like_another_adapter(connection, only_networks):
    """VirtualBox would make vboxnet0 for it."""
    with refused('CONFIG_UNSUPPORTED', 'another name'):
        connection.networkDefineXML(only_networks.host_only('vboxnet7'))
    network = connection.networkDefineXML(only_networks.host_only('vboxnet0'))
    assert network.bridgeName() == 'vboxnet0'
    network.undefine()


def test_a_range_with_the_hosts_own_address(connection, only_networks):
    """It is never leased: VirtualBox keeps it for the adapter, as long as the range has it; a dump does not say so."""
    dhcp = "<dhcp><range start='192.168.56.1' end='192.168.56.20'/></dhcp>"
    network = connection.networkCreateXML(only_networks.host_only(dhcp=dhcp))
    mac = only_networks.adapters()['vboxnet0']['HardwareAddress']

    def kept():
        said = only_networks.servers()[SERVER]['all']
        return re.findall(rf'MAC {mac}\s+Fixed Address: +(\S+)', said)
    assert kept() == ['192.168.56.1'] and '<host' not in network.XMLDesc()
    before = only_networks.servers()
    connection.networkDefineXML(network.XMLDesc())
    virsh('net-update', 'ho', 'add', 'ip-dhcp-host', "<host mac='08:00:27:00:00:01' ip='192.168.56.9'/>")
    virsh('net-update', 'ho', 'delete', 'ip-dhcp-host', "<host mac='08:00:27:00:00:01' ip='192.168.56.9'/>")
    assert only_networks.servers() == before
    connection.networkDefineXML(only_networks.host_only(address='192.168.56.7', dhcp=dhcp))
    assert kept() == ['192.168.56.7']
    connection.networkDefineXML(only_networks.host_only(dhcp=only_networks.dhcp))
    assert kept() == []
    network.destroy()
    network.undefine()


@pytest.mark.parametrize('mode', ['open', 'route'])
def test_an_open_or_routed_network(connection, only_networks, mode):
    """A host-only adapter: guests get where the host's own routes and firewall let them."""
    xml = only_networks.host_only(more=f"<forward mode='{mode}'/>", dhcp=only_networks.dhcp)
    network = connection.networkCreateXML(xml)
    assert f"<forward mode='{mode}'/>" in network.XMLDesc() and network.bridgeName() == 'vboxnet0'
    assert only_networks.addresses('vboxnet0') == {'192.168.56.1/24'}
    connection.networkDefineXML(network.XMLDesc())
    network.destroy()
    assert f"<forward mode='{mode}'/>" in network.XMLDesc()
    network.create()
    connection.networkDefineXML(only_networks.host_only())
    assert 'forward' not in network.XMLDesc()
    network.destroy()
    network.undefine()

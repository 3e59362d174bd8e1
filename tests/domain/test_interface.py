# SPDX-License-Identifier: LGPL-2.1-or-later
"""Network adapters beyond what they are attached to: ports, NAT's settings, tunnels."""
import libvirt
import pytest

import commands
from domains import fails, xml

VBOX = {'vbox': 'urn:vboxvirt:1'}


@pytest.fixture
def redefine(connection):
    """Defines a domain anew with other devices."""
    def define(domain, devices):
        return connection.defineXML(xml(domain.name(), uuid=domain.UUIDString(), devices=devices))
    return define


def user(inner, mac='08:00:27:00:00:01'):
    """A NIC behind NAT."""
    return f"<interface type='user'><mac address='{mac}'/>{inner}</interface>"


def forwards(said):
    """The redirects that VBoxManage shows."""
    return {value for name, value in said.items() if name.startswith('Forwarding')}


def test_port_forwards(defined, redefine, stands, facts):
    domain = defined(xml('a', devices=user(
        "<portForward proto='tcp' address='127.0.0.1'><range start='2222' to='22'/></portForward>"
        "<portForward proto='udp'><range start='5000' end='5002' to='6000'/></portForward>")))
    assert forwards(facts(domain)) == {
        'tcp2222,tcp,127.0.0.1,2222,,22', 'udp5000,udp,,5000,,6000', 'udp5001,udp,,5001,,6001',
        'udp5002,udp,,5002,,6002'}
    ranges = stands(domain).findall('devices/interface/portForward/range')
    assert [dict(each.attrib) for each in ranges] == [
        {'start': '2222', 'to': '22'}, {'start': '5000', 'end': '5002', 'to': '6000'}]
    redefine(domain, user("<portForward proto='udp'><range start='5001' to='6001'/></portForward>"
                          "<portForward proto='tcp' address='127.0.0.1'><range start='2222' to='23'/>"
                          "</portForward>"))
    assert forwards(facts(domain)) == {'tcp2222,tcp,127.0.0.1,2222,,23', 'udp5001,udp,,5001,,6001'}
    redefine(domain, user(''))
    assert forwards(facts(domain)) == set()


def test_redirects_of_others(connection, machines, stands, facts, redefine):
    machine = machines.make(None, '--nic1', 'nat')
    machine.manage('modifyvm', '--nat-pf1', 'my ssh,tcp,127.0.0.1,2222,,22')
    machine.manage('modifyvm', '--nat-pf1', 'to one,tcp,,80,10.0.2.15,8080')
    machine.manage('modifyvm', '--nat-pf1', 'odd,udp,somewhere,5,,6')
    domain = connection.lookupByName(machine.name)
    nic = stands(domain).find('devices/interface')
    assert dict(nic.find('portForward').attrib) == {'proto': 'tcp', 'address': '127.0.0.1'}
    assert [each.get('name') for each in nic.iterfind('vbox:redirect', VBOX)] == ['to one', 'odd']
    # names of others stay when other rules come and go
    mac = nic.find('mac').get('address')
    redefine(domain, user("<portForward proto='tcp' address='127.0.0.1'><range start='2222' to='22'/>"
                          "<range start='2223'/></portForward><vbox:redirect name='to one' proto='tcp' "
                          "hostPort='80' guestIP='10.0.2.15' guestPort='8081'/>", mac))
    assert forwards(facts(domain)) == {'my ssh,tcp,127.0.0.1,2222,,22',
                                       'tcp2223,tcp,127.0.0.1,2223,,2223',
                                       'to one,tcp,,80,10.0.2.15,8081'}


def test_nat_settings(defined, redefine, stands, facts):
    domain = defined(xml('a', devices=user(
        "<ip family='ipv4' address='10.9.0.0' prefix='16'/><mtu size='1400'/>"
        "<vbox:nat DNSProxy='yes' DNSPassDomain='no' TFTPPrefix='/tmp' sockSnd='64'/>")))
    said = facts(domain)
    assert (said['natnet1'], said['mtu'], said['sockSnd']) == ('10.9.0.0/16', '1400', '64')
    nic = stands(domain).find('devices/interface')
    assert dict(nic.find('vbox:nat', VBOX).attrib) == {
        'TFTPPrefix': '/tmp', 'DNSPassDomain': 'no', 'DNSProxy': 'yes', 'sockSnd': '64'}
    redefine(domain, user(''))
    said = facts(domain)
    # VirtualBox cannot forget sizes
    assert (said['natnet1'], said['mtu'], said['sockSnd']) == ('nat', '1400', '64')
    nic = stands(domain).find('devices/interface')
    assert dict(nic.find('vbox:nat', VBOX).attrib) == {'sockSnd': '64'}
    assert nic.find('mtu').get('size') == '1400'


def test_other_network_forms(connection, machines, stands):
    machine = machines.make(None, '--nic1', 'nat', '--natnet1', '10.0.5.0')
    nic = stands(connection.lookupByName(machine.name)).find('devices/interface')
    assert nic.find('vbox:nat', VBOX).get('network') == '10.0.5.0'
    assert nic.find('ip') is None


def test_udp_tunnel(defined, redefine, stands, facts):
    tunnel = "<interface type='udp'><mac address='08:00:27:00:00:01'/>" \
             "<source address='10.0.0.1' port='5001'>" \
             "<local address='0.0.0.0' port='5002'/></source></interface>"
    domain = defined(xml('a', devices=tunnel))
    assert facts(domain)['nic1'] == 'Generic'
    assert stands(domain).find('devices/interface/source/local').get('port') == '5002'
    redefine(domain, user(''))
    assert facts(domain)['nic1'] == 'nat'


def test_other_generic_drivers_stay(connection, machines, stands):
    machine = machines.make(None, '--nic1', 'generic', '--nic-generic-drv1', 'VDE')
    machine.manage('modifyvm', '--nic-property1', 'network=/run/vde')
    assert stands(connection.lookupByName(machine.name)).find('devices/interface').get('type') == \
        'network'


def test_adapter_settings(defined, redefine, stands, facts):
    domain = defined(xml('a', devices=user(
        "<vbox:promiscuous policy='allow-all'/><vbox:trace enabled='yes' file='/tmp/trace'/>"
        "<vbox:line speed='1000'/>")))
    lines = commands.vboxmanage('showvminfo', 'a')
    assert 'Promisc Policy: allow-all' in lines and 'Trace: on (file: /tmp/trace)' in lines
    assert facts(domain)['nicspeed1'] == '1000'
    stands(domain)
    redefine(domain, user(''))
    lines = commands.vboxmanage('showvminfo', 'a')
    assert 'Promisc Policy: deny' in lines and 'Trace: off' in lines
    assert facts(domain)['nicspeed1'] == '0'


def test_all_adapters(defined, stands, facts):
    """What virt-install makes: addresses of others, an empty driver, a device's name."""
    nic = "<interface type='user'><mac address='{}:{:02x}'/><driver/><target dev='vnet0'/></interface>"
    eight = ''.join(nic.format('00:16:3e:00:00' if i % 2 else '52:54:00:00:00', i) for i in range(8))
    domain = defined(xml('a', devices=eight))
    assert facts(domain)['macaddress8'] == '00163E000007'
    assert len(stands(domain).findall('devices/interface')) == 8


def test_too_many_adapters(connection, unchanged):
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing='interface[9]: VirtualBox has only 8'):
        connection.defineXML(xml('a', devices="<interface type='user'/>" * 9))


def test_changes_while_it_runs(connection, defined, facts, tmp_path):
    """What VirtualBox changes of a running machine's adapter, serial port and sound card."""
    port = "<serial type='{}'>{}<target port='0'/></serial>"
    sound = "<sound model='sb16'><codec type='{}'/></sound>"
    domain = defined(xml('a', devices=user('') + port.format('null', '') + sound.format('output')
                         + "<audio id='1' type='none'/>"))
    domain.create()
    live = libvirt.VIR_DOMAIN_AFFECT_LIVE
    domain.updateDeviceFlags(user(
        "<portForward proto='tcp' address='127.0.0.1'><range start='2222' to='22'/></portForward>"
        "<model type='am79c973'/><vbox:promiscuous xmlns:vbox='urn:vboxvirt:1' policy='allow-all'/>"), live)
    assert forwards(facts(domain)) == {'tcp2222,tcp,127.0.0.1,2222,,22'}
    log = tmp_path / 'serial.log'
    domain.updateDeviceFlags(port.format('file', f"<source path='{log}'/>"), live)
    assert facts(domain)['uartmode1'] == f'file,{log}'
    domain.updateDeviceFlags(sound.format('duplex'), live)
    assert facts(domain)['audio_in'] == 'on'
    with fails(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, containing='--config'):
        domain.updateDeviceFlags(user("<mtu size='1400'/><model type='am79c973'/>"), live)

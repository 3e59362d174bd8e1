# SPDX-License-Identifier: LGPL-2.1-or-later
"""Serial and parallel ports, and the console."""
import libvirt
import pytest

import settings
from domains import fails, xml

UNSUPPORTED = libvirt.VIR_ERR_CONFIG_UNSUPPORTED

# the XML of a port, and what VBoxManage says of it
SERIALS = {
    'dev': ("<source path='/dev/ttyS0'/>", '/dev/ttyS0'),
    'pipe': ("<source path='/tmp/pipe'/>", 'client,/tmp/pipe'),
    'unix': ("<source mode='bind' path='/tmp/socket'/>", 'server,/tmp/socket'),
    'file': ("<source path='/tmp/file'/>", 'file,/tmp/file'),
    'tcp': ("<source mode='bind' host='0.0.0.0' service='4000'/>", 'tcpserver,4000'),
    'pty': ('', 'disconnected'),
    'null': ('', 'disconnected'),
}


def serial(type_, inner='', port=None):
    """A <serial>."""
    target = '' if port is None else f"<target port='{port}'/>"
    return f"<serial type='{type_}'>{inner}{target}</serial>"


@pytest.fixture
def redefine(connection):
    """Defines a domain anew with other devices."""
    def define(domain, devices):
        return connection.defineXML(xml(domain.name(), uuid=domain.UUIDString(), devices=devices))
    return define


@pytest.mark.parametrize('type_', SERIALS)
def test_serial_type(defined, stands, facts, type_):
    source, said = SERIALS[type_]
    domain = defined(xml('a', devices=serial(type_, source)))
    tree = stands(domain)
    assert tree.find('devices/serial').get('type') == type_
    assert tree.find('devices/console').get('type') == type_
    assert facts(domain)['uartmode1'] == said
    assert facts(domain)['uart1'] == '0x03f8,4'
    assert facts(domain)['uarttype1'] == '16550A'


def test_serial_changes_type(defined, redefine, stands, facts):
    domain = defined(xml('a', devices=serial('null')))
    for type_, (source, said) in [*SERIALS.items(), *reversed(SERIALS.items())]:
        redefine(domain, serial(type_, source))
        assert facts(domain)['uartmode1'] == said
    stands(domain)
    redefine(domain, '')
    assert facts(domain)['uart1'] == 'off'


def test_serial_tcp_client(defined, stands, facts):
    domain = defined(xml('a', devices=serial('tcp', "<source host='host' service='5'/>")))
    assert facts(domain)['uartmode1'] == 'tcpclient,host:5'
    source = stands(domain).find('devices/serial/source')
    assert dict(source.attrib) == {'mode': 'connect', 'host': 'host', 'service': '5'}


def test_serial_numbers(defined, stands, facts):
    domain = defined(xml('a', devices=serial('null', port=2) + serial('null') + serial('null')))
    said = facts(domain)
    assert [said[f'uart{number}'] for number in range(1, 5)] == \
        ['0x03f8,4', '0x02f8,3', '0x03e8,4', 'off']
    ports = [each.get('port') for each in stands(domain).iterfind('devices/serial/target')]
    assert ports == ['0', '1', '2']


def test_serial_address(defined, redefine, stands, facts):
    address = "<address type='isa' iobase='0x2a8' irq='0xb'/>"
    domain = defined(xml('a', devices=serial('null', address, port=1)))
    assert facts(domain)['uart2'] == '0x02a8,11'
    assert stands(domain).find('devices/serial/address').get('iobase') == '0x02a8'
    redefine(domain, serial('null', port=1))
    assert facts(domain)['uart2'] == '0x02f8,3'
    assert stands(domain).find('devices/serial/address') is None


def test_serial_refused(connection, defined, unchanged):
    refused = {
        serial('null', port=4): 'VirtualBox has only 4 of them',
        serial('null', port=1) + serial('null', port=1): 'another one is in slot 1',
        ''.join([serial('null')] * 5): 'VirtualBox has only 4 of them',
        serial('tcp', "<source mode='bind' host='127.0.0.1' service='1'/>"):
            '/domain/devices/serial/source/@host: VirtualBox listens on all addresses',
    }
    for devices, message in refused.items():
        with fails(UNSUPPORTED, libvirt.VIR_ERR_XML_ERROR, containing=message):
            connection.defineXML(xml('a', devices=devices))


def test_foreign_serial_ports(connection, machines, stands, facts):
    machine = machines.make()
    machine.manage('modifyvm', '--uart1', '0x3e0', '20', '--uart-mode1', 'tcpserver',
                   '127.0.0.1:99', '--uart-type1', '16450')
    machine.manage('modifyvm', '--uart2', '0x2f8', '3', '--uart-mode2', 'server', '/tmp/p')
    machine.manage('modifyvm', '--uart3', '0x3e8', '4', '--uart-mode3', 'disconnected')
    machine.manage('modifyvm', '--uart4', '0x2e8', '9', '--uart-mode4', 'file', '/tmp/f',
                   '--uart-type4', '16750')
    domain = connection.lookupByName(machine.name)
    ports = stands(domain).findall('devices/serial')
    assert [each.get('type') for each in ports] == ['tcp', 'unix', 'null', 'file']
    assert [each.find('target/model') is not None for each in ports] == [False, True, True, False]
    # the interrupt of the first has no place in libvirt's XML
    assert [dict(each.find('address').attrib) if each.find('address') is not None else None
            for each in ports] == [{'type': 'isa', 'iobase': '0x03e0'}, None, None,
                                   {'type': 'isa', 'iobase': '0x02e8', 'irq': '0x9'}]
    uarts = [each.find('{urn:vboxvirt:1}uart') for each in ports]
    assert [each.get('type') if each is not None else None for each in uarts] == \
        ['16450', None, None, '16750']
    said = facts(domain)
    assert (said['uart1'], said['uarttype1'], said['uarttype4']) == ('0x03e0,20', '16450', '16750')


def test_behind_our_back(defined, machines, stands):
    """The kept type is for what VirtualBox cannot tell, and for nothing else."""
    domain = defined(xml('a', devices=serial('pipe', "<source path='/tmp/pipe'/>")))
    machines.known('a').manage('modifyvm', '--uart-mode1', 'file', '/tmp/f')
    assert stands(domain).find('devices/serial').get('type') == 'file'
    machines.known('a').manage('modifyvm', '--uart-mode1', 'server', '/tmp/s')
    source = stands(domain).find('devices/serial/source')
    assert dict(source.attrib) == {'mode': 'bind', 'path': '/tmp/s'}


def test_console(defined, redefine, stands, facts):
    domain = defined(xml('a', devices="<console type='pty'/>"))
    tree = stands(domain)
    assert tree.find('devices/serial').get('type') == 'pty'
    assert dict(tree.find('devices/console/target').attrib) == {'type': 'serial', 'port': '0'}
    assert facts(domain)['uart1'] == '0x03f8,4'
    # beside a serial port it says nothing new: who changes the one need not change the other
    redefine(domain, serial('file', "<source path='/tmp/f'/>") + "<console type='pty'/>")
    assert facts(domain)['uartmode1'] == 'file,/tmp/f'
    assert stands(domain).find('devices/console').get('type') == 'file'


def test_parallel(defined, redefine, stands, facts):
    ports = "<parallel type='dev'><source path='/dev/parport0'/></parallel>" \
            "<parallel type='null'><target port='1'/></parallel>"
    domain = defined(xml('a', devices=ports))
    said = facts(domain)
    assert (said['lpt1'], said['lptmode1']) == ('0x0378,7', '/dev/parport0')
    assert (said['lpt2'], said['lptmode2']) == ('0x0278,5', '')
    assert [each.get('type') for each in stands(domain).iterfind('devices/parallel')] == \
        ['dev', 'null']
    redefine(domain, "<parallel type='null'><address type='isa' iobase='0x3bc' irq='0x2'/>"
                     "</parallel>")
    said = facts(domain)
    assert (said['lpt1'], said['lptmode1'], said['lpt2']) == ('0x03bc,2', '', 'off')
    stands(domain)


def test_foreign_parallel_ports(connection, machines, stands):
    machine = machines.make(None, '--lpt1', '0x378', '7', '--lpt-mode1', '/dev/lp0')
    machine.manage('modifyvm', '--lpt2', '0x3bc', '14')
    ports = stands(connection.lookupByName(machine.name)).findall('devices/parallel')
    assert [each.get('type') for each in ports] == ['dev', 'null']
    assert ports[1].find('address').get('irq') == '0xe'


def test_missing_host_name_leaves_no_trace(connection):
    with settings.Unchanged(), fails(UNSUPPORTED, containing='/domain/devices/serial/source/@host'):
        connection.defineXML(xml('a', devices=serial('tcp', "<source service='5'/>")))

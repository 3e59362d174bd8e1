# SPDX-License-Identifier: LGPL-2.1-or-later
"""A start is refused when a port of the host that the machine needs is taken: VirtualBox starts it and tells nobody."""
import os
import pathlib
import socket

import libvirt
import pytest

import machines as machines_module
import waiting
from domains import FLOPPY, fails, xml

TAKEN = libvirt.VIR_ERR_OPERATION_FAILED
NAT = "<interface type='user'><portForward proto='{proto}' address='127.0.0.1'><range start='{port}' to='22'/></portForward></interface>"
VNC = "<graphics type='vnc' port='{port}' passwd='secret'/>"
NETWORK = """<network xmlns:vbox='urn:vboxvirt:1'><name>forwards</name><forward mode='nat'/>
  <ip address='10.7.0.1' netmask='255.255.255.0'/>
  <vbox:portForward proto='tcp' hostport='2290' guestip='10.7.0.9' guestport='22'/></network>"""


def nat(port, proto='tcp'):
    """An adapter that forwards a port of the host's loopback."""
    return NAT.format(port=port, proto=proto)


def taken(port, kind=socket.SOCK_STREAM, address='127.0.0.1'):
    """A program that listens there, until the end of a with."""
    listener = socket.socket(type=kind)
    listener.bind((address, port))
    if kind == socket.SOCK_STREAM:
        listener.listen()
    return listener


def is_off(domain):
    """Nothing of a refused start is left."""
    return domain.state()[0] == libvirt.VIR_DOMAIN_SHUTOFF


@pytest.mark.parametrize('device, text', [(nat(2291), 'port forwarding of adapter 1 needs tcp port 2291 at 127.0.0.1'),
                                          (VNC.format(port=5941), 'display server needs tcp port 5941 at 127.0.0.1')],
                         ids=['forward', 'display'])
def test_another_machine_has_it(defined, connection, device, text):
    """Whichever way it is started; who has it is named, and when that stops, it starts."""
    first, second = (defined(xml(name, devices=FLOPPY + device)) for name in ('a', 'b'))
    first.create()
    for flags in (0, libvirt.VIR_DOMAIN_START_PAUSED):
        with fails(TAKEN, containing=f"{text}, which domain 'a' has"):
            second.createWithFlags(flags)
    with fails(TAKEN, containing=f"{text}, which domain 'a' has"):
        connection.createXML(xml('transient', devices=FLOPPY + device))
    assert [domain.name() for domain in connection.listAllDomains()] == ['a', 'b'] and is_off(second)
    first.destroy()
    second.create()
    second.destroy()


def test_another_program_has_it(defined, stands):
    """Of both protocols, on all addresses too; a port that is only used by another protocol is free."""
    domain = defined(xml('a', devices=FLOPPY + nat(2292) + nat(2293, 'udp')))
    for port, kind, address in ((2292, socket.SOCK_STREAM, '0.0.0.0'), (2293, socket.SOCK_DGRAM, '127.0.0.1')):
        with taken(port, kind, address):
            with fails(TAKEN, containing=f'port {port} at 127.0.0.1, which another program of this host has'):
                domain.create()
    assert is_off(domain)
    stands(domain)
    with taken(2292, socket.SOCK_DGRAM), taken(2293):
        domain.create()
    domain.destroy()


def test_saved_machine(defined):
    """Its ports may have been taken meanwhile."""
    domain = defined(xml('a', devices=FLOPPY + nat(2294)))
    domain.create()
    machines_module.save('a')
    with taken(2294):
        with fails(TAKEN, containing='tcp port 2294 at 127.0.0.1, which another program'):
            domain.create()
    assert domain.hasManagedSaveImage()
    domain.create()
    domain.destroy()


def test_what_no_program_can_have(defined):
    """A port that is root's, an address that the host has not, one port twice."""
    for name, devices, said in (('a', nat(99), "tcp port 99 at 127.0.0.1, and ports as low as that are root's"),
                                ('b', nat(2295).replace('127.0.0.1', '192.0.2.7'), 'this host has no such address now'),
                                ('c', nat(2296) + VNC.format(port=2296), 'both need tcp port 2296')):
        with fails(TAKEN, containing=said):
            defined(xml(name, devices=FLOPPY + devices)).create()


def test_autoport_leaves_what_is_forwarded(defined, connection):
    """It takes neither a port of the machine's own forwardings nor one of another's."""
    defined(xml('a', devices=FLOPPY + nat(5900))).create()
    domain = defined(xml('b', devices=FLOPPY + nat(5901) + "<graphics type='vnc' passwd='secret'/>"))
    domain.create()
    assert "port='5902' autoport='yes'" in domain.XMLDesc()
    for name in ('a', 'b'):
        connection.lookupByName(name).destroy()


def test_forward_that_comes_while_it_runs(defined):
    """What is changed live is no start, and not told either."""
    nic = "<interface type='user'><mac address='08:00:27:00:00:01'/>{}</interface>"
    forward = "<portForward proto='tcp' address='127.0.0.1'><range start='{}' to='{}'/></portForward>"
    domain = defined(xml('a', devices=FLOPPY + nic.format(forward.format(2297, 22))))
    domain.create()
    with taken(2298):
        with fails(TAKEN, containing='tcp port 2298 at 127.0.0.1, which another program'):
            domain.updateDeviceFlags(nic.format(forward.format(2298, 22)), libvirt.VIR_DOMAIN_AFFECT_LIVE)
    other = defined(xml('b', devices=FLOPPY + nat(2288)))
    other.create()
    with fails(TAKEN, containing="tcp port 2288 at 127.0.0.1, which domain 'b' has"):
        domain.updateDeviceFlags(nic.format(forward.format(2288, 22)), libvirt.VIR_DOMAIN_AFFECT_LIVE)
    other.destroy()
    assert "<range start='2297' to='22'/>" in domain.XMLDesc()
    for port, guest in ((2297, 23), (2298, 22)):
        domain.updateDeviceFlags(nic.format(forward.format(port, guest)), libvirt.VIR_DOMAIN_AFFECT_LIVE)
        assert f"<range start='{port}' to='{guest}'/>" in domain.XMLDesc()
    domain.destroy()


def greeting(port):
    """What a VNC client is told first at a port of the loopback."""
    with socket.create_connection(('127.0.0.1', port), timeout=waiting.LIMIT) as client:
        return client.recv(4)


def test_display_that_moves_while_it_runs(defined):
    """To a port that is free only, fixed or chosen; its own is no other's.  A refusal leaves it where it listens."""
    vnc = "<graphics type='vnc' port='{}' autoport='{}' listen='127.0.0.1' passwd='secret'/>"
    domain, other = (defined(xml(name, devices=FLOPPY + vnc.format(port, 'no'))) for name, port in (('a', 5961), ('b', 5962)))
    for each in domain, other:
        each.create()
    with taken(5963):
        for port, holder in ((5962, "domain 'b' has"), (5963, 'another program of this host has')):
            with fails(TAKEN, containing=f'display server needs tcp port {port} at 127.0.0.1, which {holder}'):
                domain.updateDeviceFlags(vnc.format(port, 'no'), libvirt.VIR_DOMAIN_AFFECT_LIVE)
    assert "port='5961'" in domain.XMLDesc() and greeting(5961) == b'RFB '
    with taken(5900):
        domain.updateDeviceFlags(vnc.format(-1, 'yes'), libvirt.VIR_DOMAIN_AFFECT_LIVE)
        assert "port='5961' autoport='yes'" in domain.XMLDesc() and greeting(5961) == b'RFB '
    for port in 5961, 5964:
        domain.updateDeviceFlags(vnc.format(port, 'no'), libvirt.VIR_DOMAIN_AFFECT_LIVE)
        assert f"port='{port}' autoport='no'" in domain.XMLDesc()
        assert greeting(port) == b'RFB '
    for each in domain, other:
        each.destroy()


def test_nat_network(defined, connection):
    """A network's forwardings listen from its first machine on."""
    network = connection.networkDefineXML(NETWORK)
    network.create()
    nic = "<interface type='network'><source network='forwards'/></interface>"
    domains = [defined(xml(name, devices=FLOPPY + nic)) for name in ('a', 'b')]
    with taken(2290):
        with fails(TAKEN, containing="port forwarding of NAT network 'forwards' needs tcp port 2290"):
            domains[0].create()
    domains[0].create()
    with taken(2290):  # in the place of the network's service, which the test bed has no driver for
        domains[1].create()
    for domain in domains:
        domain.destroy()
    network.destroy()
    network.undefine()


def test_autostart(defined, service):
    """Nobody waits for it: the log says what it is of and why, and the next machine starts all the same."""
    first, second = (defined(xml(name, devices=FLOPPY + nat(port))) for name, port in (('a', 2299), ('b', 2300)))
    for domain in first, second:
        domain.setAutostart(1)
    pathlib.Path(os.environ['XDG_RUNTIME_DIR'], 'vboxvirt', 'autostarted').unlink()
    said = len(service.log())
    with taken(2299):
        service.kill_engine()
        waiting.until(second.isActive, 'the other is started')
    assert is_off(first)
    assert ("autostart of domain 'a': the port forwarding of adapter 1 needs tcp port 2299 at 127.0.0.1, which another "
            'program of this host has') in service.log()[said:]
    first.create()
    for domain in first, second:
        domain.destroy()


def test_reboot(connection, machines, service):
    """Nor for what follows the guest's power off."""
    nic = "<interface type='user'><mac address='08:00:27:00:00:01'/>{}</interface>"
    forward = "<portForward proto='tcp' address='127.0.0.1'><range start='{}' to='22'/></portForward>"
    machine = machines.make()
    domain = connection.lookupByUUIDString(machine.uuid)
    domain.attachDeviceFlags(nic.format(forward.format(2301)), libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    domain.create()
    machine.guest.wait_for('READY')
    domain.updateDeviceFlags(nic.format(forward.format(2302)), libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    said = len(service.log())
    with taken(2302):
        domain.reboot()
        machine.guest.wait_for('PWRBTN')
        machine.guest.say('q')
        waiting.until(lambda: f"start after the reboot of domain '{machine.name}': the port forwarding of adapter 1 needs "
                      'tcp port 2302 at 127.0.0.1, which another program of this host has' in service.log()[said:], 'it is told')
    assert is_off(domain)
    domain.create()
    domain.destroy()

# SPDX-License-Identifier: LGPL-2.1-or-later
"""The host's network interfaces: what the kernel says, in libvirt's words; nothing of them changes."""
import json
import re
import xml.etree.ElementTree as ElementTree

import libvirt
import pytest

import commands
import nets
from commands import vboxmanage, virsh
from nets import refused

# eth0 and its other end are the test bed's; `up` is what clients call active
STATES = {'eth0': True, 'eth0-peer': True, 'lo': False}


@pytest.fixture(name='bridge')
def _bridge(service):
    """The test bed's stand-in for a host-only adapter is a bridge of the kernel's."""
    vboxmanage('hostonlyif', 'create')
    yield 'vboxnet0'
    nets.Networks().remove_all()


def mac(name):
    """What ip(8) says."""
    return json.loads(commands.run('ip', '-j', 'link', 'show', 'dev', name).stdout)[0]['address']


def test_lists(connection):
    """Every call and filter gives those of the state."""
    up = {name for name, active in STATES.items() if active}
    assert set(connection.listInterfaces()) == up and connection.numOfInterfaces() == 2
    assert connection.listDefinedInterfaces() == ['lo'] and connection.numOfDefinedInterfaces() == 1
    active, inactive = (getattr(libvirt, f'VIR_CONNECT_LIST_INTERFACES_{word}') for word in ('ACTIVE', 'INACTIVE'))
    for flags, names in ((0, set(STATES)), (active, up), (inactive, {'lo'}), (active | inactive, set(STATES))):
        found = connection.listAllInterfaces(flags)
        assert {each.name() for each in found} == names and len(found) == len(names)
        assert {each.name(): (each.MACString(), bool(each.isActive())) for each in found} == \
            {name: (mac(name), STATES[name]) for name in names}
    with refused('INVALID_ARG'):
        connection.listAllInterfaces(4)


def test_virsh(service, valid):
    """The commands that stock clients have for it."""
    assert re.search(rf'eth0 +active +{mac("eth0")}', virsh('iface-list'))
    assert re.search(r'lo +inactive +00:00:00:00:00:00', virsh('iface-list', '--all'))
    assert virsh('iface-mac', 'eth0').strip() == mac('eth0')
    assert virsh('iface-name', mac('eth0').upper()).strip() == 'eth0'
    xml = virsh('iface-dumpxml', 'eth0')
    assert valid(xml) and virsh('iface-dumpxml', 'eth0', '--inactive') == xml
    root = ElementTree.fromstring(xml)
    assert root.attrib == {'type': 'ethernet', 'name': 'eth0'}
    assert root.find('mac').get('address') == mac('eth0') and root.find('link').get('state') == 'up'
    assert root.find('mtu').get('size') == '1500'


def test_a_bridge(connection, bridge, valid):
    """Appears at once, and so do its own words; then it is gone."""
    interface = connection.interfaceLookupByName(bridge)
    xml = interface.XMLDesc()
    assert valid(xml) and "<interface type='bridge' name='vboxnet0'>" in xml and "<bridge stp='off'" in xml
    assert bridge in {each.name() for each in connection.listAllInterfaces()}
    vboxmanage('hostonlyif', 'remove', bridge)
    for call in (interface.XMLDesc, interface.isActive):
        with refused('NO_INTERFACE', bridge):
            call()


@pytest.mark.parametrize('name', ['nowhere', '.', '..', '../net/eth0', 'eth0/', ''])
def test_what_is_not_there(connection, name):
    """By name, with libvirt's code; no name leads elsewhere."""
    with refused('NO_INTERFACE', f"couldn't find interface named '{name}'"):
        connection.interfaceLookupByName(name)


def test_addresses(connection, bridge):
    """One that nobody has, and one that two have."""
    with refused('NO_INTERFACE', 'with MAC address'):
        connection.interfaceLookupByMACString('52:54:00:00:00:99')
    assert connection.interfaceLookupByMACString(mac(bridge)).name() == bridge


def test_nothing_changes(connection):
    """Whoever tries is told that this driver does not do it."""
    interface = connection.interfaceLookupByName('eth0')
    for call in (interface.create, interface.destroy, interface.undefine, connection.changeBegin,
                 lambda: connection.interfaceDefineXML(interface.XMLDesc())):
        with refused('NO_SUPPORT', 'not supported by the connection driver'):
            call()

# SPDX-License-Identifier: LGPL-2.1-or-later
"""The aliases of devices of a domain that runs."""
import libvirt
import pytest
from lxml import etree

import domains
from commands import virsh

CONFIG = libvirt.VIR_DOMAIN_AFFECT_CONFIG
INACTIVE = libvirt.VIR_DOMAIN_XML_INACTIVE
MAC = '08:00:27:aa:bb:01'
DEVICES = """<controller type='sata'/><controller type='usb' model='qemu-xhci'/>
<disk type='file' device='cdrom'><source file='{disc}'/><target dev='sda' bus='sata'/>
  <iotune><total_bytes_sec>1000000</total_bytes_sec></iotune></disk>
<disk type='file' device='cdrom'><target dev='hdd' bus='ide'/><alias name='ua-drive'/></disk>
<interface type='user'><mac address='{mac}'/></interface>
<parallel type='null'/><sound model='ac97'/><input type='tablet' bus='usb'/>"""
USB = "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/><product id='0x5678'/></source></hostdev>"
ALIASES = {'sata0', 'ide0', 'fdc0', 'usb', 'sata0-0-0', 'fdc0-0-0', 'ua-drive', 'net0', 'serial0', 'parallel0',
           'sound0', 'input0', 'input1', 'input2', 'video0'}


@pytest.fixture(name='disc')
def _disc(tmp_path):
    """An image for a drive."""
    path = tmp_path / 'disc.iso'
    with path.open('wb') as file:
        file.truncate(2048 * 64)
    return path


@pytest.fixture(name='guest')
def _guest(connection, machines, tmp_path, disc):
    """A domain with all kinds of devices, which runs."""
    text = domains.booting(machines.name(), tmp_path / 'serial', top='<features><acpi/><apic/></features>')
    domain = connection.defineXML(text.replace('</devices>', DEVICES.format(disc=disc, mac=MAC) + '</devices>'))
    domain.create()
    return domain


def aliases(xml):
    """The aliases of its devices."""
    found = [alias.get('name') for alias in etree.fromstring(xml).iterfind('devices/*/alias')]
    assert len(set(found)) == len(found)
    return set(found)


def test_aliases(guest, connection, valid):
    """Of what runs each device has one, which means nothing in a definition; a client's own is always there."""
    live = guest.XMLDesc()
    assert aliases(live) == ALIASES
    assert valid(domains.without_ours(live))
    assert aliases(guest.XMLDesc(INACTIVE)) == {'ua-drive'}
    connection.defineXML(live)
    assert guest.isUpdated() == 0
    guest.destroy()
    assert aliases(guest.XMLDesc()) == {'ua-drive'}
    connection.defineXML(live.replace('ua-drive', 'ua drive'))
    assert not aliases(guest.XMLDesc())


def test_detach_by_alias(guest):
    """Of what runs by each of its aliases; of what is to be next by its own ones only."""
    guest.attachDevice(USB)
    virsh('detach-device-alias', guest.name(), 'hostdev-0x1234-0x5678-0', '--live')
    assert aliases(guest.XMLDesc()) == ALIASES
    with domains.fails(libvirt.VIR_ERR_DEVICE_MISSING, containing='hostdev'):
        guest.detachDeviceAlias('hostdev-0x1234-0x5678-0')
    with domains.fails(libvirt.VIR_ERR_DEVICE_MISSING, containing='sata0-0-0'):
        guest.detachDeviceAlias('sata0-0-0', CONFIG)
    with domains.fails(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, containing='--config'):
        guest.detachDeviceAlias('net0')
    guest.detachDeviceAlias('ua-drive', CONFIG)
    assert not aliases(guest.XMLDesc(INACTIVE))

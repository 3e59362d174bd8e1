# SPDX-License-Identifier: LGPL-2.1-or-later
"""What changes while a domain runs is told by libvirt's own events, once, whoever changes it: devices with the alias
that a dump shows, drives, limits."""
import libvirt
import pytest
from lxml import etree

import domains
import waiting
from commands import virsh, vboxmanage
from lateness import held_events
from recorder import connect, words
from watchers import VirshEvents

BOTH = libvirt.VIR_DOMAIN_AFFECT_LIVE | libvirt.VIR_DOMAIN_AFFECT_CONFIG
CONFIG = libvirt.VIR_DOMAIN_AFFECT_CONFIG
INACTIVE = libvirt.VIR_DOMAIN_XML_INACTIVE
MAC = '08:00:27:aa:bb:01'
DEVICES = """<controller type='sata'/><controller type='usb' model='qemu-xhci'/>
<disk type='file' device='cdrom'><source file='{disc}' startupPolicy='optional'/><target dev='sda' bus='sata'/>
  <iotune><total_bytes_sec>1000000</total_bytes_sec></iotune></disk>
<disk type='file' device='cdrom'><target dev='hdd' bus='ide'/><alias name='ua-drive'/></disk>
<interface type='user'><mac address='{mac}'/></interface>
<parallel type='null'/><sound model='ac97'/><input type='tablet' bus='usb'/>"""
USB = "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/><product id='0x5678'/></source></hostdev>"
ALIASES = {'sata0', 'ide0', 'fdc0', 'usb', 'sata0-0-0', 'fdc0-0-0', 'ua-drive', 'net0', 'serial0', 'parallel0',
           'sound0', 'input0', 'input1', 'input2', 'video0'}


class Told:
    """All that is told of one domain, in order: ('added', alias), ('tray', alias, reason), 'Defined Updated' …"""

    def __init__(self, domain, machines):
        self.connection, self.seen = connect(), []
        self.marker, self.marks = machines.make(), 0
        own = self.connection.lookupByUUIDString(domain.UUIDString())
        for event, take in (
                ('LIFECYCLE', lambda _c, _d, event, detail, _o: words(event, detail)),
                ('DEVICE_ADDED', lambda _c, _d, alias, _o: ('added', alias)),
                ('DEVICE_REMOVED', lambda _c, _d, alias, _o: ('removed', alias)),
                ('DISK_CHANGE', lambda _c, _d, *change: ('disk', *change[:-1])),
                ('TRAY_CHANGE', lambda _c, _d, alias, reason, _o: ('tray', alias, reason)),
                ('TUNABLE', lambda _c, _d, params, _o: ('tunable', params))):
            self.connection.domainEventRegisterAny(
                own, getattr(libvirt, f'VIR_DOMAIN_EVENT_ID_{event}'),
                lambda *given, take=take: self.seen.append(take(*given)), None)
        other = self.connection.lookupByUUIDString(self.marker.uuid)
        self.connection.domainEventRegisterAny(other, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, self.mark, None)

    def mark(self, _connection, _domain, event, detail, _opaque):
        """The marker was changed: all that was told before has come."""
        self.marks += words(event, detail) == 'Defined Updated'

    def take(self):
        """What has been told since the last time."""
        marks = self.marks
        self.marker.manage('modifyvm', '--description', str(marks))
        waiting.until(lambda: self.marks > marks, 'the marker is told')
        seen = list(self.seen)
        del self.seen[:len(seen)]
        return seen

    def close(self):
        """No more events."""
        self.connection.close()


@pytest.fixture(name='disc')
def _disc(tmp_path):
    """An image for a drive."""
    path = tmp_path / 'disc.iso'
    with path.open('wb') as file:
        file.truncate(2048 * 64)
    return path


@pytest.fixture(name='disk')
def _disk(tmp_path):
    """A disk to be attached, which VirtualBox does not know yet: (XML, path of the image)."""
    path = tmp_path / 'hot.vdi'
    vboxmanage('createmedium', 'disk', '--filename', path, '--size', '4')
    vboxmanage('closemedium', 'disk', path)
    return f"<disk type='file' device='disk'><source file='{path}'/><target dev='sdc' bus='sata'/></disk>", path


@pytest.fixture(name='guest')
def _guest(connection, machines, tmp_path, disc):
    """A domain with all kinds of devices, which runs."""
    text = domains.booting(machines.name(), tmp_path / 'serial', top='<features><acpi/><apic/></features>')
    domain = connection.defineXML(text.replace('</devices>', DEVICES.format(disc=disc, mac=MAC) + '</devices>'))
    domain.create()
    return domain


@pytest.fixture(name='told')
def _told(guest, machines):
    """Who hears what is told of it."""
    watcher = Told(guest, machines)
    watcher.take()
    yield watcher
    watcher.close()


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


def test_detach_by_alias(guest, told):
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
    assert told.take() == [('added', 'hostdev-0x1234-0x5678-0'), ('removed', 'hostdev-0x1234-0x5678-0')]
    guest.detachDeviceAlias('ua-drive', CONFIG)
    assert not aliases(guest.XMLDesc(INACTIVE))


def test_devices(guest, told, disk, tmp_path):
    """Disks, folders and USB devices come and go: live, with and without --config, found by XML or alias."""
    folder = f"<filesystem><source dir='{tmp_path}'/><target dir='a b'/></filesystem>"
    for xml, alias in ((disk[0], 'sata0-0-2'), (folder, 'fs-a_20b'), (USB, 'hostdev-0x1234-0x5678-0'),
                       (folder.replace('<source', "<alias name='ua-own'/><source"), 'ua-own')):
        guest.attachDeviceFlags(xml, BOTH)
        assert aliases(guest.XMLDesc()) == ALIASES | {alias}
        assert told.take() == [('added', alias)]
        guest.detachDeviceFlags(xml, BOTH)
        assert told.take() == [('removed', alias)]
    guest.attachDeviceFlags(disk[0], CONFIG)
    assert told.take() == ['Defined Updated']


def test_devices_by_others(guest, told, disk):
    """VBoxManage's changes are told as ours are; what has no event of its own is an update, by whomever."""
    place = ('storageattach', guest.name(), '--storagectl', 'SATA', '--port', '2', '--device', '0')
    vboxmanage(*place, '--type', 'hdd', '--medium', disk[1])
    assert told.take() == [('added', 'sata0-0-2')]
    vboxmanage(*place, '--medium', 'none')
    assert told.take() == [('removed', 'sata0-0-2')]
    vboxmanage('controlvm', guest.name(), 'setlinkstate1', 'off')
    assert told.take() == ['Defined Updated']
    virsh('domif-setlink', guest.name(), MAC, 'up')
    assert set(told.take()) == {'Defined Updated'}


def moved(alias):
    """What is told when something else is in a drive."""
    return [('tray', alias, libvirt.VIR_DOMAIN_EVENT_TRAY_CHANGE_OPEN),
            ('tray', alias, libvirt.VIR_DOMAIN_EVENT_TRAY_CHANGE_CLOSE)]


def test_trays(guest, told, disc):
    """Ejected, inserted and changed, by us and by VBoxManage."""
    name = guest.name()
    virsh('change-media', name, 'sda', '--eject')
    assert told.take() == moved('sata0-0-0')
    virsh('change-media', name, 'hdd', disc, '--insert', '--live', '--config')
    assert told.take() == moved('ua-drive')
    virsh('change-media', name, 'fda', '--eject')
    assert told.take() == moved('fdc0-0-0')
    place = ('storageattach', name, '--storagectl', 'SATA', '--port', '0', '--device', '0', '--type', 'dvddrive')
    for medium in (disc, 'emptydrive'):
        vboxmanage(*place, '--medium', medium)
        assert told.take() == moved('sata0-0-0')
    with domains.fails(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, libvirt.VIR_ERR_INVALID_ARG,
                       libvirt.VIR_ERR_OPERATION_FAILED, libvirt.VIR_ERR_CONFIG_UNSUPPORTED):
        guest.updateDeviceFlags("<disk type='file' device='cdrom'><source file='/no/such.iso'/>"
                                "<target dev='sda' bus='sata'/></disk>")
    assert not told.take()


def test_disc_that_is_gone(guest, told, disc):
    """A start without it is told with its path; neither the definition nor a drive has been changed."""
    guest.destroy()
    disc.unlink()
    guest.create()
    assert told.take() == ['Stopped Destroyed', ('disk', str(disc), None, 'sata0-0-0',
                                                 libvirt.VIR_DOMAIN_EVENT_DISK_CHANGE_MISSING_ON_START),
                           'Started Booted']
    guest.destroy()
    guest.create()
    assert told.take() == ['Stopped Destroyed', 'Started Booted']


def test_limits(guest, told):
    """Of processors and disks, by us and by VBoxManage."""
    name, field = guest.name(), 'blkdeviotune.total_bytes_sec'
    virsh('schedinfo', name, '--live', '--set', 'vcpu_quota=40000')
    assert told.take() == [('tunable', {'cputune.vcpu_quota': 40000})]
    virsh('blkdeviotune', name, 'sda', '--total-bytes-sec', '2000000', '--live')
    assert told.take() == [('tunable', {'blkdeviotune.disk': 'sda', field: 2000000})]
    vboxmanage('controlvm', name, 'cpuexecutioncap', '70')
    assert told.take() == [('tunable', {'cputune.vcpu_period': 100000, 'cputune.vcpu_quota': 70000})]
    vboxmanage('bandwidthctl', name, 'set', 'vboxvirt disk SATA 0:0', '--limit', '3MB')
    assert told.take() == [('tunable', {'blkdeviotune.disk': 'sda', field: 3 * 1024 * 1024})]


def test_while_events_are_late(guest, told, disc, machines, connection):
    """Each change is told once and in order, also when VirtualBox tells of the first after the last."""
    alias = 'hostdev-0x1234-0x5678-0'
    with held_events(machines, connection):
        vboxmanage('controlvm', guest.name(), 'cpuexecutioncap', '70')
        for _ in range(2):
            guest.attachDevice(USB)
            guest.detachDevice(USB)
        guest.attachDevice(USB)
        virsh('change-media', guest.name(), 'hdd', disc, '--insert')
    seen = told.take()
    assert [each for each in seen if each[0] in ('added', 'removed')] == \
        [('added', alias), ('removed', alias)] * 2 + [('added', alias)]
    assert sorted(each for each in seen if each[0] == 'tray') == sorted(moved('ua-drive'))
    assert [each[0] for each in seen].count('tunable') == 1
    assert len(seen) == 8


def test_virsh(guest, disc):
    """Stock virsh prints them."""
    name = guest.name()
    watcher = VirshEvents('--domain', name, kinds=('--all',))

    def heard(*wanted):
        lines = list(watcher.other)
        return all(any(word in line for line in lines) for word in wanted)

    def come_and_go():
        guest.attachDevice(USB)
        guest.detachDevice(USB)
        return heard('device-added', 'device-removed')
    waiting.until(come_and_go, 'virsh sees events', pause=0.2)
    virsh('change-media', name, 'hdd', disc, '--insert')
    virsh('schedinfo', name, '--live', '--set', 'vcpu_quota=50000')
    waiting.until(lambda: heard('tunable', 'cputune.vcpu_quota: 50000'), f'virsh hears the rest: {watcher.other}')
    watcher.close()
    text = ''.join(watcher.other)
    assert f"event 'device-added' for domain '{name}': hostdev-0x1234-0x5678-0" in text
    assert f"event 'tray-change' for domain '{name}' disk ua-drive: opened" in text

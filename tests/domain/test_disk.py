# SPDX-License-Identifier: LGPL-2.1-or-later
"""Disks and controllers: to their places, changed, moved and removed."""
import os
import pathlib
import re

import libvirt
import pytest
from lxml import etree

import commands
import settings
import waiting
from domains import fails, xml
from machines import BOOT_IMAGE

UUID = '7d2bca2c-3a05-4c51-a66d-5a4f8c8d8f11'


def drive(device, target, bus, path=None, more=''):
    """A <disk>."""
    source = f"<source file='{path}'/>" if path else ''
    return f"<disk type='file' device='{device}'>{source}<target dev='{target}' bus='{bus}'/>" \
           f'{more}</disk>'


def redefine(domain, devices):
    """Redefines with other devices."""
    return domain.connect().defineXML(
        xml(domain.name(), uuid=domain.UUIDString(), devices=devices))


def test_every_bus(defined, images, stands, facts):
    buses = {'ide': ('hda', 'IDE-0-0'), 'sata': ('sdc', 'SATA-2-0'), 'scsi': ('sdd', 'SCSI-3-0'),
             'usb': ('sde', 'USB-4-0'), 'nvme': ('nvme0n1', 'NVMe-0-0')}
    paths = {bus: images(f'{bus}.vdi') for bus in buses}
    domain = defined(xml('a', devices=''.join(
        drive('disk', target, bus, paths[bus]) for bus, (target, _) in buses.items())))
    said = facts(domain)
    assert {place: said.get(place) for _, place in buses.values()} == \
        {place: paths[bus] for bus, (_, place) in buses.items()}
    tree = stands(domain)
    assert [(each.get('dev'), each.get('bus')) for each in tree.iterfind('devices/disk/target')] \
        == [(target, bus) for bus, (target, _) in buses.items()]


def test_scsi_models(defined, images, stands, facts):
    models = ('lsilogic', 'lsisas1068', 'virtio-scsi')
    controllers = ''.join(f"<controller type='scsi' index='{index}' model='{model}'/>"
                          for index, model in enumerate(models))
    disks = ''.join(
        drive('disk', 'sd' + 'abc'[index], 'scsi', images(f'{index}.vdi'),
              f"<address type='drive' controller='{index}' bus='0' target='0' unit='{index + 1}'/>")
        for index in range(3))
    domain = defined(xml('a', devices=controllers + disks))
    said = facts(domain)
    assert [said[f'storagecontrollertype{index}'] for index in range(3)] == \
        ['LsiLogic', 'LsiLogicSas', 'VirtioSCSI']
    assert {'SCSI-1-0', 'SAS-2-0', 'VirtioSCSI-3-0'} <= said.keys()
    tree = stands(domain)
    assert [each.get('model') for each in tree.iterfind("devices/controller[@type='scsi']")] == \
        list(models)


def test_ide_models(defined, facts):
    for name, model, type_ in (('a', 'piix3', 'PIIX3'), ('b', 'piix4', 'PIIX4'),
                               ('c', 'ich6', 'ICH6')):
        domain = defined(xml(name, devices=f"<controller type='ide' model='{model}'/>"))
        assert facts(domain)['storagecontrollertype0'] == type_


def test_change_of_model(defined, images, facts, stands):
    path = images('a.vdi')
    disk = drive('disk', 'sda', 'scsi', path)
    domain = defined(xml('a', devices=disk))
    assert facts(domain)['storagecontrollertype0'] == 'LsiLogic'
    redefine(domain, "<controller type='scsi' index='0' model='buslogic'/>" + disk)
    assert facts(domain)['storagecontrollertype0'] == 'BusLogic'
    assert facts(domain)['SCSI-0-0'] == path
    # another bus of VirtualBox's: a new controller
    redefine(domain, "<controller type='scsi' index='0' model='virtio-scsi'/>" + disk)
    assert facts(domain)['storagecontrollertype0'] == 'VirtioSCSI'
    assert facts(domain)['VirtioSCSI-0-0'] == path
    stands(domain)


def test_media_of_drives(defined, images, facts):
    first, second = images('a.iso'), images('b.iso')
    domain = defined(xml('a', devices=drive('cdrom', 'sda', 'sata')))
    assert facts(domain)['SATA-0-0'] == 'emptydrive'
    redefine(domain, drive('cdrom', 'sda', 'sata', first))
    assert facts(domain)['SATA-0-0'] == first
    redefine(domain, drive('cdrom', 'sda', 'sata', second))
    assert facts(domain)['SATA-0-0'] == second
    assert first not in commands.vboxmanage('list', 'dvds')
    redefine(domain, drive('cdrom', 'sda', 'sata'))
    assert facts(domain)['SATA-0-0'] == 'emptydrive'
    assert second not in commands.vboxmanage('list', 'dvds')


def test_disks_move_and_go(defined, images, facts, stands):
    first, second = images('a.vdi'), images('b.vdi')
    domain = defined(xml('a', devices=drive('disk', 'sda', 'sata', first)
                         + drive('disk', 'sdb', 'sata', second)))
    redefine(domain, drive('disk', 'sda', 'sata', second) + drive('disk', 'sdb', 'sata', first))
    said = facts(domain)
    assert (said['SATA-0-0'], said['SATA-1-0']) == (second, first)
    redefine(domain, drive('disk', 'hda', 'ide', first))
    said = facts(domain)
    assert said['IDE-0-0'] == first and 'SATA-0-0' not in said
    assert second not in commands.vboxmanage('list', 'hdds')
    stands(domain)
    redefine(domain, '')
    assert 'storagecontrollername0' not in facts(domain)
    assert first not in commands.vboxmanage('list', 'hdds')


def test_floppy_readonly(defined, images, stands):
    path = images('a.img')

    def type_of():
        lines = commands.vboxmanage('showmediuminfo', 'floppy', path).splitlines()
        return [line.split()[1] for line in lines if line.startswith('Type:')]
    domain = defined(xml('a', devices=drive('floppy', 'fda', 'fdc', path)))
    assert type_of() == ['writethrough']
    redefine(domain, drive('floppy', 'fda', 'fdc', path, '<readonly/>'))
    assert type_of() == ['readonly']
    assert stands(domain).find('devices/disk/readonly') is not None
    redefine(domain, drive('floppy', 'fda', 'fdc', path))
    assert type_of() == ['writethrough']


def test_formats(defined, images, stands):
    names = {'a.vdi': 'vdi', 'b.vmdk': 'vmdk', 'c.vhd': 'vpc'}
    paths = [images(name) for name in names]
    domain = defined(xml('a', devices=''.join(
        drive('disk', 'sd' + 'abc'[index], 'sata', path, "<driver name='qemu'/>")
        for index, path in enumerate(paths)) + drive('cdrom', 'sdd', 'sata', images('d.iso'))))
    tree = stands(domain)
    assert [each.get('file') for each in tree.iterfind('devices/disk/source')][:3] == paths
    assert [each.get('type') for each in tree.iterfind('devices/disk/driver')] == \
        [*names.values(), 'raw']
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
               containing="/driver/@type: the image is VDI, not 'qcow2'"):
        redefine(domain, drive('disk', 'sda', 'sata', paths[0], "<driver type='qcow2'/>"))


RAW = "<driver name='qemu' type='raw'/>"


def test_raw_images(defined, images, stands, facts, tmp_path):
    """VirtualBox has them by a descriptor, which comes and goes with them; a guest boots from one."""
    path = images('a raw ä.img')
    pathlib.Path(path).write_bytes(pathlib.Path(BOOT_IMAGE).read_bytes()[:512] + bytes(4 * 1024 * 1024 - 512))
    log = tmp_path / 'com1'
    serial = f"<serial type='file'><source path='{log}'/></serial>"
    disk = drive('disk', 'hda', 'ide', path, RAW)
    domain = defined(xml('a', devices=disk + serial).replace("<boot dev='fd'/>", "<boot dev='hd'/>"))
    assert facts(domain)['IDE-0-0'] == path + '.vmdk'
    tree = stands(domain)
    assert tree.find('devices/disk/source').get('file') == path
    assert tree.find('devices/disk/driver').get('type') == 'raw'
    domain.create()
    waiting.until(lambda: 'READY' in log.read_text(encoding='latin-1'), 'the guest has booted')
    domain.destroy()
    redefine(domain, serial)
    assert 'a raw' not in commands.vboxmanage('list', 'hdds') and not os.path.exists(path + '.vmdk')
    domain.attachDeviceFlags(disk, libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    domain.undefine()
    assert not os.path.exists(path + '.vmdk') and os.path.getsize(path) == 4 * 1024 * 1024


def test_raw_images_that_are_none(defined, images, unchanged, tmp_path):
    """What has the name of another format is taken for a raw image only if the XML says so; nothing is left of a
    failure."""
    path, vdi, odd, broken = images('a.img'), images('b.vdi'), images('c.img'), tmp_path / 'broken.vdi'
    broken.write_bytes(bytes(1024))
    with open(odd, 'ab') as file:
        file.write(b'x')
    quoted = images('d".img')
    blocked = images('e.img')
    pathlib.Path(blocked + '.vmdk').write_text('mine', encoding='utf-8')
    for file, more, said in ((broken, '', "say <driver type='raw'/>"), (vdi, RAW, "is vdi, not 'raw'"),
                             (odd, RAW, 'no multiple of 512'), (quoted, RAW, 'quotation mark'),
                             (blocked, RAW, 'is in the way')):
        with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing=said):
            defined(xml('a', devices=drive('disk', 'sda', 'sata', file, more)))
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing='does not exist'):
        defined(xml('a', devices=drive('disk', 'sda', 'sata', path, RAW) + drive('cdrom', 'sdb', 'sata', '/nowhere.iso')))
    assert not os.path.exists(path + '.vmdk')
    assert pathlib.Path(blocked + '.vmdk').read_text(encoding='utf-8') == 'mine'


def test_what_holds_of_a_disk(defined, images, stands, facts):
    path = images('a.vdi')
    domain = defined(xml('a', devices=drive(
        'disk', 'sda', 'sata', path, "<driver type='vdi' discard='unmap' cache='writeback' io='native'/>"
        "<vbox:attachment hotPluggable='yes'/>").replace("bus='sata'", "bus='sata' rotation_rate='1'")))
    said = facts(domain)
    assert [said[f'SATA-{name}-0-0'] for name in ('hot-pluggable', 'nonrotational', 'discard')] == \
        ['on'] * 3
    tree = stands(domain)
    assert tree.find('devices/disk/target').get('rotation_rate') == '1'
    assert dict(tree.find('devices/disk/driver').attrib) == {
        'type': 'vdi', 'cache': 'writeback', 'io': 'native', 'discard': 'unmap'}
    cache = tree.find("devices/controller[@type='sata']/{urn:vboxvirt:1}cache")
    assert cache.get('useHostIOCache') == 'yes'
    redefine(domain, drive('disk', 'sda', 'sata', path))
    said = facts(domain)
    assert [said[f'SATA-{name}-0-0'] for name in ('hot-pluggable', 'nonrotational', 'discard')] == \
        ['off'] * 3
    tree = stands(domain)
    assert tree.find("devices/controller[@type='sata']/{urn:vboxvirt:1}cache") is None


def test_one_cache_a_controller(connection, images, unchanged):
    first, second = images('a.vdi'), images('b.vdi')
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing='disk[2]/driver/@cache: all disks'):
        connection.defineXML(xml('a', devices=drive('disk', 'sda', 'sata', first, "<driver cache='none'/>")
                                 + drive('disk', 'sdb', 'sata', second, "<driver cache='writeback'/>")))


def test_drives(defined, stands, connection):
    domain = defined(xml('a', devices=drive(
        'cdrom', 'sda', 'sata', more="<vbox:attachment passthrough='yes'/>")))
    tree = stands(domain)
    attachment = tree.find('devices/disk/{urn:vboxvirt:1}attachment')
    assert dict(attachment.attrib) == {'passthrough': 'yes'}
    redefine(domain, drive('cdrom', 'sda', 'sata'))
    assert stands(domain).find('devices/disk/{urn:vboxvirt:1}attachment') is None
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing='disk/shareable: it is a property of hard'):
        connection.defineXML(xml('b', devices=drive('cdrom', 'sda', 'sata', more='<shareable/>')))


@pytest.mark.parametrize('bus, state', [('usb', 'no'), ('ide', 'yes'), ('scsi', 'yes'), ('nvme', 'yes')])
def test_hot_pluggable_refused(connection, unchanged, bus, state):
    text = drive('disk', 'sda', bus, '/a.vdi', f"<vbox:attachment hotPluggable='{state}'/>"
                 "<address type='drive' controller='0' unit='0'/>")
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing="disk/vbox:attachment/@hotPluggable: a disk can"):
        connection.defineXML(xml('a', devices=text))


def change_settings(machine, change):
    """Another text of a machine's settings file, which VirtualBox reads anew."""
    path = settings.path_of_machine(machine.uuid)
    machine.manage('unregistervm')
    commands.virsh('list', '--all')  # the daemon sees that it has gone: another one comes back
    path.write_text(change(path.read_text(encoding='utf-8')), encoding='utf-8')
    commands.vboxmanage('registervm', path)


def bandwidth(name):
    """The bandwidth groups of a machine, as VBoxManage says them."""
    lines = commands.vboxmanage('bandwidthctl', name, 'list').splitlines()
    return sorted(line.split(': ', 1)[1] for line in lines if line.startswith('#'))


def test_bandwidth(defined, images, stands, connection):
    path = images('a.vdi')
    limit = '<iotune><total_bytes_sec>2000000</total_bytes_sec></iotune>'
    nic = "<interface type='user'><mac address='08:00:27:00:00:01'/>{}</interface>"
    own = nic.format("<bandwidth><outbound average='128'/></bandwidth>")
    domain = defined(xml('a', devices=drive('disk', 'sda', 'sata', path, limit) + own))
    assert [line.split(', Limit')[0] for line in bandwidth('a')] == [
        "Name: 'vboxvirt disk SATA 0:0', Type: Disk", "Name: 'vboxvirt interface 0', Type: Network"]
    assert 'Limit: 1024 kbps' in bandwidth('a')[1]
    tree = stands(domain)
    assert tree.find('devices/interface/bandwidth/outbound').get('average') == '128'
    assert tree.find('devices/disk/iotune/total_bytes_sec').text == '2000000'
    group = "<vbox:bandwidthGroup name='g' type='network' maxBytesPerSec='1000'/>"
    member = nic.format("<vbox:bandwidthGroup name='g'/>")
    text = xml('a', uuid=domain.UUIDString(), top=group,
               devices=drive('disk', 'sda', 'sata', path) + member)
    connection.defineXML(text)
    assert bandwidth('a') == ["Name: 'g', Type: Network, Limit: 8 kbps (1000 bytes/s)"]
    stands(domain)
    connection.defineXML(xml('a', uuid=domain.UUIDString(), top=group.replace('network', 'disk'),
                             devices=drive('disk', 'sda', 'sata', path, "<vbox:bandwidthGroup name='g'/>")))
    assert bandwidth('a') == ["Name: 'g', Type: Disk, Limit: 1000 bytes/s"]
    stands(domain)
    connection.defineXML(text)
    stands(domain)
    redefine(domain, drive('disk', 'sda', 'sata', path))
    assert not bandwidth('a')
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing="there is no <vbox:bandwidthGroup name='g'"):
        redefine(domain, member)


def test_bandwidth_of_a_disk_that_stays(defined, images, stands, connection):
    """A group comes for a disk that is there, in the change in which another's group goes."""
    nic = "<interface type='user'><mac address='08:00:27:00:00:01'/>{}</interface>"
    path, own = images('a.vdi'), nic.format("<bandwidth><outbound average='128'/></bandwidth>")
    domain = defined(xml('a', devices=drive('disk', 'sda', 'sata', path) + own))
    for group, member in (("<vbox:bandwidthGroup name='group é' type='disk' maxBytesPerSec='1000'/>",
                           "<vbox:bandwidthGroup name='group é'/>"),
                          ('', '<iotune><total_bytes_sec>2000</total_bytes_sec></iotune>')):
        connection.defineXML(xml('a', uuid=domain.UUIDString(), top=group,
                                 devices=drive('disk', 'sda', 'sata', path, member) + nic.format('')))
        assert len(bandwidth('a')) == 1 and 'Type: Disk' in bandwidth('a')[0]
        stands(domain)
        redefine(domain, drive('disk', 'sda', 'sata', path) + own)
        assert len(bandwidth('a')) == 1 and 'Type: Network' in bandwidth('a')[0]


def test_bandwidth_goes_with_its_device(defined, images, stands, same):
    """VirtualBox counts what was detached as a member still, and what a smaller chipset has no slot for."""
    first, second = images('a.vdi'), images('b.vdi')
    limit = '<iotune><total_bytes_sec>2000000</total_bytes_sec></iotune>'
    nics = ''.join(f"<interface type='user'><mac address='08:00:27:00:00:{number}'/>"
                   "<bandwidth><outbound average='128'/></bandwidth></interface>" for number in range(10, 20))

    def define(machine, devices):
        text = xml('a', uuid=UUID, top='<features><apic/></features>', devices=devices)
        domain = defined(text.replace('<type>', f"<type machine='{machine}'>"))
        stands(domain)
        return bandwidth('a')
    assert len(define('ich9', drive('disk', 'sda', 'sata', first, limit) + nics)) == 11
    with same(), fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing="'/nowhere.vdi' does not exist"):
        define('piix3', drive('disk', 'sda', 'sata', '/nowhere.vdi', limit))
    assert len(define('ich9', drive('disk', 'sda', 'sata', second, limit) + nics)) == 11
    assert not define('piix3', drive('disk', 'sda', 'sata', second))
    assert len(define('piix3', drive('disk', 'sda', 'sata', second, limit))) == 1
    assert not define('piix3', '')


def test_bandwidth_of_others(machines, connection, stands):
    machine = machines.make(None, '--nic1', 'nat')
    machine.manage('bandwidthctl', 'add', 'mine', '--type', 'network', '--limit', '20m')
    machine.manage('modifyvm', '--nic-bandwidth-group1', 'mine', '--nic-boot-prio1', '3')
    tree = stands(connection.lookupByUUIDString(machine.uuid))
    assert dict(tree.find('{urn:vboxvirt:1}bandwidthGroup').attrib) == {
        'name': 'mine', 'type': 'network', 'maxBytesPerSec': '2500000'}
    nic = tree.find('devices/interface')
    assert nic.find('{urn:vboxvirt:1}bandwidthGroup').get('name') == 'mine'
    assert nic.find('{urn:vboxvirt:1}boot').get('priority') == '3'


def test_controllers_of_others(machines, connection, stands):
    machine = machines.make()
    machine.manage('storagectl', '--name', 'S', '--add', 'sata', '--portcount', '5', '--hostiocache', 'on',
                   '--bootable', 'off')
    tree = stands(connection.lookupByUUIDString(machine.uuid))
    ours = tree.find("devices/controller[@type='sata']")
    assert [(etree.QName(each).localname, dict(each.attrib)) for each in ours] == [
        ('cache', {'useHostIOCache': 'yes'}), ('ports', {'count': '5'}), ('boot', {'bootable': 'no'})]


def test_all_that_others_set(machines, connection, stands, images, tmp_path):
    """Each attribute of each controller, drive and disk at another value than the usual one: also what a dump does not
    show, and what VirtualBox takes only from a settings file, stays."""
    machine = machines.make()
    attach = ('storageattach', '--port', '0', '--device', '0', '--storagectl')
    for bus, cache in (('ide', 'off'), ('sata', 'on'), ('scsi', 'on'), ('sas', 'on'), ('usb', 'on'), ('pcie', 'on'),
                       ('virtio', 'on')):
        machine.manage('storagectl', '--name', bus, '--add', bus, '--hostiocache', cache, '--bootable', 'off')
        machine.manage(*attach, bus, '--type', 'hdd', '--medium', images(f'{bus}.vdi'),
                       '--nonrotational', 'on', '--discard', 'on')
    machine.manage('storagectl', '--name', 'floppy', '--hostiocache', 'off', '--bootable', 'off')
    machine.manage('storagectl', '--name', 'sata', '--portcount', '7')
    machine.manage(*attach, 'sata', '--hotpluggable', 'on', '--type', 'hdd', '--medium', tmp_path / 'sata.vdi')
    machine.manage('bandwidthctl', 'add', 'a, b', '--type', 'disk', '--limit', '5m')
    for bus in ('ide', 'usb'):
        machine.manage('storageattach', '--storagectl', bus, '--port', '1', '--device', '0', '--type', 'dvddrive',
                       '--medium', images(f'{bus}.iso'), '--passthrough', 'on', '--bandwidthgroup', 'a, b')
    change_settings(machine, lambda text: re.sub(
        r'(<StorageController name="(usb|scsi|ide)".*?hotpluggable=)"(true|false)"',
        lambda found: f'{found[1]}"{"false" if found[3] == "true" else "true"}"', text, flags=re.S)
        .replace('<Hardware', '<Groups><Group name="/x, y"/><Group name="/z,/\\"/></Groups><Hardware', 1))
    tree = stands(connection.lookupByUUIDString(machine.uuid))
    assert tree.find('{urn:vboxvirt:1}groups').text == '/x\\, y,/z\\,/\\\\'
    assert [each.find('driver').get('cache') for each in tree.iterfind('devices/disk')
            if each.find('target').get('bus') == 'usb'] == ['writeback', 'writeback']


def test_usb_controller_without_disks(machines, connection, stands, images, facts):
    """The XML has no place for it: it stays until a disk came and went."""
    machine, path = machines.make(), images('a.vdi')
    machine.manage('storagectl', '--name', 'mine', '--add', 'usb', '--hostiocache', 'on')
    domain = connection.lookupByUUIDString(machine.uuid)
    stands(domain)
    redefine(domain, drive('disk', 'sda', 'usb', path, "<driver cache='writeback'/>"))
    assert facts(domain)['mine-0-0'] == path
    assert stands(domain).find('devices/disk/driver').get('cache') == 'writeback'
    redefine(domain, drive('disk', 'sda', 'usb', path))
    assert 'name="mine" type="USB" PortCount="8" useHostIOCache="false"' in settings.of_machine(machine.uuid)
    redefine(domain, '')
    assert 'storagecontrollername0' not in facts(domain)


def test_ports(defined, images, facts, connection):
    ports = "<controller type='sata'><vbox:ports count='2'/></controller>"
    domain = defined(xml('a', devices=ports))
    assert facts(domain)['storagecontrollerportcount0'] == '2'
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing='disk: its controller has only 2 ports'):
        redefine(domain, ports + drive('cdrom', 'sdc', 'sata'))


def test_target_names_are_unique(machines, connection, stands):
    """Two controllers that VBoxManage made: libvirt's clients know a disk by its target."""
    machine = machines.make()
    for bus, name in (('sata', 'S'), ('scsi', 'T'), ('sas', 'U')):
        machine.manage('storagectl', '--name', name, '--add', bus)
        machine.manage('storageattach', '--storagectl', name, '--port', '0', '--device', '0',
                       '--type', 'dvddrive', '--medium', 'emptydrive')
    tree = stands(connection.lookupByUUIDString(machine.uuid))
    targets = [each.get('dev') for each in tree.iterfind('devices/disk/target')]
    assert len(targets) == len(set(targets)) == 4, targets
    assert etree.tostring(tree).count(b'type="drive"') == 4
    assert libvirt.VIR_DOMAIN_XML_INACTIVE


def test_discs_change_places(connection, defined, images, stands, unchanged):
    """VirtualBox counts what goes from drive to drive as used nowhere: it must not be let go."""
    first, second = images('a.iso'), images('b.iso')
    domain = defined(xml('a', devices=drive('cdrom', 'sda', 'sata', first)
                         + drive('cdrom', 'sdb', 'sata', second)))
    redefine(domain, drive('cdrom', 'sda', 'sata', second) + drive('cdrom', 'sdb', 'sata', first))
    assert [each.get('file') for each in stands(domain).iterfind('devices/disk/source')] \
        == [second, first]
    redefine(domain, drive('cdrom', 'sda', 'sata', first) + drive('cdrom', 'sdc', 'sata', second))
    stands(domain)
    domain.undefine()

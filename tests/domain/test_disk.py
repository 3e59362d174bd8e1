# SPDX-License-Identifier: LGPL-2.1-or-later
"""Disks and controllers: to their places, changed, moved and removed."""
import libvirt
from lxml import etree

import commands
from domains import xml


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
    names = ('a.vdi', 'b.vmdk', 'c.vhd')
    paths = [images(name) for name in names]
    domain = defined(xml('a', devices=''.join(
        drive('disk', 'sd' + 'abc'[index], 'sata', path, "<driver name='qemu' type='qcow2'/>")
        for index, path in enumerate(paths))))
    tree = stands(domain)
    assert [each.get('file') for each in tree.iterfind('devices/disk/source')] == paths
    assert [each.get('type') for each in tree.iterfind('devices/disk/driver')] == ['qcow2'] * 3


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

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Volumes that are made, copied, resized and deleted: VBoxManage confirms, and its lists are as before."""
import os
import pathlib
import re

import libvirt
import pytest

import pools as pools_module
from commands import machine_facts, vboxmanage, virsh
from nets import refused

MIB = 1 << 20
FORMATS = {'vdi': 'VDI', 'vmdk': 'VMDK', 'vpc': 'VHD', 'qcow': 'QCOW'}
XML = '''<volume><name>{name}</name><capacity>{capacity}</capacity>{more}
<target><format type='{format}'/>{target}</target></volume>'''


def wish(name='a.vdi', capacity=10 * MIB, kind='vdi', more='', target=''):
    """XML of a volume to be made."""
    return XML.format(name=name, capacity=capacity, format=kind, more=more, target=target)


def medium(path):
    """VBoxManage's facts of an image, which leaves its lists again."""
    said = vboxmanage('showmediuminfo', 'disk', path)
    vboxmanage('closemedium', 'disk', path)
    return dict(re.findall(r'^([\w ]+): +(.*)$', said, re.MULTILINE))


@pytest.fixture(name='attached')
def _attached(machines, pool, folder):
    """A machine with a disk, and the disk's volume."""
    volume = pool.createXML(wish())
    machine = machines.make()
    machine.manage('storagectl', '--name', 'sata', '--add', 'sata')
    machine.manage('storageattach', '--storagectl', 'sata', '--port', '0', '--type', 'hdd',
                   '--medium', folder / 'a.vdi')
    return machine, volume


@pytest.mark.parametrize('kind', FORMATS)
def test_create(folder, pool, same_media, kind):
    """Each format that VirtualBox makes, with its size."""
    virsh('vol-create-as', 'p', f'a.{kind}', '10M', '--format', kind)
    facts = medium(folder / f'a.{kind}')
    assert facts['Storage format'] == FORMATS[kind] and facts['Capacity'] == '10 MBytes'
    assert pool.storageVolLookupByName(f'a.{kind}').info()[1] == 10 * MIB
    virsh('vol-delete', '--pool', 'p', f'a.{kind}')
    assert os.listdir(folder) == []


def test_create_raw_and_full(folder, pool, same_media):
    """Raw files have holes, and whole sectors; what is wholly allocated takes its room at once; modes are set."""
    raw = pool.createXML(wish('a.img', 10 * MIB + 1, 'raw', "<allocation>0</allocation>",
                              '<permissions><mode>0644</mode></permissions>'))
    assert raw.info() == [0, 10 * MIB + 512, 0]
    assert os.stat(folder / 'a.img').st_mode & 0o777 == 0o644
    full = '<allocation unit="MiB">10</allocation>'
    assert pool.createXML(wish('b.img', kind='raw', more=full)).info() == [0, 10 * MIB, 10 * MIB]
    assert pool.createXML(wish('b.vdi', more=full)).info()[2] >= 10 * MIB
    assert 'fixed' in medium(folder / 'b.vdi')['Format variant']
    pool.createXML(wish('c.vmdk', kind='vmdk', more=full))
    assert sorted(os.listdir(folder)) == ['a.img', 'b.img', 'b.vdi', 'c-flat.vmdk', 'c.vmdk']
    pool.storageVolLookupByName('c.vmdk').delete()
    assert sorted(os.listdir(folder)) == ['a.img', 'b.img', 'b.vdi']


def test_odd_names(folder, pool, same_media, valid):
    """What XML and files can hold; the image is found again under it."""
    name = 'a <&> "b" \'c\' ü.vdi'
    xml = wish('NAME').replace('NAME', name.replace('&', '&amp;').replace('<', '&lt;'))
    volume = pool.createXML(xml, libvirt.VIR_STORAGE_VOL_CREATE_VALIDATE)
    assert volume.name() == name and (folder / name).exists()
    assert valid(volume.XMLDesc(), 'storagevol')
    with refused('STORAGE_VOL_EXIST', 'exists already'):
        pool.createXML(volume.XMLDesc())
    volume.delete()
    assert pool.createXML(wish('no extension')).name() == 'no extension'


@pytest.mark.parametrize('xml, code, part', [
    (wish('a/b.vdi'), 'XML_ERROR', '/volume/name'), (wish('..'), 'XML_ERROR', '/volume/name'),
    (wish('a&#10;b'), 'XML_ERROR', '/volume/name'), (wish(''), 'XML_ERROR', '/volume/name'),
    (wish(kind='qed'), 'CONFIG_UNSUPPORTED', 'raw, vdi, vmdk, vpc, qcow'),
    (wish(capacity='x'), 'XML_ERROR', "'x' is not a size"),
    ('<volume><name>a</name></volume>', 'XML_ERROR', 'missing /volume/capacity'),
    (wish(capacity=0), 'OPERATION_FAILED', 'VERR'),
    (wish(capacity=1 << 62), 'OPERATION_FAILED', 'VERR'),
    (wish('a.img', 1 << 62, 'raw', f'<allocation>{1 << 62}</allocation>'), 'SYSTEM_ERROR', 'a.img'),
    (wish('a.img', 1 << 40, 'raw', f'<allocation>{1 << 40}</allocation>'), 'SYSTEM_ERROR', 'a.img'),
    (wish(more='<backingStore><path>/x</path></backingStore>'), 'CONFIG_UNSUPPORTED', 'backingStore'),
    (wish(target='<nocow/>'), 'CONFIG_UNSUPPORTED', 'nocow'),
    (wish(target='<permissions><group>4242</group></permissions>'), 'CONFIG_UNSUPPORTED', 'group'),
])
def test_refused(folder, pool, same_media, xml, code, part):
    """With the place or the reason, and no file is left."""
    with refused(code, part):
        pool.createXML(xml)
    assert os.listdir(folder) == []


def test_clone(folder, pool, same_media):
    """A copy has a UUID of its own; formats can change, the size can grow."""
    source = pool.createXML(wish())
    virsh('vol-clone', '--pool', 'p', 'a.vdi', 'b.vdi')
    assert medium(folder / 'a.vdi')['UUID'] != medium(folder / 'b.vdi')['UUID']
    volume = pool.createXMLFrom(wish('c.vdi', 20 * MIB), source)
    assert volume.info()[1] == 20 * MIB and medium(folder / 'c.vdi')['Capacity'] == '20 MBytes'
    with refused('OPERATION_UNSUPPORTED', 'VMDK'):
        pool.createXMLFrom(wish('d.vmdk', 20 * MIB, 'vmdk'), source)
    small = pool.createXMLFrom(wish('d.vpc', 1, 'vpc'), source)
    assert small.info()[1] == 10 * MIB and medium(folder / 'd.vpc')['Storage format'] == 'VHD'
    assert pool.createXMLFrom(wish('e.img', kind='raw'), source).info()[1] == 10 * MIB
    with refused('STORAGE_VOL_EXIST'):
        pool.createXMLFrom(wish('c.vdi'), source)
    with refused('OPERATION_UNSUPPORTED', 'esiz'):
        pool.createXMLFrom(wish('f.qcow', 20 * MIB, 'qcow'), source)
    assert sorted(os.listdir(folder)) == ['a.vdi', 'b.vdi', 'c.vdi', 'd.vpc', 'e.img']


def test_clone_raw(folder, pool, same_media):
    """A raw file is copied with its holes; into another format VirtualBox copies it, by a descriptor."""
    with open(folder / 'a.img', 'wb') as file:
        for place in (0, 5 * MIB, 9 * MIB):
            file.seek(place)
            file.write(os.urandom(70000))
        file.truncate(10 * MIB)
    source = pool.storageVolLookupByName('a.img')
    volume = pool.createXMLFrom(wish('b.img', 12 * MIB, 'raw'), source)
    data = (folder / 'a.img').read_bytes()
    assert (folder / 'b.img').read_bytes() == data + b'\0' * 2 * MIB
    assert volume.info()[2] < MIB
    converted = pool.createXMLFrom(wish('c.vdi', 20 * MIB), source)
    assert converted.info()[1] == 20 * MIB and medium(folder / 'c.vdi')['Capacity'] == '20 MBytes'
    pool.createXMLFrom(wish('d.img', kind='raw'), converted)
    assert (folder / 'd.img').read_bytes() == data + b'\0' * 10 * MIB
    (folder / 'odd.img').write_bytes(b'x' * 1000)
    with refused('CONFIG_UNSUPPORTED', '512'):
        pool.createXMLFrom(wish('e.vdi'), pool.storageVolLookupByName('odd.img'))
    with refused('STORAGE_VOL_EXIST'):
        pool.createXMLFrom(wish('b.img', kind='raw'), source)
    assert sorted(os.listdir(folder)) == ['a.img', 'b.img', 'c.vdi', 'd.img', 'odd.img']


def test_resize(folder, pool, same_media):
    """To, by, and down where that can be."""
    volume = pool.createXML(wish())
    virsh('vol-resize', '--pool', 'p', 'a.vdi', '20M')
    volume.resize(4 * MIB, libvirt.VIR_STORAGE_VOL_RESIZE_DELTA)
    assert volume.info()[1] == 24 * MIB and medium(folder / 'a.vdi')['Capacity'] == '24 MBytes'
    with refused('INVALID_ARG', 'shrink flag'):
        volume.resize(MIB)
    with refused('OPERATION_UNSUPPORTED', 'Shrinking'):
        volume.resize(MIB, libvirt.VIR_STORAGE_VOL_RESIZE_SHRINK)
    assert volume.info()[1] == 24 * MIB
    raw = pool.createXML(wish('a.img', 1000, 'raw'))
    raw.resize(100, libvirt.VIR_STORAGE_VOL_RESIZE_DELTA | libvirt.VIR_STORAGE_VOL_RESIZE_SHRINK)
    assert raw.info()[1] == 1024 - 100
    virsh('vol-resize', '--pool', 'p', 'a.img', '300K', '--allocate')
    assert raw.info()[1] == 300 * 1024 and raw.info()[2] >= 296 * 1024  # what was there before is a hole
    with refused('OPERATION_UNSUPPORTED', 'without --allocate'):
        volume.resize(30 * MIB, libvirt.VIR_STORAGE_VOL_RESIZE_ALLOCATE)
    vmdk = pool.createXML(wish('a.vmdk', kind='vmdk'))
    vboxmanage('createmedium', 'disk', '--filename', folder / 'b.vmdk', '--size', '3000', '--format', 'VMDK', '--variant',
               'Split2G')
    vboxmanage('closemedium', 'disk', folder / 'b.vmdk')
    assert (folder / 'b-s002.vmdk').exists()
    for volume in vmdk, pool.storageVolLookupByName('b.vmdk'):
        with refused('OPERATION_UNSUPPORTED', 'VMDK'):
            volume.resize(5000 * MIB)


def test_in_use(attached, folder, pool, pools):
    """A machine's image is not closed by what is done with it, and does not grow below or above another."""
    machine, volume = attached
    (folder / 'alias.vdi').symlink_to('a.vdi')
    pool.storageVolLookupByName('alias.vdi').delete()
    assert os.listdir(folder) == ['a.vdi']
    volume.resize(20 * MIB)
    pool.createXMLFrom(wish('b.vdi'), volume)
    assert pools_module.media()[0] == [str(folder / 'a.vdi')]
    machine.manage('snapshot', 'take', 's')
    above = pathlib.Path(machine_facts(machine.uuid)['sata-0-0'])
    pools.make('above', above.parent)
    for each in volume, volume.connect().storageVolLookupByPath(str(above)):
        with refused('OPERATION_INVALID', 'delete the snapshots first'):
            each.resize(30 * MIB)


def test_running(attached, folder, pool):
    """The domain that runs with an image is named, with what can be done, and nothing has changed; also from below."""
    machine, volume = attached
    said = f"'{folder}/a.vdi' is in use: domain '{machine.name}' runs with it; shut that down first, or detach it there"
    machine.start()
    for call in (lambda: volume.resize(20 * MIB), lambda: pool.createXMLFrom(wish('b.vdi'), volume),
                 lambda: pool.createXMLFrom(wish('b.img', kind='raw'), volume)):
        with refused('OPERATION_INVALID', said):
            call()
    assert os.listdir(folder) == ['a.vdi'] and volume.info()[1] == 10 * MIB
    machine.manage('controlvm', 'poweroff')
    machine.wait_until_off()
    machine.manage('snapshot', 'take', 's')
    machine.start(ready=False)
    with refused('OPERATION_INVALID', said):
        volume.resize(20 * MIB)
    pool.createXMLFrom(wish('b.vdi'), volume)


def test_delete_known(folder, pool, same_media):
    """An image that only is in VirtualBox's list leaves it."""
    volume = pool.createXML(wish())
    vboxmanage('showmediuminfo', 'disk', folder / 'a.vdi')
    volume.delete()
    assert os.listdir(folder) == []


def test_wipe_and_streams(pool):
    """What is refused, and how."""
    volume = pool.createXML(wish())
    for call in (volume.wipe, lambda: volume.wipePattern(libvirt.VIR_STORAGE_VOL_WIPE_ALG_DOD)):
        with refused('OPERATION_UNSUPPORTED', 'does not wipe'):
            call()
    with refused('INVALID_ARG', 'unsupported flags'):
        volume.delete(libvirt.VIR_STORAGE_VOL_DELETE_ZEROED)

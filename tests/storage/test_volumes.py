# SPDX-License-Identifier: LGPL-2.1-or-later
"""Volumes: what clients see of the files in a pool's folder."""
import os
import re

import libvirt
import pytest

from commands import vboxmanage, virsh
from nets import refused

MIB = 1 << 20


def create(path, *words, size=10):
    """An image that VBoxManage makes; it leaves VirtualBox's lists at once."""
    vboxmanage('createmedium', 'disk', '--filename', path, '--size', size, *words)
    vboxmanage('closemedium', 'disk', path)
    return path


@pytest.mark.parametrize('name, expected, words', [
    ('a.vdi', 'vdi', ()), ('fixed.vdi', 'vdi', ('--variant', 'Fixed')),
    ('a.vmdk', 'vmdk', ('--format', 'VMDK')),
    ('split.vmdk', 'vmdk', ('--format', 'VMDK', '--variant', 'Split2G')),
    ('flat.vmdk', 'vmdk', ('--format', 'VMDK', '--variant', 'Fixed')),
    ('a.vhd', 'vpc', ('--format', 'VHD')),
    ('fixed.vhd', 'vpc', ('--format', 'VHD', '--variant', 'Fixed')),
    ('a.qcow', 'qcow', ('--format', 'QCOW')),
    ('named.img', 'vdi', ('--format', 'VDI')),
])
def test_formats(folder, pool, valid, same_media, name, expected, words):
    """Format and size of images that VirtualBox made, without its help."""
    create(folder / name, *words, size=10)
    volume = pool.storageVolLookupByName(name)
    file = os.stat(folder / name)
    assert volume.info() == [libvirt.VIR_STORAGE_VOL_FILE, 10 * MIB, file.st_blocks * 512]
    assert volume.infoFlags(libvirt.VIR_STORAGE_VOL_GET_PHYSICAL)[2] == file.st_size
    xml = volume.XMLDesc()
    assert valid(xml, 'storagevol')
    for part in (f"<format type='{expected}'/>", f"<capacity unit='bytes'>{10 * MIB}<",
                 f"<physical unit='bytes'>{file.st_size}<", '<mode>0600</mode>',
                 f'<key>{folder}/{name}</key>', f'<path>{folder}/{name}</path>'):
        assert part in xml


def test_other_files(folder, pool, valid):
    """Raw images and ISO images are known, sockets and folders are no volumes."""
    (folder / 'raw.img').write_bytes(b'x' * 1000)
    (folder / 'empty').touch()
    (folder / 'a.iso').write_bytes(b'\0' * 32768 + b'\1CD001' + b'\0' * 2042)
    (folder / 'new.vhdx').write_bytes(b'vhdxfile' + b'\0' * 1000)
    (folder / 'link').symlink_to('raw.img')
    (folder / 'broken').symlink_to('nowhere')
    (folder / 'folder').mkdir()
    os.mkfifo(folder / 'pipe')
    (folder / 'line\nend').touch()
    (folder / 'not mine').touch(0o000)
    names = ['a.iso', 'empty', 'link', 'new.vhdx', 'raw.img']
    assert pool.listVolumes() == names and pool.numOfVolumes() == len(names)
    assert [volume.name() for volume in pool.listAllVolumes()] == names
    for name, expected, size in (('raw.img', 'raw', 1000), ('empty', 'raw', 0), ('link', 'raw', 1000),
                                 ('a.iso', 'iso', 34816), ('new.vhdx', 'unknown', 1008)):
        volume = pool.storageVolLookupByName(name)
        assert f"<format type='{expected}'/>" in volume.XMLDesc() and volume.info()[1] == size
        assert valid(volume.XMLDesc(), 'storagevol')
    for name in ('folder', 'pipe', 'broken', 'not mine', '..', '../p/raw.img', ''):
        with refused('NO_STORAGE_VOL', 'Storage volume not found'):
            pool.storageVolLookupByName(name)


def test_backing_file(folder, pool, valid):
    """Of a QCOW image that stands on another."""
    create(folder / 'a.qcow', '--format', 'QCOW')
    data = bytearray((folder / 'a.qcow').read_bytes())
    data[8:20] = (512).to_bytes(8, 'big') + (8).to_bytes(4, 'big')
    data[512:520] = b'base.img'
    (folder / 'a.qcow').write_bytes(data)
    xml = pool.storageVolLookupByName('a.qcow').XMLDesc()
    assert re.search(f'<backingStore>\\s*<path>{folder}/base.img</path>', xml)
    assert valid(xml, 'storagevol')


def test_lookups(connection, folder, pool):
    """By path and key, in pools that are started; a file that goes is no volume at once."""
    path = folder / 'a <&> ü.img'
    path.touch()
    volume = connection.storageVolLookupByPath(str(path))
    assert (volume.name(), volume.key(), volume.path()) == (path.name, str(path), str(path))
    assert connection.storageVolLookupByPath(f'{folder}//./{path.name}').key() == str(path)
    assert connection.storageVolLookupByKey(str(path)).name() == path.name
    assert volume.storagePoolLookupByVolume().name() == 'p'
    assert 'a &lt;&amp;&gt; ü.img' in volume.XMLDesc()
    assert path.name in virsh('vol-list', 'p', '--details')
    assert virsh('vol-pool', path).strip() == 'p'
    for look in (lambda: connection.storageVolLookupByPath('/nowhere/x'),
                 lambda: connection.storageVolLookupByPath('x'),
                 lambda: connection.storageVolLookupByPath(f'{folder}/x'),
                 lambda: connection.storageVolLookupByKey('x')):
        with refused('NO_STORAGE_VOL', 'Storage volume not found'):
            look()
    path.unlink()
    with refused('NO_STORAGE_VOL', path.name):
        volume.info()
    path.touch()
    pool.destroy()
    with refused('NO_STORAGE_VOL'):
        connection.storageVolLookupByPath(str(path))
    for call in (volume.info, pool.listVolumes, pool.listAllVolumes, pool.numOfVolumes):
        with refused('OPERATION_INVALID', 'not active'):
            call()


def test_a_hundred(folder, pool, same_media):
    """A full folder is listed with what each image says, and VirtualBox does not hear of it."""
    data = create(folder / '0.vdi').read_bytes()
    for number in range(1, 100):
        (folder / f'{number}.vdi').write_bytes(data)
    for volume in pool.listAllVolumes():
        assert volume.info()[1] == 10 * MIB
    assert len(virsh('vol-list', 'p', '--details').splitlines()) == 103

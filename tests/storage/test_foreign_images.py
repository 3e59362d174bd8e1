# SPDX-License-Identifier: LGPL-2.1-or-later
"""Images that QEMU made: VirtualBox harms some, and reads others as what they are not, and says that all is well."""
import os
import subprocess

import libvirt
import pytest
from lxml import etree

from commands import run, vboxmanage, virsh
from domains import xml
from nets import refused

MIB = 1 << 20
INACTIVE = libvirt.VIR_DOMAIN_XML_INACTIVE
WISH = '''<volume><name>{}</name><capacity>0</capacity><target><format type='{}'/></target></volume>'''
DISK = '''<disk type='file' device='disk'>{}<source file='{}'/><target dev='sda' bus='sata'/></disk>'''
# what qemu-img makes of a raw image: the options, with {folder}; and why VirtualBox must not have it
WHOLE = {
    'v2.qcow2': '-O qcow2 -o compat=0.10', 'v3.qcow2': '-O qcow2', 'packed.qcow2': '-c -O qcow2', 'a.qcow': '-O qcow',
}
PARTS = {
    'new.hdd': ('-O parallels', 'format Parallels which VirtualBox does not read'),
    'a.vhdx': ('-O vhdx', 'format VHDX which VirtualBox does not read'),
    'zstd.qcow2': ('-O qcow2 -o compression_type=zstd', 'features that VirtualBox does not know'),
    'l2.qcow2': ('-O qcow2 -o extended_l2=on', 'features that VirtualBox does not know'),
    'data.qcow2': ('-O qcow2 -o data_file={folder}/data', 'features that VirtualBox does not know'),
    'secret.qcow2': ('--object secret,id=s,data=x -O qcow2 -o encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10',
                     'is encrypted'),
}
OVERLAYS = ('qcow2', 'qcow', 'qed', 'vmdk')
GOOD = {'a.vdi': '-O vdi', 'a.vpc': '-O vpc -o force_size', 'a.vmdk': '-O vmdk', 'a.qed': '-O qed',
        'stream.vmdk': '-O vmdk -o subformat=streamOptimized'}


def qemu_img(*words):
    """Runs it."""
    run('qemu-img', *words)


def define(connection, path, driver='', uuid=None):
    """A domain that has it as a hard disk."""
    return connection.defineXML(xml('a', uuid=uuid, devices=DISK.format(driver, path)))


@pytest.fixture(scope='module', name='plain')
def _plain(tmp_path_factory):
    """A raw disk: some of it is noise, some text, most nothing."""
    path = tmp_path_factory.mktemp('plain') / 'plain'
    with open(path, 'wb') as file:
        for place in (0, MIB + 5000, 6 * MIB):
            file.seek(place)
            file.write(os.urandom(100000) + b'text' * 50000)
        file.truncate(8 * MIB)
    return path


@pytest.fixture(name='untouched')
def _untouched(folder):
    """No file in the folder is another after the test, nor was it written to since `untouched()`."""
    kept = {}

    def keep():
        kept.update({path: (os.stat(path).st_mtime_ns, path.read_bytes()) for path in folder.iterdir()})
    yield keep
    assert kept and {path: (os.stat(path).st_mtime_ns, path.read_bytes()) for path in folder.iterdir()} == kept


@pytest.fixture(name='convert')
def _convert(plain, folder):
    """Has qemu-img make an image of the disk: its path."""
    def make(name, words):
        qemu_img('convert', '-f', 'raw', *words.format(folder=folder).split(), plain, folder / name)
        return folder / name
    return make


@pytest.fixture(name='foreign')
def _foreign(folder, convert):
    """What VirtualBox must not have as a hard disk: name → why."""
    why = dict.fromkeys(WHOLE, 'virsh vol-create-from')
    for name, words in WHOLE.items():
        convert(name, words)
    for name, (words, reason) in PARTS.items():
        convert(name, words)
        why[name] = reason
    for kind in OVERLAYS:
        convert(f'base.{kind}', f'-O {kind}')
        qemu_img('create', '-f', kind, '-F', kind, '-b', f'base.{kind}', folder / f'over.{kind}')
        why[f'over.{kind}'] = 'differs from another file'
    convert('snapshot.qcow2', '-O qcow2')
    qemu_img('snapshot', '-c', 's', folder / 'snapshot.qcow2')
    for kind in ('qcow2', 'qcow'):
        qemu_img('create', '-f', kind, folder / f'fresh.{kind}', '10M')
        why[f'fresh.{kind}'] = 'while nothing is written to it'
    return {**why, 'snapshot.qcow2': 'with snapshots in it'}


def test_new_disks(connection, machines, folder, foreign, convert, untouched, same_media):
    """They are refused before VirtualBox opens them, or a good disk beside them, with what helps."""
    good = DISK.format('', convert('good.vdi', '-O vdi'))
    untouched()
    for name, reason in foreign.items():
        with pytest.raises(libvirt.libvirtError) as failure:
            define(connection, folder / name)
        assert failure.value.get_error_code() == libvirt.VIR_ERR_CONFIG_UNSUPPORTED, name
        assert reason in str(failure.value) and 'qemu-img convert -O vdi' in str(failure.value), name
    for name, word in (('v3.qcow2', 'vdi'), ('a.qcow', 'qcow2'), ('base.vmdk', 'vdi'), ('base.qed', 'qcow')):
        with refused('CONFIG_UNSUPPORTED', f"not '{word}'"):
            define(connection, folder / name, f"<driver type='{word}'/>")
    with refused('CONFIG_UNSUPPORTED', "not 'raw'"):
        define(connection, folder / 'new.hdd', "<driver type='raw'/>")
    for driver, name, why in (('', 'v3.qcow2', 'qemu-img'), ("<driver type='vdi'/>", 'base.vmdk', "not 'vdi'")):
        with refused('CONFIG_UNSUPPORTED', why):
            bad = DISK.format(driver, folder / name).replace('sda', 'sdb')
            connection.defineXML(xml('a', devices=good + bad))


def test_good_disks(connection, machines, folder, convert):
    """What VirtualBox reads and writes well it may have, its own QCOW too."""
    paths = [convert(name, words) for name, words in GOOD.items() if name != 'stream.vmdk']
    vboxmanage('createmedium', 'disk', '--filename', folder / 'own.qcow', '--size', '20480', '--format', 'QCOW')
    vboxmanage('closemedium', 'disk', folder / 'own.qcow')
    paths.append(folder / 'own.qcow')
    for path in paths:
        domain = define(connection, path)
        driver = etree.fromstring(domain.XMLDesc()).find('devices/disk/driver').get('type')
        assert driver == path.suffix[1:]
        define(connection, path, f"<driver type='{driver}'/>", domain.UUIDString())
        domain.undefine()


def test_what_stands_there(connection, machines, convert, folder):
    """A qcow2 that VBoxManage attached stays, and is called so; nobody else gets it."""
    path = convert('a.qcow2', '-O qcow2')
    machine = machines.make()
    machine.manage('storagectl', '--name', 'SATA', '--add', 'sata')
    machine.manage('storageattach', '--storagectl', 'SATA', '--port', '0', '--type', 'hdd', '--medium', path)
    domain = connection.lookupByUUIDString(machine.uuid)
    text = domain.XMLDesc(INACTIVE)
    assert "<driver type='qcow2'/>" in text
    connection.defineXML(text)
    connection.defineXML(text.replace("dev='sda'", "dev='sdb'").replace("unit='0'", "unit='1'"))
    assert "unit='1'" in domain.XMLDesc(INACTIVE)
    native = connection.domainXMLToNative('vbox', domain.XMLDesc(INACTIVE), 0)
    assert "<driver type='qcow2'/>" in connection.domainXMLFromNative('vbox', native, 0)
    with refused('CONFIG_UNSUPPORTED', 'damages'):
        define(connection, path)


def test_vmdk_without_a_uuid(connection, machines, convert):
    """VirtualBox makes one up when it only reads the image, and then takes no snapshots of it."""
    path = convert('a.vmdk', '-O vmdk')
    vboxmanage('showmediuminfo', 'disk', path)
    define(connection, path)
    vboxmanage('snapshot', 'a', 'take', 's')
    vboxmanage('snapshot', 'a', 'delete', 's')


def test_copies(pool, folder, convert, plain, untouched, same_media):
    """vol-create-from reads what qemu-img does."""
    sources = {name: convert(name, words) for name, words in {**WHOLE, **GOOD}.items()}
    untouched()
    for name, path in sources.items():
        copy = pool.createXMLFrom(WISH.format('copy', 'vdi'), pool.storageVolLookupByName(name))
        subprocess.run(['qemu-img', 'convert', '-O', 'raw', copy.path(), folder / 'raw'], check=True)
        assert (folder / 'raw').read_bytes() == plain.read_bytes(), name
        (folder / 'raw').unlink()
        copy.delete()
        assert path.exists()


def test_copies_of_parts(pool, folder, foreign, untouched, same_media):
    """What it would not read whole is not copied, resized neither."""
    untouched()
    for name, reason in foreign.items():
        if name not in WHOLE:
            with refused('CONFIG_UNSUPPORTED', reason):
                pool.createXMLFrom(WISH.format('copy', 'vdi'), pool.storageVolLookupByName(name))
        if not name.endswith('.vmdk'):  # they are not resized at all
            with refused('CONFIG_UNSUPPORTED', 'qemu-img convert'):
                pool.storageVolLookupByName(name).resize(20 * MIB)


def test_preallocated_metadata(folder, pool, pools):
    """virt-install and virsh ask for it with qcow2, and hear what is written instead."""
    flag = libvirt.VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA
    with refused('CONFIG_UNSUPPORTED', "does not write qcow2 images: say <format type='vdi'/>"):
        pool.createXML(WISH.format('a', 'qcow2'), flag)
    said = run('virt-install', '--connect', 'vbox:///session', '--name', 'a', '--memory', '64', '--import', '--noreboot',
               '--osinfo', 'detect=off,require=off', '--disk', f'{folder}/a.qcow2,size=0.01,format=qcow2', check=False)
    assert said.returncode != 0 and "say <format type='vdi'/>" in said.stderr
    virsh('vol-create-as', 'p', 'a.vdi', '1M', '--format', 'vdi', '--prealloc-metadata')
    assert pool.listVolumes() == ['a.vdi']

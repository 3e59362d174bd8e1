# SPDX-License-Identifier: LGPL-2.1-or-later
"""Disks by their path, in stock virt-install, virt-clone and virt-xml: they make a pool of the image's folder."""
import os
import re

import pytest

from commands import URI, run, vboxmanage, virsh, virsh_error
from nets import refused

OPTIONS = ('--memory', '64', '--osinfo', 'detect=off,require=off', '--network', 'none', '--graphics', 'none',
           '--noautoconsole', '--import')
DISK = '''<disk type='file' device='disk'><source file='{}'/><target dev='sda' bus='sata'/></disk>'''


def client(program, *words):
    """Runs one of them."""
    return run(program, '--connect', URI, *words).stdout


def disks(domain):
    """The images of a domain's disks."""
    return re.findall(r'^ \w+ +(/.*)$', virsh('domblklist', domain), re.MULTILINE)


def uuids():
    """The hard disks that VirtualBox has: path → UUID."""
    said = vboxmanage('list', 'hdds')
    return dict(zip(re.findall(r'^Location: +(.*)$', said, re.MULTILINE),
                    re.findall(r'^UUID: +(.*)$', said, re.MULTILINE)))


@pytest.fixture(name='folder')
def _folder(pools, machines):
    """A folder with an image, which nobody knows."""
    folder = pools.folder / 'my images'
    folder.mkdir()
    vboxmanage('createmedium', 'disk', '--filename', folder / 'x.vdi', '--size', '10')
    vboxmanage('closemedium', 'disk', folder / 'x.vdi')
    return folder


def test_virt_install_import(folder):
    """--disk /path/x.vdi"""
    client('virt-install', '--name', 'a', *OPTIONS, '--disk', folder / 'x.vdi')
    assert virsh('domstate', 'a').strip() == 'running' and disks('a') == [str(folder / 'x.vdi')]
    assert re.search('my_images +active +yes', virsh('pool-list'))
    assert "in use by domain 'a'" in virsh_error('vol-delete', folder / 'x.vdi')


def test_virt_install_makes_a_disk(folder, monkeypatch, tmp_path):
    """--disk size=, in the default pool and by a path."""
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    client('virt-install', '--name', 'a', *OPTIONS, '--noreboot', '--disk', 'size=0.01,format=vdi')
    assert [os.path.basename(path) for path in disks('a')] == ['a.vdi']
    assert re.search('default +active +yes', virsh('pool-list'))
    client('virt-install', '--name', 'b', *OPTIONS, '--disk', f'{folder}/b.vmdk,size=0.01,format=vmdk')
    assert disks('b') == [f'{folder}/b.vmdk'] and virsh('domstate', 'b').strip() == 'running'
    virsh('destroy', 'b')
    virsh('undefine', 'b', '--remove-all-storage')
    assert os.listdir(folder) == ['x.vdi']


def test_virt_install_raw(folder):
    """What virt-install makes when no format is said: VirtualBox has it by a descriptor, which users do not see."""
    client('virt-install', '--name', 'a', *OPTIONS, '--disk', f'{folder}/a.img,size=0.01')
    assert virsh('domstate', 'a').strip() == 'running' and disks('a') == [f'{folder}/a.img']
    assert "<driver type='raw'/>" in virsh('dumpxml', 'a')
    assert list(uuids()) == [f'{folder}/a.img.vmdk']
    assert virsh('domblkinfo', 'a', f'{folder}/a.img').split()[1] == '10737664'
    assert re.findall('^ ([^ ]+) +/', virsh('vol-list', 'my_images'), re.MULTILINE) == ['a.img', 'x.vdi']
    assert "in use by domain 'a'" in virsh_error('vol-delete', folder / 'a.img')
    said = virsh_error('vol-resize', folder / 'a.img', '20M')
    assert "domain 'a' has" in said and 'detach it first' in said
    assert "domain 'a' runs with it" in virsh_error('vol-clone', folder / 'a.img', 'b.img')
    virsh('destroy', 'a')
    client('virt-clone', '--original', 'a', '--auto-clone')
    virsh('start', 'a-clone')
    assert set(uuids()) == {f'{folder}/a.img.vmdk', f'{folder}/a-clone.img.vmdk'}
    virsh('destroy', 'a-clone')
    for name in ('a', 'a-clone'):
        virsh('undefine', name, '--remove-all-storage')
    assert os.listdir(folder) == ['x.vdi'] and uuids() == {}


def test_virt_clone(folder):
    """The copy has an image of its own, which VirtualBox can have beside the first."""
    client('virt-install', '--name', 'a', *OPTIONS, '--noreboot', '--disk', folder / 'x.vdi')
    client('virt-clone', '--original', 'a', '--auto-clone')
    assert disks('a-clone') == [f'{folder}/x-clone.vdi']
    virsh('start', 'a-clone')
    virsh('start', 'a')
    known = uuids()
    assert set(known) == {f'{folder}/x.vdi', f'{folder}/x-clone.vdi'} and len(set(known.values())) == 2
    assert disks('a-clone') == [f'{folder}/x-clone.vdi']


def test_virt_xml(folder):
    """--add-device --disk, of an image that is there and of one that is not."""
    client('virt-install', '--name', 'a', *OPTIONS, '--noreboot', '--disk', 'none')
    client('virt-xml', 'a', '--add-device', '--disk', folder / 'x.vdi')
    client('virt-xml', 'a', '--add-device', '--disk', f'{folder}/y.vdi,size=0.01,format=vdi')
    assert disks('a') == [f'{folder}/x.vdi', f'{folder}/y.vdi']
    assert set(uuids()) == set(disks('a'))


def test_an_image_to_come(connection, pools, machines):
    """A domain can be defined before its image is made in a pool; it starts when it is there."""
    pool = pools.make('p')
    path = pools.folder / 'p' / 'a.vdi'
    xml = f'''<domain type='vbox'><name>a</name><memory unit='MiB'>16</memory><os><type>hvm</type></os>
        <devices>{DISK.format(path)}</devices></domain>'''
    domain = connection.defineXML(xml)
    assert disks('a') == [str(path)]
    with refused('CONFIG_UNSUPPORTED', 'does not exist'):
        domain.create()
    pool.createXML('<volume><name>a.vdi</name><capacity unit="MiB">10</capacity><target>'
                   '<format type="vdi"/></target></volume>')
    domain.create()
    assert list(uuids()) == [str(path)] == disks('a')
    domain.destroy()
    domain.undefine()
    path.unlink()
    pool.destroy()
    with refused('CONFIG_UNSUPPORTED', 'does not exist'):
        connection.defineXML(xml)

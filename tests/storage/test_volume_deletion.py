# SPDX-License-Identifier: LGPL-2.1-or-later
"""Deleting volumes that machines have, as clients do before they undefine a domain: VBoxManage confirms."""
import os
import pathlib

import pytest

import pools as pools_module
import service as service_module
import settings
from commands import machine_facts, vboxmanage, virsh_error
from nets import refused


@pytest.fixture(name='volume')
def _volume(connection, folder):
    """Makes an image with VBoxManage, which leaves VirtualBox's lists: volume('a.vdi') is its volume."""
    def make(name, *words, size=4):
        vboxmanage('createmedium', 'disk', '--filename', folder / name, '--size', size, *words)
        vboxmanage('closemedium', 'disk', folder / name)
        return connection.storageVolLookupByPath(str(folder / name))
    return make


@pytest.fixture(name='same_disks')
def _same_disks(service):
    """VirtualBox has the same images in its lists after the test; a machine's own floppy may stay."""
    before = pools_module.media()[:2]
    yield
    assert pools_module.media()[:2] == before


@pytest.fixture(name='having')
def _having(same_disks, machines):
    """Makes a machine with these images as hard disks."""
    def make(*paths):
        machine = machines.make()
        machine.manage('storagectl', '--name', 'S', '--add', 'sata')
        for port, path in enumerate(paths):
            machine.manage('storageattach', '--storagectl', 'S', '--port', port, '--type', 'hdd', '--medium', path)
        return machine
    return make


def disks(machine):
    """The images on a machine's controller."""
    facts = machine_facts(machine.uuid)
    return [facts[f'S-{port}-0'] for port in range(4) if facts.get(f'S-{port}-0', 'none') != 'none']


def test_machines_that_are_off(connection, folder, volume, having):
    """They lose what is deleted, all of them, and nothing else."""
    doomed, other = volume('a.vdi'), volume('b.vdi')
    path = doomed.path()
    first, second = having(doomed.path(), other.path()), having(doomed.path())
    first.manage('bandwidthctl', 'add', 'g', '--type', 'disk', '--limit', '1m')
    first.manage('storageattach', '--storagectl', 'S', '--port', '0', '--bandwidthgroup', 'g')
    doomed.delete()
    assert disks(first) == [other.path()] and disks(second) == [] and os.listdir(folder) == ['b.vdi']
    first.manage('bandwidthctl', 'remove', 'g')
    for machine in first, second:
        domain = connection.lookupByUUIDString(machine.uuid)
        assert path not in domain.XMLDesc()
        connection.defineXML(domain.XMLDesc())
        domain.undefine()


@pytest.mark.parametrize('variant, size, rest', [('Fixed', 4, 'a-flat.vmdk'), ('Split2G', 3000, 'a-s002.vmdk')])
def test_images_of_many_files(folder, volume, having, variant, size, rest):
    """All of them go."""
    doomed = volume('a.vmdk', '--format', 'VMDK', '--variant', variant, size=size)
    assert (folder / rest).exists()
    machine = having(doomed.path())
    doomed.delete()
    assert disks(machine) == [] and os.listdir(folder) == []


def test_discs(connection, folder, same_disks, machines):
    """A drive stays, and is empty."""
    path = folder / 'a.iso'
    path.write_bytes(bytes(128 * 1024))
    machine = machines.make()
    machine.manage('storagectl', '--name', 'S', '--add', 'sata')
    machine.manage('storageattach', '--storagectl', 'S', '--port', '0', '--type', 'dvddrive', '--medium', path)
    connection.storageVolLookupByPath(str(path)).delete()
    assert disks(machine) == ['emptydrive'] and not path.exists()


@pytest.mark.parametrize('kind', ['immutable', 'multiattach'])
def test_what_was_written(folder, volume, having, kind):
    """What VirtualBox wrote elsewhere, as the image is never written to, goes with it."""
    doomed = volume('a.vdi')
    place = '--storagectl', 'S', '--port', '0', '--type', 'hdd', '--medium'
    machine = having(doomed.path())
    machine.manage('storageattach', *place, 'none')
    vboxmanage('modifymedium', 'disk', doomed.path(), '--type', kind)
    machine.manage('storageattach', *place, doomed.path())
    above, = disks(machine)
    assert above != doomed.path()
    os.chmod(folder, 0o500)
    with settings.Unchanged(), refused('SYSTEM_ERROR', 'cannot remove'):
        doomed.delete()
    os.chmod(folder, 0o700)
    doomed.delete()
    assert disks(machine) == [] and os.listdir(folder) == [] and not os.path.exists(above)


def test_failure(folder, volume, having):
    """A file that cannot be removed stays where it was, in each machine."""
    doomed = volume('a.vdi')
    having(doomed.path()), having(doomed.path())
    os.chmod(folder, 0o500)
    with settings.Unchanged(), refused('SYSTEM_ERROR', f"cannot remove '{doomed.path()}'"):
        doomed.delete()
    os.chmod(folder, 0o700)


def test_snapshot(connection, volume, having):
    """What a snapshot needs stays; so does what another machine's image stands on."""
    doomed, base = volume('a.vdi'), volume('b.vdi')
    machine = having(doomed.path())
    machine.manage('snapshot', 'take', 's')
    with settings.Unchanged():
        with refused('OPERATION_INVALID', f"'{machine.name}', of which a snapshot needs it"):
            doomed.delete()
    below = base.path()
    above = pathlib.Path(below).with_name('above.vdi')
    vboxmanage('createmedium', 'disk', '--diffparent', below, '--filename', above)
    with refused('OPERATION_INVALID', f"'{above}' has only what differs"):
        base.delete()
    connection.storageVolLookupByPath(str(above)).delete()
    base.delete()
    assert not [path for path in pools_module.media()[0] if path in (str(above), below)]


def test_running_and_saved(folder, volume, having):
    """A machine that needs the image when it goes on is named."""
    doomed = volume('a.vdi')
    idle, machine = having(doomed.path()), having(doomed.path())
    machine.start()
    with settings.Unchanged():
        said = virsh_error('vol-delete', '--pool', 'p', 'a.vdi')
    assert f"in use by domain '{machine.name}', which is running" in said
    machine.save()
    with settings.Unchanged(), refused('OPERATION_INVALID', f"'{machine.name}', which goes on from its saved state"
                                               ' with it: start the domain and shut it down, or drop that state '
                                               '(VBoxManage discardstate)'):
        doomed.delete()
    machine.manage('discardstate')
    doomed.delete()
    assert disks(idle) == disks(machine) == [] and os.listdir(folder) == []


def gone(text):
    """Settings that hold nothing any more, as of a disk that was full."""
    return text[:100]


def newer(text):
    """Settings that a newer VirtualBox wrote."""
    return text.replace('<Hardware>', '<Hardware><News/>').replace('1.19-linux', '9.99-linux')


@pytest.mark.parametrize('change', [newer, gone])
def test_inaccessible(connection, folder, pools, volume, having, change):
    """VirtualBox does not know what a machine has whose settings it cannot read: its file does, or the one before."""
    doomed, other = volume('a & <b>.vdi'), volume('b.vdi')
    machine, disc = having(doomed.path()), folder / 'c.iso'
    disc.write_bytes(bytes(128 * 1024))
    machine.manage('storageattach', '--storagectl', 'S', '--port', '1', '--type', 'dvddrive', '--medium', disc)
    machine.manage('modifyvm', '--description', 'saved once more')
    good = machine.spoil(change)
    service_module.until_it_serves(connection)
    path = machine.folder / f'{machine.name}.vbox'
    backup = path.with_name(f'{path.name}-prev')
    for each in doomed, connection.storageVolLookupByPath(str(disc)):
        with settings.Unchanged(), refused('OPERATION_INVALID', f"in use by domain '{machine.name}', whose settings, "
                                           f'{path}, VirtualBox cannot read'):
            each.delete()
    with refused('OPERATION_INVALID', f"'{doomed.name()}' is in use by domain '{machine.name}', whose settings"):
        doomed.resize(2 ** 23)
    other.delete()
    backup.unlink()
    pools.make('q', machine.folder)
    (machine.folder / 'd.iso').write_bytes(bytes(1))
    inner = connection.storageVolLookupByPath(str(machine.folder / 'd.iso'))
    if change is gone:
        with refused('OPERATION_INVALID', f"may be in use, in the folder of domain '{machine.name}'"):
            inner.delete()
    path.write_text(good, encoding='utf-8')
    for each in inner, doomed, connection.storageVolLookupByPath(str(disc)):
        each.delete()
    assert disks(machine) == ['emptydrive'] and os.listdir(folder) == []

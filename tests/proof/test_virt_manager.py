# SPDX-License-Identifier: LGPL-2.1-or-later
"""virt-manager under an X server shows a machine's details and edits them; its pictures stay in build/virt-manager."""
import json
import pathlib
import shutil
import subprocess
import sys

import libvirt
import pytest

import commands
import pools

DRIVER = pathlib.Path(__file__).with_name('drive_virt_manager.py')
KEPT = pathlib.Path(__file__).parents[2] / 'build' / 'virt-manager'
INACTIVE = libvirt.VIR_DOMAIN_XML_INACTIVE
LIMIT = 240  # seconds; it takes 15 of a quiet machine
CHANGES = ('added Network', 'added Storage', 'removed Network', 'removed Storage')


@pytest.fixture
def drive(tmp_path):
    """Runs the driver to its end: the folder that it filled.

    It has no pipe of ours: what it leaves running (busses, for a moment) would keep that open."""
    def run(*words):
        with open(tmp_path / 'driver.log', 'wb') as log:
            status = subprocess.run(['timeout', '--kill-after=5', str(LIMIT), sys.executable, DRIVER, tmp_path, *words],
                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False).returncode
        assert status == 0, (tmp_path / 'driver.log').read_text(encoding='utf-8')
        return tmp_path
    yield run
    for picture in tmp_path.glob('*.png'):
        shutil.copy2(picture, KEPT)


def test_details(ordinary, image, drive):
    """Each page opens; a NIC and a disk come and go, as VBoxManage confirms each time."""
    before = ordinary.XMLDesc(INACTIVE)
    facts = commands.machine_facts(ordinary.name())
    disk = image('more.vdi')
    folder = drive(ordinary.name(), disk)
    with_nic, with_both, with_disk, without = (
        json.loads((folder / f'{change}.json').read_text(encoding='utf-8')) for change in CHANGES)
    assert facts['nic2'] == 'none' and (with_nic['nic2'], with_nic['intnet2']) == ('intnet', 'default')
    assert disk not in with_nic.values() and disk in with_both.values() and with_both['nic2'] == 'intnet'
    assert with_disk['nic2'] == 'none' and disk in with_disk.values()
    assert without == facts and ordinary.XMLDesc(INACTIVE) == before
    check_log(folder)


def check_log(folder):
    """virt-manager has met no error."""
    log = (folder / 'log').read_text(encoding='utf-8')
    assert 'Traceback' not in log and ' ERROR ' not in log, log


def test_delete(connection, machines, image, tmp_path, drive):
    """It deletes the image before the machine that has it; neither is left, and nothing is wrong."""
    disk = pathlib.Path(image('a.vdi'))
    machine = machines.make()
    machine.manage('storagectl', '--name', 'S', '--add', 'sata')
    machine.manage('storageattach', '--storagectl', 'S', '--port', '0', '--type', 'hdd', '--medium', disk)
    connection.storagePoolDefineXML(pools.XML.format(name='p', path=disk.parent, more='')).create()
    folder = drive(machine.name, 'delete')
    assert 'Deleting path' in (folder / 'log').read_text(encoding='utf-8')
    assert not disk.exists() and machine.uuid not in commands.vboxmanage('list', 'vms')
    assert str(disk) not in commands.vboxmanage('list', 'hdds')
    check_log(folder)

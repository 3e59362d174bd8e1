# SPDX-License-Identifier: LGPL-2.1-or-later
"""Issue 2, 5.1: the examples define, dump and redefine, and VBoxManage confirms what they asked for."""
import os
import pathlib
import subprocess

import pytest

import commands

HOST_ONLY = '''<network>
  <name>hostonly</name>
  <ip address='192.168.56.1' netmask='255.255.255.0'/>
</network>'''
MEDIA = pathlib.Path(__file__).resolve().parents[2] / 'tools/demo.d/media.py'


@pytest.fixture
def networks(connection):
    """Those that the sample names: VirtualBox calls the first host-only adapter vboxnet0."""
    made = [connection.networkDefineXML(HOST_ONLY),
            connection.networkDefineXML('<network><name>int_net</name></network>')]
    for network in made:
        network.create()
    yield made
    for network in made:
        network.destroy()
        network.undefine()


@pytest.fixture
def sample(example, tmp_path):
    """An example's text, with the files that it needs."""
    def prepare(name):
        text = example(name)
        path = tmp_path / name
        path.write_text(text, encoding='utf-8')
        subprocess.run(['python3', MEDIA, path], check=True)
        os.makedirs('/tmp/vboxvirt-sample/shared', exist_ok=True)
        return text
    return prepare


def test_first_sample(networks, sample, defined, stands, facts):
    domain = defined(sample('first-sample.xml'))
    assert domain.UUIDString() == 'a7c2d01e-5b9f-4836-bd44-e0917f3c6a52'
    xml = stands(domain)
    assert xml.findtext('memory') == '654336'  # 654321 KiB are not whole MiB
    types = [each.get('type') for each in xml.iterfind('devices/interface')]
    assert types == ['bridge', 'user', 'network', 'network']
    sources = [each.get('network') for each in xml.iterfind('devices/interface/source')]
    assert sources == [None, 'int_net', 'hostonly']
    expected = {
        'name': 'vbox', 'memory': '639', 'cpus': '1', 'pae': 'on', 'acpi': 'on', 'ioapic': 'on',
        'boot1': 'dvd', 'boot2': 'disk', 'boot3': 'floppy', 'boot4': 'net', 'firmware': 'BIOS',
        'IDE-1-0': '/tmp/vboxvirt-sample/system.iso', 'IDE-1-1': '/tmp/vboxvirt-sample/disk.vdi',
        'Floppy-0-0': '/tmp/vboxvirt-sample/floppy.img',
        'nic1': 'bridged', 'bridgeadapter1': 'eth0', 'nictype1': 'Am79C973',
        'macaddress1': '00163E5A2107',
        'nic2': 'nat', 'nictype2': '82540EM', 'macaddress2': '00163E5A2108',
        'nic3': 'intnet', 'intnet3': 'int_net', 'nictype3': 'Am79C970A',
        'macaddress3': '00163E5A2109',
        'nic4': 'hostonly', 'hostonlyadapter4': 'vboxnet0', 'nictype4': '82543GC',
        'macaddress4': '00163E5A210A',
        'uartmode1': '/dev/ttyS0', 'uartmode2': 'client,/tmp/vboxvirt-sample/serial',
        'lptmode1': '/dev/parport0', 'lptmode2': '/dev/parport1',
        'audio_out': 'on', 'vrde': 'on', 'vrdeports': '3389', 'vrdemulticon': 'on', 'usb': 'on',
        'USBFilterVendorId1': '1234', 'USBFilterProductId1': 'beef',
        'USBFilterVendorId2': '4321', 'USBFilterProductId2': 'feeb',
    }
    said = facts(domain)
    assert {key: said.get(key) for key in expected} == expected
    text = commands.vboxmanage('showvminfo', domain.UUIDString())
    assert 'Audio:' in text and 'SB16' in text


def test_later_sample(sample, defined, stands, facts):
    domain = defined(sample('later-sample.xml'))
    xml = stands(domain)
    assert [each.get('dev') for each in xml.iterfind('devices/disk/target')] == ['sda', 'sda']
    expected = {
        'storagecontrollertype0': 'PIIX4', 'storagecontrollertype1': 'LsiLogic',
        'storagecontrollertype2': 'LsiLogicSas', 'SCSI-0-0': '/tmp/vboxvirt-sample/scsi.vdi',
        'SAS-0-0': '/tmp/vboxvirt-sample/sas.vdi',
        'SharedFolderNameMachineMapping1': 'my-shared-folder',
        'SharedFolderPathMachineMapping1': '/tmp/vboxvirt-sample/shared',
        'vrde': 'on', 'defaultfrontend': 'gui',
    }
    said = facts(domain)
    assert {key: said.get(key) for key in expected} == expected


def test_small(example, defined, stands, facts):
    domain = defined(example('small.xml'))
    xml = stands(domain)
    address = xml.find('devices/interface/mac').get('address')
    assert address.startswith('08:00:27:'), address
    assert facts(domain)['nictype1'] == 'virtio'

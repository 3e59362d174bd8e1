# SPDX-License-Identifier: LGPL-2.1-or-later
"""Issue 2, 5.2: machines that VBoxManage has made dump to XML that redefines to the same machine."""
import libvirt
import pytest

import domains
import settings
from commands import machine_lines, run, vboxmanage

SHAPES = {
    'as it comes': [],
    'for Windows': ['--ostype', 'Windows11_64', '--firmware', 'efi', '--memory', '4096', '--cpus',
                    '4', '--vram', '128', '--graphicscontroller', 'vboxsvga', '--chipset', 'ich9',
                    '--rtc-use-utc', 'off', '--tpm-type', '2.0'],
    'for Debian': ['--ostype', 'Debian_64', '--memory', '1024', '--nic1', 'nat', '--nic-type1',
                   'virtio', '--audio-enabled', 'on', '--audio-out', 'on', '--usb-xhci', 'on',
                   '--mouse', 'usbtablet', '--rtc-use-utc', 'on', '--paravirt-provider', 'kvm'],
    'every adapter': ['--nic1', 'nat', '--nic2', 'bridged', '--bridge-adapter2', 'eth0', '--nic3',
                      'intnet', '--intnet3', 'inner', '--nic4', 'null', '--nic-type1', '82540EM',
                      '--nic-type2', 'Am79C970A', '--nic-type3', '82545EM', '--nic-type4', 'virtio',
                      '--cable-connected2', 'off', '--mac-address1', '080027000001'],
    'gaps between adapters': ['--nic1', 'none', '--nic3', 'nat', '--nic8', 'nat'],
    'every port': ['--uart1', '0x3f8', '4', '--uart-mode1', 'file', '/tmp/one', '--uart2', '0x2f8',
                   '3', '--uart-mode2', 'tcpserver', '4000', '--uart3', '0x3e8', '4',
                   '--uart-mode3', 'disconnected', '--uart4', '0x2e8', '3', '--uart-mode4',
                   'client', '/tmp/pipe'],
    'a port where nobody looks': ['--uart2', '0x2a8', '11', '--uart-mode2', 'server', '/tmp/s'],
    'features': ['--acpi', 'off', '--ioapic', 'on', '--pae', 'on', '--hpet', 'on', '--x2apic', 'on',
                 '--nested-paging', 'off', '--cpu-execution-cap', '50', '--large-pages', 'on'],
    'a remote desktop': ['--vrde', 'on', '--vrde-port', '5000-5010', '--vrde-address', '127.0.0.1',
                         '--vrde-multi-con', 'on'],
    'USB': ['--usb-ohci', 'on', '--usb-ehci', 'on', '--keyboard', 'usb', '--mouse', 'usb'],
    'boot order': ['--boot1', 'net', '--boot2', 'none', '--boot3', 'dvd', '--boot4', 'disk',
                   '--firmware-boot-menu', 'menuonly'],
    'a balloon': ['--memory', '256', '--guest-memory-balloon', '64'],
    'words': ['--description', 'line 1\nline <2> & "more"', '--groups', '/one/two'],
}


@pytest.fixture
def media(tmp_path):
    """A disk that VirtualBox does not know, and an ISO."""
    vboxmanage('createmedium', 'disk', '--filename', tmp_path / 'disk.vdi', '--size', '4')
    vboxmanage('closemedium', 'disk', tmp_path / 'disk.vdi')
    (tmp_path / 'disc.iso').write_bytes(bytes(2048 * 64))
    return tmp_path


def make(name, words):
    """A machine of that shape."""
    ostype = words[words.index('--ostype') + 1] if '--ostype' in words else 'Other'
    vboxmanage('createvm', '--name', name, '--ostype', ostype, '--register')
    words = words[2:] if '--ostype' in words else words
    if words:
        vboxmanage('modifyvm', name, *words)


def stands(connection, name, folder):
    """The dump is valid, and defining by it changes nothing that VBoxManage sees."""
    domain = connection.lookupByName(name)
    dump, facts = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE), machine_lines(name)
    path = folder / 'dump.xml'
    path.write_text(domains.without_ours(dump), encoding='utf-8')
    run('virt-xml-validate', path, 'domain')
    lists = settings.lists()
    connection.defineXML(dump)
    assert machine_lines(name) == facts
    assert domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE) == dump
    assert settings.lists() == lists
    return dump


@pytest.mark.parametrize('shape', SHAPES)
def test_shape(connection, machines, tmp_path, shape):
    name = machines.name()
    make(name, SHAPES[shape])
    stands(connection, name, tmp_path)


CONTROLLERS = {
    'ide': ['--add', 'ide', '--controller', 'PIIX4'],
    'ich6': ['--add', 'ide', '--controller', 'ICH6'],
    'sata': ['--add', 'sata', '--portcount', '4', '--bootable', 'on'],
    'scsi': ['--add', 'scsi', '--controller', 'LSILogic'],
    'buslogic': ['--add', 'scsi', '--controller', 'BusLogic'],
    'sas': ['--add', 'sas'],
    'floppy': ['--add', 'floppy'],
    'strange name / with "quotes"': ['--add', 'sata'],
}


@pytest.mark.parametrize('title', CONTROLLERS)
def test_controller(connection, machines, media, title):
    name, floppy = machines.name(), title == 'floppy'
    make(name, [])
    vboxmanage('storagectl', name, '--name', title, *CONTROLLERS[title])
    medium, kind = ('/usr/share/testbed/boot.img', 'fdd') if floppy else (media / 'disk.vdi', 'hdd')
    vboxmanage('storageattach', name, '--storagectl', title, '--port', '0', '--device', '0',
               '--type', kind, '--medium', medium)
    if title in ('ide', 'ich6', 'sata'):
        vboxmanage('storageattach', name, '--storagectl', title, '--port', '1', '--device', '0',
                   '--type', 'dvddrive', '--medium', media / 'disc.iso')
    dump = stands(connection, name, media)
    assert str(medium) in dump


def test_two_controllers_of_a_kind(connection, machines, media):
    name = machines.name()
    make(name, [])
    for number in (1, 2):
        vboxmanage('storagectl', name, '--name', f'SAS {number}', '--add', 'sas' if number == 1
                   else 'scsi')
    vboxmanage('storageattach', name, '--storagectl', 'SAS 2', '--port', '3', '--device', '0',
               '--type', 'hdd', '--medium', media / 'disk.vdi')
    stands(connection, name, media)


def test_shared_folders_and_filters(connection, machines, tmp_path):
    name = machines.name()
    make(name, ['--usb-ohci', 'on'])
    vboxmanage('sharedfolder', 'add', name, '--name', 'one', '--hostpath', '/tmp', '--readonly')
    vboxmanage('sharedfolder', 'add', name, '--name', 'two', '--hostpath', '/usr', '--automount')
    vboxmanage('usbfilter', 'add', '0', '--target', name, '--name', 'stick', '--vendorid', '1234',
               '--productid', 'ABCD')
    vboxmanage('usbfilter', 'add', '1', '--target', name, '--name', 'odd', '--serialnumber', 'X',
               '--active', 'no')
    stands(connection, name, tmp_path)


def test_snapshots_stay(connection, machines, media):
    name = machines.name()
    make(name, [])
    vboxmanage('storagectl', name, '--name', 'sata', '--add', 'sata')
    vboxmanage('storageattach', name, '--storagectl', 'sata', '--port', '0', '--device', '0',
               '--type', 'hdd', '--medium', media / 'disk.vdi')
    vboxmanage('snapshot', name, 'take', 'one')
    vboxmanage('snapshot', name, 'take', 'two')
    stands(connection, name, media)


def test_undefined_and_defined_again(connection, machines, media):
    """The dump alone makes the same machine, as far as libvirt's XML can say it."""
    name = machines.name()
    make(name, SHAPES['for Debian'])
    vboxmanage('storagectl', name, '--name', 'SATA', '--add', 'sata')
    vboxmanage('storageattach', name, '--storagectl', 'SATA', '--port', '0', '--device', '0',
               '--type', 'hdd', '--medium', media / 'disk.vdi')
    domain = connection.lookupByName(name)
    dump = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    domain.undefine()
    assert connection.defineXML(dump).XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE) == dump

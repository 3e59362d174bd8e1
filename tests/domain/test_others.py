# SPDX-License-Identifier: LGPL-2.1-or-later
"""Issue 2, 5.2: machines made with VBoxManage dump to XML that redefines to the same machine."""
import pytest

import commands

# name → words for VBoxManage createvm, for modifyvm, and for storagectl and storageattach
PLAIN = {
    'bare': ['--memory', '64'],  # createvm itself writes what any later change leaves out
    'all boots none': ['--boot1', 'none', '--boot2', 'none', '--boot3', 'none', '--boot4', 'none'],
    'boot gaps': ['--boot1', 'none', '--boot2', 'disk', '--boot3', 'none', '--boot4', 'dvd'],
    'platform': ['--chipset', 'ich9', '--firmware', 'efi64', '--rtcuseutc', 'off', '--pae', 'on',
                 '--acpi', 'off', '--ioapic', 'off', '--cpus', '3', '--memory', '77',
                 '--hpet', 'on', '--large-pages', 'on', '--cpu-execution-cap', '50',
                 '--firmware-boot-menu', 'menuonly', '--guest-memory-balloon', '0'],
    'words': ['--description', 'several\nlines & <signs>', '--groups', '/one,/two',
              '--default-frontend', 'headless'],
    'all kinds of NICs': [
        '--nic1', 'nat', '--nic2', 'bridged', '--bridge-adapter2', 'eth0', '--nic3', 'intnet',
        '--intnet3', 'some net', '--nic4', 'null', '--nic-type1', '82545EM', '--nic-type2', 'virtio',
        '--nic-type3', 'Am79C960', '--nic-type4', '82543GC', '--cable-connected2', 'off',
        '--nic-promisc3', 'allow-all', '--nic-speed1', '1000', '--mac-address1', '0011223344AA'],
    'NICs with gaps': ['--nic1', 'none', '--nic3', 'nat', '--nic7', 'nat', '--nat-pf3',
                       'ssh,tcp,,2222,,22', '--nat-network3', '10.9.0.0/16'],
    'other NICs': ['--nic1', 'hostonly', '--nic2', 'natnetwork', '--nat-network2', 'no such net',
                   '--nic3', 'generic', '--nic-generic-drv3', 'UDPTunnel', '--nic-property3',
                   'dest=10.0.0.1', '--nic-property3', 'sport=1111'],
    'video': ['--vram', '33', '--graphicscontroller', 'vmsvga', '--monitor-count', '2',
              '--accelerate-3d', 'on'],
    'devices': ['--audio-enabled', 'on', '--audio-driver', 'null', '--audio-controller', 'hda',
                '--audio-out', 'on', '--mouse', 'usbtablet', '--keyboard', 'usb', '--usb-xhci', 'on',
                '--clipboard-mode', 'bidirectional', '--draganddrop', 'hosttoguest'],
    'ports': ['--uart1', '0x3F8', '4', '--uart-mode1', 'server', '/tmp/pipe', '--uart2', '0x2F8', '3',
              '--uart-mode2', 'tcpserver', '2023', '--uart3', '0x3e8', '4', '--uart-mode3', 'file',
              '/tmp/serial.txt', '--uart4', '0x2e8', '3', '--uart-mode4', 'disconnected',
              '--lpt1', '0x378', '7', '--lpt-mode1', '/dev/parport0'],
    'screen': ['--vrde', 'on', '--vrde-port', '5001-5009', '--vrde-address', '127.0.0.1',
               '--vrde-auth-type', 'null', '--vrde-extpack', 'VNC', '--vrde-multi-con', 'on',
               '--vrde-property', 'VNCPassword=x'],
    'processor': ['--nested-hw-virt', 'on', '--x2apic', 'on', '--nested-paging', 'off',
                  '--paravirt-provider', 'kvm', '--cpuid-portability-level', '1', '--tpm-type', '2.0'],
    'long mode off': ['--long-mode', 'off'],
}


@pytest.fixture
def made(machines):
    """Makes a machine with VBoxManage createvm."""
    def make(name, *words):
        commands.vboxmanage('createvm', '--name', name, '--register', *words)
        return lambda verb, *more: commands.vboxmanage(verb, name, *more)
    return make


@pytest.mark.parametrize('name', PLAIN)
def test_settings_stand(made, connection, stands, name):
    manage = made(name, '--ostype', 'Debian_64')
    manage('modifyvm', *PLAIN[name])
    stands(connection.lookupByName(name))


@pytest.mark.parametrize('ostype', ['Windows11_64', 'Windows10', 'Ubuntu_64', 'FreeBSD', 'MacOS_64'])
def test_defaults_stand(made, connection, stands, ostype):
    """What VirtualBox's own wizard would make of a guest."""
    manage = made(f'd {ostype}', '--ostype', ostype, '--default')
    manage('modifyvm', '--memory', '64')  # the first change after the defaults makes 36 adapters of 8
    stands(connection.lookupByName(f'd {ostype}'))


def test_storage_stands(made, connection, stands, images):
    manage = made('store', '--ostype', 'Other')
    disk, image, floppy, second = (images(name) for name in ('a.vdi', 'b.iso', 'c.img', 'd.vmdk'))
    for bus, name, more in (('ide', 'i d e', ('--controller', 'ICH6')),
                            ('sata', 'my disks', ('--portcount', '2')),
                            ('scsi', 'scsi', ('--controller', 'BusLogic')), ('sas', 'sas', ()),
                            ('virtio', 'virtio', ()), ('usb', 'usb', ()), ('pcie', 'nvme', ()),
                            ('floppy', 'floppy', ('--hostiocache', 'on'))):
        manage('storagectl', '--name', name, '--add', bus, *more)

    def attach(controller, port, device, kind, medium, *more):
        manage('storageattach', '--storagectl', controller, '--port', port, '--device', device,
               '--type', kind, '--medium', medium, *more)
    attach('i d e', 1, 1, 'dvddrive', image)
    attach('i d e', 0, 1, 'dvddrive', 'emptydrive')
    attach('my disks', 1, 0, 'hdd', disk, '--nonrotational', 'on', '--discard', 'on')
    attach('scsi', 3, 0, 'hdd', second)
    attach('virtio', 0, 0, 'dvddrive', 'emptydrive')
    attach('usb', 2, 0, 'dvddrive', 'emptydrive')
    attach('floppy', 0, 1, 'fdd', floppy)
    tree = stands(connection.lookupByName('store'))
    targets = [each.get('dev') for each in tree.iterfind('devices/disk/target')]
    assert len(set(targets)) == len(targets) == 7, targets


def test_snapshot_stands(made, connection, stands, images):
    manage = made('snap', '--ostype', 'Other')
    manage('storagectl', '--name', 'S', '--add', 'sata')
    manage('storageattach', '--storagectl', 'S', '--port', '0', '--type', 'hdd', '--medium',
           images('a.vdi'))
    manage('snapshot', 'take', 'one')
    stands(connection.lookupByName('snap'))


def test_shared_folders_and_usb_filters_stand(made, connection, stands, tmp_path):
    manage = made('more', '--ostype', 'Other')
    manage('modifyvm', '--usb-ohci', 'on')
    commands.vboxmanage('sharedfolder', 'add', 'more', '--name', 'f', '--hostpath', tmp_path,
                        '--readonly', '--automount')
    commands.vboxmanage('usbfilter', 'add', '0', '--target', 'more', '--name', 'x', '--vendorid',
                        '1234', '--productid', 'beef', '--active', 'yes')
    commands.vboxmanage('usbfilter', 'add', '1', '--target', 'more', '--name', 'y', '--manufacturer',
                        'z', '--active', 'no')
    stands(connection.lookupByName('more'))

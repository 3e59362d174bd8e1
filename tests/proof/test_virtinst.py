# SPDX-License-Identifier: LGPL-2.1-or-later
"""virt-install, virt-xml and virt-clone, as they come with the distribution, with what they add unasked."""
import shutil
import subprocess

import libvirt
import pytest
from lxml import etree

import commands
import waiting
from commands import URI, client, environment
from machines import BOOT_IMAGE, Guest

INACTIVE = libvirt.VIR_DOMAIN_XML_INACTIVE


@pytest.fixture
def install(machines, network, connection):
    """virt-install with its defaults; the domain that it made, which is stopped."""
    def make(*words):
        name = machines.name()
        client('virt-install', '--name', name, '--memory', '64', '--noautoconsole', *words)
        return connection.lookupByName(name)
    return make


def xml_of(domain, flags=INACTIVE):
    """A domain's XML as a tree."""
    return etree.fromstring(domain.XMLDesc(flags))


@pytest.mark.parametrize('osinfo', ['generic', 'debian12', 'win11', 'fedora41'])
def test_import(install, image, osinfo):
    """It starts a machine that runs once, and defines it while it runs."""
    path = image()
    domain = install('--osinfo', osinfo, '--disk', path, '--import', '--wait', '0')
    assert domain.isActive() == 1 and domain.isPersistent() == 1
    tree = xml_of(domain)
    assert tree.find('devices/disk/source').get('file') == path
    assert tree.find('devices/interface/source').get('network') == 'default'
    assert tree.find('devices/interface/mac').get('address').startswith('00:16:3e:')
    assert tree.find("devices/console[@type='pty']") is not None
    assert tree.find("devices/input[@type='tablet'][@bus='usb']") is not None
    assert tree.find("devices/graphics[@type='vnc']").get('port') == '-1'
    wanted = 'localtime' if osinfo.startswith('win') else 'utc'
    assert tree.find('clock').get('offset') == wanted
    domain.destroy()
    assert domain.isPersistent() == 1
    domain.create()
    domain.destroy()


def test_transient_import(install, image, connection):
    path = image()
    domain = install('--osinfo', 'debian12', '--disk', path, '--import', '--transient', '--graphics',
                     'none')
    assert domain.isActive() == 1 and domain.isPersistent() == 0
    assert xml_of(domain, 0).find('devices/disk/source').get('file') == path
    domain.destroy()
    assert connection.listAllDomains() == []


def test_firmware_and_tpm(install, image):
    domain = install('--osinfo', 'win11', '--disk', image(), '--import', '--boot', 'uefi', '--tpm',
                     'default', '--wait', '0')
    tree = xml_of(domain)
    assert tree.find('os').get('firmware') == 'efi'
    assert tree.find('devices/tpm/backend').get('version') == '2.0'
    domain.destroy()


@pytest.fixture
def media(tmp_path):
    """A CD that boots the talking guest."""
    (tmp_path / 'cd').mkdir()
    shutil.copy(BOOT_IMAGE, tmp_path / 'cd' / 'boot.img')
    commands.run('xorriso', '-as', 'mkisofs', '-quiet', '-b', 'boot.img', '-o', tmp_path / 'cd.iso', tmp_path / 'cd')
    return tmp_path / 'cd.iso'


def test_installation_from_a_cd(connection, machines, network, image, media, tmp_path):
    """It waits for the guest's reboot, which ends the first machine, and starts what was installed."""
    name, disk = machines.name(), image()
    guest = Guest(tmp_path / 'serial')
    with subprocess.Popen(['virt-install', '--connect', URI, '--name', name, '--memory', '64', '--osinfo', 'debian12',
                           '--disk', disk, '--cdrom', media, '--serial', f'unix,mode=bind,path={guest.path}',
                           '--noautoconsole', '--wait', '2'],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env=environment(HOME='/tmp')) as installer:
        waiting.until((tmp_path / 'serial').exists, 'virt-install starts the machine', limit=60)
        guest.wait_for('READY')
        domain = connection.lookupByName(name)
        tree = xml_of(domain, 0)
        assert tree.find('os/boot').get('dev') == 'cdrom' and tree.findtext('on_reboot') == 'destroy'
        assert tree.find("devices/disk[@device='cdrom']/source").get('file') == str(media)
        waiting.until(domain.isPersistent, 'virt-install defines what stays')
        tree = xml_of(domain)
        assert tree.find('os/boot').get('dev') == 'hd' and tree.findtext('on_reboot') == 'restart'
        guest.say('r')
        said, _ = installer.communicate(timeout=60)
    assert installer.returncode == 0 and 'Restarting guest' in said, said
    assert domain.isActive() == 1 and xml_of(domain, 0).findtext('on_reboot') == 'restart'
    said = commands.machine_facts(name)
    assert said['boot1'] == 'disk' and disk in said.values() and str(media) not in said.values()
    domain.destroy()


def test_installation_from_the_network(install, image):
    domain = install('--osinfo', 'debian12', '--disk', image(), '--pxe', '--wait', '0')
    assert xml_of(domain, 0).find('os/boot').get('dev') == 'network'
    assert commands.machine_facts(domain.name())['boot1'] == 'net'
    assert xml_of(domain).find('os/boot').get('dev') == 'hd'
    domain.destroy()
    waiting.until(lambda: commands.machine_facts(domain.name())['boot1'] == 'disk', 'what stays is applied')


# arguments of `virt-xml DOMAIN --edit …`, and what then is in the dump
EDITS = {
    'memory': (['--edit', '--memory', '128'], 'memory[.="131072"]'),
    'balloon': (['--edit', '--memory', '128,currentMemory=96'], 'currentMemory[.="98304"]'),
    'processors': (['--edit', '--vcpus', '4'], 'vcpu[.="4"]'),
    'processors later': (['--edit', '--vcpus', '2,maxvcpus=4'], 'vcpu[@current="2"]'),
    'topology': (['--edit', '--vcpus', '4,sockets=1,cores=4,threads=1'], 'cpu/topology[@cores="4"]'),
    'cpu': (['--edit', '--cpu', 'host-passthrough'], 'cpu[@mode="host-passthrough"]'),
    'boot order': (['--edit', '--boot', 'network,hd'], 'os/boot[@dev="network"]'),
    'firmware': (['--edit', '--boot', 'uefi'], 'os[@firmware="efi"]'),
    'boot menu': (['--edit', '--boot', 'menu=off'], 'os/bootmenu[@enable="no"]'),
    'title': (['--edit', '--metadata', 'title=T,description=D'], 'title[.="T"]'),
    'clock': (['--edit', '--clock', 'offset=localtime'], 'clock[@offset="localtime"]'),
    'display': (['--edit', '--graphics', 'vnc,port=5999,listen=0.0.0.0'],
                'devices/graphics[@port="5999"][@listen="0.0.0.0"]'),
    'password': (['--edit', '--graphics', 'password=secret'], 'devices/graphics[@passwd="secret"]'),
    'cable': (['--edit', '--network', 'link.state=down'], 'devices/interface/link[@state="down"]'),
    'mac': (['--edit', '--network', 'mac=00:16:3e:01:02:03'],
            'devices/interface/mac[@address="00:16:3e:01:02:03"]'),
    'adapter model': (['--edit', '--network', 'model=virtio'],
                      'devices/interface/model[@type="virtio"]'),
    'video': (['--edit', '--video', 'model=vmvga'], 'devices/video/model[@type="vmvga"]'),
    'bus': (['--edit', '1', '--disk', 'bus=sata'], 'devices/disk/target[@bus="sata"]'),
    'cache': (['--edit', '1', '--disk', 'cache=none'], 'devices/disk/driver[@cache="none"]'),
    'tpm': (['--add-device', '--tpm', 'default'], 'devices/tpm/backend[@type="emulator"]'),
    'adapter': (['--add-device', '--network', 'user'], 'devices/interface[@type="user"]'),
    'drive': (['--add-device', '--disk', 'device=cdrom'], 'devices/disk[@device="cdrom"]'),
    'sound': (['--add-device', '--sound', 'ac97'], 'devices/sound[@model="ac97"]'),
    'rng': (['--add-device', '--rng', '/dev/urandom'], 'devices/rng'),
    'usb 3': (['--add-device', '--controller', 'usb3'], 'devices/controller[contains(@model, "xhci")]'),
    'no display': (['--remove-device', '--graphics', 'all'], 'devices[not(graphics)]'),
    'no adapter': (['--remove-device', '--network', '1'], 'devices[not(interface)]'),
    'no disk': (['--remove-device', '--disk', '1'], 'devices[not(disk)]'),
}


@pytest.mark.parametrize('title', EDITS)
def test_virt_xml(ordinary, title):
    words, place = EDITS[title]
    assert not xml_of(ordinary).xpath(place), 'it was so before'
    client('virt-xml', ordinary.name(), *words, '--define')
    tree = xml_of(ordinary, INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE)
    assert tree.xpath(place), etree.tostring(tree, encoding='unicode')


def test_virt_xml_on_a_running_machine(ordinary, image):
    """--update changes it at once and for its next start."""
    ordinary.create()
    client('virt-xml', ordinary.name(), '--edit', '--network', 'link.state=down', '--update')
    for flags in (0, INACTIVE):
        assert xml_of(ordinary, flags).find('devices/interface/link').get('state') == 'down'
    ordinary.destroy()


def test_disk_by_virt_xml(ordinary, image):
    path = image('more.vdi')
    client('virt-xml', ordinary.name(), '--add-device', '--disk', path, '--define')
    assert [each.get('file') for each in xml_of(ordinary).iterfind('devices/disk/source')][1] == path
    client('virt-xml', ordinary.name(), '--remove-device', '--disk', '2', '--define')
    assert len(xml_of(ordinary).findall('devices/disk')) == 1


def test_clone_with_a_disk_of_its_own(ordinary, image, connection, machines):
    """--preserve-data: the disk is there already."""
    path, name = image('clone.vdi'), machines.name()
    client('virt-clone', '--original', ordinary.name(), '--name', name, '--file', path,
           '--preserve-data')
    one, other = xml_of(ordinary), xml_of(connection.lookupByName(name))
    assert other.find('devices/disk/source').get('file') == path
    assert other.find('devices/interface/mac').get('address') \
        != one.find('devices/interface/mac').get('address')
    assert other.findtext('memory') == one.findtext('memory')


def test_clone_with_a_copy(ordinary, connection):
    client('virt-clone', '--original', ordinary.name(), '--auto-clone')
    one, other = (xml_of(connection.lookupByName(name)).find('devices/disk/source').get('file')
                  for name in (ordinary.name(), f'{ordinary.name()}-clone'))
    assert other != one and 'Capacity:       4 MBytes' in commands.vboxmanage('showmediuminfo', other)


def test_import_with_a_new_disk(install, tmp_path):
    domain = install('--osinfo', 'debian12', '--disk', f'{tmp_path}/new.vdi,size=1,format=vdi',
                     '--import', '--wait', '0')
    assert xml_of(domain).find('devices/disk/source').get('file') == f'{tmp_path}/new.vdi'
    domain.destroy()


def test_clone_without_disks(connection, machines, network):
    name = machines.name()
    connection.defineXML(f"<domain type='vbox'><name>{name}</name><memory>65536</memory>"
                         '<os><type>hvm</type></os></domain>')
    client('virt-clone', '--original', name, '--auto-clone')
    assert connection.lookupByName(f'{name}-clone').info()[1] == 65536

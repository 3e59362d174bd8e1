# SPDX-License-Identifier: LGPL-2.1-or-later
"""Defining: all or nothing, by uuid, and nothing left of what failed or went."""
import pathlib

import libvirt
import pytest
from lxml import etree

import commands
from domains import fails, xml

UNSUPPORTED = libvirt.VIR_ERR_CONFIG_UNSUPPORTED
# a file that is no hard disk's image: as we see it, or as VirtualBox does
NO_IMAGE = (UNSUPPORTED, libvirt.VIR_ERR_INTERNAL_ERROR, libvirt.VIR_ERR_OPERATION_FAILED)
DISK = "<disk><source file='{}'/><target dev='{}' bus='{}'/></disk>"


def disk(path, target='sda', bus='sata'):
    """A hard disk."""
    return DISK.format(path, target, bus)


def edited(domain, change):
    """Redefines by a changed dump; change() gets the tree."""
    tree = etree.fromstring(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
    change(tree)
    return domain.connect().defineXML(etree.tostring(tree, encoding='unicode'))


def test_uuid_is_made(connection, defined, unchanged):
    domain = defined(xml('a'))
    assert connection.lookupByName('a').UUIDString() == domain.UUIDString()
    domain.undefine()


def test_name_clash(connection, defined, same):
    first = defined(xml('a'))
    with same(), fails(libvirt.VIR_ERR_OPERATION_FAILED,
                        containing=f"already exists with uuid {first.UUIDString()}"):
        connection.defineXML(xml('a', uuid='11111111-2222-3333-4444-555555555555'))
    with same(), fails(libvirt.VIR_ERR_OPERATION_FAILED,
                        containing='already exists with uuid'):
        connection.defineXML(xml('a'))


def test_rename_is_refused(connection, defined, same):
    domain = defined(xml('a'))
    with same(), fails(libvirt.VIR_ERR_OPERATION_FAILED,
                        containing="domain 'a' is already defined with uuid"):
        connection.defineXML(xml('b', uuid=domain.UUIDString()))


def test_redefine(defined, facts):
    domain = defined(xml('a', memory=16))

    def change(tree):
        tree.find('memory').text = str(32 * 1024)
        tree.find('currentMemory').text = str(24 * 1024)
        tree.find('vcpu').text = '2'
        etree.SubElement(tree, 'title').text = 'A title'
        etree.SubElement(tree, 'description').text = 'Some words'
        features = etree.SubElement(tree, 'features')
        for name in ('pae', 'apic'):
            etree.SubElement(features, name)
        tree.find('clock').set('offset', 'localtime')
        tree.find('os').set('firmware', 'efi')
        tree.find('os/type').set('machine', 'q35')
    edited(domain, change)
    said = facts(domain)
    expected = {'memory': '32', 'cpus': '2', 'pae': 'on', 'firmware': 'EFI', 'chipset': 'ich9',
                'rtcuseutc': 'off', 'description': 'Some words', 'GuestMemoryBalloon': '8'}
    assert {key: said.get(key) for key in expected} == expected
    tree = etree.fromstring(domain.XMLDesc())
    assert tree.findtext('title') == 'A title'
    assert tree.findtext('currentMemory') == str(24 * 1024)

    def back(tree):
        for path in ('title', 'description', 'features'):
            tree.remove(tree.find(path))
        del tree.find('os').attrib['firmware']
        tree.find('os/type').set('machine', 'pc')
    edited(domain, back)
    said = facts(domain)
    assert (said['pae'], said['firmware'], said.get('description', '')) == ('off', 'BIOS', '')
    assert etree.fromstring(domain.XMLDesc()).find('title') is None


def test_metadata_is_kept(defined, stands):
    metadata = "<metadata><a:b xmlns:a='urn:a'>  <a:c d='1'/>\n text &amp; more</a:b></metadata>"
    domain = defined(xml('a', top=metadata + '<title>Ä title</title>'))
    tree = stands(domain)
    assert tree.findtext('title') == 'Ä title'
    kept = tree.find('metadata/{urn:a}b')
    assert kept.text == '  ' and kept[0].tail == '\n text & more' and kept[0].get('d') == '1'


def test_running_has_an_active_and_an_inactive_xml(connection, defined):
    domain = defined(xml('a'))
    dumped = domain.XMLDesc()
    domain.create()
    connection.defineXML(dumped)
    active, inactive = domain.XMLDesc(), domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    assert etree.fromstring(active).get('id') == str(domain.ID())
    assert etree.fromstring(inactive).get('id') is None
    domain.destroy()
    connection.defineXML(dumped)


@pytest.mark.parametrize('bad, codes, text', [
    ('<domain', [libvirt.VIR_ERR_XML_DETAIL], '(domain_definition):1'),
    ('<network/>', [libvirt.VIR_ERR_XML_ERROR], 'unexpected root element <network>'),
    ('<!DOCTYPE d [<!ENTITY a "b">]>' + xml('&a;'), [libvirt.VIR_ERR_XML_ERROR], 'DOCTYPE'),
    (xml('a', top='<foo/>'), [UNSUPPORTED], '/domain/foo'),
    (xml('a', devices='<rng2/>'), [UNSUPPORTED], '/domain/devices/rng2'),
    (xml('a', devices="<interface type='user'><filterref filter='x'/></interface>"),
     [UNSUPPORTED], '/domain/devices/interface/filterref'),
    (xml('a', devices="<interface type='network'><source network='nowhere'/></interface>"),
     [libvirt.VIR_ERR_NO_NETWORK], 'nowhere'),
    (xml('a', devices="<interface type='ethernet'><source dev='eth7'/></interface>"),
     [libvirt.VIR_ERR_NO_NETWORK], 'eth7'),
    (xml('a', devices="<interface type='user'><model type='rtl8139'/></interface>"),
     [UNSUPPORTED], '82540EM'),
    (xml('a', devices=disk('/nowhere/a.vdi')), [UNSUPPORTED], "'/nowhere/a.vdi' does not exist"),
    (xml('a', devices=disk('/etc/passwd')), None, '/etc/passwd'),
    (xml('a', devices="<interface type='user'/>" * 9), [UNSUPPORTED], '8'),
    (xml('a', memory=1 << 30), [UNSUPPORTED], '/domain/memory'),
    (xml('a', top='<x>' * 300 + '</x>' * 300), [libvirt.VIR_ERR_XML_ERROR,
                                               libvirt.VIR_ERR_XML_DETAIL], ''),
])
def test_bad_xml_leaves_nothing(connection, unchanged, bad, codes, text):
    codes = codes or [*NO_IMAGE]
    with fails(*codes, containing=text):
        connection.defineXML(bad)


HINTS = [
    ("<disk type='block'><source dev='/dev/sdz'/><target dev='sda'/></disk>", 'make an image of it'),
    ("<disk type='volume'><source pool='p' volume='v'/><target dev='sda'/></disk>", 'virsh vol-path'),
    ("<disk device='cdrom'><target dev='vda' bus='virtio'/></disk>", "say bus='sata'"),
    ("<disk device='cdrom'><target dev='sda'/><iotune><read_iops_sec>9</read_iops_sec></iotune></disk>",
     'total_bytes_sec'),
    ("<controller type='pci' index='0' model='pcie-root'/>", 'leave them out'),
    ("<controller type='virtio-serial' index='0'/>", 'leave it out'),
    ("<interface type='bridge'><source bridge='eth0'/><vlan><tag id='4'/></vlan></interface>", 'remove it'),
    ("<graphics type='spice' autoport='yes'/>", 'it has: vnc, rdp'),
    ("<video><model type='qxl'/></video>", 'it has: vga, vbox'),
    ("<hostdev mode='subsystem' type='usb'><source><address bus='1' device='2'/></source></hostdev>",
     'say vendor and product'),
    ("<watchdog model='itco' action='reset'/>", 'let the guest watch itself'),
]


def test_what_others_have_is_refused_with_a_hint(connection, unchanged):
    for device, hint in HINTS:
        with fails(UNSUPPORTED, containing=hint):
            connection.defineXML(xml('a', devices=device))


def test_failure_half_way_leaves_nothing(connection, unchanged, images):
    """The second disk is none: the machine is made and the first disk attached by then."""
    path = pathlib.Path(images('a.vdi'))
    bad = path.with_name('bad.vdi')
    bad.write_bytes(b'no image')
    with fails(*NO_IMAGE,
               containing='bad.vdi'):
        connection.defineXML(xml('a', devices=disk(path) + disk(bad, 'sdb')))


def test_failure_at_the_end_leaves_nothing(connection, unchanged, images):
    """One image by two names: VirtualBox refuses the second when the first is attached."""
    path = pathlib.Path(images('a.vdi'))
    with fails(*NO_IMAGE,
               libvirt.VIR_ERR_OPERATION_INVALID, libvirt.VIR_ERR_RESOURCE_BUSY,
               containing='/domain/devices/disk[2]'):
        connection.defineXML(xml('a', devices=disk(path) + disk(f'{path.parent}/./a.vdi', 'sdb')))


def test_image_in_two_places(connection, unchanged, images):
    path = images('a.vdi')
    with fails(UNSUPPORTED, containing=f"/domain/devices/disk[2]/source/@file: '{path}' is the image of 'sda'"):
        connection.defineXML(xml('a', devices=disk(path) + disk(path, 'sdb')))


def test_failed_redefine_changes_nothing(connection, defined, images, same):
    first, second = images('a.vdi'), images('b.vdi')
    bad = pathlib.Path(first).with_name('bad.vdi')
    bad.write_bytes(b'no image')
    domain = defined(xml('a', devices=disk(first)))
    with same(), fails(*NO_IMAGE, containing='bad.vdi'):
        connection.defineXML(xml('a', uuid=domain.UUIDString(), memory=64,
                                 top='<title>changed</title>',
                                 devices=disk(second, 'sda') + disk(bad, 'sdb')))


def test_undefine_leaves_disks_and_nothing_else(defined, images, unchanged):
    paths = [images(name) for name in ('a.vdi', 'b.iso', 'c.img')]
    domain = defined(xml('a', devices=disk(paths[0]) + (
        f"<disk device='cdrom'><source file='{paths[1]}'/><target dev='sdb' bus='sata'/></disk>"
        f"<disk device='floppy'><source file='{paths[2]}'/><target dev='fda'/></disk>")))
    domain.undefine()
    assert all(pathlib.Path(path).exists() for path in paths)


def test_same_file_new_disk(defined, images):
    """A disk that is made anew under its old name has another uuid: no trace of the old one."""
    path = images('a.vdi')
    defined(xml('a', devices=disk(path))).undefine()
    pathlib.Path(path).unlink()
    images('a.vdi')
    defined(xml('a', devices=disk(path)))


def test_known_medium_stays_known(connection, images, same):
    """A failed definition forgets the images that it opened, not those that were known before."""
    path = images('a.vdi')
    bad = pathlib.Path(path).with_name('bad.vdi')
    bad.write_bytes(b'no image')
    commands.vboxmanage('modifymedium', 'disk', path, '--description', 'known')
    with same():
        with fails(*NO_IMAGE):
            connection.defineXML(xml('a', devices=disk(path) + disk(bad, 'sdb')))
    commands.vboxmanage('closemedium', 'disk', path)


def test_missing_file_of_a_defined_disk(defined, images, facts):
    """Who only edits the memory must not stumble over a disk that is away."""
    path = images('a.vdi')
    domain = defined(xml('a', devices=disk(path)))
    pathlib.Path(path).rename(path + '.away')
    edited(domain, lambda tree: setattr(tree.find('vcpu'), 'text', '2'))
    assert facts(domain)['cpus'] == '2'
    pathlib.Path(path + '.away').rename(path)

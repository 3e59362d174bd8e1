# SPDX-License-Identifier: LGPL-2.1-or-later
"""The types of images: given, changed and taken back, and left alone while another domain has the image."""
import re

import libvirt
import pytest

import commands
import mapping
import settings
from domains import DISK_TYPES as TYPES
from domains import fails, xml

UNSUPPORTED = libvirt.VIR_ERR_CONFIG_UNSUPPORTED
CONFIG = libvirt.VIR_DOMAIN_AFFECT_CONFIG
MULTI = "<vbox:medium type='multi-attach'/>"
# those that VirtualBox attaches an image of differences of
OWN = ('immutable', 'multiattach')


def drive(path, more='', target='sda', device='disk', bus='sata'):
    """A <disk>; of our namespace, also by itself."""
    more = more.replace('<vbox:medium', "<vbox:medium xmlns:vbox='urn:vboxvirt:1'")
    return f"<disk type='file' device='{device}'><source file='{path}'/><target dev='{target}' bus='{bus}'/>{more}</disk>"


def redefine(domain, *disks):
    """With other disks."""
    return domain.connect().defineXML(xml(domain.name(), uuid=domain.UUIDString(), devices=''.join(disks)))


def type_of(path, kind='disk'):
    """An image's type, as VirtualBox says it."""
    return re.search(r'^Type: +(\w+)', commands.vboxmanage('showmediuminfo', kind, path), re.MULTILINE)[1]


@pytest.fixture
def fixed(tmp_path):
    """An image of fixed size, which alone can be shared."""
    path = tmp_path / 'fixed.vdi'
    commands.vboxmanage('createmedium', 'disk', '--filename', path, '--size', '1', '--variant', 'Fixed')
    commands.vboxmanage('closemedium', 'disk', path)
    return str(path)


@pytest.fixture
def keeps(connection):
    """Checks that a dump says what was asked for, and that defining by it changes nothing."""
    def check(domain, more):
        text = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
        assert more in text
        with settings.Unchanged(taken=settings.without_backups):
            connection.defineXML(text)
        assert domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE) == text
    return check


def test_every_type_to_every_other(defined, fixed, facts, keeps):
    """Each word that the tables have, of a disk that is there; nothing of VirtualBox's own stays."""
    words = [word for word, _ in mapping.section('devices/disk').row('vbox:medium/@type')[0].words]
    assert {f"<vbox:medium type='{word}'/>" for word in words} <= TYPES.keys()
    domain, turns = defined(xml('a', devices=drive(fixed))), list(TYPES)
    for step in (1, 2):  # in both directions, and each after each: five is prime
        for more in [turns[place * step % len(turns)] for place in range(len(turns) + 1)]:
            redefine(domain, drive(fixed, more))
            assert type_of(fixed) == TYPES[more]
            assert (facts(domain)['SATA-0-0'] == fixed) == (TYPES[more] not in OWN)
            keeps(domain, more)
    folder = settings.path_of_machine(domain.UUIDString()).parent / 'Snapshots'
    redefine(domain)
    assert fixed not in commands.vboxmanage('list', 'hdds')
    assert not folder.exists() or not list(folder.iterdir())


@pytest.mark.parametrize('more', [more for more in TYPES if more])
def test_new_domains(defined, fixed, facts, keeps, more):
    domain = defined(xml('a', devices=drive(fixed, more)))
    assert type_of(fixed) == TYPES[more]
    assert (facts(domain)['SATA-0-0'] == fixed) == (TYPES[more] not in OWN)
    keeps(domain, more)


def test_read_only_disks(connection, fixed, unchanged):
    with fails(UNSUPPORTED, containing='disk/readonly: VirtualBox has no read-only hard disks; <transient/>'):
        connection.defineXML(xml('a', devices=drive(fixed, '<readonly/>')))
    with fails(libvirt.VIR_ERR_XML_ERROR, UNSUPPORTED, containing="'readonly'"):
        connection.defineXML(xml('a', devices=drive(fixed, "<vbox:medium type='readonly'/>")))


def test_another_domain_has_it(connection, defined, fixed, same):
    """Its type is every domain's: neither a definition nor an attached disk changes it."""
    first, second = defined(xml('first', devices='')), defined(xml('second', devices=''))
    for more in TYPES:
        redefine(first, drive(fixed, more))
        for other in TYPES:
            if other == more:
                continue
            said = f"domain 'first' has '{fixed}' as {more or 'a <disk> without'}"
            with same():
                with fails(UNSUPPORTED, containing=said):
                    redefine(second, drive(fixed, other))
                with fails(UNSUPPORTED, containing=said):
                    second.attachDeviceFlags(drive(fixed, other), CONFIG)
                with fails(UNSUPPORTED, containing=said):
                    connection.defineXML(xml('third', devices=drive(fixed, other)))
            if other in ('', '<transient/>'):
                break  # one is like the next
        redefine(second, drive(fixed, more))
        other = '' if more else '<transient/>'
        with same(), fails(UNSUPPORTED, containing="domain 'second' has"):
            redefine(first, drive(fixed, other))
        assert type_of(fixed) == TYPES[more]
        redefine(second)
    redefine(first)


def test_floppies_of_two_domains(defined, images, same):
    path = images('a.img')

    def floppy(more=''):
        return drive(path, more, 'fda', 'floppy', 'fdc')
    first, second = defined(xml('first', devices=floppy())), defined(xml('second', devices=''))
    with same(), fails(UNSUPPORTED, containing="domain 'first' has '" + path + "' as a <disk> without <readonly/>"):
        redefine(second, floppy('<readonly/>'))
    redefine(first, floppy('<readonly/>'))
    with same(), fails(UNSUPPORTED, containing="as <readonly/>"):
        redefine(second, floppy())
    redefine(second, floppy('<readonly/>'))
    assert type_of(path, 'floppy') == 'readonly'


def test_what_the_guest_wrote(defined, images, facts, same):
    """It goes with the disk, from place to place, and a change of the type must not lose it."""
    path = images('a.vdi')
    domain = defined(xml('a', devices=drive(path, MULTI)))
    own = facts(domain)['SATA-0-0']
    commands.vboxmanage('mediumio', '--disk', own, 'formatfat', '--quick')
    with same():
        for more in ('', '<transient/>'):
            with fails(UNSUPPORTED, containing=f"what the guest has written since is in '{own}'"):
                redefine(domain, drive(path, more))
    redefine(domain, drive(path, MULTI, 'sdc'))
    assert facts(domain)['SATA-2-0'] == own
    # the way that the message tells
    redefine(domain)
    redefine(domain, drive(path))
    assert facts(domain)['SATA-0-0'] == path


def test_snapshots_need_it(connection, machines, images, same):
    path, machine = images('a.vdi'), machines.make()
    machine.manage('storagectl', '--name', 'SATA', '--add', 'sata')
    machine.manage('storageattach', '--storagectl', 'SATA', '--port', 0, '--type', 'hdd', '--medium', path)
    machine.manage('snapshot', 'take', 'one')
    domain = connection.lookupByName(machine.name)
    text = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    with same(), fails(UNSUPPORTED, containing='snapshots or linked clones need'):
        connection.defineXML(re.sub(r"(<target dev='sd)", r'<transient/>\1', text))


@pytest.mark.parametrize('before', ['', MULTI])
def test_failure_after_a_change(defined, images, fixed, before):
    """VirtualBox wants settings saved before a type changes: what fails then is taken back."""
    first, second = images('a.vdi'), images('b.vdi')
    domain = defined(xml('a', devices=drive(first, before)))
    text = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    with fails(libvirt.VIR_ERR_RESOURCE_BUSY, containing='disk[3]: Cannot change type for medium'):
        redefine(domain, drive(first, '' if before else MULTI), drive(fixed, MULTI, 'sdb'),
                 drive(second, '<shareable/>', 'sdc'))
    assert domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE) == text
    assert type_of(first) == TYPES[before]
    listed = commands.vboxmanage('list', 'hdds')
    assert fixed not in listed and second not in listed
    redefine(domain, drive(first, '' if before else MULTI), drive(fixed, MULTI, 'sdb'), drive(second, '', 'sdc'))

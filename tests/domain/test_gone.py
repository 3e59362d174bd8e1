# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a machine has and the host has no more: discs that are optional or not, and what is accepted of a machine that
is accepted of its clone and its settings file too."""
import contextlib
import os
import re

import libvirt
import pytest

import commands
import settings
from domains import fails, xml

FAILED = libvirt.VIR_ERR_OPERATION_FAILED
INACTIVE = libvirt.VIR_DOMAIN_XML_INACTIVE


def drive(path, policy, target='sda', device='cdrom', bus='sata'):
    """A drive with something in it."""
    return f"<disk type='file' device='{device}'><source file='{path}' startupPolicy='{policy}'/>" \
           f"<target dev='{target}' bus='{bus}'/></disk>"


@contextlib.contextmanager
def away(*paths):
    """Files and folders are not there meanwhile."""
    for path in paths:
        os.rename(path, f'{path}.away')
    yield
    for path in paths:
        os.rename(f'{path}.away', path)


def says(domain, path, flags=INACTIVE):
    """Whether a dump has the file, with its policy."""
    return f"<source file='{path}' startupPolicy='optional'/>" in domain.XMLDesc(flags)


@pytest.mark.parametrize('device, target, bus, name, place', [
    ('cdrom', 'sda', 'sata', 'a.iso', 'SATA-0-0'), ('floppy', 'fda', 'fdc', 'a.img', 'Floppy-0-0')])
def test_optional(connection, defined, images, facts, device, target, bus, name, place):
    """The drive is empty as long as the file is gone; the definition has it all the time."""
    path = images(name)
    domain = defined(xml('a', devices=drive(path, 'optional', target, device, bus)))
    text = domain.XMLDesc(INACTIVE)
    assert says(domain, path) and facts(domain)[place] == path
    with away(path):
        domain.create()
        assert facts(domain)[place] == 'emptydrive'
        assert says(domain, path) and path not in domain.XMLDesc()
        connection.defineXML(domain.XMLDesc(INACTIVE))
        assert domain.XMLDesc(INACTIVE) == text
        domain.destroy()
        with settings.Unchanged(taken=settings.without_backups):
            connection.defineXML(domain.XMLDesc(INACTIVE))
        assert domain.XMLDesc(INACTIVE) == text
    domain.create()
    assert facts(domain)[place] == path and says(domain, path, 0)
    domain.destroy()
    assert domain.XMLDesc(INACTIVE) == text


@pytest.mark.parametrize('cache', ['none', 'writeback'])
def test_optional_beside_a_cache(connection, defined, images, cache):
    """A dump says no more of the controller when it is that of what waits for a file."""
    path, disk = images('a.iso'), images('a.vdi')
    domain = defined(xml('a', devices=drive(path, 'optional') + "<disk type='file' device='disk'>"
                         f"<driver type='vdi' cache='{cache}'/><source file='{disk}'/><target dev='sdb' bus='sata'/></disk>"))
    text = domain.XMLDesc(INACTIVE)
    with away(path):
        connection.defineXML(text)
        assert domain.XMLDesc(INACTIVE) == text


def test_optional_from_the_start(connection, defined, tmp_path, facts):
    """Neither a definition nor a transient domain needs the file."""
    path = tmp_path / 'later.iso'
    domain = defined(xml('a', devices=drive(path, 'optional')))
    assert says(domain, path)
    transient = connection.createXML(xml('b', devices=drive(path, 'optional')), 0)
    assert str(path) not in transient.XMLDesc()
    transient.destroy()
    path.write_bytes(bytes(2048 * 64))
    domain.create()
    assert facts(domain)['SATA-0-0'] == str(path)


@pytest.mark.parametrize('policy', ['mandatory', 'requisite'])
def test_needed(defined, images, policy):
    """VirtualBox alone refuses the first start, and takes the second, with an empty drive."""
    path = images('a.iso')
    domain = defined(xml('a', devices=drive(path, policy)))
    assert ("startupPolicy='requisite'" in domain.XMLDesc(INACTIVE)) == (policy == 'requisite')
    with away(path):
        for _ in range(2):
            with fails(FAILED, containing=f"this domain cannot start: '{path}' does not exist; put another disc"):
                domain.create()
        with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing='does not exist'):
            defined(xml('b', devices=drive(f'{path}.b', policy)))
    domain.create()


def test_policy_of_a_hard_disk(connection, images, unchanged):
    path = images('a.vdi')
    for policy in ('optional', 'requisite'):
        with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing='source/@startupPolicy: it is for drives'):
            connection.defineXML(xml('a', devices=drive(path, policy, device='disk')))


@pytest.fixture
def worn(connection, defined, images, tmp_path):
    """A machine with a disc, a folder and a host-only adapter that are gone."""
    disc, folder = images('a.iso'), tmp_path / 'folder'
    folder.mkdir()
    domain = defined(xml('worn', devices=drive(disc, 'mandatory')
                         + f"<filesystem><source dir='{folder}'/><target dir='x'/></filesystem>"))
    commands.vboxmanage('modifyvm', 'worn', '--nic1', 'hostonly', '--host-only-adapter1', 'vboxnet77')
    connection.defineXML(domain.XMLDesc(INACTIVE))
    with away(disc, folder):
        yield domain


def test_settings_of_what_is_gone(connection, worn, same):
    """The file names what the machine's own does, and nothing is made for it."""
    def lines(text):
        found = re.findall('<(?:Image|SharedFolder|HostOnlyInterface) .*', text)
        return [re.sub('uuid="[^"]*"', '', line) for line in found]
    with same():
        native = connection.domainXMLToNative('vbox', worn.XMLDesc(INACTIVE), 0)
    assert lines(native) == lines(settings.of_machine(worn.UUIDString()))
    assert len(lines(native)) >= 4


def test_clone_of_what_is_gone(connection, worn, tmp_path):
    """virt-clone makes it; what is gone is missed when it starts."""
    commands.run('virt-clone', '--connect', commands.URI, '--original', 'worn', '--name', 'copy', '--auto-clone')
    copy = connection.lookupByName('copy')

    def devices(domain):
        return re.findall(r"<source (?:file|dir|network)='[^']*'", domain.XMLDesc(INACTIVE))
    assert devices(copy) == devices(worn)
    before = devices(copy)
    worn.undefine()
    connection.defineXML(copy.XMLDesc(INACTIVE))
    assert devices(copy) == before
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing=f"'{tmp_path}/folder' does not exist, and VirtualBox shares"):
        copy.create()
    copy.undefine()


def test_arm_machine_as_it_comes(connection, machines):
    """VirtualBox gives it an adapter that is not in its own list for that platform."""
    name = machines.name()
    commands.vboxmanage('createvm', '--name', name, '--platform-architecture', 'arm', '--ostype', 'Debian_arm64',
                        '--register')
    text = connection.lookupByName(name).XMLDesc(INACTIVE)
    assert "<model type='vga'" in text
    connection.domainXMLToNative('vbox', text, 0)
    copy = connection.defineXML(re.sub('<uuid>.*</uuid>', '', text).replace(f'<name>{name}<', '<name>copy<'))
    assert "<model type='vga'" in copy.XMLDesc(INACTIVE)
    copy.undefine()

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Images and folders that are gone, closed to the user or in use: what is wrong, with which, and because of whom."""
import contextlib
import os

import libvirt
import pytest

from domains import fails, xml

FAILED, UNSUPPORTED = libvirt.VIR_ERR_OPERATION_FAILED, libvirt.VIR_ERR_CONFIG_UNSUPPORTED
MULTI = "<vbox:medium type='multi-attach'/>"


def drive(path, device='disk', target='sda', bus='sata', more=''):
    """A <disk>."""
    return f"<disk device='{device}'><source file='{path}'/><target dev='{target}' bus='{bus}'/>{more}</disk>"


@contextlib.contextmanager
def mode(path, bits):
    """A file or folder has another mode meanwhile."""
    before = os.stat(path).st_mode
    os.chmod(path, bits)
    yield
    os.chmod(path, before)


@pytest.fixture
def refused(connection):
    """A definition with such devices fails with these words."""
    def check(devices, words):
        with fails(UNSUPPORTED, containing=words):
            connection.defineXML(xml('a', devices=devices))
    return check


def test_definitions(images, refused, unchanged, tmp_path):
    path, user = images('in/a.vdi'), os.environ['USER']
    with mode(path, 0):
        refused(drive(path), f"disk/source/@file: user '{user}' may not read '{path}', and VirtualBox")
    closed = f"'{path}' cannot be reached: user '{user}' may not enter '{tmp_path}/in'"
    with mode(tmp_path / 'in', 0):
        for device, target, bus in (('disk', 'sda', 'sata'), ('cdrom', 'sda', 'sata'), ('floppy', 'fda', 'fdc')):
            refused(drive(path, device, target, bus), f'disk/source/@file: {closed}')
        refused(f"<filesystem><source dir='{path}'/><target dir='x'/></filesystem>", f'filesystem/source/@dir: {closed}')
    refused(drive(f'{path}/b'), f"disk/source/@file: '{path}/b' does not exist, and VirtualBox")
    refused("<filesystem><source dir='/nowhere'/><target dir='x'/></filesystem>",
            "filesystem/source/@dir: '/nowhere' does not exist, and VirtualBox shares only")


def test_starts(connection, defined, images, tmp_path):
    disk, disc, user = images('in/a.vdi'), images('b.iso'), os.environ['USER']
    domain = defined(xml('a', devices=drive(disk) + drive(disc, 'cdrom', 'sdb')))
    os.rename(disk, f'{disk}.away')
    with fails(FAILED, containing=f"this domain cannot start: '{disk}' does not exist"):
        domain.create()
    os.rename(f'{disk}.away', disk)
    for path in (disk, disc):
        with mode(path, 0), fails(FAILED, containing=f"user '{user}' may not read '{path}'"):
            domain.create()
    with mode(disk, 0o444), fails(FAILED, containing=f"user '{user}' may not write to '{disk}'"):
        domain.create()
    with mode(tmp_path / 'in', 0), fails(FAILED, containing=f"user '{user}' may not enter '{tmp_path}/in'"):
        domain.create()
    domain.create()


def test_in_use(defined, images):
    """The holder is named, also when it runs with an image that stands on this one; a disc is for all."""
    disk, floppy, disc, shared = images('a.vdi'), images('f.img'), images('c.iso'), images('m.vdi')
    parts = {'disk': drive(disk), 'floppy': drive(floppy, 'floppy', 'fda', 'fdc')}
    both = drive(disc, 'cdrom', 'sdb') + drive(shared, 'disk', 'sdc', more=MULTI)
    holder = defined(xml('holder', devices=''.join(parts.values()) + both))
    holder.create()
    for name, path in (('disk', disk), ('floppy', floppy)):
        with fails(libvirt.VIR_ERR_RESOURCE_BUSY,
                   containing=f"cannot start: '{path}' is in use: domain 'holder' runs with it"):
            defined(xml(name, devices=parts[name] + both)).create()
    defined(xml('other', devices=both)).create()


def test_floppies_that_cannot_be_written(defined, images):
    """VirtualBox reads them then: another reason is not theirs."""
    floppy, disk = images('f.img'), images('a.vdi')
    domain = defined(xml('a', devices=drive(floppy, 'floppy', 'fda', 'fdc') + drive(disk)))
    with mode(floppy, 0o444), mode(disk, 0o444), fails(FAILED, containing=f"may not write to '{disk}'"):
        domain.create()
    with mode(floppy, 0o444):
        domain.create()

# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of domain XML share: images, and the round trip that every machine must stand."""
import pathlib
import re
import subprocess

import libvirt
import pytest
from lxml import etree

import commands
import domains
import settings


SECURE = libvirt.VIR_DOMAIN_XML_SECURE | libvirt.VIR_DOMAIN_XML_INACTIVE


@pytest.fixture
def images(tmp_path):
    """Makes images that VirtualBox does not know yet: images('a.vdi') is its path."""
    def make(name, size=4):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in ('.img', '.iso'):
            with path.open('wb') as file:
                file.truncate(1474560 if path.suffix == '.img' else 2048 * 64)
        else:
            commands.vboxmanage('createmedium', 'disk', '--filename', path, '--size', size,
                                '--format', path.suffix[1:].upper())
            commands.vboxmanage('closemedium', 'disk', path)
        return str(path)
    return make


@pytest.fixture
def defined(connection):
    """Defines domains by XML and undefines them at the end."""
    uuids = []

    def define(xml):
        domain = connection.defineXML(xml)
        uuids.append(domain.UUIDString())
        return domain
    yield define
    for uuid in uuids:
        # VBoxManage may have removed it just now, and the daemon not yet know it
        try:
            domain = connection.lookupByUUIDString(uuid)
            if domain.isActive():
                domain.destroy()
            domain.undefine()
        except libvirt.libvirtError as error:
            assert error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN, error


@pytest.fixture
def stands(tmp_path):
    """Checks a domain: its XML is valid, and defining by it changes nothing, nor does VirtualBox's
    file say anything else; returns the XML."""
    def check(domain):
        xml = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
        assert xml == domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
        path = tmp_path / 'dump.xml'
        path.write_text(domains.without_ours(xml), encoding='utf-8')
        subprocess.run(['virt-xml-validate', path], check=True, capture_output=True)
        with settings.Unchanged(taken=machine_files):
            domain.connect().defineXML(xml)
        assert domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE) == xml
        assert as_read_again(from_file(domain)) == as_read_again(domain.XMLDesc(SECURE))
        return etree.fromstring(xml)
    return check


def as_read_again(xml):
    """Without what VirtualBox (7.2) does not read again from its own file: that a floppy image is read-only."""
    if '<vbox:' not in xml:
        xml = xml.replace(" xmlns:vbox='urn:vboxvirt:1'", '')
    return re.sub(r"(device='floppy'>(?:(?!</disk>).)*?)      <readonly/>\n", r'\1', xml, flags=re.S)


def from_file(domain):
    """What domxml-from-native makes of a domain's settings file."""
    return domain.connect().domainXMLFromNative('vbox', settings.of_machine(domain.UUIDString()), 0)


def machine_files():
    """The settings files without what we keep in them: of a machine that another made, the first
    definition keeps names of disks."""
    found = {}
    for path, text in settings.files().items():
        lines = [line for line in text.splitlines()
                 if '"vboxvirt/domain"' not in line and 'ExtraData>' not in line
                 and '<ExtraData/>' not in line]
        if not path.endswith('-prev'):
            found[path] = '\n'.join(lines)
    return found


@pytest.fixture
def same(written):
    """`with same():` is a block after which VirtualBox has the same settings as before."""
    return lambda: settings.Unchanged(taken=settings.without_backups)


@pytest.fixture
def unchanged(same):
    """The same for a whole test."""
    with same():
        yield


@pytest.fixture
def facts():
    """What VBoxManage says of a domain, as a dict."""
    return lambda domain: commands.machine_facts(domain.UUIDString())


@pytest.fixture
def example():
    """Reads one of examples/, by its name."""
    folder = pathlib.Path(__file__).resolve().parents[2] / 'examples'
    return lambda name: (folder / name).read_text(encoding='utf-8')

# SPDX-License-Identifier: LGPL-2.1-or-later
"""domxml-from-native and domxml-to-native: VirtualBox's own settings file (.vbox) and domain XML."""
import pathlib
import re
import tempfile
import threading

import libvirt
import pytest

import commands
import recorder
import settings
from domains import fails, xml

SECURE = libvirt.VIR_DOMAIN_XML_SECURE | libvirt.VIR_DOMAIN_XML_INACTIVE


def without_times(text):
    """A settings file without the time of its last change, and the addresses that VirtualBox makes
    up for adapters that are off."""
    text = re.sub(r' lastStateChange="[^"]*"', '', text)
    return re.sub(r'(<Adapter slot="[0-9]*"(?: enabled="false")?) MACAddress="[^"]*"', r'\1', text)


@pytest.fixture
def from_native(connection, same):
    """Converts a settings file; VirtualBox has what it had before, and no folder stays."""
    def convert(text):
        before = sorted(pathlib.Path(tempfile.gettempdir()).glob('vboxvirt-native-*'))
        with same():
            made = connection.domainXMLFromNative('vbox', text, 0)
        assert sorted(pathlib.Path(tempfile.gettempdir()).glob('vboxvirt-native-*')) == before
        return made
    return convert


@pytest.fixture
def to_native(connection, same):
    """The other way round."""
    def convert(text):
        with same():
            return connection.domainXMLToNative('vbox', text, 0)
    return convert


@pytest.fixture
def both(from_native, to_native):
    """The settings of a domain that we defined are its XML, and its XML is the settings."""
    def check(domain):
        dump = domain.XMLDesc(SECURE)
        domain.connect().defineXML(dump)  # what is kept in extra data is in the order of a dump
        text = settings.of_machine(domain.UUIDString())
        assert from_native(text) == dump
        assert without_times(to_native(dump)) == without_times(text)
    return check


def test_plain_machine(defined, both):
    both(defined(xml('plain', top='<title>A title</title><description>&lt;\'"&amp;</description>')))


def test_odd_name(defined, both):
    both(defined(xml("odd &amp; 'name' &lt;")))


def test_devices(connection, defined, images, both):
    """Consoles, sound, video and the like; disks, also in the machine's own folder."""
    both(defined(xml('devices', devices=f'''
        <disk device='floppy'><source file='{images("f.img")}'/><target dev='fda'/></disk>
        <disk device='cdrom'><source file='{images("c.iso")}'/><target dev='sdc' bus='sata'/></disk>
        <disk device='cdrom'><target dev='hda'/></disk>
        <disk><source file='{images("a.vdi")}'/><target dev='sda' bus='sata'/></disk>
        <disk><source file='{images("b.vmdk")}'/><target dev='sdb' bus='sata'/></disk>
        <interface type='null'><model type='virtio'/></interface>
        <serial type='pty'/><sound model='ac97'/>
        <filesystem><source dir='/tmp'/><target dir='share'/></filesystem>
        <graphics type='vnc' port='5901' passwd='secret'/>
        <video><model type='vmvga' vram='16384'/></video>''')))


def test_disk_in_the_machines_folder(connection, defined, both):
    """VirtualBox writes its place without the folder."""
    domain = defined(xml('own'))
    path = settings.path_of_machine(domain.UUIDString()).with_name('own.vdi')
    commands.vboxmanage('createmedium', 'disk', '--filename', path, '--size', 4)
    commands.vboxmanage('closemedium', 'disk', path)
    disk = f"<disk><source file='{path}'/><target dev='sda' bus='sata'/></disk>"
    domain = connection.defineXML(xml('own', uuid=domain.UUIDString(), devices=disk))
    assert 'location="own.vdi"' in settings.of_machine(domain.UUIDString())
    both(domain)


def test_file_of_no_machine(defined, images, from_native):
    """What the file names need not be there, and its relative places are below the default folder."""
    domain = defined(xml('gone', devices=f'''<disk><source file='{images("x.vdi")}'/>
        <target dev='sda' bus='sata'/></disk>'''))
    text, dump = settings.of_machine(domain.UUIDString()), domain.XMLDesc(SECURE)
    folder = settings.path_of_machine(domain.UUIDString()).parent
    path = dump.partition("<source file='")[2].partition("'")[0]
    domain.undefine()
    pathlib.Path(path).unlink()
    assert from_native(text) == dump
    moved = from_native(text.replace(f'location="{path}"', 'location="sub/y.vdi"'))
    assert moved == dump.replace(path, f'{folder}/sub/y.vdi')


def test_snapshots_are_left_out(machines, connection, images, from_native, to_native):
    commands.vboxmanage('createvm', '--name', 'snap', '--register', '--ostype', 'Other')
    commands.vboxmanage('modifyvm', 'snap', '--nic1', 'none')
    commands.vboxmanage('storagectl', 'snap', '--name', 'SATA', '--add', 'sata')
    commands.vboxmanage('storageattach', 'snap', '--storagectl', 'SATA', '--port', 0, '--type', 'hdd',
                        '--medium', images('a.vdi'))
    for name in ('one', 'two'):
        commands.vboxmanage('snapshot', 'snap', 'take', name)
    domain = connection.lookupByName('snap')
    dump, text = domain.XMLDesc(SECURE), settings.of_machine(domain.UUIDString())
    assert 'Snapshots/' in dump
    assert from_native(text) == dump
    native = to_native(dump)
    assert '<Snapshot ' not in native
    assert re.findall(r'<HardDisk .*', native) == re.findall(r'<HardDisk .*', text)
    assert re.findall('<source file.*', from_native(native)) == re.findall('<source file.*', dump)


def test_uuid_is_made(to_native):
    text = to_native(re.sub('<uuid>.*</uuid>', '', xml('new')))
    assert re.search(r'<Machine uuid="\{[-0-9a-f]{36}\}" name="new"', text), text


def test_nobody_sees_it(connection, defined):
    """Clients neither see the machine that is made for a moment nor hear of it."""
    seen, stop = set(), threading.Event()

    def watch():
        other = recorder.connect()
        while not stop.is_set():
            seen.update(domain.name() for domain in other.listAllDomains())
        other.close()
    watcher = threading.Thread(target=watch)
    with recorder.Recorder(connection) as events:
        defined(xml('there'))
        events.wait_for('there', 'Defined Added')
        events.forget()
        watcher.start()
        for _ in range(5):
            connection.domainXMLToNative('vbox', xml('other'), 0)
        defined(xml('last'))
        events.wait_for('last', 'Defined Added')
        assert {name for name, _ in events.events} == {'last'}, events.events
    stop.set()
    watcher.join()
    assert seen <= {'there', 'last'}


def test_nobody_sees_an_end(connection, defined, images, same):
    """What cannot be made leaves nothing and tells nothing."""
    with recorder.Recorder(connection) as events:
        with same(), fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing='does not exist'):
            connection.domainXMLToNative('vbox', xml('broken', devices='''<disk>
                <source file='/no/such.vdi'/><target dev='sda' bus='sata'/></disk>'''), 0)
        defined(xml('last'))
        events.wait_for('last', 'Defined Added')
        assert {name for name, _ in events.events} == {'last'}, events.events


@pytest.mark.parametrize('text, code, words', [
    ('', libvirt.VIR_ERR_XML_DETAIL, ''),
    ('<VirtualBox', libvirt.VIR_ERR_XML_DETAIL, ''),
    ('<domain/>', libvirt.VIR_ERR_XML_ERROR, 'expecting <VirtualBox>'),
    ('<VirtualBox/>', libvirt.VIR_ERR_XML_ERROR, 'no machine'),
    ('<VirtualBox><Machine uuid="{x}" name="a"/></VirtualBox>', libvirt.VIR_ERR_XML_ERROR, 'no machine'),
    ('<!DOCTYPE x [<!ENTITY a "b">]><VirtualBox>&a;</VirtualBox>', libvirt.VIR_ERR_XML_ERROR, 'DOCTYPE'),
    ('<VirtualBox>' + '<a>' * 100 + '</a>' * 100 + '</VirtualBox>', libvirt.VIR_ERR_XML_ERROR, 'deeper'),
    ('<VirtualBox xmlns="http://www.virtualbox.org/" version="1.19-linux"><Machine name="a" '
     'uuid="{11111111-2222-3333-4444-555555555555}"><Hardware><Firmware type="none such"/></Hardware></Machine>'
     '</VirtualBox>', None, 'none such'),
])
def test_bad_files_are_refused(connection, same, text, code, words):
    with same(), pytest.raises(libvirt.libvirtError) as caught:
        connection.domainXMLFromNative('vbox', text, 0)
    assert words in str(caught.value)
    if code is not None:
        assert caught.value.get_error_code() == code


def test_formats(connection):
    for convert in (connection.domainXMLFromNative, connection.domainXMLToNative):
        with fails(libvirt.VIR_ERR_INVALID_ARG, containing="there is 'vbox'"):
            convert('qemu-argv', '<domain/>', 0)


def test_virsh(defined, tmp_path):
    """As people use it."""
    domain = defined(xml('a'))
    native = commands.virsh('domxml-to-native', 'vbox', '--domain', 'a').rstrip('\n')
    assert without_times(native) == without_times(settings.of_machine(domain.UUIDString())).rstrip('\n')
    path = tmp_path / 'a.vbox'
    path.write_text(native, encoding='utf-8')
    assert commands.virsh('domxml-from-native', 'vbox', path) == domain.XMLDesc(SECURE) + '\n'

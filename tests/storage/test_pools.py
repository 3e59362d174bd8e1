# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pools: folders of the host, as libvirt's storage pools."""
import os
import pathlib
import re
import threading

import libvirt
import pytest

import recorder
import waiting
from commands import vboxmanage, virsh, virsh_error
from nets import refused
from pools import keys

UUID = '6695eb01-f6a4-8304-79aa-97f2502e193f'


def names(listed):
    """Of pools."""
    return sorted(pool.name() for pool in listed)


def test_virsh_life(pools):
    """As a user does it."""
    folder = pools.folder / 'images'
    virsh('pool-define-as', 'images', 'dir', '--target', folder)
    assert not folder.exists()
    assert 'No such file' in virsh_error('pool-start', 'images')
    virsh('pool-build', 'images')
    assert folder.is_dir()
    virsh('pool-start', 'images')
    virsh('pool-autostart', 'images')
    assert re.search(r'images +active +yes', virsh('pool-list'))
    assert re.search('State: +running', virsh('pool-info', 'images'))
    assert 'images' in virsh('pool-list', '--details', '--type', 'dir')
    assert 'images' not in virsh('pool-list', '--all', '--type', 'logical,netfs')
    virsh('pool-refresh', 'images')
    assert virsh('pool-name', virsh('pool-uuid', 'images').strip()).strip() == 'images'
    assert 'still active' in virsh_error('pool-undefine', 'images')
    assert 'still active' in virsh_error('pool-delete', 'images')
    virsh('pool-destroy', 'images')
    (folder / 'x').touch()
    assert 'not empty' in virsh_error('pool-delete', 'images')
    (folder / 'x').unlink()
    virsh('pool-delete', 'images')
    assert not folder.exists()
    virsh('pool-undefine', 'images')
    assert 'images' not in virsh('pool-list', '--all') and not keys()


def test_lists(connection, pools):
    """All filters, and the four old calls."""
    active = pools.make('active')
    active.setAutostart(1)
    connection.storagePoolDefineXML(pools.xml('stopped'))
    connection.storagePoolCreateXML(pools.xml('passing'))
    for flag, expected in (('ACTIVE', ['active', 'passing']), ('INACTIVE', ['stopped']),
                           ('PERSISTENT', ['active', 'stopped']), ('TRANSIENT', ['passing']),
                           ('AUTOSTART', ['active']), ('NO_AUTOSTART', ['passing', 'stopped']),
                           ('DIR', ['active', 'passing', 'stopped']), ('FS', []), ('ZFS', [])):
        number = getattr(libvirt, f'VIR_CONNECT_LIST_STORAGE_POOLS_{flag}')
        assert names(connection.listAllStoragePools(number)) == expected, flag
    both = libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_FS | libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_DIR
    assert len(connection.listAllStoragePools(both)) == 3
    assert sorted(connection.listStoragePools()) == ['active', 'passing']
    assert connection.listDefinedStoragePools() == ['stopped']
    assert (connection.numOfStoragePools(), connection.numOfDefinedStoragePools()) == (2, 1)


def test_lookups(connection, pools):
    """By name, UUID and folder."""
    pool = pools.make('p')
    assert connection.storagePoolLookupByName('p').UUIDString() == pool.UUIDString()
    assert connection.storagePoolLookupByUUID(pool.UUID()).name() == 'p'
    path = str(pools.folder / 'p')
    for text in (path, path + '/', path.replace('/p', '//./p')):
        assert connection.storagePoolLookupByTargetPath(text).name() == 'p'
    for look in (lambda: connection.storagePoolLookupByName('q'),
                 lambda: connection.storagePoolLookupByUUIDString(UUID),
                 lambda: connection.storagePoolLookupByTargetPath('/nowhere'),
                 lambda: connection.storagePoolLookupByTargetPath('p')):
        with refused('NO_STORAGE_POOL', 'Storage pool not found'):
            look()


def test_information(connection, pools, valid):
    """Numbers are the file system's, permissions the folder's; the XML is libvirt's."""
    pool = pools.make('p')
    os.chmod(pools.folder / 'p', 0o750)
    disk = os.statvfs(pools.folder)
    state, capacity, allocation, available = pool.info()
    assert state == libvirt.VIR_STORAGE_POOL_RUNNING
    assert capacity == disk.f_frsize * disk.f_blocks
    assert allocation + available == capacity
    xml = pool.XMLDesc(0)
    assert valid(xml, 'storagepool')
    for part in (f"<capacity unit='bytes'>{capacity}<", '<mode>0750</mode>',
                 f'<owner>{os.getuid()}</owner>', f'<path>{pools.folder}/p</path>'):
        assert part in xml
    assert pool.XMLDesc(libvirt.VIR_STORAGE_XML_INACTIVE)
    assert connection.storagePoolDefineXML(xml).UUIDString() == pool.UUIDString()
    (pools.folder / 'p').rmdir()
    assert pool.info()[0] == libvirt.VIR_STORAGE_POOL_INACCESSIBLE
    with refused('SYSTEM_ERROR', 'No such file'):
        pool.refresh()
    pool.destroy()
    assert pool.info() == [libvirt.VIR_STORAGE_POOL_INACTIVE, 0, 0, 0]
    with refused('OPERATION_INVALID', 'not active'):
        pool.refresh()


def test_odd_names(connection, pools, valid):
    """Are escaped, and found again."""
    name = 'a <b> & "c" \'d\' ü = [x];#'
    folder = pools.folder / name
    folder.mkdir()
    xml = pools.xml('NAME', 'PATH').replace('NAME', name.replace('&', '&amp;').replace('<', '&lt;'))
    xml = xml.replace('PATH', str(folder).replace('&', '&amp;').replace('<', '&lt;'))
    pool = connection.storagePoolDefineXML(xml)
    pool.create()
    assert connection.storagePoolLookupByName(name).XMLDesc() == pool.XMLDesc()
    assert connection.storagePoolLookupByTargetPath(str(folder)).name() == name
    assert valid(pool.XMLDesc(), 'storagepool')
    assert connection.storagePoolDefineXML(pool.XMLDesc()).name() == name


def test_transient(connection, pools):
    """Gone when it is stopped; --build makes its folder."""
    folder = pools.folder / 'deep' / 'er'
    xml = pools.xml('t', folder, '').replace('</path>', '</path><permissions><mode>0700</mode>'
                                             '<owner>-1</owner></permissions>')
    pool = connection.storagePoolCreateXML(xml, libvirt.VIR_STORAGE_POOL_CREATE_WITH_BUILD)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (pool.isActive(), pool.isPersistent(), pool.autostart()) == (1, 0, 0)
    with refused('OPERATION_INVALID', 'transient'):
        pool.setAutostart(1)
    with refused('OPERATION_INVALID', 'already active'):
        connection.storagePoolCreateXML(xml)
    connection.storagePoolDefineXML(pool.XMLDesc())
    assert (pool.isActive(), pool.isPersistent()) == (1, 1)
    pool.destroy()
    pool.undefine()
    connection.storagePoolCreateXML(xml).destroy()
    assert connection.listAllStoragePools() == [] and not keys()


@pytest.mark.parametrize('xml, code, part', [
    ('<pool type="fs"><name>x</name><target><path>/x</path></target></pool>', 'CONFIG_UNSUPPORTED',
     "no 'fs'"),
    ('<pool type="dir"><target><path>/x</path></target></pool>', 'XML_ERROR', '/pool/name'),
    ('<pool type="dir"><name>x</name></pool>', 'XML_ERROR', '/pool/target/path'),
    ('<pool type="dir"><name>a/b</name><target><path>/x</path></target></pool>', 'XML_ERROR', "'/'"),
    ('<pool type="dir"><name>x</name><target><path>x</path></target></pool>', 'XML_ERROR',
     'not an absolute path'),
    ('<pool type="dir"><name>x</name><source><host name="h"/></source><target><path>/x</path>'
     '</target></pool>', 'CONFIG_UNSUPPORTED', '/pool/source/host'),
    ('<pool type="dir"><name>x</name><target><path>/x</path><permissions><owner>12345</owner>'
     '</permissions></target></pool>', 'CONFIG_UNSUPPORTED', 'permissions/owner'),
    ('<pool type="dir"><name>x</name><target><path>/x</path><permissions><mode>9</mode>'
     '</permissions></target></pool>', 'CONFIG_UNSUPPORTED', 'permissions/mode'),
    ('<pool type="dir"><name>x</name><features><cow state="no"/></features><target><path>/x</path>'
     '</target></pool>', 'CONFIG_UNSUPPORTED', '/pool/features/cow'),
    ('<pool', 'XML_DETAIL', ''),
])
def test_refused_xml(connection, pools, xml, code, part):
    """With the place, and nothing is kept."""
    for make in (connection.storagePoolDefineXML, connection.storagePoolCreateXML):
        with refused(code, part):
            make(xml)
    assert not keys()


def test_conflicts(connection, pools):
    """One pool a name, a UUID, a folder."""
    pool = pools.make('p')
    uuid = f'<uuid>{pool.UUIDString()}</uuid>'
    with refused('OPERATION_FAILED', 'already defined with uuid'):
        connection.storagePoolDefineXML(pools.xml('q', more=uuid))
    with refused('OPERATION_FAILED', 'already exists with uuid'):
        connection.storagePoolDefineXML(pools.xml('p', more=f'<uuid>{UUID}</uuid>'))
    with refused('OPERATION_FAILED', 'conflict'):
        connection.storagePoolDefineXML(pools.xml('q', pools.folder / 'p'))
    with refused('OPERATION_INVALID', 'stop it'):
        connection.storagePoolDefineXML(pools.xml('p', '/elsewhere'))
    pool.destroy()
    connection.storagePoolDefineXML(pools.xml('p', '/elsewhere'))
    assert '<path>/elsewhere</path>' in pool.XMLDesc()
    with refused('SYSTEM_ERROR', '/elsewhere'):
        connection.storagePoolCreateXML(pools.xml('p', '/elsewhere'))
    assert pool.isActive() == 0


def test_sources_and_read_only(connection, pools):
    """What is refused always, and what a read-only connection may."""
    with refused('NO_SUPPORT', 'source discovery'):
        connection.findStoragePoolSources('netfs', None)
    pools.make('p')
    opened = libvirt.openReadOnly(connection.getURI())
    pool = opened.storagePoolLookupByName('p')
    assert pool.info()[0] == libvirt.VIR_STORAGE_POOL_RUNNING
    for call in (pool.destroy, pool.undefine, pool.refresh, lambda: pool.setAutostart(1),
                 lambda: opened.storagePoolDefineXML(pools.xml('q'))):
        with refused('OPERATION_DENIED'):
            call()
    opened.close()


def test_capabilities(connection, pools, valid):
    """Folders alone, and the formats that a volume can be made in."""
    xml = connection.getStoragePoolCapabilities()
    assert valid(xml, 'storagepoolcaps')
    assert re.findall("<pool type='(\\w+)' supported='yes'", xml) == ['dir']
    pool = pools.make('p')
    formats = re.findall('<value>(.*)</value>', xml)
    assert "defaultFormat type='raw'" in virsh('pool-capabilities') and 'vdi' in formats
    for name in formats:
        volume = pool.createXML(f'<volume><name>{name}.img</name><capacity unit="MiB">4</capacity>'
                                f'<target><format type="{name}"/></target></volume>')
        assert f"<format type='{name}'/>" in volume.XMLDesc()


EVENTS = ('defined', 'undefined', 'started', 'stopped', 'created', 'deleted')


def test_events(connection, pools):
    """Each step once, in order, and for one pool if wanted."""
    seen, lock = [], threading.Lock()

    def lifecycle(_connection, pool, event, _detail, _opaque):
        with lock:
            seen.append((pool.name(), EVENTS[event]))

    def refreshed(_connection, pool, _opaque):
        with lock:
            seen.append((pool.name(), 'refreshed'))

    def saw(*expected):
        waiting.until(lambda: len(seen) >= len(expected), f'events {expected}: {seen}')
        with lock:
            assert seen == [('p', word) for word in expected]
            seen.clear()
    other = pools.make('other')
    kinds = (libvirt.VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE, lifecycle), \
            (libvirt.VIR_STORAGE_POOL_EVENT_ID_REFRESH, refreshed)
    pool = connection.storagePoolDefineXML(pools.xml('p'))
    registered = [connection.storagePoolEventRegisterAny(pool, number, function, None)
                  for number, function in kinds]
    other.destroy()
    pool.create()
    saw('started')
    pool.refresh()
    saw('refreshed')
    pool.setAutostart(1)
    pool.destroy()
    saw('stopped')
    pool.delete()
    saw('deleted')
    pool.build()
    saw('created')
    connection.storagePoolDefineXML(pools.xml('p', '/elsewhere'))
    saw('defined')
    pool.undefine()
    saw('undefined')
    for number in registered:
        connection.storagePoolEventDeregisterAny(number)


@pytest.mark.restarts_daemon
def test_after_a_reboot_of_the_host(the_service, pools):
    """What was started before it is not; what is marked for it starts, what was transient is gone."""
    opened = recorder.connect()
    for name in ('marked', 'plain'):
        opened.storagePoolDefineXML(pools.xml(name)).create()
    opened.storagePoolLookupByName('marked').setAutostart(1)
    opened.storagePoolCreateXML(pools.xml('passing'))
    opened.close()
    for key in keys():
        record = vboxmanage('getextradata', 'global', key).partition(': ')[2].strip()
        assert 'started=' in record
        vboxmanage('setextradata', 'global', key, re.sub('started=.*', 'started=before', record))
    assert not re.search('active', virsh('pool-list'))
    stamp = pathlib.Path(os.environ['XDG_RUNTIME_DIR'], 'vboxvirt', 'autostarted')
    the_service.stop()
    stamp.unlink()
    the_service.start()
    waiting.until(lambda: re.search('marked +active', virsh('pool-list')), 'it is started')
    assert re.search('plain +inactive', virsh('pool-list', '--all'))
    waiting.until(lambda: 'passing' not in virsh('pool-list', '--all'), 'it is gone')

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Issue 2, 5.4: bad input gets the right error; the daemon lives, VirtualBox is unchanged byte for byte."""
import os
import random
import struct

import libvirt
import pytest

import domains
import rawclient
import settings
import wire
from domains import fails
from service import socket_path

XML_ERROR, XML_DETAIL = libvirt.VIR_ERR_XML_ERROR, libvirt.VIR_ERR_XML_DETAIL
UNSUPPORTED = libvirt.VIR_ERR_CONFIG_UNSUPPORTED
FAILED, INVALID_ARG = libvirt.VIR_ERR_OPERATION_FAILED, libvirt.VIR_ERR_INVALID_ARG
NO_DOMAIN, INTERNAL = libvirt.VIR_ERR_NO_DOMAIN, libvirt.VIR_ERR_INTERNAL_ERROR

BOMB = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">' + ''.join(
    f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip('abcdefgh', 'bcdefghi')) + \
    ']><domain type="vbox"><name>&i;</name></domain>'
QUADRATIC = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "' + 'a' * 50000 + '">]>' \
    '<domain type="vbox"><name>' + '&a;' * 5000 + '</name></domain>'
FILE = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>' \
    '<domain type="vbox"><name>&a;</name></domain>'
INCLUDE = '<domain type="vbox" xmlns:xi="http://www.w3.org/2001/XInclude"><name>x</name>' \
    '<xi:include href="file:///etc/passwd" parse="text"/></domain>'
DEEP = '<domain type="vbox">' + '<a>' * 100000 + '</a>' * 100000 + '</domain>'
WIDE = '<domain type="vbox"><name>x</name>' + '<a/>' * 300000 + '</domain>'
GOOD = domains.xml('good')


def with_(what, instead):
    """A good domain with something put in the place of something."""
    assert what in GOOD
    return GOOD.replace(what, instead, 1)


# title: (XML, codes of which one must come, text that the message must have)
BAD = {
    'nothing': ('', (XML_ERROR, XML_DETAIL, INVALID_ARG), ''),
    'no XML': ('hello', (XML_ERROR, XML_DETAIL), ''),
    'half of it': (GOOD[:200], (XML_ERROR, XML_DETAIL), ''),
    'a wrong end': (GOOD.replace('</domain>', '</dmain>'), (XML_ERROR, XML_DETAIL), ''),
    'two roots': (GOOD + GOOD, (XML_ERROR, XML_DETAIL), ''),
    'control characters': (with_('good', 'go\x01od'), (XML_ERROR, XML_DETAIL), ''),
    'another root': ('<network><name>x</name></network>', (XML_ERROR, XML_DETAIL), 'network'),
    'another namespace': (with_('<domain', "<domain xmlns='http://example.org/'"),
                          (XML_ERROR, XML_DETAIL, UNSUPPORTED), ''),
    'entities': (BOMB, (XML_ERROR, XML_DETAIL), ''),
    'long entities': (QUADRATIC, (XML_ERROR, XML_DETAIL), ''),
    'a file as an entity': (FILE, (XML_ERROR, XML_DETAIL), ''),
    'a file by XInclude': (INCLUDE, (XML_ERROR, XML_DETAIL, UNSUPPORTED), ''),
    'deep': (DEEP, (XML_ERROR, XML_DETAIL), ''),
    'wide': (WIDE, (XML_ERROR, XML_DETAIL, UNSUPPORTED), ''),
    'an unknown element': (with_('<devices>', '<devices><teapot/>'), (UNSUPPORTED, XML_ERROR),
                           '/domain/devices/teapot'),
    'an unknown attribute': (with_('<vcpu>', "<vcpu colour='red'>"), (UNSUPPORTED, XML_ERROR),
                             '/domain/vcpu'),
    'an unknown element at the top': (with_('<vcpu>', '<teapot/><vcpu>'),
                                      (UNSUPPORTED, XML_ERROR), '/domain/teapot'),
    'text where none belongs': (with_('<devices>', '<devices>words'),
                                (UNSUPPORTED, XML_ERROR), '/domain/devices'),
    'the same twice': (with_('<vcpu>1</vcpu>', '<vcpu>1</vcpu><vcpu>2</vcpu>'),
                       (UNSUPPORTED, XML_ERROR), '/domain/vcpu'),
    'no name': (with_('<name>good</name>', ''), (XML_ERROR, XML_DETAIL), 'name'),
    'an empty name': (with_('good', ''), (XML_ERROR, XML_DETAIL), 'name'),
    'a name with a slash': (with_('good', 'a/../b'), (XML_ERROR, XML_DETAIL, INVALID_ARG), 'name'),
    'a name with a line end': (with_('good', 'a\nb'), (XML_ERROR, XML_DETAIL, INVALID_ARG), 'name'),
    'no memory': (with_("<memory unit='MiB'>16</memory>", ''), (XML_ERROR, XML_DETAIL), 'memory'),
    'memory of words': (with_('>16<', '>lots<'), (XML_ERROR, XML_DETAIL), 'memory'),
    'more memory than numbers': (with_('>16<', '>99999999999999999999999<'),
                                 (XML_ERROR, XML_DETAIL, UNSUPPORTED), 'memory'),
    'memory that overflows': (with_("'MiB'>16<", "'EiB'>64<"),
                              (XML_ERROR, XML_DETAIL, UNSUPPORTED), 'memory'),
    'no memory at all': (with_('>16<', '>0<'), (XML_ERROR, XML_DETAIL, UNSUPPORTED), 'memory'),
    # libvirt's own drivers call this one an internal error
    'a uuid of words': (with_('</name>', '</name><uuid>mine</uuid>'), (XML_ERROR, INTERNAL),
                        'uuid'),
    'a uuid that is too long': (with_('</name>', f'</name><uuid>{"a" * 33}</uuid>'),
                                (XML_ERROR, INTERNAL), 'uuid'),
    'another hypervisor': (with_("'vbox'", "'kvm'"), (XML_ERROR, XML_DETAIL, UNSUPPORTED), 'type'),
    'an image that is not there': (with_('<devices>', '''<devices><disk type='file' device='disk'>
        <source file='/nowhere/disk.vdi'/><target dev='hda' bus='ide'/></disk>'''),
                                   (FAILED, INVALID_ARG, UNSUPPORTED),
                                   '/nowhere/disk.vdi'),
    'an image that is none': (with_('<devices>', '''<devices><disk type='file' device='disk'>
        <source file='/etc/passwd'/><target dev='hda' bus='ide'/></disk>'''),
                              (FAILED, XML_ERROR, INVALID_ARG, UNSUPPORTED), '/etc/passwd'),
    'a network that is not there': (with_('<devices>', '''<devices><interface type='network'>
        <source network='nowhere'/></interface>'''), (libvirt.VIR_ERR_NO_NETWORK,), 'nowhere'),
    'two disks in one place': (with_('<devices>', '<devices>' + domains.FLOPPY * 2),
                               (XML_ERROR, XML_DETAIL, UNSUPPORTED), 'fda'),
}


@pytest.fixture(name='good', scope='module')
def _good(the_service):
    """A machine that is there; VirtualBox has written all its files once."""
    import machines as machines_module
    import recorder
    factory, opened = machines_module.Factory(), recorder.connect()
    domain = opened.defineXML(domains.xml('there', memory=20))
    settings.take()
    yield domain
    opened.close()
    factory.remove_all()


@pytest.mark.parametrize('title', BAD)
def test_define(connection, good, title):
    xml, codes, text = BAD[title]
    with settings.Unchanged(taken=settings.files), fails(*codes, containing=text):
        connection.defineXML(xml)
    assert connection.numOfDefinedDomains() == 1


@pytest.mark.parametrize('title', ['no XML', 'entities', 'an unknown element', 'no name',
                                   'an image that is not there', 'a network that is not there'])
def test_create(connection, good, title):
    xml, codes, text = BAD[title]
    with settings.Unchanged(taken=settings.files), fails(*codes, containing=text):
        connection.createXML(xml)
    assert connection.numOfDomains() == 0


@pytest.mark.parametrize('title', ['an unknown element', 'memory of words',
                                   'an image that is not there', 'a network that is not there'])
def test_redefine(connection, good, title):
    """A failed redefinition leaves the machine as it was."""
    xml, codes, text = BAD[title]
    xml = xml.replace('<name>good</name>', f'<name>there</name><uuid>{good.UUIDString()}</uuid>')
    before = good.XMLDesc()
    with settings.Unchanged(), fails(*codes, containing=text):
        connection.defineXML(xml)
    assert good.XMLDesc() == before


def test_huge(connection, good):
    """The protocol takes 4 MiB for a string: a little less works, more is an error."""
    text = '&lt;' + 'x' * 4000000
    domain = connection.defineXML(with_('<vcpu>', f'<description>{text}</description><vcpu>'))
    assert text in domain.XMLDesc()
    domain.undefine()
    with settings.Unchanged(taken=settings.files), fails(libvirt.VIR_ERR_RPC):
        connection.defineXML(with_('<vcpu>', f'<description>{"x" * 4200000}</description><vcpu>'))


def test_dump_that_grows_beyond_the_limit(connection, good):
    """What comes in as 3 MB goes out as 15: that call fails, and no other."""
    text = 'x' * 200000 + '"' * 2500000 + '&#38;' * 200000 + '\u00fc'
    try:
        domain = connection.defineXML(with_('<vcpu>', f'<title>{text}</title><vcpu>'))
    except libvirt.libvirtError as error:
        assert error.get_error_code() in (XML_ERROR, UNSUPPORTED, FAILED), error
        return
    for _ in range(2):
        try:
            assert domain.XMLDesc().count('<title>') == 1
        except libvirt.libvirtError as error:
            assert error.get_error_code() in (libvirt.VIR_ERR_RPC, FAILED, INTERNAL), error
    assert domain.info()[1] == 16384
    domain.undefine()


def test_clashes(connection, good):
    uuid = good.UUIDString()
    other = '11111111-2222-3333-4444-555555555555'
    with settings.Unchanged():
        with fails(FAILED, containing='already exists'):
            connection.defineXML(domains.xml('there'))
        with fails(FAILED, containing='already exists'):
            connection.defineXML(domains.xml('there', uuid=other))
        with fails(FAILED, containing='already defined'):
            connection.defineXML(domains.xml('renamed', uuid=uuid))
        with fails(FAILED, libvirt.VIR_ERR_DOM_EXIST, libvirt.VIR_ERR_OPERATION_INVALID):
            connection.createXML(domains.xml('there', uuid=other))


@pytest.mark.parametrize('flags', [1 << 30, libvirt.VIR_DOMAIN_DEFINE_VALIDATE | 1 << 20])
def test_flags_of_define(connection, good, flags):
    with settings.Unchanged(taken=settings.files), fails(INVALID_ARG, containing='flags'):
        connection.defineXMLFlags(GOOD, flags)


@pytest.mark.parametrize('call', [
    lambda domain: domain.XMLDesc(1 << 30),
    lambda domain: domain.createWithFlags(1 << 30),
    lambda domain: domain.destroyFlags(1 << 30),
    lambda domain: domain.undefineFlags(1 << 30),
    lambda domain: domain.shutdownFlags(1 << 30),
    lambda domain: domain.reboot(1 << 30),
    lambda domain: domain.reset(1 << 30),
    lambda domain: domain.vcpusFlags(1 << 30),
    lambda domain: domain.state(1 << 30),
    lambda domain: domain.screenshot(domain.connect().newStream(), 0, 1 << 30),
    lambda domain: domain.hasManagedSaveImage(1 << 30),
    lambda domain: domain.snapshotNum(1 << 30),
    lambda domain: domain.connect().listAllDomains(1 << 30),
    lambda domain: domain.connect().listAllNetworks(1 << 30),
    lambda domain: domain.connect().getDomainCapabilities(None, None, None, None, 1 << 30),
])
def test_flags(good, call):
    """What we do not know is refused, and not ignored."""
    with settings.Unchanged(taken=settings.files), fails(INVALID_ARG, containing='flags'):
        call(good)


GONE = ['create', 'destroy', 'undefine', 'suspend', 'resume', 'reset', 'shutdown', 'reboot', 'info',
        'state', 'XMLDesc', 'autostart', 'isActive', 'isPersistent', 'isUpdated', 'maxMemory',
        'maxVcpus', 'OSType', 'hasManagedSaveImage', 'snapshotNum']


@pytest.mark.parametrize('name', GONE)
def test_call_on_a_domain_that_has_gone(connection, good, name):
    domain = connection.defineXML(GOOD)
    connection.lookupByName('good').undefine()
    with settings.Unchanged(taken=settings.files), fails(NO_DOMAIN):
        getattr(domain, name)()


# ---- hostile clients of the real thing ----

@pytest.fixture
def raw(service):
    """A client that can send anything."""
    with rawclient.RawClient(socket_path(), timeout=10) as client:
        client.open()
        yield client


def test_names_that_are_no_names(raw, good):
    for name in ('', '\n', '../../etc', '{' + good.UUIDString() + '}', 'x' * 1000000, '\udcff\udcfe',
                 '%s%n', '\x7f'):
        with pytest.raises(rawclient.RemoteError) as error:
            raw.call('DOMAIN_LOOKUP_BY_NAME', name=name)
        # what is no UTF-8 cannot be asked for at all
        assert error.value.code in (NO_DOMAIN, INVALID_ARG), (name[:20], error.value)


def test_a_uuid_counts_and_not_the_name(raw, good):
    """As in libvirt's own drivers: whoever sends a wrong name or id reaches the domain of the uuid."""
    dom = {'name': 'something', 'uuid': good.UUID(), 'id': 12345}
    assert raw.call('DOMAIN_GET_INFO', dom=dom)['maxMem'] == 20480
    with pytest.raises(rawclient.RemoteError) as error:
        raw.call('DOMAIN_GET_INFO', dom={'name': 'there', 'uuid': bytes(16), 'id': -1})
    assert error.value.code == NO_DOMAIN


def test_truncated_and_padded_calls(raw, good, service):
    dom = {'name': 'there', 'uuid': good.UUID(), 'id': -1}
    procedure = wire.PROCEDURES['DOMAIN_GET_XML_DESC']
    payload = wire.pack_members(procedure.args, {'dom': dom, 'flags': 0})
    for data in (payload[:cut] for cut in range(len(payload))):
        with pytest.raises(rawclient.RemoteError) as error:
            raw.finish(procedure.name, raw.send_payload(procedure.number, data))
        assert error.value.code == libvirt.VIR_ERR_RPC, (data, error.value)
    # libvirt's server does not look at what follows the arguments either
    raw.finish(procedure.name, raw.send_payload(procedure.number, payload + b'more'))
    assert '<name>there</name>' in raw.call('DOMAIN_GET_XML_DESC', dom=dom, flags=0)['xml']


def test_random_calls(raw, good, service):
    """Each procedure that reads, with random bytes: an error or an answer, and nobody dies."""
    engine = service.engine()
    seed = int(os.environ.get('SEED', random.randrange(2**32)))
    print(f'SEED={seed}')
    chance = random.Random(seed)
    numbers = [each.number for each in wire.PROCEDURES.values() if each.kind == 'call'
               and not each.name.startswith('AUTH') and 'CLOSE' not in each.name]
    with settings.Unchanged():
        for number in numbers:
            data = chance.randbytes(4 * chance.randrange(12))
            try:
                raw.next_answer(raw.send_payload(number, data))
            except rawclient.RemoteError as error:
                assert error.code in domains.CODES, error
    assert service.engine() == engine
    assert good.info()[1] == 20480


@pytest.mark.parametrize('data', [
    b'\0' * 28, b'\xff' * 28, struct.pack('>7I', 27, wire.REMOTE_PROGRAM, 1, 1, 0, 0, 0),
    struct.pack('>7I', 33554437, wire.REMOTE_PROGRAM, 1, 1, 0, 0, 0), b'GET / HTTP/1.0\r\n\r\n' * 4,
], ids=['zeros', 'ones', 'too short', 'too long', 'HTTP'])
def test_broken_frames(raw, good, service, data):
    """The connection is dropped; nobody else notices."""
    raw.send_raw(data)
    assert raw.is_closed()
    assert good.info()[1] == 20480


def test_client_that_goes_in_the_middle(good, service):
    """Of a message, of a call, of a stream."""
    call = wire.message(wire.pack_members(wire.PROCEDURES['DOMAIN_GET_XML_DESC'].args,
                                          {'dom': {'name': 'x', 'uuid': good.UUID(), 'id': -1},
                                           'flags': 0}), wire.PROCEDURES['DOMAIN_GET_XML_DESC']
                        .number, serial=9)
    for cut in (1, 4, 27, 28, len(call) - 1, len(call)):
        with rawclient.RawClient(socket_path()) as client:
            client.open()
            client.send_raw(call[:cut])
    assert good.info()[1] == 20480

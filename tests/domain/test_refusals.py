# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is refused is told at once: all that is wrong in a document, and nothing that is wrong only because
something else is."""
import copy
import os
import pathlib
import random
import re

import libvirt
import pytest
from lxml import etree

import mapping
from commands import vboxmanage
from domains import xml
from settings import Unchanged
from tables import Refused, Tables

HERE = pathlib.Path(__file__).parent
CASES = sorted((HERE / 'cases').glob('*.xml'))
NAMESPACES = {'vbox': mapping.NAMESPACE}
UNKNOWN = 'is not supported by VirtualBox, or not known; remove it'


@pytest.fixture(name='tables', scope='module')
def _tables():
    with Tables() as tables:
        yield tables


def lines_of(call, xml):
    """What a call says that refuses a document."""
    with Unchanged(), pytest.raises(libvirt.libvirtError) as error:
        call(xml)
    return error.value.get_error_message().split('\n')


# ---- porting: a person does what each line says, and nothing else ----

def nodes(tree, path):
    """All that a path of a message means; an attribute is (its element, its name)."""
    path, _, attribute = path.partition('/@')
    path = re.sub(r'\[(\w+)=(.*?)\]', r"[@\1='\2']", path)
    found = tree.xpath(path, namespaces=NAMESPACES)
    assert found, path
    return [(node, attribute) for node in found]


def remove(node, attribute):
    if attribute:
        del node.attrib[attribute]
    else:
        node.getparent().remove(node)


def follow(line, found):
    """Does what a line says, with what its path means."""
    word = re.search(r"VirtualBox has no .*'(?: here)?(?:; it has: |, only ')([^,;']+)", line)
    instead = re.search(r"; say (\w+)='(\w+)'", line)
    for node, attribute in found:
        if word and attribute:
            node.set(attribute, word[1])
        elif word:
            node.text = word[1]
        elif instead:
            node.set(instead[1], instead[2])
        else:
            assert 'is not supported by VirtualBox' in line, line
            remove(node, attribute)


def put_there(tree, folder):
    """The images of a case are made; the hard disk is one of VirtualBox's."""
    for disk in tree.iter('disk'):
        is_disc = disk.get('device') == 'cdrom'
        path = folder / ('disc.iso' if is_disc else 'disk.vdi')
        if is_disc:
            path.write_bytes(bytes(2048 * 64))
        else:
            vboxmanage('createmedium', 'disk', '--filename', path, '--size', 1)
            vboxmanage('closemedium', 'disk', path)
            disk.find('driver').set('type', 'vdi')
        disk.find('source').set('file', str(path))


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.stem)
def test_porting(connection, machines, tmp_path, case):
    """One round is enough for a machine of another hypervisor."""
    tree = etree.parse(case)
    put_there(tree, tmp_path)
    network = connection.networkDefineXML('<network><name>default</name></network>')
    lines = lines_of(connection.defineXML, etree.tostring(tree, encoding='unicode'))
    found = [nodes(tree, re.match(r'/\S*[^\s:]', line)[0]) for line in lines]
    for line, each in zip(lines, found):
        follow(line, each)
    domain = connection.defineXML(etree.tostring(tree, encoding='unicode'))
    assert domain.maxMemory() == 131072
    domain.undefine()
    network.undefine()


# ---- what only VirtualBox knows ----

DOUBTFUL = {
    '/domain/vcpu: ': 'at most',
    '/domain/os/vbox:ostype/@id: ': "no 'teapot'",
    '/domain/cpu/model: ': "no processor 'teapot'",
    '/domain/devices/disk[1]/source/@file: ': "'/nowhere/a.vdi' does not exist",
    '/domain/devices/disk[2]/source/@file: ': "'/nowhere/b.vdi' does not exist",
    '/domain/devices/interface[1]: ': "no network with matching name 'nowhere'",
    '/domain/devices/interface[2]: ': "cannot bridge to 'nowhere'",
    '/domain/devices/filesystem/source/@dir: ': "'/nowhere' does not exist",
    '/domain/devices/serial/source/@host: ': 'listens on all addresses',
}


def doubtful(more=''):
    """A document that is good by itself, but for more."""
    disks = ''.join(f"<disk type='file' device='disk'><source file='/nowhere/{name}.vdi'/>"
                    f"<target dev='{dev}' bus='sata'/></disk>" for name, dev in (('a', 'sda'), ('b', 'sdb')))
    return xml('m', top="<cpu mode='custom'><model>teapot</model></cpu>", devices=disks + more + """
        <interface type='network'><source network='nowhere'/></interface>
        <interface type='bridge'><source bridge='nowhere'/></interface>
        <filesystem><source dir='/nowhere'/><target dir='x'/></filesystem>
        <serial type='tcp'><source mode='bind' host='127.0.0.1' service='9000'/></serial>""").replace(
            '<vcpu>1<', '<vcpu>1000<').replace('<os>', "<os><vbox:ostype id='teapot'/>")


@pytest.mark.parametrize('more, others', [
    ('', []),
    ('<teapot/>', [f'/domain/devices/teapot {UNKNOWN}']),
    # what a check refuses, and what keeps all checks from being made
    ("<input type='mouse' bus='xen'/>", ['/domain/devices/input']),
    ("<video><model type='vga' heads='x'/></video>", ['/domain/devices/video/model/@heads: '])])
def test_what_virtualbox_knows(connection, machines, more, others):
    """Is told with all else that is wrong, each with its path; and nothing else is."""
    lines = lines_of(connection.defineXML, doubtful(more))
    for path, part in DOUBTFUL.items():
        assert [line for line in lines if line.startswith(path) and part in line], (path, lines)
    for path in others:
        assert [line for line in lines if line.startswith(path)], (path, lines)
    assert len(lines) == len(DOUBTFUL) + len(others), lines


def test_what_virtualbox_knows_of_an_item_that_is_refused(connection, machines):
    """What another row of it says is asked for all the same."""
    lines = lines_of(connection.defineXML, doubtful().replace("dev='sda' bus='sata'", "bus='x'").replace(
        '<model>teapot', "<model fallback='x'>teapot").replace("network='nowhere'/>", "network='nowhere'/><mac address='x'/>"))
    others = ['missing /domain/devices/disk[1]/target/@dev', '/domain/devices/disk[1]/target/@bus: ',
              '/domain/cpu/model/@fallback: ', '/domain/devices/interface[1]/mac/@address: ']
    assert not [path for path in [*DOUBTFUL, *others] if not [line for line in lines if line.startswith(path)]], lines
    assert len(lines) == len(DOUBTFUL) + len(others), lines


def test_name_of_another(connection, defined):
    """So is what the name or the uuid is against."""
    domain = defined(xml('m'))
    lines = lines_of(connection.defineXML, xml('m', '11111111-2222-3333-4444-555555555555', devices='<teapot/>'))
    assert lines == [f'/domain/devices/teapot {UNKNOWN}',
                     f"domain 'm' already exists with uuid {domain.UUIDString()}"]


def test_what_stays_is_no_reason(connection, defined, images, tmp_path):
    """What a machine has stays, there or not; so it is not told beside what is refused."""
    path, folder = images('a.vdi'), tmp_path / 'shared'
    folder.mkdir()
    network = connection.networkDefineXML('<network><name>lan</name></network>')
    domain = defined(xml('m', devices=f"""
        <disk type='file' device='disk'><source file='{path}'/><target dev='sda' bus='sata'/></disk>
        <interface type='network'><source network='lan'/></interface>
        <filesystem><source dir='{folder}'/><target dir='x'/></filesystem>"""))
    text = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    network.undefine()
    folder.rmdir()
    os.rename(path, f'{path}.away')
    assert lines_of(connection.defineXML, text.replace('<devices>', '<devices><teapot/>')) == [
        f'/domain/devices/teapot {UNKNOWN}']
    os.rename(f'{path}.away', path)


def test_what_is_to_come_is_no_reason(connection, machines, tmp_path):
    """Nor is an image that is to be made in a pool that is started."""
    pool = connection.storagePoolCreateXML(
        f"<pool type='dir'><name>p</name><target><path>{tmp_path}</path></target></pool>")
    disk = f"<disk type='file' device='disk'><source file='{tmp_path}/a.vdi'/><target dev='sda'/></disk>"
    lines = lines_of(connection.defineXML, xml('m', devices=disk + '<teapot/>'))
    assert lines == [f'/domain/devices/teapot {UNKNOWN}']
    pool.destroy()


# ---- one reason does not make another one ----

def places(doc):
    """Ways to spoil a document: (path, how, attribute)."""
    for node in doc.iter(etree.Element):
        path = doc.getroottree().getpath(node)
        if '/metadata' in path:
            continue
        yield path, 'attribute', 'wrong'
        yield path, 'child', 'wrong'
        if node.text and node.text.strip():
            yield path, 'text', None
        for name in node.attrib:
            yield path, 'attribute', name
            yield path, 'less', name


def spoilt(doc, changes):
    doc = copy.deepcopy(doc)
    for path, how, name in changes:
        node = doc.xpath(path, namespaces=NAMESPACES)[0]
        if how == 'attribute':
            node.set(name, 'wrong-value')
        elif how == 'child':
            etree.SubElement(node, name)
        elif how == 'text':
            node.text = 'wrong text'
        else:
            del node.attrib[name]
    return etree.tostring(doc, encoding='unicode')


def reasons(tables, xml):
    try:
        tables.parse(xml)
    except Refused as refused:
        return refused.lines
    return []


def spoil(doc, chance):
    """Some changes, each at a place of its own: a size is a text and its @unit."""
    changes = {}
    for path, how, name in chance.sample(list(places(doc)), 10):
        changes.setdefault((path, None if 'memory' in path.lower() else name), (path, how, name))
    return list(changes.values())


@pytest.mark.parametrize('seed', range(4))
def test_no_reason_makes_another(tables, seed):
    """What several changes are refused for is what each of them is refused for alone; and what is unknown
    is always told."""
    chance = random.Random(seed)
    for path in sorted((HERE / 'rows').glob('*.xml')) * 3:
        doc = etree.parse(path).getroot()
        assert reasons(tables, spoilt(doc, [])) == []
        changes = spoil(doc, chance)
        alone = {line for each in changes for line in reasons(tables, spoilt(doc, [each]))}
        told = reasons(tables, spoilt(doc, changes))
        assert set(told) <= alone, (path, changes, set(told) - alone)
        assert len(told) == len(set(told))
        assert len(told) > 1 or len(alone) < 2, (path, changes, alone)


# ---- the others ----

def test_network(connection, service):
    lines = lines_of(connection.networkDefineXML, '''<network><name>n</name><uuid>x</uuid>
        <dns><host ip='10.0.0.1'/></dns><ip address='10.0.0.1' prefix='x'/><teapot/></network>''')
    assert lines[0] == '/network/uuid: malformed uuid element'
    for path in ('/network/dns/host ', '/network/ip/@prefix: ', f'/network/teapot {UNKNOWN}'):
        assert sum(line.startswith(path) for line in lines) == 1, lines
    assert len(lines) == 4


def test_network_after_its_parse(connection, service):
    """What the parts of a network mean is looked at when they are read."""
    lines = lines_of(connection.networkDefineXML, f'''<network xmlns:vbox='{mapping.NAMESPACE}'><name>a/b</name>
        <forward mode='nat'><nat><port start='1' end='2'/></nat></forward><dns enable='no'/><teapot/>
        <ip address='10.0.0.1' netmask='255.255.255.0'><dhcp><range start='10.0.0.x' end='10.0.0.y'/>
          <bootp server='10.0.0.9'/><host name='n' ip='10.0.0.z'/><host mac='01:00:00:00:00:01' ip='10.0.0.7'/>
          <vbox:option number='0' value='x'/><vbox:option number='5' encoding='hex' value='x'/></dhcp></ip>
        <ip family='ipv6' address='fd00::1' prefix='64'><dhcp/></ip>
        <vbox:portForward name='a:b' hostport='0' guestip='10.0.1.1' guestport='1'/>
        <vbox:loopback address='10.0.0.1' offset='5'/></network>''')
    paths = ['name a/b', '/network/forward/nat/port: ', '/network/dns/@enable: ', '/network/teapot ',
             '/network/ip[1]/dhcp/range/@start: ', '/network/ip[1]/dhcp/range/@end: ', '/network/ip[1]/dhcp/bootp/@file',
             '/network/ip/dhcp/host[1]/@mac ', '/network/ip/dhcp/host[1]/@ip: ', '/network/ip/dhcp/host[2]/@mac: ',
             '/network/ip[1]/dhcp/vbox:option[1]/@number: ', '/network/ip[1]/dhcp/vbox:option[2]/@value: ',
             '/network/ip/dhcp: ', '/network/vbox:portForward/@name: ', '/network/vbox:portForward: ',
             '/network/vbox:portForward/@guestip: ', '/network/vbox:loopback/@address: ']
    for path in paths:
        assert sum(line.removeprefix('missing ').startswith(path) for line in lines) == 1, (path, lines)
    assert len(lines) == len(paths), lines


def test_network_of_another(connection, service):
    """What VirtualBox, the host and other networks are against is told with the rest."""
    network = connection.networkDefineXML('<network><name>n</name></network>')
    lines = lines_of(connection.networkDefineXML, '''<network><name>n</name><teapot/>
        <uuid>11111111-2222-3333-4444-555555555555</uuid></network>''')
    assert lines == [f'/network/teapot {UNKNOWN}', f"network 'n' already exists with uuid {network.UUIDString()}"]
    network.undefine()
    lines = lines_of(connection.networkDefineXML, '''<network><name>n</name><teapot/><forward mode='nat'/>
        <ip address='10.0.0.9' prefix='24'/><ip family='ipv6' address='fd00::1' prefix='60'/></network>''')
    assert [line.split(': ')[0] for line in lines] == [f'/network/teapot {UNKNOWN}', '/network/ip/@address',
                                                       '/network/ip/@prefix']


def test_pool_and_volume_after_their_parse(connection, tmp_path):
    lines = lines_of(connection.storagePoolDefineXML, '''<pool type='zfs'><name>a/b</name><target><path>x</path>
        <permissions><mode>9</mode><owner>1</owner></permissions></target></pool>''')
    assert [line.split(': ')[0] for line in lines] == [
        '/pool/@type', "name a/b cannot contain '/' or a line end", '/pool/target/path',
        '/pool/target/permissions/mode', '/pool/target/permissions/owner']
    pool = connection.storagePoolCreateXML(
        f"<pool type='dir'><name>p</name><target><path>{tmp_path}</path></target></pool>")
    (tmp_path / 'v').touch()
    lines = lines_of(pool.createXML, '''<volume><name>v</name><backingStore><path>/x</path><format type='raw'/></backingStore>
        <target><permissions><mode>9</mode></permissions></target></volume>''')
    assert [line.split(': ')[0] for line in lines] == [
        '/volume/backingStore is not supported by VirtualBox', 'missing /volume/capacity',
        '/volume/target/permissions/mode', "storage volume 'v' exists already in pool 'p'"]
    pool.destroy()


def test_pool_and_volume(connection, tmp_path):
    lines = lines_of(connection.storagePoolDefineXML,
                     "<pool type='zfs'><uuid>x</uuid><teapot/><target><path>/x</path></target></pool>")
    assert lines == ["/pool/@type: VirtualBox has no 'zfs' here; it has: dir", 'missing /pool/name',
                     '/pool/uuid: malformed uuid element', f'/pool/teapot {UNKNOWN}']
    pool = connection.storagePoolCreateXML(
        f"<pool type='dir'><name>p</name><target><path>{tmp_path}</path></target></pool>")
    lines = lines_of(pool.createXML, '''<volume><name>v</name><capacity>x</capacity><target>
        <compat>1.1</compat><format type='qed'/></target><teapot/></volume>''')
    assert len(lines) == 4
    for path in ('/volume/capacity: ', '/volume/target/format/@type: ', '/volume/target/compat ',
                 '/volume/teapot '):
        assert sum(line.startswith(path) for line in lines) == 1, lines
    pool.destroy()


def test_device(connection, machines):
    """A device by itself, as well."""
    domain = connection.defineXML("<domain type='vbox'><name>m</name><memory>16384</memory>"
                                  '<os><type>hvm</type></os></domain>')
    lines = lines_of(lambda xml: domain.attachDeviceFlags(xml, libvirt.VIR_DOMAIN_AFFECT_CONFIG),
                     "<interface type='user'><mac address='x'/><teapot/></interface>")
    assert lines == ["/domain/devices/interface/mac/@address: unable to parse mac address 'x'",
                     f'/domain/devices/interface/teapot {UNKNOWN}']

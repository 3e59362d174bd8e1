# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is refused is told at once: all that is wrong in a document, and nothing that is wrong only because
something else is."""
import copy
import pathlib
import random
import re

import libvirt
import pytest
from lxml import etree

import mapping
from commands import vboxmanage
from settings import Unchanged
from tables import Refused, Tables

HERE = pathlib.Path(__file__).parent
CASES = sorted((HERE / 'cases').glob('*.xml'))
# VirtualBox tells what processors it has only when a document is good by itself.
ROUNDS = {'windows10-qemu': 2}
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
    for _ in range(ROUNDS.get(case.stem, 1)):
        lines = lines_of(connection.defineXML, etree.tostring(tree, encoding='unicode'))
        found = [nodes(tree, re.match(r'/\S*[^\s:]', line)[0]) for line in lines]
        for line, each in zip(lines, found):
            follow(line, each)
    domain = connection.defineXML(etree.tostring(tree, encoding='unicode'))
    assert domain.maxMemory() == 131072
    domain.undefine()
    network.undefine()


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

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Empty texts and white space: what libvirt takes as absent, and what it refuses.  Its own parser says so, as its
test driver runs it in this process."""
import copy
import pathlib
import re

import libvirt
import pytest
from lxml import etree

import mapping
from tables import Refused, Tables

ROWS = sorted((pathlib.Path(__file__).parent / 'rows').glob('*.xml'))
BASE = """<domain type='vbox' xmlns:vbox='urn:vboxvirt:1'><name>m</name><memory>65536</memory>
<os><type>hvm</type></os></domain>"""
NETWORKS = ["""<network ipv6='yes'><name>n</name><uuid>11111111-2222-3333-4444-555555555555</uuid><title>t</title>
    <description>d</description><bridge name='vboxnet4' stp='on' delay='0'/><mac address='0a:00:27:00:00:04'/>
    <domain name='d' localOnly='yes'/><ip address='10.9.0.1' netmask='255.255.255.0' family='ipv4'><dhcp>
    <range start='10.9.0.100' end='10.9.0.200'><lease expiry='2' unit='hours'/></range>
    <host mac='08:00:27:aa:bb:cc' name='web' ip='10.9.0.10'/></dhcp></ip>
    <ip address='fd00::1' prefix='64' family='ipv6'/></network>""",
            "<network><name>n</name><forward mode='nat'/><ip address='10.9.0.1' prefix='24'/>"
            "</network>",
            "<network><name>n</name><dns enable='no'/></network>",
            "<network><name>n</name><forward mode='bridge'><interface dev='eth0'/></forward></network>"]
POOL = """<pool type='dir'><name>p</name><uuid>11111111-2222-3333-4444-555555555555</uuid><capacity>1</capacity>
    <source/><target><path>/tmp/p</path><permissions><mode>0755</mode><owner>-1</owner><group>-1</group><label>l</label>
    </permissions></target></pool>"""
VOLUME = """<volume type='file'><name>v</name><key>k</key><capacity unit='bytes'>1048576</capacity>
    <allocation unit='bytes'>0</allocation><target><path>/tmp/v</path><format type='raw'/><permissions><mode>0600</mode>
    </permissions><timestamps><atime>1</atime></timestamps></target></volume>"""

KEPT = 'it is kept as it is said and has no effect, so nobody looks into it'
NEEDED = 'libvirt notices when the machine starts'
OTHERS = 'the document says what goes with the other one only'
# a pattern of paths without numbers → why we say otherwise than libvirt
DIFFERENT = {
    '/domain/devices/[a-z]+/address/@.*': KEPT,
    '/domain/devices/(channel|memballoon|rng)/.*': KEPT,
    '/domain/devices/(controller|disk|interface)/driver/@.*': KEPT,
    '/domain/clock/timer/@.*': KEPT,
    '/domain/features/(hyperv|kvm)/.*': KEPT,
    '/domain/devices/(console|serial)/source/@(path|host|service)': NEEDED,
    '/domain/devices/(filesystem|interface)/source/@(dir|address)': NEEDED,
    '/domain/clock/@offset': OTHERS,
    '/domain/os/@firmware': OTHERS,
    '/domain/cpu/model': 'VirtualBox has features of the host\'s processor too',
    '/network/domain/@localOnly': 'VirtualBox answers no questions for others in any case',
    '/network/ip/dhcp/host/@name': 'VirtualBox takes a host without a name',
}


class Libvirt:
    """Its parsers."""

    def __init__(self):
        libvirt.registerErrorHandler(lambda *_: None, None)
        self.connection = libvirt.open('test:///default')
        self.pool = self.connection.storagePoolLookupByName('default-pool')

    def parse(self, tree):
        """Raises libvirt.libvirtError."""
        tree = copy.deepcopy(tree)
        if tree.get('type') == 'vbox':
            tree.set('type', 'test')
        xml = etree.tostring(tree, encoding='unicode')
        if tree.tag == 'volume':
            self.pool.createXML(xml).delete()
        else:
            define = {'domain': self.connection.defineXML, 'network': self.connection.networkDefineXML,
                      'pool': self.connection.storagePoolDefineXML}[tree.tag]
            define(xml).undefine()


@pytest.fixture(name='theirs', scope='module')
def _theirs():
    return Libvirt()


@pytest.fixture(name='ours', scope='module')
def _ours():
    with Tables() as tables:
        yield tables


def verdicts(ours, theirs, tree):
    """Whether each takes a document."""
    taken = [True, True]
    try:
        ours.parse(etree.tostring(tree, encoding='unicode'))
    except Refused:
        taken[0] = False
    try:
        theirs.parse(tree)
    except libvirt.libvirtError:
        taken[1] = False
    return taken


def documents():
    """Of one element of <domain> each, as the documents have them that use all rows; and the others."""
    for path in ROWS:
        whole = etree.parse(path).getroot()
        for element in [*whole.iterchildren('{}*'), *whole.iterfind('devices/*')]:
            if element.tag in ('devices', 'metadata') or not isinstance(element.tag, str):
                continue
            tree = etree.fromstring(BASE)
            old = tree.find(element.tag)
            if element.getparent().tag == 'devices':
                etree.SubElement(tree, 'devices').append(copy.deepcopy(element))
            elif old is None:
                tree.append(copy.deepcopy(element))
            else:
                tree.replace(old, copy.deepcopy(element))
            yield tree
    yield from map(etree.fromstring, [*NETWORKS, POOL, VOLUME])


def places(tree):
    """Attributes and texts: (element, attribute or None, path)."""
    for node in tree.iter(etree.Element):
        if mapping.NAMESPACE in node.tag:
            continue
        path = re.sub(r'\[\d+\]', '', tree.getroottree().getpath(node))
        if node.text and node.text.strip():
            yield node, None, path
        for name in node.attrib:
            yield node, name, f'{path}/@{name}'


def put(node, attribute, text):
    """Sets a place; gives what it had."""
    old = node.text if attribute is None else node.get(attribute)
    if attribute is None:
        node.text = text
    else:
        node.set(attribute, text)
    return old


def different(path):
    return next((reason for pattern, reason in DIFFERENT.items() if re.fullmatch(pattern, path)), None)


def test_empty(ours, theirs):
    """Each attribute and text that both know, without its text."""
    wrong, unused, count = {}, set(DIFFERENT), 0
    for tree in documents():
        if verdicts(ours, theirs, tree) != [True, True]:
            continue  # libvirt's test driver has not all that there is
        for node, attribute, path in places(tree):
            old = put(node, attribute, '')
            we, they = verdicts(ours, theirs, tree)
            put(node, attribute, old)
            count += 1
            if we != they:
                unused -= {pattern for pattern in DIFFERENT if re.fullmatch(pattern, path)}
                if different(path) is None:
                    wrong[path] = 'libvirt takes it' if they else 'libvirt refuses it'
    assert not wrong
    assert not unused
    assert count > 250


TEXTS = ['1', ' 1', '\t1', '\n1', '+1', '01', '1 ', '1\n', '1 1', '0x1', '1.0', '1k', '- 1', '\uff11', ' ']
DOMAIN = """<domain type='vbox'><name>m</name><memory>{memory}</memory><vcpu current='{current}'>{vcpu}</vcpu>
    <os><type>hvm</type></os><cputune><period>100000</period><quota>{quota}000</quota></cputune><devices>
    <controller type='ide' index='{index}'/><serial type='null'><target port='{index}'/></serial>
    <video><model type='vga' heads='{heads}' vram='{vram}'/></video><graphics type='vnc' port='{port}'/>
    <interface type='user'><boot order='{order}'/></interface></devices></domain>"""


@pytest.mark.parametrize('place', re.findall(r'{(\w+)}', DOMAIN))
def test_numbers(ours, theirs, place):
    """White space before a number is taken, after it is not; nor is what is no number."""
    good = {'memory': '65536', 'vcpu': '1', 'current': '1', 'quota': '50', 'index': '0', 'heads': '1', 'vram': '16384',
            'port': '5900', 'order': '1'}
    assert verdicts(ours, theirs, etree.fromstring(DOMAIN.format(**good))) == [True, True]
    for text in TEXTS:
        number = text.replace('1', good[place] if place in ('memory', 'vram', 'port') else '1', 1)
        tree = etree.fromstring(DOMAIN.format(**{**good, place: number}))
        we, they = verdicts(ours, theirs, tree)
        assert we == they, (number, 'libvirt takes it' if they else 'libvirt refuses it')


def test_vagrant(connection, machines):
    """What vagrant-libvirt writes of what nobody said."""
    domain = connection.defineXML("""<domain type='vbox'><name>m</name><uuid></uuid><memory>16384</memory>
        <currentMemory></currentMemory><vcpu>1</vcpu><os><type arch='' machine=''>hvm</type><kernel></kernel>
        <initrd></initrd><cmdline></cmdline></os><clock offset=''/><on_poweroff></on_poweroff><on_reboot></on_reboot>
        <on_crash></on_crash><devices><interface type='user'><model type=''/></interface></devices></domain>""")
    assert len(domain.UUIDString()) == 36
    dump = etree.fromstring(domain.XMLDesc())
    assert dump.find('os/type').get('machine') == 'piix3'
    assert dump.find('os/kernel') is None
    assert dump.find('clock').get('offset') == 'utc'
    assert dump.findtext('on_reboot') == 'restart'
    domain.undefine()

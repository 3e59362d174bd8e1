# SPDX-License-Identifier: LGPL-2.1-or-later
"""Issue 3, the laws of the round trip, over random domains and over every example in our documents.

The seed is always the same, so that a failure is the change's and not the day's; another one is for whoever looks for
more: VBOXVIRT_RANDOM_SEED, and VBOXVIRT_RANDOM_COUNT for more or less."""
import copy
import os
import pathlib
import re

import libvirt
import pytest
from lxml import etree

import asked
import commands
import mapping
import randomrows
import randomxml
import settings

SEED = os.environ.get('VBOXVIRT_RANDOM_SEED') or '20261128'
ALL = 500
COUNT = int(os.environ.get('VBOXVIRT_RANDOM_COUNT') or ALL)
CHUNK = 25  # domains in one test
SCHEMA = '/usr/share/libvirt/schemas/domain.rng'
DUMP = libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE
NETWORKS = {'random-inner': '',
            'random-host': "<ip address='192.168.56.1' netmask='255.255.255.0'/>"}
FORMATS = ('vdi', 'vdi', 'vdi', 'vmdk', 'vhd', 'vdi')

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = sorted([*ROOT.glob('examples/*.xml'), *ROOT.glob('tests/domain/rows/*.xml')])
EXAMPLES = [path for path in EXAMPLES if path.stem != 'disks']  # it needs images of other types


def make_images(folder):
    """Images of all kinds that VirtualBox does not know yet: disks, discs and floppies."""
    disks = []
    for number, format_ in enumerate(FORMATS):
        disks.append(str(folder / f'{number}.{format_}'))
        commands.vboxmanage('createmedium', 'disk', '--filename', disks[-1], '--size', '4',
                            '--format', format_.upper())
        commands.vboxmanage('closemedium', 'disk', disks[-1])
    discs = [str(folder / f'{number}.iso') for number in range(3)]
    for path in discs:
        pathlib.Path(path).write_bytes(bytes(2048 * 64))
    floppies = [str(folder / f'{number}.img') for number in range(2)]
    for path in floppies:
        pathlib.Path(path).write_bytes(bytes(1474560))
    return disks, discs, floppies


def make_world(connection, folder):
    """Images, folders and networks that random domains name; the networks are to be undefined."""
    networks = [connection.networkDefineXML(f'<network><name>{name}</name>{inner}</network>')
                for name, inner in NETWORKS.items()]
    names, adapter = [network.name() for network in networks], networks[1].bridgeName()
    return randomxml.World(*make_images(folder), folders=[str(folder), '/tmp'], networks=names,
                           bridges=['eth0'], adapters={adapter: names[1]}), networks


@pytest.fixture(scope='module', name='world')
def _world(the_service, tmp_path_factory):
    """What random domains name."""
    connection = libvirt.open(commands.URI)
    world, networks = make_world(connection, tmp_path_factory.mktemp('random'))
    yield world
    for network in networks:
        network.undefine()
    connection.close()


@pytest.fixture(autouse=True)
def _images_stay(connection, machines):
    """What a failed test leaves goes without its images, which the next test needs."""
    yield
    for domain in connection.listAllDomains():
        domain.undefine()


@pytest.fixture(scope='module', name='schema')
def _schema():
    """libvirt's own schema of a domain."""
    return etree.RelaxNG(etree.parse(SCHEMA))


# ---- VirtualBox's side ----

def machine_file(domain):
    """The settings file of a machine; when it was changed is left out."""
    text = settings.of_machine(domain.UUIDString())
    return re.sub(' lastStateChange="[^"]*"', '', text).replace('&#10;', '\n')


def dump(domain):
    """The lasting XML, with passwords."""
    return domain.XMLDesc(DUMP)


# ---- the laws ----

def check_valid(schema, text):
    """A dump is valid by libvirt's schema; what is in our own namespace is none of its business."""
    tree = etree.fromstring(text)
    for node in tree.xpath('//vbox:*', namespaces={'vbox': mapping.NAMESPACE}):
        node.getparent().remove(node)
    assert schema.validate(tree), f'not valid: {schema.error_log}\n{text}'


def check_stands(domain, text):
    """Defining a machine by its own dump changes nothing."""
    before = machine_file(domain)
    domain.connect().defineXML(text)
    changed = settings.difference({'its settings': before}, {'its settings': machine_file(domain)})
    assert not changed, f'defining by its dump changed the machine:\n{changed}\n{text}'
    assert dump(domain) == text


def expected(tree, world):
    """What a dump says in place of two older spellings; that there is no USB, it does not say of a
    machine that has nothing for it."""
    nothing = tree.find("devices/controller[@model='none']")
    if nothing is not None and tree.find('devices/hostdev') is None and not tree.xpath(
            "devices/input[@bus='usb' or (@type='tablet' and not(@bus))]"):
        tree.find('devices').remove(nothing)
    for node in tree.findall('devices/interface'):
        old = {'internal': 'name', 'ethernet': 'dev'}.get(node.get('type'))
        if old is not None:
            name = node.find('source').get(old)
            node.set('type', 'network')
            node.find('source').attrib.clear()
            node.find('source').set('network', world.adapters.get(name, name))
    return tree


def check_asked(tree, text, world):
    """What was asked for is in the dump."""
    found = asked.differences(expected(tree, world), etree.fromstring(text))
    assert not found, '\n'.join([*found, 'the dump:', text])


def laws(connection, schema, world, tree):
    """Defines a domain, which must keep the laws; returns it and its dump."""
    check_valid(schema, etree.tostring(expected(copy.deepcopy(tree), world), encoding='unicode'))
    try:
        domain = connection.defineXML(etree.tostring(tree, encoding='unicode'))
    except libvirt.libvirtError as error:
        raise AssertionError(f'refused: {error}') from None
    text = dump(domain)
    assert dump(domain) == text
    check_valid(schema, text)
    check_asked(tree, text, world)
    check_stands(domain, text)
    return domain, text


# ---- changes that must fail ----

def device(tree, text):
    """Adds a device at the end."""
    tree.find('devices').append(etree.fromstring(text))


def no_image(tree, world):
    """A file that is no disk image, found out after everything else was changed."""
    path = pathlib.Path(world.folders[0], 'broken.vdi')
    path.write_bytes(b'no image')
    device(tree, f"<disk><source file='{path}'/><target dev='xvdz' bus='sata'/>"
                 "<address type='drive' controller='0' bus='0' target='0' unit='20'/></disk>")


def image_twice(tree, world):
    """VirtualBox refuses the second place when the first is attached already."""
    for node in tree.findall('devices/disk'):
        tree.find('devices').remove(node)
    for dev in ('sda', 'sdb'):
        device(tree, f"<disk><source file='{world.disks[0]}'/><target dev='{dev}' bus='sata'/></disk>")


BREAKERS = {
    'an unknown element': lambda tree, world: device(tree, '<flux-capacitor/>'),
    'an unknown network': lambda tree, world: device(
        tree, "<interface type='network'><source network='nowhere'/></interface>"),
    'a file that is not there': lambda tree, world: device(
        tree, "<disk><source file='/nowhere.vdi'/><target dev='xvdz' bus='sata'/>"
              "<address type='drive' controller='0' bus='0' target='0' unit='20'/></disk>"),
    'too much memory': lambda tree, world: randomxml.put(tree, 'memory', ('64', 'TiB')),
    'a folder that is not there': lambda tree, world: device(
        tree, "<filesystem><source dir='/nowhere'/><target dir='nowhere'/></filesystem>"),
    'no image': no_image,
    'one image twice': image_twice,
}


def check_failure(domain, text, maker, world, taken):
    """A change of everything that ends badly changes nothing, neither VirtualBox nor the dump."""
    name = maker.dice.choice(list(BREAKERS))
    tree = maker.domain(domain.name(), domain.UUIDString())
    BREAKERS[name](tree, world)
    before = taken()
    try:
        domain.connect().defineXML(etree.tostring(tree, encoding='unicode'))
    except libvirt.libvirtError as error:
        changed = settings.difference({**before, 'the dump': text},
                                      {**taken(), 'the dump': dump(domain)})
        assert not changed, f'a change that failed ({name}: {error}) changed VirtualBox:\n{changed}'
        return
    raise AssertionError(f'{name} was taken: {dump(domain)}')


# ---- tests ----

def lasting_files():
    """The settings files without VirtualBox's own backups of them."""
    return {name: text for name, text in settings.files().items() if not name.endswith('-prev')}


@pytest.mark.parametrize('chunk', range(-(-COUNT // CHUNK)))
def test_random_domains(connection, machines, world, schema, chunk):
    """Odd ones replace the one before: a change of everything."""
    print(f'VBOXVIRT_RANDOM_SEED={SEED}')
    domain = None
    for number in range(chunk * CHUNK, min((chunk + 1) * CHUNK, COUNT)):
        print(f'domain {number}')
        maker = randomxml.Maker(SEED, number, world)
        if domain is not None and number % 2:
            tree = maker.domain(domain.name(), domain.UUIDString())
        else:
            if domain is not None:
                domain.undefine()
            tree = maker.domain()
        print(etree.tostring(tree, encoding='unicode'))
        domain, text = laws(connection, schema, world, tree)
        taken = settings.without_backups if number % CHUNK == 0 else lasting_files
        check_failure(domain, text, randomxml.Maker(SEED, f'{number}-fails', world), world, taken)
    domain.undefine()
    assert not connection.listAllDomains()


def furnished(tree, world):
    """An example, with what it names in the place of what its writer had."""
    stock = {'disk': list(world.disks), 'cdrom': list(world.discs), 'floppy': list(world.floppies)}
    for node in tree.iterfind('devices/disk/source[@file]'):
        node.set('file', stock[node.getparent().get('device', 'disk')].pop())
    for node in tree.iterfind('devices/filesystem/source'):
        node.set('dir', world.folders[0])
    for node in tree.iterfind("devices/interface/source[@network]"):
        node.set('network', world.networks[0])
    for node in tree.iterfind("devices/interface[@type='ethernet']/source"):
        node.set('dev', list(world.adapters)[0])
    for node in tree.iterfind("devices/interface[@type='internal']/source"):
        node.set('name', world.networks[0])
    return tree


@pytest.mark.parametrize('path', EXAMPLES, ids=lambda path: path.stem)
def test_example(connection, machines, world, schema, path):
    """The examples of our documents and of other tests keep the same laws."""
    tree = etree.parse(path, etree.XMLParser(remove_blank_text=True)).getroot()
    laws(connection, schema, world, furnished(tree, world))[0].undefine()


def test_all_rows_are_tried(world):
    """500 random domains use every row, and every word."""
    used = set()
    for number in range(ALL):
        tree = randomxml.Maker(SEED, number, world).domain()
        for section in mapping.sections():
            nodes = [tree] if section.path == '' else asked.owned(tree, section)
            for node in nodes:
                for row in asked.rows_of(section, node):
                    place, attribute = mapping.below(node, row.path)
                    text = row.kind == 'word' and (place.get(attribute) if attribute else place.text)
                    used.add((section.name, row.path, text and row.canonical(text)))
                    used.add((section.name, row.path, text))
    lacking = []
    for section in mapping.sections():
        for row in section.rows:
            if row.ignored or row.active or randomrows.is_left_out(section, row):
                continue
            keys = [(section.name, row.path, word) for word, _ in row.words] \
                or [(section.name, row.path, False)]
            lacking += [key for key in keys if key not in used and key not in randomrows.NOT_HERE]
    assert not lacking, f'VBOXVIRT_RANDOM_SEED={SEED}: never used: {lacking}'

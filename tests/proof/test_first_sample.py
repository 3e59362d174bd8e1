# SPDX-License-Identifier: LGPL-2.1-or-later
"""Issue 2, 5.1: the first sample, by nothing but stock programs: virsh, virt-xml-validate, VBoxManage."""
import pathlib
import re

import pytest
from lxml import etree

import settings
from commands import machine_lines, run, virsh, vboxmanage

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / 'examples/first-sample.xml'
NETWORKS = {
    'hostonly': "<network><name>hostonly</name><ip address='192.168.56.1' "
                "netmask='255.255.255.0'/></network>",
    'int_net': '<network><name>int_net</name></network>',
}


@pytest.fixture
def sample(machines, tmp_path):
    """The sample is defined, with the files and networks that it names."""
    run('python3', ROOT / 'tools/demo.d/media.py', SAMPLE)
    for name, text in NETWORKS.items():
        path = tmp_path / f'{name}.xml'
        path.write_text(text, encoding='utf-8')
        virsh('net-define', path)
        virsh('net-start', name)
    assert 'defined' in virsh('define', SAMPLE)
    yield 'vbox'
    virsh('undefine', 'vbox')
    for name in NETWORKS:
        virsh('net-destroy', name)
        virsh('net-undefine', name)


def test_defined_as_asked_for(sample):
    """Each thing that the sample says is in VirtualBox."""
    said = '\n'.join(machine_lines(sample))
    text = vboxmanage('showvminfo', sample)
    for pattern in (
            r'^UUID="a7c2d01e-5b9f-4836-bd44-e0917f3c6a52"', r'^memory=639$', r'^cpus=1$',
            r'^boot1="dvd"\nboot2="disk"\nboot3="floppy"\nboot4="net"', r'^pae="on"',
            r'^acpi="on"', r'^ioapic="on"', r'-1-0"="/tmp/vboxvirt-sample/system.iso"',
            r'-1-1"="/tmp/vboxvirt-sample/disk.vdi"', r'-0-0"="/tmp/vboxvirt-sample/floppy.img"',
            r'^bridgeadapter1="eth0"\nmacaddress1="00163E5A2107"\n.*\nnic1="bridged"\n'
            r'nictype1="Am79C973"', r'^nic2="nat"\nnictype2="82540EM"',
            r'^intnet3="int_net"\nmacaddress3="00163E5A2109"\n.*\nnic3="intnet"\n'
            r'nictype3="Am79C970A"', r'^hostonlyadapter4="vboxnet0"\n.*\n.*\nnic4="hostonly"\n'
            r'nictype4="82543GC"', r'^uartmode1="/dev/ttyS0"', r'^uart2="0x02f8,3"',
            r'^lptmode1="/dev/parport0"', r'^lptmode2="/dev/parport1"', r'^vrde="on"',
            r'^vrdeports="3389"', r'^USBFilterVendorId1="1234"\nUSBFilterProductId1="beef"',
            r'^USBFilterVendorId2="4321"\nUSBFilterProductId2="feeb"'):
        assert re.search(pattern, said, re.MULTILINE), f'{pattern} is not in:\n{said}'
    assert re.search(r'Audio: .*SB16', text)


def test_dump_is_valid(sample, tmp_path):
    path = tmp_path / 'dump.xml'
    for words in ((), ('--inactive',), ('--security-info',)):
        path.write_text(virsh('dumpxml', sample, *words), encoding='utf-8')
        run('virt-xml-validate', path, 'domain')
    for name in NETWORKS:
        path.write_text(virsh('net-dumpxml', name), encoding='utf-8')
        run('virt-xml-validate', path, 'network')


def test_dump_names_networks_as_the_user_did(sample):
    tree = etree.fromstring(virsh('dumpxml', sample))
    assert [each.get('type') for each in tree.iterfind('devices/interface')] == \
        ['bridge', 'user', 'network', 'network']
    assert [each.get('network') for each in tree.iterfind('devices/interface/source')] == \
        [None, 'int_net', 'hostonly']
    assert tree.findtext('uuid') == 'a7c2d01e-5b9f-4836-bd44-e0917f3c6a52'


def test_defining_the_dump_changes_nothing(sample, tmp_path):
    dump, facts = virsh('dumpxml', sample), machine_lines(sample)
    path = tmp_path / 'dump.xml'
    path.write_text(dump, encoding='utf-8')
    with settings.Unchanged(taken=settings.without_backups):
        virsh('define', path)
    assert virsh('dumpxml', sample) == dump
    assert machine_lines(sample) == facts


def test_defining_the_sample_again_changes_nothing(sample):
    """The old spellings name the same machine as the dump's."""
    dump, facts = virsh('dumpxml', sample), machine_lines(sample)
    virsh('define', SAMPLE)
    assert virsh('dumpxml', sample) == dump
    assert machine_lines(sample) == facts


def test_the_dump_makes_the_same_machine_elsewhere(sample, tmp_path):
    """Undefined and defined by its own dump: everything that VirtualBox says of it comes back."""
    dump, facts = virsh('dumpxml', sample), machine_lines(sample)
    path = tmp_path / 'dump.xml'
    path.write_text(dump, encoding='utf-8')
    virsh('undefine', sample)
    virsh('define', path)
    assert virsh('dumpxml', sample) == dump
    passing = re.compile('VMStateChangeTime|.*ImageUUID')
    assert [line for line in machine_lines(sample) if not passing.match(line)] == \
        [line for line in facts if not passing.match(line)]

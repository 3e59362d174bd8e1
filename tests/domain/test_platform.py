# SPDX-License-Identifier: LGPL-2.1-or-later
"""The machine itself: boot, firmware, processors, features, clock, and what libvirt has no word for."""
import pytest
from lxml import etree

import commands

OURS = '{urn:vboxvirt:1}'


@pytest.fixture
def platform(defined, stands):
    """Defines a domain of parts of <domain>, or of all of it; gives the domain, its dump as a tree."""
    def make(parts='', **more):
        text = parts if parts.startswith('<domain') else whole(parts, **more)
        domain = defined(text)
        return domain, stands(domain)
    return make


def whole(parts='', name='p', vcpu='<vcpu>1</vcpu>', os='', os_more='', devices=''):
    """A domain's XML."""
    return f"""<domain type='vbox' xmlns:vbox='urn:vboxvirt:1'><name>{name}</name>
        <memory unit='MiB'>64</memory>{vcpu}<os {os}><type>hvm</type>{os_more}</os>
        {parts}<devices>{devices}</devices></domain>"""


def redefine(domain, change):
    """Changes the dump and defines by it; gives the new dump."""
    tree = etree.fromstring(domain.XMLDesc())
    change(tree)
    domain.connect().defineXML(etree.tostring(tree, encoding='unicode'))
    return etree.fromstring(domain.XMLDesc())


NIC = "<interface type='user'><boot order='1'/></interface>"
DRIVE = "<disk device='cdrom'><target dev='hdc'/><boot order='2'/></disk>"


def test_boot_order_of_devices(platform, facts):
    domain, tree = platform(devices=NIC + DRIVE)
    said = facts(domain)
    assert [said[f'boot{place}'] for place in range(1, 5)] == ['net', 'dvd', 'none', 'none']
    assert tree.find('os/boot') is None
    assert tree.find('devices/interface/boot').get('order') == '1'
    assert tree.find('devices/disk/boot').get('order') == '2'
    commands.vboxmanage('modifyvm', 'p', '--boot1', 'disk')
    tree = etree.fromstring(domain.XMLDesc())
    assert [each.get('dev') for each in tree.iterfind('os/boot')] == ['hd', 'cdrom']
    assert tree.find('devices//boot') is None

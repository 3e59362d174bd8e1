# SPDX-License-Identifier: LGPL-2.1-or-later
"""The words of the tables that no random machine has (tests/lib/randomrows.py says why): each is defined, dumped and
defined again here, or there is a reason why nobody can define it."""
import pytest
from lxml import etree

import asked
import mapping
import randomrows
from domains import DISK_TYPES, xml

# What VirtualBox refuses, here or for any new disk: a dump says these of what others made.
ONLY_SHOWN = {
    **{('devices/disk', 'driver/@type', word): 'an image of a format that a new disk must not have'
       for word in ('qcow2', 'qcow', 'qed', 'dmg')},
    ('devices/sound', '@model', 'virtio'): 'VirtualBox 7.2 lists it for no platform',
    ('devices/audio', '@type', 'coreaudio'): 'the driver of a macOS host',
}


def arm(devices='', machine='armv8virtual'):
    """A machine of the ARM platform."""
    return xml('a', top="<vbox:cpu GICITS='yes'/>", devices=devices).replace(
        '<type>', f"<type arch='aarch64' machine='{machine}'>")


DOCUMENTS = {
    ('os', 'type/@arch', 'aarch64'): arm(),
    ('os', 'type/@machine', 'armv8virtual'): arm(),
    ('os', 'type/@machine', 'virt'): arm(machine='virt'),
    ('os', 'type/@machine', 'virt-'): arm(machine='virt-9.2'),
    ('devices/video', 'model/@type', 'ramfb'): arm("<video><model type='ramfb'/></video>"),
}


def words_left_out():
    """Those that random machines lack."""
    words = set(randomrows.NOT_HERE)
    for section in mapping.sections():
        for row in section.rows:
            if randomrows.is_left_out(section, row):
                words |= {(section.name, row.path, word) for word, _ in row.words}
    return words


def test_every_word_has_its_test():
    """Types of images have tests of their own: test_disk_types.py."""
    types = {('devices/disk', 'vbox:medium/@type', word) for word, _ in
             mapping.section('devices/disk').row('vbox:medium/@type')[0].words
             if f"<vbox:medium type='{word}'/>" in DISK_TYPES}
    assert words_left_out() == types | ONLY_SHOWN.keys() | DOCUMENTS.keys()


@pytest.mark.parametrize('word', DOCUMENTS, ids=lambda word: word[2])
def test_word(defined, stands, word):
    domain = defined(DOCUMENTS[word])
    shown = stands(domain)
    found = asked.differences(etree.fromstring(DOCUMENTS[word]), shown)
    assert not found, '\n'.join(found)

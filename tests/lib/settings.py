# SPDX-License-Identifier: LGPL-2.1-or-later
"""All that VirtualBox keeps: its settings files byte for byte, and what stands in none of them.

A VBoxManage takes 60 ms of a processor: they were half of what the tests took.  What VirtualBox has saved is read
from its files; it saves its list of machines and networks with each change."""
import difflib
import pathlib

from lxml import etree

import commands
import waiting

LISTS = ('runningvms', 'hdds', 'dvds', 'floppies')  # a medium that is open need not stand in a file
HOME = pathlib.Path.home()
PLACES = (HOME / '.config/VirtualBox', HOME / 'VirtualBox VMs')


def files():
    """Settings files: path → text."""
    found = {}
    for place in PLACES:
        for path in sorted(place.rglob('*')) if place.exists() else ():
            if path.suffix in ('.xml', '.vbox') or path.name.endswith('-prev'):
                found[str(path)] = path.read_text(encoding='utf-8')
            elif path.is_dir() and place == PLACES[1]:
                found[str(path)] = ''
    return found


def path_of_machine(uuid):
    """Where VirtualBox keeps a machine's settings."""
    path, = known(f'MachineRegistry/MachineEntry[@uuid="{{{uuid}}}"]', 'src')
    return pathlib.Path(path)


def of_machine(uuid):
    """The settings file of a machine, as text; VirtualBox takes the old one away before it writes another."""
    path = path_of_machine(uuid)

    def whole():
        try:
            text = path.read_text(encoding='utf-8')
        except FileNotFoundError:
            return None
        return text if text.endswith('</VirtualBox>\n') else None
    return waiting.until(whole, f'{path} is written')


def known(path, attribute):
    """Of all elements at that path below Global in VirtualBox.xml: an attribute."""
    tree = etree.parse(PLACES[0] / 'VirtualBox.xml')
    names = '/'.join(f'{{*}}{name}' for name in f'Global/{path}'.split('/'))
    return [each.get(attribute) for each in tree.iterfind(names)]


def keys(*beginnings):
    """Those of VirtualBox's extra data that begin so."""
    return [key for key in known('ExtraData/ExtraDataItem', 'name') if key.startswith(beginnings)]


def lists():
    """What is in no file: name → text."""
    return {**{name: commands.vboxmanage('list', name) for name in LISTS},
            'adapters': commands.run('ip', '-brief', 'address').stdout}


def take():
    """Everything, to be compared with another take."""
    return {**files(), **lists()}


def without_backups():
    """Everything but the backup files (-prev) that VirtualBox makes when it saves."""
    return {name: text for name, text in take().items() if not name.endswith('-prev')}


def difference(before, after):
    """What changed, for people; empty: nothing."""
    lines = []
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            lines += [f'{name}: {"was" if name in before else "was not"} there, '
                      f'{"is" if name in after else "is not"} now']
            lines += difflib.unified_diff(before.get(name, '').splitlines(),
                                          after.get(name, '').splitlines(), lineterm='', n=1)
    return '\n'.join(lines)


class Unchanged:
    """`with Unchanged():` fails when VirtualBox has changed at its end; taken=files is quicker."""

    def __init__(self, taken=take):
        self.taken = taken

    def __enter__(self):
        self.before = self.taken()
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            changed = difference(self.before, self.taken())
            assert not changed, f'VirtualBox has changed:\n{changed}'

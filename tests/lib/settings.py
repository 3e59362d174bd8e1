# SPDX-License-Identifier: LGPL-2.1-or-later
"""All that VirtualBox keeps: its settings files byte for byte, and what it lists of the host."""
import difflib
import pathlib

import commands

LISTS = ('vms', 'runningvms', 'hostonlyifs', 'dhcpservers', 'natnets', 'intnets', 'hdds', 'dvds',
         'floppies')
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


def lists():
    """VBoxManage's lists: name → text.  Log files come and go, and are in none."""
    return {name: commands.vboxmanage('list', name) for name in LISTS}


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

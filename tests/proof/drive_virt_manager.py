# SPDX-License-Identifier: LGPL-2.1-or-later
"""Drives virt-manager as a person would, in a process of its own: drive_virt_manager.py FOLDER MACHINE DISK|delete

It opens each page of the machine's details, adds a NIC and the disk, and removes them again; or it deletes the machine
with its disks.  The folder gets a picture of each page and after each change, what VBoxManage says then (CHANGE.json),
and what virt-manager says (log).
"""
import contextlib
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'lib'))

import desktop  # noqa: E402
import waiting  # noqa: E402
from commands import URI, machine_facts  # noqa: E402

# rows of the list of hardware, and what virt-manager calls the page that they open
PAGES = {'Overview': 'overview', 'OS information': 'os', 'Performance': 'performance', 'CPUs': 'cpu', 'Memory': 'memory',
         'Boot Options': 'boot', '.*(Disk|CDROM|Floppy) ': 'disk', 'NIC ': 'network', 'Tablet|Mouse|Keyboard': 'input',
         'Display ': 'graphics', 'Sound ': 'sound', 'Serial|Console': 'char', 'Video ': 'video',
         'Controller ': 'controller', 'RNG ': 'rng'}


class Editor:
    """virt-manager's window of a machine."""

    def __init__(self, screen, folder, machine):
        self.screen, self.folder, self.machine = screen, folder, machine
        self.window = screen.window(f'{machine} on ')
        self.hardware = self.window.find('table', 'hw-list')

    def rows(self):
        """The names in the list of hardware."""
        return [each.name for each in self.hardware.all('table cell') if each.name]

    def show(self, row):
        """Opens the page of a row."""
        choose(self.hardware, row)
        page = next(page for pattern, page in PAGES.items() if re.match(pattern, row))
        self.window.find(desktop.ANY, f'{page}-tab')

    def picture(self, name):
        """Keeps a picture of the window when there is no other: nothing is asked and nothing is wrong."""
        waiting.until(lambda: len(self.screen.windows()) == 1, 'there is one window', limit=desktop.LIMIT)
        self.screen.picture(self.folder / f'{re.sub("[^0-9A-Za-z]+", "-", name)}.png')

    def pages(self):
        """Looks at each."""
        for row in self.rows():
            self.show(row)
            self.picture(row.partition(' :')[0])  # a NIC's row ends with its address

    def changed(self, name):
        """Keeps what there is after a change."""
        self.picture(name)
        (self.folder / f'{name}.json').write_text(json.dumps(machine_facts(self.machine)), encoding='utf-8')

    def add(self, kind, path=None):
        """Adds hardware as virt-manager offers it, a disk with this file; its row."""
        before = set(self.rows())

        def more():
            rows = set(self.rows())
            return list(rows - before) if before < rows else None
        self.window.find('button', 'add-hardware').click()
        window = self.screen.window('Add New Virtual Hardware')
        choose(window.find('table'), kind)
        if path:
            window.find('radio button', 'Select or create').click()
            window.find('text', 'storage-entry').write(path)
        window.find('button', 'Finish').click()
        row, = waiting.until(more, f'there is a new row for {kind}', limit=desktop.LIMIT)
        self.changed(f'added {kind}')
        self.show(row)
        self.picture(f'page of the {kind}')
        return row

    def remove(self, row, name):
        """Removes it, and answers virt-manager's question."""
        left = set(self.rows()) - {row}
        self.show(row)
        self.window.find('button', 'config-remove').click()
        self.screen.window('vmm dialog|Remove Disk Device').find('button', 'Yes|Delete').click()
        waiting.until(lambda: set(self.rows()) == left, f'{row} has gone', limit=desktop.LIMIT)
        self.changed(name)


    def edit(self, disk):
        """Looks at all, and changes it."""
        self.pages()
        nic = self.add('Network')
        drive = self.add('Storage', disk)
        self.remove(nic, 'removed Network')
        self.remove(drive, 'removed Storage')

    def delete(self):
        """Deletes the machine with all that virt-manager proposes to delete; its window goes with it."""
        self.window.find('menu', 'Virtual Machine').click()
        self.window.find('menu item', 'Delete').activate()
        dialog = self.screen.window('Delete Virtual Machine')
        button = dialog.find('button', 'Delete')
        self.screen.picture(self.folder / 'delete.png')
        button.click()
        self.screen.window('vmm dialog').find('button', 'Yes').click()
        waiting.until(lambda: not self.screen.windows(), 'no window is left', limit=desktop.LIMIT)


def choose(table, row):
    """Selects a row; virt-manager may make its rows anew meanwhile."""
    def chosen():
        with contextlib.suppress(desktop.Gone):
            for cell in table.all('table cell', f'{re.escape(row)}$'):
                cell.focus()
                return cell.has(desktop.SELECTED)
    waiting.until(chosen, f'{row} is selected', limit=desktop.LIMIT)


def main(folder, machine, disk):
    """The story; what was on the screen when it went wrong is kept and told."""
    folder = pathlib.Path(folder)
    words = 'virt-manager', '--debug', '--no-fork', '--connect', URI, '--show-domain-editor', machine
    with open(folder / 'log', 'wb') as log, desktop.Desktop(log) as screen, \
            desktop.process(*words, stdout=log, stderr=log):
        try:
            editor = Editor(screen, folder, machine)
            if disk == 'delete':
                editor.delete()
            else:
                editor.edit(disk)
        except (AssertionError, desktop.Gone):
            desktop.grab().save(folder / 'wrong.png')
            for window in screen.windows():
                print(window.role, window.name, [each.name for each in window.all('label')])
            raise


main(*sys.argv[1:])

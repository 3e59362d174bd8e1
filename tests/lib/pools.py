# SPDX-License-Identifier: LGPL-2.1-or-later
"""Storage pools for tests: XML, and VirtualBox's side of them by VBoxManage."""
import re

import commands
import nets
import settings

XML = '<pool type="dir"><name>{name}</name>{more}<target><path>{path}</path></target></pool>'


class Pools:
    """Pools of the test's own folders."""

    def __init__(self, connection, folder):
        self.connection, self.folder = connection, folder

    def xml(self, name='p', path=None, more=''):
        """XML of one; its folder is made."""
        if path is None:
            path = self.folder / name
            path.mkdir(exist_ok=True)
        return XML.format(name=name, path=path, more=more)

    def make(self, name='p', path=None):
        """One that is started."""
        pool = self.connection.storagePoolDefineXML(self.xml(name, path))
        pool.create()
        return pool


def keys():
    """Our records."""
    return settings.keys('vboxvirt/pool/')


def media():
    """What VirtualBox has in its lists."""
    return [re.findall(r'^Location: +(.*)$', nets.listing('list', kind), re.MULTILINE)
            for kind in ('hdds', 'dvds', 'floppies')]


def clean():
    """Leaves no record, and no image in VirtualBox's lists: other tests' clients make pools, and images of
    machines that are gone."""
    for key in keys():
        commands.vboxmanage('setextradata', 'global', key)
    for kind, paths in zip(('disk', 'dvd', 'floppy'), media()):
        for path in paths:
            commands.vboxmanage_run('closemedium', kind, path, check=False)  # one in use stays

#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes the disks, CD-ROMs and floppies that a domain XML names: media.py DOMAIN-XML
import os
import subprocess
import sys

from lxml import etree

GUEST = '/usr/share/testbed/boot.img'


def make_disk(path):
    subprocess.run(['VBoxManage', 'createmedium', 'disk', '--filename', path, '--size', '16',
                    '--format', os.path.splitext(path)[1][1:].upper() or 'VDI'], check=True, capture_output=True)
    # whoever defines the machine registers it
    subprocess.run(['VBoxManage', 'closemedium', 'disk', path], check=True, capture_output=True)


def make_floppy(path):
    with open(GUEST, 'rb') as guest, open(path, 'wb') as file:
        file.write(guest.read())


def make_cdrom(path):
    """VirtualBox takes any whole number of sectors."""
    with open(path, 'wb') as file:
        file.truncate(2048 * 512)


MAKERS = {'disk': make_disk, 'floppy': make_floppy, 'cdrom': make_cdrom}


def main():
    for disk in etree.parse(sys.argv[1]).iterfind('devices/disk'):
        path = (disk.find('source').attrib.get('file') if disk.find('source') is not None else None)
        if path and not os.path.exists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            MAKERS[disk.get('device', 'disk')](path)


if __name__ == '__main__':
    main()

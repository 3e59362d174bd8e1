# SPDX-License-Identifier: LGPL-2.1-or-later
"""VirtualBox's own DHCP server, run upon the settings that VirtualBox has of one: what it has against them.

VBoxSVC starts it through a program that wants the kernel's driver first, which is not here; the server itself reads its
settings before it looks for that driver."""
import pathlib
import sys

import commands

HOME = pathlib.Path.home() / '.config/VirtualBox'
RUN = '''
import ctypes, sys
words = (ctypes.c_char_p * 4)(b'server', b'--config', sys.argv[1].encode(), None)
at = ctypes.pointer(ctypes.cast(words, ctypes.POINTER(ctypes.c_char_p)))
ctypes.CDLL('/usr/lib/virtualbox/VBoxRT.so', ctypes.RTLD_GLOBAL).RTR3InitExe(3, at, 0)
ctypes.CDLL('/usr/lib/virtualbox/VBoxNetDHCP.so').TrustedMain(3, at.contents, None)
'''


def complaint(network):
    """What the server of that network says and ends with; empty: it would serve."""
    path = HOME / f'{network}-Dhcpd.config'
    path.unlink(missing_ok=True)
    commands.vboxmanage('dhcpserver', 'start', f'--network={network}')
    result = commands.run(sys.executable, '-c', RUN, path, check=False)
    said = result.stdout + result.stderr
    assert 'reading config' in said, said
    found = [line.partition(': error: ')[2] for line in said.splitlines() if ': error: ' in line]
    return ' '.join(line for line in found if 'ifInit failed' not in line)

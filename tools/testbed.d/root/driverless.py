#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Patches an installed VirtualBox so that machines run without its kernel driver, in its own interpreter.
"""usage: driverless.py ROOT

Theory of operation

VirtualBox can run "driverless", but its set-uid front ends do not ask for it:
they start the hardened loader with flags that demand /dev/vboxdrv. Each patch
changes the flags that main() passes, to 0x300: driverless, interpreter allowed.

A further patch is in VBoxDD.so. Without the driver there is no internal
networking, and a machine with such a NIC refuses to start. The patch returns
"no driver attached" instead, which a NIC takes for a cable with nobody at the
other end: the machine runs, the link is up, no packet ever moves.

Nothing is patched by offset. Each patch looks for the machine code that the
compiler made of those lines, must find it once, and else stops and says so:
a new VirtualBox then needs a look at the pattern, not luck.
"""
import os
import re
import struct
import sys

DRIVERLESS_IEM = struct.pack('<I', 0x300)
NO_ATTACHED_DRIVER = struct.pack('<i', -2810)        # VERR_PDM_NO_ATTACHED_DRIVER
REFUSAL = b"Cannot attach to '%s' in driverless mode\0"

MOV_RCX_RSI = b'\x48\x89\xf1'
MOV_R8_RDX = b'\x49\x89\xd0'
XOR_ESI_ESI = b'\x31\xf6'
MOV_EDX_EDI = b'\x89\xfa'
LEA_RDI = b'\x48\x8d\x3d'
LEA_R9 = b'\x4c\x8d\x0d'
MOV_EAX = b'\xb8'
MOV_ESI = b'\xbe'
JMP = b'\xe9'
# what the assembler fills the gap up to the next function with
PADDING = rb'(?=\x66\x2e\x0f\x1f\x84|\x66\x66\x2e\x0f|\x0f\x1f|\x90\x90\x90|\xcc\xcc\xcc)'


class NotRecognised(Exception):
    """The machine code is not the one that a patch was written for."""


def target(code, at):
    """Where the 32-bit displacement at `at` points to."""
    return at + 4 + struct.unpack_from('<i', code, at)[0]


def displacement(at, to):
    return struct.pack('<i', to - at - 4)


def only(matches, what):
    matches = list(matches)
    if len(matches) != 1:
        raise NotRecognised('%s: found %d times, wanted once' % (what, len(matches)))
    return matches[0]


def front_end(code):
    """main() of VBoxHeadless and VBoxSDL: a tail call SUPR3HardenedMain(name, 0, argc, argv, envp)."""
    arguments = MOV_RCX_RSI + MOV_R8_RDX
    patched = arguments + MOV_ESI + DRIVERLESS_IEM + MOV_EDX_EDI + LEA_RDI
    call = re.compile(re.escape(arguments + XOR_ESI_ESI + MOV_EDX_EDI + LEA_RDI) + b'.{4}' + JMP + b'.{4}' + PADDING,
                      re.S)
    start = only(call.finditer(code), 'main()').start()
    name = target(code, start + 13)
    loader = target(code, start + 18)
    new = patched + displacement(start + len(patched), name) + JMP
    return start, new + displacement(start + len(new), loader)


def virtualbox_vm(code):
    """main() of VirtualBoxVM: `and eax, ~0x1ff; add eax, 0x202` becomes `mov eax, 0x302` after the same `and`."""
    keep = b'\x25\x00\xfe\xff\xff'
    old = re.escape(keep + b'\x05\x02\x02\x00\x00')
    return only(re.finditer(old, code), 'main()').start(), keep + MOV_EAX + b'\x02\x03\x00\x00'


def refused_networks(code):
    """VBoxDD.so: the block of the internal network driver that reports REFUSAL returns quietly instead."""
    text = code.find(REFUSAL)
    if text < 0:
        raise NotRecognised('the message "Cannot attach to ..." is not there')
    uses = (m.end() for m in re.finditer(re.escape(LEA_R9), code))
    use = only((at for at in uses if target(code, at) == text), 'the use of the message')
    block = use - 12
    if code[block:block + 5] != b'\x48\x83\xec\x08\xb9':      # sub rsp, 8; mov ecx, ...
        raise NotRecognised('the code before the message')
    new = MOV_EAX + NO_ATTACHED_DRIVER + JMP
    return block, new + displacement(block + len(new), leave_with_result(code, use + 4))


def leave_with_result(code, start):
    """The end of the block jumps to `mov rdi, rbx; xor eax, eax; call ...; pop r10`: the pop is where eax is the result."""
    for at in range(start, start + 41):
        if code[at:at + 1] != JMP:
            continue
        tail = target(code, at + 1)
        if code[tail:tail + 6] == b'\x48\x89\xdf\x31\xc0\xe8' and code[tail + 10:tail + 12] == b'\x41\x5a':
            return tail + 12
    raise NotRecognised('the code after the message')


PATCHES = [
    # file, patch, mode, must be there
    ('VBoxHeadless', front_end, 0o4755, True),
    ('VBoxSDL', front_end, 0o4755, False),
    ('VirtualBoxVM', virtualbox_vm, 0o4755, False),
    ('VBoxDD.so', refused_networks, 0o644, True),
]


def apply(path, patch, mode):
    with open(path, 'rb') as file:
        code = file.read()
    at, new = patch(code)
    with open(path + '.new', 'wb') as file:
        file.write(code[:at] + new + code[at + len(new):])
    os.chmod(path + '.new', mode)
    os.rename(path + '.new', path)
    return '%d bytes at %#x' % (len(new), at)


def main():
    folder = os.path.join(sys.argv[1], 'usr/lib/virtualbox')
    for name, patch, mode, needed in PATCHES:
        path = os.path.join(folder, name)
        if not needed and not os.path.exists(path):
            continue
        try:
            print('%s: %s' % (name, apply(path, patch, mode)))
        except (NotRecognised, OSError) as error:
            sys.exit('%s of this VirtualBox is not what driverless.py knows (%s). Disassemble it, compare it with the '
                     'pattern of %s() and teach it the new code.' % (name, error, patch.__name__))


if __name__ == '__main__':
    main()

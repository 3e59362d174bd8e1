#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Wireshark's dissector, made from libvirt's own description of its protocol, against our spec: it
must see in random messages of all procedures the members that we named and the values that we sent.
"""
import itertools
import os
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'lib'))
import wire  # noqa: E402

SEED = int(os.environ.get('SEED', random.randrange(2**32)))
RANDOM = random.Random(SEED)
ROUNDS = 3
PORT, LOOPBACK = 16509, b'\x7f\0\0\1'
# The dissector takes a string named "type" for a number; captured.txt has what stock programs say.
MISREAD = ('CONNECT_FIND_STORAGE_POOL_SOURCES', 'CONNECT_GET_MAX_VCPUS', 'CONNECT_GET_TYPE',
           'DOMAIN_EVENT_CALLBACK_GRAPHICS', 'DOMAIN_EVENT_GRAPHICS', 'DOMAIN_GET_OS_TYPE',
           'DOMAIN_GET_SCHEDULER_TYPE')
AUTH_TYPES = {'REMOTE_AUTH_NONE(0)': '0', 'REMOTE_AUTH_SASL(1)': '1', 'REMOTE_AUTH_POLKIT(2)': '2'}


def value_of(kind):
    """A random value that prints as it is: strings of letters, numbers of few digits."""
    if kind.endswith('?'):
        return value_of(kind[:-1]) if RANDOM.random() < 0.5 else None
    if match := re.fullmatch(r'(\w+)(?:<(\d+)>|\[(\d+)\])', kind):
        count = int(match[3] or min(int(match[2]), RANDOM.randrange(4)))
        if match[1] == 'opaque':
            return RANDOM.randbytes(count)
        return [value_of(match[1]) for _ in range(count)]
    if kind in ('i8', 'u8', 'enum32'):
        return RANDOM.randrange(3 if kind == 'enum32' else 128)
    if kind == 'f64':
        return RANDOM.randrange(1000) / 8
    if kind in wire.NUMBERS:
        bits = {'u16': 16, 'i32': 31, 'u32': 32, 'i64': 63, 'u64': 64}[kind]
        return RANDOM.getrandbits(bits)
    if kind == 'str':
        return ''.join(RANDOM.choices('abcdefghijkl', k=RANDOM.randrange(1, 20)))
    if kind == 'uuid':
        return RANDOM.randbytes(16)
    form, members = wire.TYPES[kind]
    if form == 'union':
        arm, member = RANDOM.choice(members)
        return arm.split('=')[1], value_of(member)
    return {name: value_of(member) for name, member in members}


def expected(name, kind, value):
    """The lines of a member as the dissector shows it: (name, text)."""
    if value is None:
        return [(name, '(null)')]
    if kind.endswith('?'):
        return expected(name, kind[:-1], value)
    if match := re.fullmatch(r'(\w+)(?:<(\d+)>|\[(\d+)\])', kind):
        if match[1] == 'opaque':
            return [(name, wire.pack(kind, value).hex())]
        lines = [(name, f'[{match[3]}]' if match[3] else f'<{len(value)}>')]
        return lines + [line for each in value for line in expected(name, match[1], each)]
    if kind == 'uuid':
        return [(name, value.hex())]
    if kind in wire.NUMBERS or kind == 'str':
        return [(name, f'{value:g}' if kind == 'f64' else str(value))]
    form, members = wire.TYPES[kind]
    if form == 'union':
        arm, = (member for number, member in members if number.split('=')[1] == value[0])
        return expected(value[0], arm, value[1])
    return [(name, '::')] + expected_members(members, value)


def expected_members(members, values):
    """The lines of a struct's members."""
    return [line for name, kind in members for line in expected(name, kind, values[name])]


def shown(text):
    """The lines of the payload that the dissector shows, in the same form."""
    lines = []
    block = re.search(r'\nLibvirt\n((?: +.*\n)*)', text)[1].splitlines()
    for line in block:
        if not line.startswith(' ' * 8):
            continue  # the header, and the name of the struct
        if match := re.fullmatch(r' +(\w+) :: .*?([<\[]\d+[>\]])?', line):
            lines.append((match[1], match[2] or '::'))
        elif match := re.fullmatch(r' +(\w+): (.*)', line):
            value = match[2].removeprefix(': ')  # before an absent string
            lines.append((match[1], AUTH_TYPES.get(value, value)))
    return lines


def capture(messages):
    """A file of captured TCP packets, one for each (message, from the server)."""
    sequence = [1, 1]
    data = struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1)
    for payload, reply in messages:
        ports = (PORT, 40000) if reply else (40000, PORT)
        ip = struct.pack('>BBHHHBBH', 0x45, 0, 40 + len(payload), 0, 0, 64, 6, 0)
        tcp = struct.pack('>HHIIBBHHH', *ports, sequence[reply], sequence[1 - reply], 0x50, 0x18,
                          65535, 0, 0)
        sequence[reply] += len(payload)
        packet = bytes(12) + b'\x08\0' + ip + LOOPBACK * 2 + tcp + payload
        data += struct.pack('<IIII', 0, 0, len(packet), len(packet)) + packet
    return data


def main():
    """Makes messages, has them dissected, compares."""
    print(f'SEED={SEED}')
    sent, messages = [], []
    for procedure, half in itertools.product(wire.PROCEDURES.values(), ('args', 'ret') * ROUNDS):
        members = getattr(procedure, half)
        if not members or procedure.name in MISREAD:
            continue
        values = {name: value_of(kind) for name, kind in members}
        kind = wire.CALL if half == 'args' else wire.REPLY
        if procedure.kind == 'event':
            kind = wire.EVENT
        payload = wire.pack_members(members, values)
        messages.append((wire.message(payload, procedure.number, kind, 1), half == 'ret'))
        sent.append((procedure, half, expected_members(members, values)))
    with tempfile.NamedTemporaryFile(suffix='.pcap') as file:
        file.write(capture(messages))
        file.flush()
        text = subprocess.run(['tshark', '-r', file.name, '-V', '-O', 'libvirt',
                               '-d', f'tcp.port=={PORT},libvirt'], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
    frames = re.split(r'^Frame \d+', text, flags=re.M)[1:]
    assert len(frames) == len(sent), f'{len(frames)} of {len(sent)} messages dissected'
    wrong = 0
    for (procedure, half, lines), frame in zip(sent, frames):
        assert f'procedure: {procedure.name} ({procedure.number})' in frame, procedure.name
        if shown(frame) != lines:
            wrong += 1
            print(f'{procedure.name} {half}:\n  sent  {lines}\n  shown {shown(frame)}')
    if wrong:
        sys.exit(f'{wrong} of {len(sent)} messages mean something else to libvirt')
    print(f'{len(sent)} messages')


if __name__ == '__main__':
    main()

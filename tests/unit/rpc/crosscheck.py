#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The two codecs against each other: what C encodes, tests/lib/wire.py decodes and encodes to the
same bytes, and the other way round, for each half of each procedure.

    crosscheck.py PATH-OF-CROSSCHECK-PROGRAM
"""
import os
import pathlib
import random
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'lib'))
import wire  # noqa: E402

SEED = int(os.environ.get('SEED', random.randrange(2**32)))
RANDOM = random.Random(SEED)


def value_of(kind):
    """A random value of a type as the spec spells it."""
    if kind.endswith('?'):
        return value_of(kind[:-1]) if RANDOM.random() < 0.5 else None
    if match := re.fullmatch(r'(\w+)(?:<(\d+)>|\[(\d+)\])', kind):
        count = int(match[3] or min(int(match[2]), RANDOM.randrange(4)))
        if match[1] in ('i8', 'opaque'):
            return RANDOM.randbytes(count)
        return [value_of(match[1]) for _ in range(count)]
    if kind == 'f64':
        return RANDOM.uniform(-1e9, 1e9)
    if kind in wire.NUMBERS:
        bits = 64 if kind in ('i64', 'u64') else 32
        low, high = (0, 2**bits - 1) if kind[0] == 'u' else (-2**(bits - 1), 2**(bits - 1) - 1)
        return RANDOM.randint(*wire.RANGES.get(kind, (low, high)))
    if kind == 'str':
        return ''.join(chr(RANDOM.randrange(1, 0x300)) for _ in range(RANDOM.randrange(20)))
    if kind == 'uuid':
        return RANDOM.randbytes(16)
    form, members = wire.TYPES[kind]
    if form == 'union':
        arm, member = RANDOM.choice(members)
        return arm.split('=')[1], value_of(member)
    return {name: value_of(member) for name, member in members}


def halves():
    """Every procedure's arguments and results."""
    for procedure in wire.PROCEDURES.values():
        for half in ('args', 'ret'):
            if getattr(procedure, half):
                yield procedure.name, half, getattr(procedure, half)


def run(*args, send=None):
    """The values that the C program prints; GLib prints its seed and more."""
    result = subprocess.run([sys.argv[1], *args], check=True, stdout=subprocess.PIPE, text=True,
                            input=send)
    return [line for line in result.stdout.splitlines() if line.startswith('value ')]


def main():
    """Both directions."""
    print(f'SEED={SEED}')
    members_of = {(name, half): members for name, half, members in halves()}
    lines, seen = run(), set()
    for line in lines:
        _, name, half, data = line.split(' ')
        members = members_of[name, half]
        values = wire.unpack_members(members, bytes.fromhex(data))
        assert wire.pack_members(members, values).hex() == data, f'{name} {half} differ: {data}'
        seen.add((name, half))
    assert seen == set(members_of), f'not seen: {set(members_of) - seen}'

    sent = [f'value {name} {half} {wire.pack_members(members, values).hex()}'
            for name, half, members in halves()
            for values in [{name: value_of(kind) for name, kind in members}]]
    got = run('decode', send='\n'.join(sent) + '\n')
    assert len(got) == len(sent), f'{len(got)} answers to {len(sent)} lines'
    for ours, theirs in zip(sent, got):
        assert ours == theirs, f'sent {ours}\ngot  {theirs}'
    print(f'{len(lines)} values of C, {len(sent)} of Python')


if __name__ == '__main__':
    main()

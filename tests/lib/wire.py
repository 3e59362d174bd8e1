# SPDX-License-Identifier: LGPL-2.1-or-later
"""A second codec of libvirt's remote protocol, from the same spec files, to check the C one and to
talk to the daemon in tests.  It shares no code with rpc/generate.py.

Values are plain Python: a struct is a dict, str is str (bytes that are not UTF-8 survive), uuid is 16
bytes, opaque and arrays of i8 are bytes, other arrays are lists, an absent optional is None, and a
union is a pair: the arm's name and the value.
"""
import collections
import pathlib
import re
import struct

RPC = pathlib.Path(__file__).resolve().parents[2] / 'rpc'
STRING_LIMIT = 4194304
HEADER = 28
MESSAGE_LIMIT = 33554436
REMOTE_PROGRAM = 0x20008086
KEEPALIVE_PROGRAM = 0x6b656570
CALL, REPLY, EVENT, STREAM, CALL_FDS, REPLY_FDS, STREAM_HOLE = range(7)
OK, ERROR, CONTINUE = range(3)

NUMBERS = {'i32': 'i', 'enum32': 'i', 'u32': 'I', 'i64': 'q', 'u64': 'Q', 'f64': 'd',
           'i8': 'i', 'u8': 'I', 'u16': 'I'}
RANGES = {'i8': (-128, 127), 'u8': (0, 255), 'u16': (0, 65535)}

Procedure = collections.namedtuple('Procedure', 'number name server lane auth kind api readonly '
                                   'flags args ret')
Header = collections.namedtuple('Header', 'length program version procedure type serial status')


class WireError(Exception):
    """Bytes or values that the spec does not allow."""


def split_members(text):
    """'name:type …' as pairs."""
    return [tuple(member.split(':', 1)) for member in text.split()]


def load(folder=RPC):
    """The composite types and the procedures, both by name."""
    types, procedures = {}, {}
    for line in (folder / 'types.spec').read_text(encoding='utf-8').splitlines():
        if line and line[0] != '#':
            name, kind, members = line.split(None, 2)
            types[name] = (kind, split_members(members.strip()[1:-1]))
    for line in (folder / 'protocol.spec').read_text(encoding='utf-8').splitlines():
        if line and line[0] != '#':
            columns, args, ret = re.split(r' \(|\) -> \(', line.rstrip().removesuffix(')'))
            columns = columns.split()
            procedures[columns[1]] = Procedure(int(columns[0]), *columns[1:], split_members(args),
                                               split_members(ret))
    return types, procedures


TYPES, PROCEDURES = load()
BY_NUMBER = {procedure.number: procedure for procedure in PROCEDURES.values()}


def padded(data):
    """data with zeros up to a multiple of 4."""
    return data + bytes(-len(data) % 4)


def pack_text(value):
    """The bytes of a str (or bytes)."""
    return value if isinstance(value, bytes) else value.encode('utf-8', 'surrogateescape')


def in_range(kind, value):
    """value, if it is one of the numbers of that type."""
    if kind in RANGES and not RANGES[kind][0] <= value <= RANGES[kind][1]:
        raise WireError(f'{value} is no {kind}')
    return value


def pack_array(base, values):
    """Elements without their count."""
    if base == 'opaque':
        return padded(bytes(values))
    if base == 'i8' and isinstance(values, (bytes, str)):
        values = struct.unpack(f'{len(values)}b', pack_text(values))
    return b''.join(pack(base, value) for value in values)


def pack(kind, value):
    """The bytes of a value of a type as the spec spells it."""
    if kind.endswith('?'):
        return b'\0\0\0\0' if value is None else b'\0\0\0\1' + pack(kind[:-1], value)
    if match := re.fullmatch(r'(\w+)<(\d+)>', kind):
        if len(value) > int(match[2]):
            raise WireError(f'{len(value)} elements in {kind}')
        return struct.pack('>I', len(value)) + pack_array(match[1], value)
    if match := re.fullmatch(r'(\w+)\[(\d+)\]', kind):
        if match[1] == 'i8' and isinstance(value, (bytes, str)):
            value = pack_text(value).ljust(int(match[2]), b'\0')
        if len(value) != int(match[2]):
            raise WireError(f'{len(value)} elements in {kind}')
        return pack_array(match[1], value)
    if kind in NUMBERS:
        return struct.pack('>' + NUMBERS[kind], in_range(kind, value))
    if kind == 'str':
        data = pack_text(value)
        if len(data) > STRING_LIMIT:
            raise WireError('too long a string')
        return struct.pack('>I', len(data)) + padded(data)
    if kind == 'uuid':
        if len(value) != 16:
            raise WireError('a UUID has 16 bytes')
        return bytes(value)
    form, members = TYPES[kind]
    if form == 'union':
        for arm, member in members:
            number, name = arm.split('=')
            if name == value[0]:
                return struct.pack('>i', int(number)) + pack(member, value[1])
        raise WireError(f'no arm {value[0]}')
    return pack_members(members, value)


def pack_members(members, values):
    """The bytes of a struct's members, in order."""
    unknown = set(values) - {name for name, _ in members}
    if unknown:
        raise WireError(f'no member {", ".join(sorted(unknown))}')
    return b''.join(pack(kind, values.get(name) if kind.endswith('?') else values[name])
                    for name, kind in members)


class Cursor:
    """A place in bytes that are being decoded."""

    def __init__(self, data):
        self.data, self.at = memoryview(data), 0

    def take(self, length):
        """The next bytes."""
        if length > len(self.data) - self.at:
            raise WireError('ends too early')
        self.at += length
        return bytes(self.data[self.at - length:self.at])

    def number(self, code):
        """The next number."""
        return struct.unpack('>' + code, self.take(8 if code in 'qQd' else 4))[0]

    def padded(self, length):
        """Bytes and their padding."""
        data = self.take(length)
        if any(self.take(-length % 4)):
            raise WireError('padding is not zero')
        return data

    def count(self, limit):
        """The count of an array."""
        count = self.number('I')
        if count > limit:
            raise WireError(f'{count} elements, at most {limit} are allowed')
        return count


def unpack_array(base, count, cursor):
    """count elements."""
    if base == 'opaque':
        return cursor.padded(count)
    values = [unpack(base, cursor) for _ in range(count)]
    return struct.pack(f'{count}b', *values) if base == 'i8' else values


def unpack(kind, cursor):
    """A value of a type as the spec spells it."""
    if kind.endswith('?'):
        present = cursor.number('I')
        if present > 1:
            raise WireError('neither present nor absent')
        return unpack(kind[:-1], cursor) if present else None
    if match := re.fullmatch(r'(\w+)<(\d+)>', kind):
        return unpack_array(match[1], cursor.count(int(match[2])), cursor)
    if match := re.fullmatch(r'(\w+)\[(\d+)\]', kind):
        return unpack_array(match[1], int(match[2]), cursor)
    if kind in NUMBERS:
        return in_range(kind, cursor.number(NUMBERS[kind]))
    if kind == 'str':
        data = cursor.padded(cursor.count(STRING_LIMIT))
        if b'\0' in data:
            raise WireError('a NUL in a string')
        return data.decode('utf-8', 'surrogateescape')
    if kind == 'uuid':
        return cursor.take(16)
    form, members = TYPES[kind]
    if form == 'union':
        number = cursor.number('i')
        for arm, member in members:
            if arm.startswith(f'{number}='):
                return arm.split('=')[1], unpack(member, cursor)
        raise WireError(f'no arm {number}')
    return {name: unpack(member, cursor) for name, member in members}


def unpack_members(members, data):
    """A struct that takes all of data."""
    cursor = Cursor(data)
    values = {name: unpack(kind, cursor) for name, kind in members}
    if cursor.at != len(cursor.data):
        raise WireError(f'{len(cursor.data) - cursor.at} bytes are left over')
    return values


def message(payload, procedure, kind=CALL, serial=0, status=OK, program=REMOTE_PROGRAM, version=1):
    """A whole message."""
    return struct.pack('>7I', HEADER + len(payload), program, version, procedure, kind, serial,
                       status) + payload


def read_header(data):
    """The header of a message."""
    return Header(*struct.unpack('>7I', data[:HEADER]))

# SPDX-License-Identifier: LGPL-2.1-or-later
"""The smallest value of each type of the protocol, for tests that loop over all procedures."""
import re

import wire


def value(kind):
    """The smallest value of a type as the spec spells it."""
    if kind.endswith('?'):
        return None
    if re.fullmatch(r'\w+<\d+>', kind):
        return [] if kind.split('<')[0] not in ('opaque', 'i8') else b''
    if match := re.fullmatch(r'(\w+)\[(\d+)\]', kind):
        count = int(match[2])
        return bytes(count) if match[1] in ('opaque', 'i8') else [value(match[1])] * count
    if kind == 'str':
        return ''
    if kind == 'uuid':
        return bytes(16)
    if kind in wire.NUMBERS:
        return 0
    form, content = wire.TYPES[kind]
    if form == 'union':
        arm, member = content[0]
        return arm.split('=')[1], value(member)
    return members(content)


def members(content, **known):
    """The smallest struct, with some members as told."""
    return {name: known.get(name, value(kind)) for name, kind in content}

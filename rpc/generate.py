#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the C of the remote protocol, and its documentation, from protocol.spec and types.spec.

    generate.py --c DIR       remote.h remote.c handlers.h handlers_engine.c handlers_daemon.c
    generate.py --docs FILE   docs/procedures.md

remote.h has a C struct for each composite type and for the arguments and results of each procedure;
remote.c describes them to the one interpreter in xdr.c, and has the table of procedures.
"""
import argparse
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
STRING_LIMIT = 4194304  # REMOTE_STRING_MAX: the longest string either side takes

# type in the spec: (C type, kind in xdr_table.h, bytes on the wire)
SCALARS = {
    'i32': ('gint32', 'U32', 4), 'u32': ('guint32', 'U32', 4), 'enum32': ('gint32', 'U32', 4),
    'i64': ('gint64', 'U64', 8), 'u64': ('guint64', 'U64', 8), 'f64': ('double', 'U64', 8),
    'i8': ('gint8', 'I8', 4), 'u8': ('guint8', 'U8', 4), 'u16': ('guint16', 'U16', 4),
}


class SpecError(Exception):
    """A line of a spec file that cannot be."""


class Member:
    """One member of a struct: its name, and its type split into base, form and limit."""

    def __init__(self, text, types):
        match = re.fullmatch(r'(?:(\d+)=)?(\w+):(\w+)(?:(\?)|<(\d+)>|\[(\d+)\])?', text)
        if not match:
            raise SpecError(f'member "{text}" is not name:type')
        arm, self.name, self.base, optional, most, exactly = match.groups()
        self.arm = int(arm) if arm else None
        self.form = 'OPTIONAL' if optional else 'COUNTED' if most else 'FIXED' if exactly else 'ONE'
        self.limit = int(most or exactly or 0)
        self.type = types.get(self.base)
        if self.base not in SCALARS and self.base not in ('str', 'uuid', 'opaque') and not self.type:
            raise SpecError(f'member "{text}" has an unknown type')
        if self.form == 'OPTIONAL' and self.base != 'str' and not self.type:
            raise SpecError(f'member "{text}": only strings and structs can be optional')

    def kind(self):
        """The kind in xdr_table.h."""
        if self.base in SCALARS:
            return SCALARS[self.base][1]
        if self.type:
            return 'UNION' if self.type.is_union else 'STRUCT'
        return 'STRING' if self.base == 'str' else 'BYTES'

    def wire_min(self):
        """The fewest bytes that it takes on the wire."""
        if self.form in ('OPTIONAL', 'COUNTED'):
            return 4
        count = self.limit if self.form == 'FIXED' else 1
        if self.base in SCALARS:
            return count * SCALARS[self.base][2]
        if self.base == 'uuid':
            return 16
        if self.base == 'opaque':
            return (count + 3) // 4 * 4
        return count * (self.type.wire_min if self.type else 4)

    def declare(self):
        """Its C declarations."""
        if self.base == 'uuid':
            return [f'guint8 {self.name}[16];']
        if self.base in SCALARS:
            c_type = SCALARS[self.base][0]
            if self.base == 'i8' and self.form != 'ONE':
                c_type = 'char'  # always text
        else:
            c_type = {'str': 'char *', 'opaque': 'guint8'}.get(self.base) or self.type.c_name
        space = '' if c_type.endswith('*') else ' '
        if self.form == 'FIXED':
            return [f'{c_type}{space}{self.name}[{self.limit}];']
        if self.form == 'COUNTED':
            return [f'guint32 {self.name}_len;', f'{c_type}{space}*{self.name};']
        if self.form == 'OPTIONAL' and self.base != 'str':
            return [f'{c_type} *{self.name};']
        return [f'{c_type}{space}{self.name};']

    def describe(self, owner):
        """Its row in remote.c."""
        limit = self.limit
        if self.base == 'str' and self.form in ('ONE', 'OPTIONAL'):
            limit = STRING_LIMIT
        form = 'FIXED' if self.base == 'uuid' else self.form
        limit = 16 if self.base == 'uuid' else limit
        pointer = f'&{self.type.descriptor}' if self.type else 'NULL'
        macro = 'XDR_MEMBER_COUNTED' if form == 'COUNTED' else 'XDR_MEMBER'
        form = '' if form == 'COUNTED' else f'{form}, '
        return f'{macro}({owner}, {self.name}, {self.kind()}, {form}{limit}, {pointer})'


class Type:
    """A struct or union: of types.spec, or the arguments or results of a procedure."""

    def __init__(self, c_name, descriptor, members, types, is_union=False):
        self.c_name, self.descriptor, self.is_union = c_name, descriptor, is_union
        self.members = [Member(text, types) for text in members.split()]
        if is_union:
            if [member.arm for member in self.members] != list(range(1, len(self.members) + 1)):
                raise SpecError(f'{c_name}: arms are not 1, 2, 3, …')
            self.wire_min = 4 + min(member.wire_min() for member in self.members)
        else:
            self.wire_min = sum(member.wire_min() for member in self.members)

    def declare(self):
        """Its C struct."""
        lines = [line for member in self.members for line in member.declare()]
        if self.is_union:
            lines = ['gint32 type; /* which of the union, as in types.spec */', 'union {',
                     *('    ' + line for line in lines), '};']
        body = ''.join(f'    {line}\n' for line in lines)
        return f'typedef struct {self.c_name} {{\n{body}}} {self.c_name};\n'

    def describe(self):
        """Its descriptor in remote.c."""
        static = '' if self.descriptor.startswith('remote_') else 'static '
        rows = ',\n'.join('        ' + member.describe(self.c_name) for member in self.members)
        return (f'{static}const XdrStruct {self.descriptor} = {{\n'
                f'    XDR_HEAD({self.c_name}, {self.wire_min}, {len(self.members)}),\n'
                f'    (const XdrMember[]){{\n{rows},\n    }}}};\n')


class Procedure:
    """One line of protocol.spec."""

    LINE = re.compile(r'(\d+) +(\w+) +(\S+) +(\S+) +(\S+) +(\S+) +(\S+) +(\S+) +(\S+) +'
                      r'\((.*)\) -> \((.*)\)')
    SERVERS, LANES = ('none', 'daemon', 'engine'), ('read', 'write', 'now')
    KINDS = ('call', 'event', 'stream-c2s', 'stream-s2c', 'stream-bidi', 'fds-in', 'fds-out')

    def __init__(self, line, types):
        match = self.LINE.fullmatch(line.strip())
        if not match:
            raise SpecError('not the columns that the head of the file describes')
        (number, self.name, self.server, self.lane, self.auth, self.kind, self.api, self.readonly,
         self.flags, args, ret) = match.groups()
        self.number, self.is_event = int(number), self.kind == 'event'
        self.denied = self.readonly[7:] if self.readonly.startswith('unless=') else ''
        self.lower = self.name.lower()
        pascal = ''.join(word.capitalize() for word in self.lower.split('_'))
        self.args = Type(f'{pascal}Args', f'{self.lower}_args', args, types) if args else None
        suffix = 'Msg' if self.is_event else 'Ret'
        self.ret = Type(pascal + suffix, f'{self.lower}_{suffix.lower()}', ret, types) if ret else None
        self.check()

    def check(self):
        """Refuses what contradicts itself."""
        if self.kind not in self.KINDS:
            raise SpecError(f'kind {self.kind}')
        if not self.is_event:
            if self.server not in self.SERVERS or self.lane not in self.LANES:
                raise SpecError(f'server {self.server}, lane {self.lane}')
            if self.auth not in ('login', 'free') or not (
                    self.denied or self.readonly in ('allow', 'deny')):
                raise SpecError(f'auth {self.auth}, readonly {self.readonly}')
        elif (self.server, self.lane, self.auth, self.readonly) != ('-',) * 4:
            raise SpecError('an event is not called')
        flags = [member for member in (self.args.members if self.args else [])
                 if member.name == 'flags']
        if bool(flags) != (self.flags != '-'):
            raise SpecError('the column flags and the arguments disagree')
        if flags and flags[0].base != 'u32' and self.server not in ('none', '-'):
            raise SpecError('64-bit flags cannot be served yet')
        self.has_flags = bool(flags) and flags[0].base == 'u32'


def read_lines(path):
    """The lines of a spec file that say something."""
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
        if line.strip() and not line.startswith('#'):
            yield f'{path.name}:{number}', line


def read_spec(folder):
    """All types and procedures, in the files' order."""
    types, procedures = {}, []
    try:
        for where, line in read_lines(folder / 'types.spec'):
            name, kind, members = re.fullmatch(r'(\w+) +(struct|union) +\((.*)\)', line).groups()
            short = 'remote_' + name.replace('nonnull_', '')
            c_name = ''.join(word.capitalize() for word in short.split('_'))
            types[name] = Type(c_name, f'{short}_xdr', members, types, kind == 'union')
        for where, line in read_lines(folder / 'protocol.spec'):
            procedures.append(Procedure(line, types))
            if procedures[-1].number != len(procedures):
                raise SpecError(f'procedure {len(procedures)} is missing')
    except (SpecError, AttributeError) as error:
        sys.exit(f'{where}: {error}\n    {line}')
    return types, procedures


BANNER = '/* SPDX-License-Identifier: LGPL-2.1-or-later */\n/* {} Made by rpc/generate.py. */\n'


def make_remote_h(types, procedures):
    """The structs and numbers."""
    yield BANNER.format('The remote protocol: a C struct for each type, arguments and results.')
    yield '#pragma once\n#include "rpc/procedure.h"\n'
    yield 'typedef enum RemoteProcedure {'
    yield from (f'    REMOTE_PROC_{each.name} = {each.number},' for each in procedures)
    yield f'}} RemoteProcedure;\n#define REMOTE_PROC_LAST {procedures[-1].number}\n'
    for each in types.values():
        yield each.declare()
    for each in procedures:
        yield from (half.declare() for half in (each.args, each.ret) if half)
    for each in types.values():
        yield f'extern const XdrStruct {each.descriptor};'
    yield '\nextern const Procedure remote_procedures[REMOTE_PROC_LAST + 1]; /* by number */'


def flag_names(text):
    """A column of flags as a C expression."""
    return ' |\n            '.join(text.split('|')) if text not in ('-', '') else '0'


def uuid_path(half):
    """The C member that has the UUID of the object in the first argument; None: there is none."""
    first = half.members[0] if half else None
    if not first or first.form != 'ONE' or not first.type:
        return None
    names = [member.name for member in first.type.members]
    if 'uuid' in names:
        return f'{first.name}.uuid'
    return f'{first.name}.dom.uuid' if 'dom' in names else None


def make_row(each):
    """A procedure's row in the table."""
    fields = [f'.number = {each.number}', f'.name = "{each.name}"']
    if each.api != '-':
        fields.append(f'.api = "{each.api}"')
    if each.is_event:
        fields.append('.is_event = TRUE')
    else:
        fields.append(f'.server = SERVER_{each.server.upper()}')
        fields.append(f'.lane = LANE_{each.lane.upper()}')
    way = {'stream-c2s': 'TO_SERVER', 'stream-s2c': 'TO_CLIENT', 'stream-bidi': 'BOTH'}
    if each.kind in way:
        fields.append(f'.stream = STREAM_{way[each.kind]}')
    if each.kind.startswith('fds'):
        fields.append(f'.{each.kind.replace("-", "_")} = TRUE')
    if each.auth == 'free':
        fields.append('.before_auth = TRUE')
    if each.readonly == 'allow' or each.denied:
        fields.append('.read_only = TRUE')
    if each.denied:
        fields.append(f'.read_only_denied = {flag_names(each.denied)}')
    if flag_names(each.flags) != '0':
        fields.append(f'.flags_known = {flag_names(each.flags)}')
    fields += [f'.{name} = &{half.descriptor}' for name, half in
               (('args', each.args), ('ret', each.ret)) if half]
    fields.append('.flags_offset = ' + (f'offsetof({each.args.c_name}, flags)'
                                        if each.has_flags else '-1'))
    path = uuid_path(each.args)
    fields.append('.uuid_offset = ' + (f'offsetof({each.args.c_name}, {path})' if path else '-1'))
    body = ''.join(f'        {field},\n' for field in fields)
    return f'    [{each.number}] = {{\n{body}    }},'


def make_remote_c(types, procedures):
    """The descriptors and the table of procedures."""
    yield BANNER.format('The remote protocol, described to xdr.c.')
    yield '#include "base/libvirt.h"\n#include "rpc/procedure.h"\n#include "rpc/remote.h"'
    yield '#include "rpc/xdr_table.h"\n'
    for each in types.values():
        yield each.describe()
    for each in procedures:
        yield from (half.describe() for half in (each.args, each.ret) if half)
    yield 'const Procedure remote_procedures[REMOTE_PROC_LAST + 1] = {'
    yield from (make_row(each) for each in procedures)
    yield '};'


def declare_handler(each, prefix, context):
    """The prototype of a handler."""
    parts = [context]
    if each.args:
        parts.append(f'const {each.args.c_name} *args')
    if each.ret:
        parts.append(f'{each.ret.c_name} *ret')
    return (f'gboolean {prefix}{each.lower}(' + ',\n    '.join([*parts, 'GError **error'])
            + ') G_GNUC_WARN_UNUSED_RESULT;')


SERVED = {'engine': ('do_', 'Call *call'), 'daemon': ('daemon_', 'struct Client *client')}


def make_handlers_h(procedures):
    """The prototypes of all handlers."""
    yield BANNER.format('What engine and daemon must implement: one function a procedure.')
    yield '#pragma once\n#include "rpc/call.h"\n#include "rpc/remote.h"\n'
    yield 'struct Client; /* the daemon\'s */\n'
    yield '/* context is the Call or the Client; args and ret are NULL where there are none. */'
    yield ('typedef gboolean (*Handler)(void *context, const void *args, void *ret, '
           'GError **error);\n')
    for server, (prefix, context) in SERVED.items():
        yield f'/* Of the {server}.  The table is NULL where it serves nothing. */'
        yield f'extern const Handler {server}_handlers[REMOTE_PROC_LAST + 1];'
        for each in procedures:
            if each.server == server:
                yield declare_handler(each, prefix, context)
        yield ''


def make_handlers_c(procedures, server):
    """The table of one server's handlers, each behind a function of the uniform type."""
    prefix = SERVED[server][0]
    rows = [each for each in procedures if each.server == server]
    yield BANNER.format(f'The handlers of the {server} by number.')
    yield '#include "rpc/handlers.h"\n'
    for each in rows:
        passed = ['context', *(['args'] if each.args else []), *(['ret'] if each.ret else [])]
        yield (f'static gboolean call_{each.lower}(\n'
               f'    void *context, const void *args, void *ret, GError **error)\n{{\n'
               f'    return {prefix}{each.lower}({", ".join(passed)}, error);\n}}\n')
    yield f'const Handler {server}_handlers[REMOTE_PROC_LAST + 1] = {{'
    yield from (f'    [REMOTE_PROC_{each.name}] = call_{each.lower},' for each in rows)
    yield '    [REMOTE_PROC_LAST] = NULL,' if not rows or rows[-1] != procedures[-1] else ''
    yield '};'


def make_docs(procedures):
    """docs/procedures.md."""
    calls = [each for each in procedures if not each.is_event]
    served = [each for each in calls if each.server != 'none']
    yield '# Procedures\n'
    yield ('<!-- Made by `python3 rpc/generate.py --docs docs/procedures.md` from '
           'rpc/protocol.spec: do not edit. -->\n')
    yield (f'libvirt\'s remote program has {len(procedures)} procedures: {len(calls)} calls and '
           f'{len(procedures) - len(calls)} events. {len(served)} calls are served, '
           f'{sum(each.server == "daemon" for each in served)} of them by the daemon alone. The '
           'others answer "not supported by the connection driver".\n')
    yield ('Flags are those that we take; a call with another is refused. A read-only connection '
           'may make a call (yes), may not (no), or may not with the flags named.\n')
    for title, rows in (('Served', served), ('Not served',
                                             [each for each in calls if each not in served])):
        yield f'## {title}\n\n| # | procedure | API | by | flags | read-only |'
        yield '|---:|---|---|---|---|---|'
        for each in rows:
            flags = '–' if each.flags in ('-', '0') else each.flags.replace('|', ', ')
            rule = {'allow': 'yes', 'deny': 'no'}.get(each.readonly) or (
                'not with ' + each.denied.replace('|', ', '))
            by = '–' if each.server == 'none' else each.server
            api = '–' if each.api == '-' else each.api
            yield f'| {each.number} | {each.name} | {api} | {by} | {flags} | {rule} |'
        yield ''
    yield '## Events\n\n| # | event | content |\n|---:|---|---|'
    for each in procedures:
        if each.is_event:
            content = ', '.join(member.name for member in each.ret.members) if each.ret else '–'
            yield f'| {each.number} | {each.name} | {content} |'


def write(path, lines):
    """Writes a file."""
    path.write_text('\n'.join(lines).rstrip('\n') + '\n', encoding='utf-8')


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--spec', type=pathlib.Path, default=HERE, help='folder of the specs')
    parser.add_argument('--c', type=pathlib.Path, metavar='DIR')
    parser.add_argument('--docs', type=pathlib.Path, metavar='FILE')
    options = parser.parse_args()
    types, procedures = read_spec(options.spec)
    if options.c:
        write(options.c / 'remote.h', make_remote_h(types, procedures))
        write(options.c / 'remote.c', make_remote_c(types, procedures))
        write(options.c / 'handlers.h', make_handlers_h(procedures))
        for server in SERVED:
            write(options.c / f'handlers_{server}.c', make_handlers_c(procedures, server))
    if options.docs:
        write(options.docs, make_docs(procedures))


if __name__ == '__main__':
    main()

# SPDX-License-Identifier: LGPL-2.1-or-later
# Checks of HACKING.md's house rules that no compiler knows.
import ast
import re

MAX_FILE = 600
MAX_FUNCTION = 60
HEAD = 'SPDX-License-Identifier: LGPL-2.1-or-later'
CODE = ('.c', '.h', '.S', '.py', '.sh', 'meson.build')

# What a layer may include of others; `domain` sees `network`, the rest is HACKING.md's table.
HANDLERS = {'base', 'rpc', 'xpcom', 'vbox', 'map'}
LAYERS = {
    'base': set(),
    'rpc': {'base'},
    'xpcom': {'base'},
    'vbox': {'base', 'xpcom'},
    'map': {'base', 'xpcom', 'vbox'},
    'host': HANDLERS,
    'network': HANDLERS,
    'storage': HANDLERS,
    'domain': HANDLERS | {'network', 'storage'},
    'engine': HANDLERS | {'host', 'network', 'storage', 'domain'},
    'daemon': {'base', 'rpc'},
}

# Names, not addresses that anything is fetched from.
HOSTS = {'libvirt.org', 'www.virtualbox.org', 'www.gnu.org', 'www.w3.org', 'relaxng.org', 'www.freedesktop.org',
         'example.org', 'localhost', '127.0.0.1'}
# The ids of libosinfo look like addresses.
ONLY_NAMES = {'domain/osinfo.c', 'tests/domain/test_platform.py',
              *(f'tests/domain/cases/{name}.xml' for name in ('ubuntu-uefi-virt-manager', 'windows10-qemu',
                                                              'windows11-arm'))}
# The first letter is in brackets so that these lines are not found.
PRIVATE_PATHS = re.compile(r'/[w]ork/(main|shared|tools)|/[r]oot/\.cache|/[h]ome/(?!tester|user\b)[a-z]+/')


def lines_of(path):
    with open(path, encoding='utf-8', errors='replace') as file:
        return file.read().splitlines()


def is_code(path):
    if path.endswith(CODE):
        return True
    with open(path, 'rb') as file:
        return file.read(2) == b'#!'


def heads(files):
    """The licence first (after an interpreter line), then one line that says what the file is."""
    for path in filter(is_code, files):
        lines = lines_of(path)
        at = 1 if lines and lines[0].startswith('#!') else 0
        if HEAD not in ''.join(lines[at:at + 1]):
            yield '%s:%d: must begin with: %s' % (path, at + 1, HEAD)
        elif not path.endswith('meson.build') and not re.match(r'(/\*|\*|#|//|""") ?\S', ''.join(lines[at + 1:at + 2])):
            yield '%s:%d: the second line must say in a comment what this file is' % (path, at + 2)


def sizes(files):
    for path in filter(is_code, files):
        lines = lines_of(path)
        if len(lines) > MAX_FILE:
            yield '%s:%d: more than %d lines; give one of its concerns a file of its own' % (path, len(lines), MAX_FILE)
        for name, first, last in functions(path, lines):
            if last - first + 1 > MAX_FUNCTION:
                yield '%s:%d: %s() has %d lines, more than %d; split it' % (
                    path, first, name, last - first + 1, MAX_FUNCTION)


def functions(path, lines):
    """(name, first line, last line) of each function."""
    if path.endswith(('.c', '.h')):
        return braced_functions(lines, re.compile(r'\{$'), re.compile(r'(\w+)\((?!.*;$)'))
    if path.endswith('.py'):
        return python_functions('\n'.join(lines))
    return braced_functions(lines, re.compile(r'\w+\(\) \{$'), re.compile(r'^(\w+)\(\)'))


def braced_functions(lines, opening, naming):
    """clang-format has put the braces of functions, and hardly any others, into the first column."""
    name, first, start = '', 0, None
    for number, line in enumerate(lines, 1):
        if start is None:
            found = naming.search(line) if line[:1].isalpha() or line[:1] == '_' else None
            if found:
                name, first = found.group(1), number
            if opening.match(line):
                start = first or number
        elif line.startswith('}'):
            if name:
                yield name, start, number
            name, first, start = '', 0, None


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno


def hosts_and_paths(files):
    for path in files:
        for number, line in enumerate(lines_of(path), 1):
            for host in re.findall(r'https?://([\w.-]+)', line):
                if host.lower() not in HOSTS and path not in ONLY_NAMES:
                    yield '%s:%d: names the host %s; if it is only a name, add it to HOSTS in lint.d/house.py' % (
                        path, number, host)
            if PRIVATE_PATHS.search(line):
                yield '%s:%d: a path of somebody\'s own machine' % (path, number)


def layers(files):
    for path in files:
        layer = path.split('/')[0]
        if layer not in LAYERS or not path.endswith(('.c', '.h')):
            continue
        for number, line in enumerate(lines_of(path), 1):
            found = re.match(r'\s*#\s*include\s+[<"](\w+)/', line)
            other = found and found.group(1)
            if other in LAYERS and other != layer and other not in LAYERS[layer]:
                yield '%s:%d: %s/ may not include from %s/ (HACKING.md, Layers)' % (path, number, layer, other)

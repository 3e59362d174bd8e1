# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tables accept, read from docs/mapping.md, which is printed from them."""
import functools
import pathlib
import re
from dataclasses import dataclass, field

PAGE = pathlib.Path(__file__).resolve().parents[2] / 'docs' / 'mapping.md'
NAMESPACE = 'urn:vboxvirt:1'  # of "vbox:…"
HEADING = re.compile(r'## /domain(?P<path>[^ ]*)(?: with (?P<select>\S+))?$')
CELL = re.compile(r'(?<!\\)\|')
RANGE = re.compile(r'(-?\d+)–(-?\d+)')


@dataclass(frozen=True)
class Row:
    """A row: a place in the XML and what may stand there."""
    path: str                  # below its element: "mac/@address", "."
    kind: str                  # "word", "number", "text", "presence", …
    words: tuple = ()          # of a word: (word, constant), in table order
    low: int = 0
    high: int = 0
    fixed: str = None          # the only text that is accepted
    when: tuple = ()           # applies only with one of these words in its element's key row
    default: str = None
    required: bool = False
    ignored: bool = False      # accepted without effect, not shown
    spelling: bool = False     # accepted, shown in another way
    active: bool = False       # only of a running machine
    any_case: bool = False
    step: int = 1              # of a size: KiB

    def canonical(self, word):
        """The word that a dump says for this one: the first of those that mean the same."""
        if self.any_case:
            word = next((each for each, _ in self.words if each.lower() == word.lower()), word)
        # QEMU's machine types: all that begin so
        word = next((each for each, _ in self.words if each.endswith('-') and word.startswith(each)), word)
        constant = dict(reversed(self.words)).get(word)
        if constant is None:
            return word
        return next(each for each, other in self.words if other == constant)


@dataclass
class Section:
    """A place in the document, and its rows."""
    path: str                  # "devices/disk"; "" is the domain itself
    select: tuple = None       # an attribute and the words that make an element one of these
    rows: list = field(default_factory=list)

    @property
    def name(self):
        """"devices/controller with type=usb"."""
        return self.path if self.select is None else f'{self.path} with {self.select[0]}'

    def owns(self, node):
        """Whether an element of that path is one of these."""
        if self.select is None:
            return True
        attribute, words = self.select
        return node.get(attribute, words[0]) in words

    def row(self, path):
        """The accepted rows of a path."""
        return [row for row in self.rows if row.path == path]


def _words(kind):
    return tuple((word, constant or None)
                 for word, constant in re.findall(r'`([^`]*)`(?: = (\w+))?', kind))


def _row(cells):
    path, kind, notes = cells[0].strip('`'), cells[2], '; '.join(['', cells[3], ''])
    if path == '–' or kind == 'refused':
        return None
    name = re.match(r'[^:,\d-]*', kind)[0].strip()
    range_ = RANGE.search(kind)
    low, high = (int(each) for each in range_.groups()) if range_ else (0, 0)
    when = re.search(r'; with `([^`]*)`', notes)
    default = re.search(r'; default `([^`]*)`', notes)
    step = re.search(r'in steps of (\d+) KiB', kind)
    return Row(path, name, _words(kind) if name == 'word' else (), low, high,
               kind.partition('`')[2].rstrip('`') if name == 'fixed' else None,
               tuple(when[1].split('|')) if when else (), default[1] if default else None,
               '; required;' in notes, name == 'ignored', '; another spelling' in notes,
               '; only of an active domain' in notes, '; any case' in notes,
               int(step[1]) if step else 1)


@functools.cache
def sections():
    """All places of a domain's XML, in the tables' order."""
    found = []
    for line in PAGE.read_text(encoding='utf-8').splitlines():
        if line.startswith('## '):
            heading = HEADING.match(line)
            found.append(None if heading is None else _section(heading))
        elif line.startswith('| ') and found and found[-1] is not None:
            cells = [cell.strip().replace('\\|', '|') for cell in CELL.split(line)[1:-1]]
            row = None if cells[0] == 'XML' else _row(cells)
            if row is not None:
                found[-1].rows.append(row)
    return [section for section in found if section is not None]


def _section(heading):
    attribute, _, words = (heading['select'] or '').partition('=')
    return Section(heading['path'].lstrip('/'),
                   (attribute, words.split('|')) if attribute else None)


def section(path, select=None):
    """One place; select is a word of those that choose it."""
    return next(each for each in sections() if each.path == path
                and (select is None or select in each.select[1]))


def step(part):
    """A part of a path: an element's tag, and which of its like it is: a number or (attribute, value)."""
    name, _, which = part.rstrip(']').partition('[')
    attribute, is_value, value = which.partition('=')
    return qualified(name), (attribute, value) if is_value else int(which or 1)


def child(node, part):
    """The element at a part of a path; None: there is none."""
    tag, which = step(part)
    same = node.findall(tag)
    if isinstance(which, tuple):
        return next((each for each in same if each.get(which[0]) == which[1]), None)
    return same[which - 1] if which <= len(same) else None


def below(node, path):
    """What stands at a row's path below an element: (element, attribute or None); element None: nothing."""
    for part in path.split('/'):
        if part.startswith('@'):
            return node, part[1:]
        node = node if part == '.' else child(node, part)
        if node is None:
            return None, None
    return node, None


def qualified(name):
    """An element's name as lxml has it."""
    prefix, colon, local = name.partition(':')
    return f'{{{NAMESPACE}}}{local}' if colon and prefix == 'vbox' else name

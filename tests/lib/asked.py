# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whether a dump says what a definition asked for, row by row of docs/mapping.md."""
from lxml import etree

import mapping

FACTORS = {'KiB': 1, 'k': 1, 'b': 1 / 1024, 'bytes': 1 / 1024, 'MiB': 1024, 'M': 1024,
           'GiB': 1024 * 1024, 'G': 1024 * 1024}
# what a dump says by leaving it out: section, row, word
SILENT = (['cpu', 'feature[name=x2apic]/@policy', 'disable'],
          ['cpu', 'feature[name=x2apic]/@policy', 'require'],  # by the OS type
          ['', 'vbox:vcpu/@hotPlug', 'no'],
          ['devices/controller with type', 'vbox:boot/@bootable', 'yes'],
          ['os', 'vbox:firmware/@type', 'EFI'], ['features', 'vbox:paravirt/@provider', 'default'],
          # these in libvirt's own words
          ['features', 'vbox:paravirt/@provider', 'hyperv'], ['features', 'vbox:paravirt/@provider', 'kvm'])
# devices of which a dump has as many as were asked for; of others some are implied
COUNTED = ('disk', 'interface', 'filesystem', 'serial', 'parallel', 'hostdev', 'graphics', 'sound',
           'tpm')


def plain(node):
    """An element as text that does not depend on how it was written."""
    name = etree.QName(node)
    tag = f'vbox:{name.localname}' if name.namespace == mapping.NAMESPACE else node.tag
    words = ''.join(f' {key}={value!r}' for key, value in sorted(node.attrib.items()))
    pieces = [node.text or '']
    for child in node:
        pieces += [plain(child), child.tail or '']
    if len(node) > 0 and not ''.join(pieces[::2]).strip():
        pieces = pieces[1::2]
    return f'<{tag}{words}>{"".join(pieces)}</{tag}>'


def meaning(row, node, attribute):
    """What stands at a row's place, so that two spellings of one thing are equal."""
    if row.kind == 'presence':
        return True
    if row.kind == 'the element as it is':
        return plain(node)
    if row.kind == 'the elements as they are':
        return sorted(plain(each) for each in node.getparent().findall(node.tag))
    text = node.get(attribute) if attribute is not None else (node.text or '')
    if row.kind == 'word':
        return row.canonical(text)
    if row.kind == 'size':
        unit = node.get('unit', 'KiB') if attribute is None else 'KiB'
        return -(-int(text) * FACTORS[unit] // row.step) * row.step
    if row.kind == 'hexadecimal number':
        return int(text, 0)
    if row.kind == 'UUID':
        return text.lower().replace('-', '')
    return text.lower() if row.kind == 'MAC address' else text


def said(row, node):
    """The same, with the default in place of nothing; None: nothing."""
    place, attribute = mapping.below(node, row.path)
    if place is None or (attribute is not None and attribute not in place.attrib):
        return row.default if row.default is None or row.kind != 'word' \
            else row.canonical(row.default)
    return meaning(row, place, attribute)


def rows_of(section, node):
    """The rows that an element uses: those that apply to it, and that it has something for."""
    words = {value for each in node.iter() for value in each.attrib.values()}
    for row in section.rows:
        applies = not row.when or words & set(row.when)
        place, attribute = mapping.below(node, row.path)
        if applies and not row.ignored and place is not None and \
                (attribute is None or attribute in place.attrib):
            yield row


def lacking(section, asked, shown):
    """What one element asked for and another does not say."""
    found = []
    for row in rows_of(section, asked):
        wanted, has = said(row, asked), said(row, shown)
        if wanted != has and not (
                has is None and [section.name, row.path, wanted] in SILENT):
            found.append(f'/domain/{section.name}/{row.path}: {wanted!r} was asked for, the dump '
                         f'says {has!r}')
    return found


def match(section, asked, shown):
    """Finds for each asked element one of its own among the shown; what is lacking."""
    partner = {}

    def place(index, tried):
        for number, each in enumerate(shown):
            if number in tried or lacking(section, asked[index], each):
                continue
            tried.add(number)
            if number not in partner or place(partner[number], tried):
                partner[number] = index
                return True
        return False
    found = []
    for index, node in enumerate(asked):
        if not place(index, set()):
            nearest = min((lacking(section, node, each) for each in shown), key=len, default=[])
            found += [f'not in the dump: {plain(node)}', *nearest]
    return found


def owned(tree, section):
    """A section's elements in a document."""
    return [node for node in tree.findall(mapping.qualified(section.path)) if section.owns(node)]


def differences(asked, shown):
    """What a definition asked for and a dump does not say, and what it says too much; empty: nothing."""
    found = []
    for section in mapping.sections():
        if section.path == '':
            found += lacking(section, asked, shown)
        elif section.path.startswith('devices/') or section.path == 'vbox:bandwidthGroup':
            found += match(section, owned(asked, section), owned(shown, section))
        else:
            found += single(section, asked, shown)
    for name in COUNTED:
        wanted, has = (len(tree.findall(f'devices/{name}')) for tree in (asked, shown))
        if name == 'serial' and wanted == 0:
            wanted = len(asked.findall('devices/console'))
        if wanted != has:
            found.append(f'{wanted} <{name}> were asked for, the dump has {has}')
    return found


def single(section, asked, shown):
    """Of an element that is there once; a switch that was not asked for is off."""
    path = mapping.qualified(section.path)
    nothing = etree.Element(path)
    one, other = ((tree.find(path) if tree.find(path) is not None else nothing)
                  for tree in (asked, shown))
    return lacking(section, one, other) + [
        f'/domain/{section.name}/{row.path}: was not asked for' for row in section.rows
        if row.kind == 'presence' and said(row, other) and not said(row, one)]

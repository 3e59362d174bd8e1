# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random domains: the platform; what of it belongs together (see randomxml.py)."""
from lxml import etree

import mapping

OS_TYPES = ('Ubuntu_64', 'Windows11_64', 'FreeBSD', 'Linux26_64')
SMBIOS = {'date': '01/02/2026', 'uuid': '0b1c7d3e-54f6-4a8b-9c0d-1e2f3a4b5c6d'}  # others are any text
# what a guest is told of the hypervisor: VirtualBox has one interface, or none
HYPERVISORS = ("<hyperv mode='passthrough'/>", "<hyperv mode='custom'><relaxed state='on'/></hyperv>",
               "<kvm><hidden state='on'/></kvm>", "<kvm><hint-dedicated state='on'/></kvm>")
TIMERS = {'rtc': "<timer name='rtc' tickpolicy='catchup'/>", 'pit': "<timer name='pit' tickpolicy='delay'/>",
          'kvmclock': "<timer name='kvmclock' present='no'/>",
          'hypervclock': "<timer name='hypervclock' present='yes'/>"}


class Platform:
    """Of randomxml.Maker: it has the dice."""

    def os(self):
        """<os>: PC machines only."""
        os, firmware = (section for section in mapping.sections() if section.path == 'os')
        kinds = ['fd', 'cdrom', 'hd', 'network']
        order = [] if self.orders else self.dice.sample(kinds, self.dice.randint(0, 4))
        given = {f'boot[{i + 1}]/@dev': order[i] if i < len(order) else None for i in range(4)}
        given['type'] = 'hvm'
        given['type/@arch'] = self.dice.choice([None, 'x86_64', 'i686'])
        given['type/@machine'] = self.dice.choice([None, 'piix3', 'pc', 'pc-i440fx-', 'ich9', 'q35', 'pc-q35-',
                                                   'ICH9'])
        given['vbox:ostype/@id'] = self.dice.choice([None, None, *OS_TYPES])
        node = self.fill(etree.Element('os'), os, given)
        return self.fill(node, firmware, self.firmware(node))

    def firmware(self, node):
        """Rows of <os> that need others: EFI has variants and keys, the menu has a time."""
        feature = 'firmware/feature[name={}]/@enabled'.format
        given = {'vbox:firmware/@type': None, feature('enrolled-keys'): None, feature('secure-boot'): None}
        if node.get('firmware') == 'efi':
            given['vbox:firmware/@type'] = self.dice.choice([None, 'EFI', 'EFI32', 'EFI64', 'EFIDUAL'])
            keys, boot = self.dice.choice([(None, None), ('no', 'no'), ('yes', 'no'), ('yes', 'yes'), (None, 'yes')])
            given.update({feature('enrolled-keys'): keys, feature('secure-boot'): boot})
        has_time = node.find('bootmenu') is not None and self.chance(0.5)
        given['bootmenu/@timeout'] = str(self.dice.randint(1, 65535)) if has_time else None
        return given

    def smbios(self):
        """What the firmware tells of the computer: with mode='sysinfo' only."""
        mode = self.dice.choice([None, 'emulate', 'sysinfo'])
        given = {'os/smbios/@mode': mode, 'sysinfo/@type': None}
        section = next(each for each in mapping.sections() if each.row('sysinfo/@type'))
        for row in section.rows:
            if '/entry[name=' in row.path:
                name = row.path.rpartition('=')[2].rstrip(']')
                is_said = mode == 'sysinfo' and self.chance(0.3)
                given[row.path] = (SMBIOS.get(name) or self.text()) if is_said else None
                if is_said:
                    given['sysinfo/@type'] = 'smbios'
        return given

    def features(self):
        """<features>: one interface of a hypervisor; what VirtualBox has not is off."""
        given = {name: self.dice.choice([None, etree.Element(name, state='off')])
                 for name in ('vmport', 'smm', 'vmcoreinfo', 'pvspinlock', 'pmu')}
        given.update({'hyperv': None, 'kvm': None, 'vbox:paravirt/@provider': None})
        word = self.dice.choice([None, 'libvirt', 'ours'])
        if word == 'libvirt':
            node = etree.fromstring(self.dice.choice(HYPERVISORS))
            given[node.tag] = node
        elif word == 'ours':
            row, = mapping.section('features').row('vbox:paravirt/@provider')
            given[row.path] = self.dice.choice(row.words)[0]
        return given

    def clock(self):
        """<clock>: a time of its own has a basis."""
        offset = self.dice.choice(['utc', 'localtime', 'variable'])
        given = {'@offset': offset, **{f'timer[name={name}]': self.dice.choice([None, etree.fromstring(text)])
                                       for name, text in TIMERS.items()}}
        given['@adjustment'] = str(self.dice.choice([0, -86400, 2 ** 31 - 1, -2 ** 31 + 1, self.dice.randint(1, 9999)]))
        return given

    def iommu(self, is_ich9):
        """At most one, and not on every chipset."""
        model = self.dice.choice([None, 'intel', 'amd', 'automatic']) if is_ich9 else None
        return {'iommu/@model': model if model != 'automatic' else None,
                'vbox:iommu/@type': model if model == 'automatic' else None}

    def cpu(self, vcpus):
        """<cpu>: the topology that VirtualBox has, or none; a processor of VirtualBox's, or the host's."""
        mode = self.dice.choice(['host-passthrough', 'host-model', 'maximum', 'custom'])
        given = {'@mode': mode, '@match': 'exact' if mode == 'custom' else None, 'model': None,
                 'model/@fallback': None}
        words = [word for word, _ in mapping.section('cpu').row('feature[name=apic]/@policy')[0].words]
        given['feature[name=apic]/@policy'] = self.dice.choice([None, *words])
        if given['feature[name=apic]/@policy'] in ('disable', 'forbid'):
            given['feature[name=x2apic]/@policy'] = None
        if mode == 'custom':
            given.update({'model': 'Intel 80386', 'model/@fallback': self.dice.choice(
                [None, 'allow', 'forbid'])})
        policy = self.dice.choice([None, *(word for word, _ in mapping.section('cpu').row(
            'feature[name=vmx]/@policy')[0].words)])
        names = self.dice.choice([('vmx',), ('svm',), ('vmx', 'svm')])
        given.update({f'feature[name={name}]/@policy': policy if name in names else None
                      for name in ('vmx', 'svm')})
        has_topology = self.chance(0.5)
        for name in ('sockets', 'dies', 'clusters', 'threads'):
            given[f'topology/@{name}'] = '1' if has_topology else None
        given['topology/@cores'] = vcpus if has_topology else None
        return given

    def cputune(self):
        """<cputune>: whole percents."""
        period = self.dice.choice([None, 1000, 50000, 1000000])
        quota = self.dice.choice([None, -1, (period or 100000) * self.dice.randint(1, 100) // 100])
        return {'period': period and str(period), 'quota': quota and str(quota)}

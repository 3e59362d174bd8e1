# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random domains: valid XML from what the tables accept.

Words, numbers and switches come from docs/mapping.md, so that a new row is used as soon as it is in there.
Here is only what the rows of one element do not say: what belongs together, and what there is on the host.
"""
import copy
import random
import uuid as uuids

from lxml import etree

import mapping
from randomplatform import Platform
from randomrows import is_free, is_left_out

PRESENT = object()  # the value of an element that only has to be there
LETTERS = 'abcdefghijklmnopqrstuvwxyz'
TEXT = 'abcXYZ 019 _-.,;:=%[]{}()<>&"\'/\\äßé€漢'


class World:
    """What random machines may name: images, folders and networks that are there; adapters is a
    dict, host-only adapter → its network."""

    def __init__(self, disks, discs, floppies, folders, networks, bridges, adapters):
        self.disks, self.discs, self.floppies = disks, discs, floppies
        self.folders, self.networks = folders, networks
        self.bridges, self.adapters = bridges, adapters


class Place:
    """A controller of a machine's and the disks that it may have."""

    def __init__(self, type_, model, index, count, kinds, is_shown):
        self.type, self.model, self.index, self.kinds = type_, model, index, kinds
        self.is_shown = is_shown
        self.free = list(range(count))
        # of its disks; the host's cache is the controller's, whoever says it
        self.cache = None


# type, models (None: none said), how many disks we try at most, what stands there
BUSES = [('ide', (None, 'piix3', 'piix4', 'ich6'), 4, ('disk', 'cdrom')),
         ('sata', (None,), 8, ('disk', 'cdrom')),
         ('scsi', (None, 'lsilogic', 'buslogic'), 8, ('disk', 'cdrom')),
         ('scsi', ('lsisas1068',), 8, ('disk',)),
         ('scsi', ('virtio-scsi',), 8, ('disk', 'cdrom')),
         ('fdc', (None,), 2, ('floppy',)),
         ('nvme', (None,), 4, ('disk',)),
         ('usb', (None,), 4, ('disk', 'cdrom'))]
# the formats of images, by their names
IMAGES = {'vdi': ('vdi',), 'vmdk': ('vmdk',), 'vhd': ('vpc', 'vhd'), 'iso': ('raw', 'iso'), 'img': ('raw',)}
PREFIXES = {'ide': 'hd', 'scsi': 'sd', 'sata': 'sd', 'usb': 'sd', 'fdc': 'fd', 'nvme': 'nvme'}
# what stands where it is ignored
IGNORED = {'mac/@currentAddress': '52:54:00:00:00:01', 'mac/@type': 'static',
           'memory/@dumpCore': 'on', '@tty': '/dev/pts/1', 'target/@tray': 'open', 'source/@index': '1',
           'source/@path': '/dev/pts/1', 'backingStore': PRESENT,
           'target': etree.Element('target', dev='vnet7'), 'alias': etree.Element('alias', name='ua-1'),
           'address': etree.Element('address', type='isa', iobase='0x3f8', irq='0x4')}
# what clients write there: kept as it is
DRIVERS = {'disk': [{'name': 'qemu', 'type': 'raw', 'cache': 'none'}, {'type': 'vdi'}],
           'controller': [{'queues': '2'}, {'iothread': '1'}],
           'interface': [{'name': 'vhost', 'queues': '4'}, {'name': 'qemu'}]}
CHANNELS = ("<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>",
            "<channel type='spicevmc'><target type='virtio' name='com.redhat.spice.0'/></channel>")
REDIRECTIONS = ("<redirdev bus='usb' type='spicevmc'/>", "<redirdev bus='usb' type='tcp'>"
                "<source mode='connect' host='h.example' service='4000'/></redirdev>")
MEMORY_UNITS = {None: 1, 'KiB': 1, 'k': 1, 'b': 1 / 1024, 'bytes': 1 / 1024, 'MiB': 1024, 'M': 1024,
                'GiB': 1024 * 1024}


class Maker(Platform):
    """Makes one domain; the same seed and number make the same one."""

    def __init__(self, seed, number, world):
        self.dice = random.Random(f'{seed}/{number}')
        self.number, self.world = number, world
        # firmware starts kinds of devices in the order of <os>, or devices in the order that they say
        self.orders = self.dice.sample(range(1, 100), 50) if self.dice.random() < 0.3 else []
        # of bandwidth: name → type
        self.groups = {f'group {place} é': type_ for place, type_ in enumerate(
            self.dice.choice([(), (), ('disk',), ('network', 'disk'), ('network', 'network')]))}

    # ---- values ----

    def chance(self, share):
        """True in that share of all cases."""
        return self.dice.random() < share

    def text(self, longest=20):
        """Any text that XML can have; it neither begins nor ends with a space."""
        return ''.join(self.dice.choice(TEXT) for _ in range(self.dice.randint(1, longest))).strip() \
            or 'x'

    def mac(self):
        """An address of one card, of a few makers."""
        first = self.dice.choice(['08:00:27', '00:16:3e', '52:54:00', '02:AB:cd'])
        return first + ''.join(f':{self.dice.randrange(256):02x}' for _ in range(3))

    def pci(self):
        """An <address> of a kind that clients write."""
        return etree.Element('address', type='pci', domain='0x0000', bus='0x00',
                             slot=f'0x{self.dice.randrange(1, 32):02x}', function='0x0')

    def subtree(self, name, device):
        """An element of a device that is kept as it is."""
        if name == 'address':
            return self.pci()
        if name == 'driver':
            return etree.Element('driver', **self.dice.choice(DRIVERS[device]))
        if name == 'metadata':
            node = etree.Element('metadata')
            inner = etree.SubElement(node, f'{{urn:test:{self.number}}}a', b=self.text())
            inner.text = self.text()
            return node
        if name == 'memballoon':
            return etree.Element(name, model=self.dice.choice(['virtio', 'none']))
        if name == 'rng':
            node = etree.Element(name, model='virtio')
            etree.SubElement(node, 'backend', model='random').text = '/dev/urandom'
            return node
        return etree.Element(name)

    def value(self, row, device=''):
        """A value of the row's kind; device is the name of its element."""
        dice = self.dice
        if row.ignored:
            value = IGNORED.get(row.path)
            return copy.copy(value) if etree.iselement(value) else value
        if row.kind == 'word':
            word = dice.choice(row.words)[0]
            return dice.choice([word, word.upper(), word.lower()]) if row.any_case else word
        if row.kind == 'fixed':
            return row.fixed
        if row.path == 'boot/@order':
            return str(self.orders.pop()) if self.orders else None
        if row.kind in ('number', 'hexadecimal number'):
            number = dice.choice([row.low, row.high, dice.randint(row.low, row.high)])
            return str(number) if row.kind == 'number' else f'0x{number:x}'
        if row.kind == 'size':
            return str(row.step * dice.randint(1, 64))
        if row.kind in ('yes/no', 'on/off', 'up/down'):
            return dice.choice(row.kind.split('/'))
        if row.kind == 'presence':
            return PRESENT
        if row.kind == 'MAC address':
            return self.mac()
        if row.kind == 'UUID':
            return str(uuids.UUID(int=dice.getrandbits(128), version=4))
        if row.kind == 'the element as it is':
            return self.subtree(row.path.rpartition('/')[2], device)
        if row.path.endswith('alias/@name'):
            return f'ua-{dice.randrange(10 ** 9)}'
        return self.text()

    # ---- elements ----

    def fill(self, node, section, given, key=None, share=0.4):
        """Rows of one element: given ones (None: not at all), and any other by chance."""
        for row in section.rows:
            if row.active or (row.when and key not in row.when) or is_left_out(section, row):
                continue
            if row.path in given and not row.ignored:
                value = given[row.path]
            elif not is_free(row):
                continue
            elif row.required or self.chance(share):
                value = self.value(row, section.path.rpartition('/')[2])
            else:
                continue
            if value is not None:
                put(node, row.path, value)
        return node

    def some(self, texts):
        """None, one or more of such elements."""
        return [etree.fromstring(text) for text in self.dice.sample(texts, self.dice.randint(0, len(texts)))] or None

    def device(self, name, given, key=None, select=None, share=0.4):
        """A device below <devices>."""
        section = mapping.section(f'devices/{name}', select)
        return self.fill(etree.Element(name), section, given, key, share)

    def memory(self):
        """<memory> and <currentMemory>: rows' values, and the unit of each."""
        size = self.dice.choice([4, 16, 64, 100, 512, 2048]) * 1024
        current = self.dice.choice([None, size, size - 1024])
        return {'memory': self.size(size), 'currentMemory': current and self.size(current)}

    def size(self, kib):
        """A number with a unit that can say it."""
        fitting = [unit for unit, factor in MEMORY_UNITS.items() if (kib / factor) % 1 == 0]
        unit = self.dice.choice(fitting)
        return str(int(kib / MEMORY_UNITS[unit])), unit

    def places(self, is_new):
        """Controllers of disks.  A machine that is there keeps its SCSI controller's kind, when none
        is said."""
        found = []
        for type_, models, count, kinds in BUSES:
            if not self.chance(0.3):
                continue
            index = sum(place.type == type_ for place in found)
            model = self.dice.choice(models)
            if type_ == 'scsi' and model is None and not is_new:
                model = 'lsilogic'
            is_shown = type_ != 'usb' and (model is not None or self.chance(0.5))
            place = Place(type_, model, index, count, kinds, is_shown)
            place.cache = self.dice.choice([None, None, 'controller', 'default', 'none', 'writeback'])
            found.append(place)
        return found

    def controllers(self, places):
        """Those of them that the XML has; the others are implied by their disks."""
        section = mapping.section('devices/controller', 'sata')
        for place in places:
            if place.is_shown:
                usual = 'yes' if place.type in ('ide', 'fdc') else 'no'
                given = {'@type': place.type, '@index': str(place.index), '@model': place.model,
                         'vbox:cache/@useHostIOCache': None, 'vbox:ports/@count': None}
                if place.cache == 'controller':
                    given['vbox:cache/@useHostIOCache'] = 'no' if usual == 'yes' else 'yes'
                if place.type == 'sata':
                    given['vbox:ports/@count'] = self.dice.choice([None, '12', '29'])
                yield self.fill(etree.Element('controller'), section, given, place.type)

    def disk_source(self, kind, stock):
        """An image that this machine has not got yet; None: an empty drive."""
        images = stock[kind]
        if not images or (kind != 'disk' and self.chance(0.4)):
            return None
        return images.pop()

    def disks(self, places):
        """Disks on the controllers, each on a place of its own."""
        stock = {'disk': list(self.world.disks), 'cdrom': list(self.world.discs),
                 'floppy': list(self.world.floppies)}
        names = set()
        for _ in range(self.dice.choice([0, 1, 1, 2, 3, 5])):
            usable = [place for place in places if place.free]
            if not usable:
                return
            place = self.dice.choice(usable)
            kind = self.dice.choice(place.kinds)
            source = self.disk_source(kind, stock)
            if source is None and kind == 'disk':
                continue
            unit = place.free.pop(self.dice.randrange(len(place.free)))
            yield self.disk(place, unit, kind, source, names)

    def disk(self, place, unit, kind, source, names):
        """One of them, by its address or by its name."""
        given = {'@device': kind if kind != 'disk' else self.dice.choice(['disk', None]),
                 'driver/@name': self.dice.choice([None, 'qemu']),
                 'driver/@queues': self.dice.choice([None, '2']),
                 'driver/@io': self.dice.choice([None, 'threads', 'native']),
                 'driver/@error_policy': self.dice.choice([None, 'stop', 'report']),
                 'driver/@rerror_policy': self.dice.choice([None, 'stop', 'ignore']),
                 'driver/@detect_zeroes': self.dice.choice([None, 'on', 'off']),
                 'iotune/total_bytes_sec': str(1048576 * self.dice.randint(1, 9))
                 if kind == 'disk' and self.chance(0.2) else None,
                 'source/@startupPolicy': source and self.dice.choice([None, 'mandatory']) if kind == 'disk' else
                 source and self.dice.choice([None, 'mandatory', 'requisite', 'optional']),
                 'source/@file': source, 'source/@index': source and '1',
                 'target/@bus': place.type}
        given.update(self.disk_settings(place, kind, source, given))
        if kind == 'disk' or (kind == 'floppy' and source is None):
            given['readonly'] = None
        dev = target_name(place.type, place.index, unit)
        if dev in names or (place.index > 0 and place.type != 'nvme') or self.chance(0.6):
            given.update(self.disk_address(place, unit))
            prefixes = ['sd', 'hd', 'vd', 'xvd'] if kind != 'floppy' else ['fd']
            while dev in names or self.chance(0.3):
                dev = self.dice.choice(prefixes) + ''.join(self.dice.sample(LETTERS, 3))
        else:
            given.update({path: None for path in ADDRESS})
            if PREFIXES[place.type] == 'sd' and place.type != 'scsi':
                given['target/@bus'] = place.type
            elif self.chance(0.5):
                given['target/@bus'] = None
        names.add(dev)
        given['target/@dev'] = dev
        return self.device('disk', given, kind)

    def disk_settings(self, place, kind, source, given):
        """What some controllers, drives and images have; what is left out is VirtualBox's choice."""
        suffix = source and source.rpartition('.')[2]
        unmaps = kind == 'disk' and suffix == 'vdi'
        limit = given['iotune/total_bytes_sec']
        return {'driver/@type': source and self.dice.choice([None, *IMAGES[suffix]]),
                'driver/@cache': place.cache if place.cache != 'controller' else None,
                'driver/@discard': self.dice.choice([None, 'ignore', 'unmap' if unmaps else 'ignore']),
                'target/@rotation_rate': '1' if kind == 'disk' and self.chance(0.3) else None,
                'vbox:attachment/@hotPluggable': 'yes' if place.type == 'sata' and self.chance(0.3) else None,
                'vbox:bandwidthGroup/@name': self.member('disk') if limit is None else None}

    def member(self, type_):
        """A group of bandwidth of that type for a device, or none."""
        return self.dice.choice([None, *(name for name, other in self.groups.items() if other == type_)])

    def disk_address(self, place, unit):
        """The rows of its <address>."""
        bus, lun = (unit // 2, unit % 2) if place.type == 'ide' else (0, unit)
        return dict(zip(ADDRESS, ['drive', str(place.index), str(bus), '0', str(lun)]))

    def forwards(self):
        """Ports that NAT forwards, each once: <portForward> and our own <vbox:redirect>."""
        ports, found, own = self.dice.sample(range(1, 65536), 8), [], []
        for proto in self.dice.sample(['tcp', 'udp'], self.dice.randint(0, 2)):
            node = etree.Element('portForward', proto=proto)
            if self.chance(0.5):
                node.set('address', '127.0.0.1')
            for port in sorted(ports.pop() for _ in range(self.dice.randint(1, 2))):
                etree.SubElement(node, 'range', start=str(port), to=str(self.dice.randint(1, 65535)))
            found.append(node)
        for number in range(self.dice.choice([0, 0, 2])):
            own.append(etree.Element(mapping.qualified('vbox:redirect'), name=f'r{number} é',
                                     proto=self.dice.choice(['tcp', 'udp']), hostIP='',
                                     hostPort=str(ports.pop()), guestIP='10.0.2.15',
                                     guestPort=str(self.dice.randint(1, 65535))))
        return {'portForward': found or None, 'vbox:redirect': own or None}

    def nat(self):
        """What of a NAT adapter's rows goes together."""
        given = {'ip/@family': None, 'ip/@address': None, 'ip/@prefix': None,
                 'vbox:nat/@hostIP': '127.0.0.1', 'vbox:nat/@TFTPNextServer': '10.0.2.4',
                 'vbox:nat/@network': None}
        if self.chance(0.7):
            given['vbox:nat/@sockRcv'] = None
        else:
            given['vbox:nat/@sockSnd'] = str(self.dice.randint(1, 65535))
        network = self.dice.choice([None, 'ip', 'own'])
        if network == 'ip':
            given.update({'ip/@family': 'ipv4', 'ip/@address': f'10.{self.dice.randrange(256)}.7.0',
                          'ip/@prefix': '24'})
        elif network == 'own':
            given['vbox:nat/@network'] = '10.9.0.0'
        for path in ('vbox:nat/@hostIP', 'vbox:nat/@TFTPNextServer'):
            if self.chance(0.6):
                given[path] = None
        return given

    def interfaces(self, most):
        """Network adapters."""
        for _ in range(self.dice.choice([0, 1, 1, 2, 3, most])):
            word = self.dice.choice(mapping.section('devices/interface').row('@type')[0].words)[0]
            names = {'source/@bridge': self.world.bridges, 'source/@network': self.world.networks,
                     'source/@dev': list(self.world.adapters), 'source/@address': ['10.1.2.3'],
                     'source/@name': ['inner', 'in & out']}
            given = {path: self.dice.choice(choice) for path, choice in names.items()}
            given['source/local/@address'] = '0.0.0.0'
            given['vbox:boot/@priority'] = self.dice.choice([None, None, '1', '4']) if not self.orders else None
            average = self.dice.choice([None, None, '1000'])
            given.update({'bandwidth/outbound/@average': average,
                          'vbox:bandwidthGroup/@name': self.member('network') if average is None else None})
            yield self.device('interface', {'@type': word, 'mac/@address': self.mac(), **given,
                                            **self.forwards(), **self.nat()}, word)

    def usb(self):
        """USB controllers: one of a kind, or none at all."""
        if self.chance(0.1):
            yield self.device('controller', {'@index': '0', '@model': 'none', '@ports': None,
                                             'alias/@name': None, 'address': None}, select='usb')
            return
        for models in (('pci-ohci', None), ('ehci', 'ich9-ehci1'), ('qemu-xhci', 'nec-xhci')):
            if self.chance(0.25):
                yield self.device('controller', {'@model': self.dice.choice(models), '@index': None},
                                  select='usb')

    def filesystems(self):
        """Shared folders."""
        for number in range(self.dice.choice([0, 0, 1, 3])):
            yield self.device('filesystem', {'source/@dir': self.dice.choice(self.world.folders),
                                             'target/@dir': f'{self.text(8)}{number}',
                                             'vbox:mount/@autoMountPoint': self.dice.choice([None, '/mnt/x y'])})

    def source(self, word, place):
        """What a port is connected to."""
        mode = self.dice.choice(['bind', 'connect'])
        given = {'@type': word, 'source/@mode': mode, 'source/@path': f'/tmp/port-{place}',
                 'source/@host': '0.0.0.0' if mode == 'bind' else 'host.example',
                 'source/@service': str(self.dice.randint(1, 65535)), 'target/@port': str(place),
                 'source/@append': self.dice.choice([None, 'off']), 'protocol/@type': self.dice.choice([None, 'raw'])}
        if word in ('pty', 'null'):
            given['source/@path'] = self.dice.choice([None, '/dev/pts/7'])
        return given

    def isa(self, share=0.3):
        """An unusual address of a port."""
        if not self.chance(share):
            return {'address/@type': None, 'address/@iobase': None, 'address/@irq': None}
        return {'address/@type': 'isa', 'address/@iobase': f'0x{self.dice.randrange(0x100, 0x200):x}',
                'address/@irq': f'0x{self.dice.randrange(16):x}'}

    def ports(self):
        """Serial and parallel ports, or a console alone."""
        words = [word for word, _ in mapping.section('devices/serial').row('@type')[0].words]
        count = self.dice.choice([0, 0, 1, 2, 4])
        for place in sorted(self.dice.sample(range(4), count)):
            word = self.dice.choice(words)
            other = self.dice.choice([None, None, '16450', '16750'])
            given = {'vbox:uart/@type': other, **({'target/model/@name': None} if other else {})}
            yield self.device('serial', {**self.source(word, place), **self.isa(), **given}, word)
        if count == 0 and self.chance(0.8):
            word = self.dice.choice(words)
            yield self.device('console', {**self.source(word, 0), 'alias': None, 'address': None},
                              word)
        for place in range(self.dice.choice([0, 0, 1, 2])):
            word = self.dice.choice(['dev', 'null'])
            yield self.device('parallel', {'@type': word, 'source/@path': f'/dev/parport{place}',
                                           'target/@port': str(place), **self.isa()}, word)

    def inputs(self):
        """Pointing devices and keyboards that VirtualBox can have together."""
        pointing = self.dice.choice([(), ('mouse ps2',), ('mouse usb',), ('mouse ps2', 'mouse usb'),
                                     ('tablet usb',), ('tablet usb', 'mouse ps2'), ('tablet',)])
        keys = self.dice.choice([(), ('keyboard ps2',), ('keyboard usb', 'keyboard ps2'),
                                 ('keyboard',)])
        for words in pointing + keys:
            type_, _, bus = words.partition(' ')
            yield self.device('input', {'@type': type_, '@bus': bus or None})

    def tpm(self):
        """At most one."""
        if self.chance(0.3):
            word = self.dice.choice(['emulator', 'passthrough'])
            yield self.device('tpm', {'backend/@type': word, 'backend/device/@path': '/dev/tpm0'},
                              word)

    def graphics(self):
        """A display server, a window, both or none."""
        word = self.dice.choice([None, 'vnc', 'vnc', 'rdp'])
        if word is not None:
            yield self.device('graphics', self.server(word), word)
        word = self.dice.choice([None, 'sdl', 'desktop'])
        if word is not None:
            yield self.device('graphics', {'@type': word}, word)

    def server(self, word):
        """What of a display server's rows goes together."""
        port = str(self.dice.randint(1024, 65535))
        given = dict(self.dice.choice([{}, {'@port': '-1'}, {'@port': port}, {'@autoport': 'yes'},
                                       {'@port': '-1', '@autoport': 'yes'},
                                       {'@port': port, '@autoport': 'no'}]))
        given = {'@port': None, '@autoport': None, '@type': word, **given,
                 'vbox:auth/@library': self.dice.choice([None, '/usr/lib/auth lib.so'])}
        listen = self.dice.choice([None, '127.0.0.1', '0.0.0.0', '::1'])
        both = self.chance(0.5)
        given.update({'@listen': listen, 'listen/@type': listen and both and 'address' or None,
                      'listen/@address': listen if both else None})
        if word == 'vnc':
            given.update({'@replaceUser': None, '@multiUser': None})
        else:
            given['@passwd'] = None
        return given

    def sound(self):
        """A sound card and the host's side of it."""
        if self.chance(0.5):
            models = [word for word, _ in mapping.section('devices/sound').row('@model')[0].words]
            model = self.dice.choice([word for word in models if word != 'virtio'])
            chip = self.dice.choice([None, 'ad1980']) if model == 'ac97' else None
            yield self.device('sound', {'@model': model, 'vbox:codec/@chip': chip})
        if self.chance(0.3):
            yield self.device('audio', {'@id': str(self.dice.randint(1, 255)),
                                        '@type': self.dice.choice(['none', 'oss', 'alsa', 'pulseaudio'])})

    def video(self):
        """A graphics adapter for PCs."""
        if not self.chance(0.6):
            return
        model = self.dice.choice(['vga', 'vbox', 'vmvga', 'none'])
        given = {'model/@type': model, 'model/@vram': str(1024 * self.dice.randint(16, 256)),
                 'model/@heads': str(self.dice.randint(1, 8))}
        if model not in ('vbox', 'vmvga'):
            given['model/acceleration/@accel3d'] = None
        if model == 'none':
            given.update({'model/@vram': None, 'model/@heads': None})
        yield self.device('video', given)

    def hostdevs(self):
        """USB devices of the host."""
        for _ in range(self.dice.choice([0, 0, 1, 3])):
            yield self.device('hostdev', {
                'source/vendor/@id': f'0x{self.dice.choice([1, 0x46d, 0xffff]):04x}',
                'source/product/@id': f'0x{self.dice.choice([0, 0xc31c, 0xffff]):04x}', **self.filter()})

    def filter(self):
        """What else a filter of USB devices demands: numbers as VirtualBox writes them, or patterns."""
        numbers = [None, '0001', 'ffff', '1-2', f'{self.dice.randrange(65536):04x}']
        texts = [None, 'Maker & Co', self.text()]
        return {**{f'vbox:filter/@{name}': self.dice.choice(numbers) for name in ('revision', 'port')},
                **{f'vbox:filter/@{name}': self.dice.choice(texts)
                   for name in ('manufacturer', 'product', 'serialNumber')}}

    # ---- all together ----

    def domain(self, name=None, uuid=None):
        """The document, as a tree; with a uuid it is for a machine that is there, which keeps the
        number of its adapters when its chipset changes."""
        root = etree.Element('domain', type='vbox')
        vcpus = self.dice.randint(1, 8)
        given = {'@type': 'vbox', 'name': name or f'random {self.number} ä&-{self.dice.randrange(99)}',
                 'title': self.text(), 'vcpu': str(vcpus), **self.memory(),
                 'vbox:groups': self.dice.choice([None, '/a', '/a/b,/c']),
                 'devices/emulator': self.dice.choice([None, '/usr/lib/virtualbox/VBoxHeadless'])}
        if uuid is not None:
            given['uuid'] = uuid
        is_less = vcpus > 1 and self.chance(0.3)  # which implies plugging
        given['vcpu/@current'] = str(self.dice.randint(1, vcpus - 1)) if is_less else None
        given['vbox:vcpu/@hotPlug'] = None if is_less else self.dice.choice([None, 'yes', 'no'])
        os = self.os()
        root.append(os)
        given.update(self.smbios())
        parts = {'cpu': lambda: self.cpu(str(vcpus)), 'cputune': self.cputune, 'features': self.features,
                 'clock': self.clock}
        for section in mapping.sections():
            if section.path == '':
                self.fill(root, section, given)
            elif section.path == 'vbox:bandwidthGroup':
                root.extend(self.fill(etree.Element(mapping.qualified(section.path)), section,
                                      {'@name': name, '@type': type_}) for name, type_ in self.groups.items())
            elif section.path not in ('os', 'devices') and not section.path.startswith('devices/') \
                    and self.chance(0.7):
                more = parts.get(section.path, dict)()
                node = etree.Element(mapping.qualified(section.path))
                root.append(self.fill(node, section, {**given, **more}, more.get('@offset')))
        is_ich9 = os.find('type').get('machine', '').lower() in ('ich9', 'q35', 'pc-q35-')
        if is_ich9:
            self.add_apic(root)
        self.devices(root, uuid is None, is_ich9)
        return root

    @staticmethod
    def add_apic(root):
        """<features><apic/></features>: VirtualBox starts no such machine without."""
        features = root.find('features')
        if features is None:
            features = etree.SubElement(root, 'features')
        if features.find('apic') is None:
            etree.SubElement(features, 'apic')

    def devices(self, root, is_new, is_ich9):
        """<devices>, in any order."""
        node = root.find('devices')
        if node is None:
            node = etree.SubElement(root, 'devices')
        places = self.places(is_new)
        nics = 12 if is_ich9 and is_new else 8
        parts = [list(self.controllers(places)), list(self.disks(places)),
                 list(self.interfaces(nics)), list(self.usb()), list(self.filesystems()),
                 list(self.ports()), list(self.inputs()), list(self.tpm()), list(self.graphics()),
                 list(self.sound()), list(self.video()), list(self.hostdevs())]
        self.dice.shuffle(parts)
        for part in parts:
            node.extend(part)
        given = {**self.iommu(is_ich9), 'channel': self.some(CHANNELS), 'redirdev': self.some(REDIRECTIONS)}
        for section in mapping.sections():
            if section.path == 'devices':
                self.fill(node, section, given)


ADDRESS = ('address/@type', 'address/@controller', 'address/@bus', 'address/@target', 'address/@unit')


def target_name(bus, controller, number):
    """The name that stands for a place: hdc is IDE 1:0."""
    if bus == 'nvme':
        return f'nvme{controller}n{number + 1}'
    return PREFIXES[bus] + LETTERS[number]


def put(node, path, value):
    """Writes a value to a row's place below an element; (text, unit) is a size."""
    parts = path.split('/')
    unit = None
    if isinstance(value, tuple):
        value, unit = value
    for part in parts:
        if part.startswith('@'):
            node.set(part[1:], value)
            return
        if part == '.':
            continue
        if part is parts[-1] and (etree.iselement(value) or isinstance(value, list)):
            node.extend(value if isinstance(value, list) else [value])
            return
        tag, which = mapping.step(part)
        while mapping.child(node, part) is None:
            added = etree.SubElement(node, tag)
            if isinstance(which, tuple):
                added.set(*which)
        node = mapping.child(node, part)
    if value is not PRESENT and not etree.iselement(value):
        node.text = value
    if unit is not None:
        node.set('unit', unit)

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Issue 2, 5.2: what the XML asks for is what VBoxManage says, one row for each property.

The rows are written from libvirt's documentation and VirtualBox's manual, not from our tables."""
import re

import libvirt
import pytest

from commands import machine_lines, vboxmanage
from domains import fails

DOMAIN = '''<domain type='vbox'>
  <name>{name}</name>
  {memory}
  <vcpu>{vcpu}</vcpu>
  {os}
  {top}
  <devices>{devices}</devices>
</domain>'''
OS = '<os><type>hvm</type></os>'
MEMORY = "<memory unit='MiB'>16</memory>"


def nic(kind="type='user'", inner=''):
    """An <interface>."""
    return f'<interface {kind}>{inner}</interface>'


def disk(target, file='/usr/share/testbed/boot.img', device='floppy', bus='fdc', inner=''):
    """A <disk>."""
    source = f"<source file='{file}'/>" if file else ''
    return f"<disk type='file' device='{device}'>{source}<target dev='{target}' bus='{bus}'/>" \
           f'{inner}</disk>'


def boot(*devices):
    """An <os> with an order of devices."""
    return '<os><type>hvm</type>' + ''.join(f"<boot dev='{each}'/>" for each in devices) + '</os>'


def memory(value, unit=None):
    """A <memory>."""
    unit = f" unit='{unit}'" if unit else ''
    return f'<memory{unit}>{value}</memory>'


def usb(vendor, product):
    """A USB <hostdev>."""
    return "<hostdev mode='subsystem' type='usb'><source>" \
           f"<vendor id='{vendor}'/><product id='{product}'/></source></hostdev>"


def serial(kind, source, port=0):
    """A <serial>."""
    return f"<serial type='{kind}'><source {source}/><target port='{port}'/></serial>"


# title: (what differs from the smallest domain, patterns of lines that VBoxManage must print)
ROWS = {
    'memory in KiB': (dict(memory=memory(65536)), ['memory=64']),
    'memory in KiB, said so': (dict(memory=memory(65536, 'KiB')), ['memory=64']),
    'memory in k': (dict(memory=memory(65536, 'k')), ['memory=64']),
    'memory in KB': (dict(memory=memory(67000, 'KB')), ['memory=64']),
    'memory in bytes': (dict(memory=memory(67108864, 'b')), ['memory=64']),
    'memory in MiB': (dict(memory=memory(64, 'MiB')), ['memory=64']),
    'memory in M': (dict(memory=memory(64, 'M')), ['memory=64']),
    'memory in MB': (dict(memory=memory(64, 'MB')), ['memory=62']),
    'memory in GiB': (dict(memory=memory(1, 'GiB')), ['memory=1024']),
    'memory in G': (dict(memory=memory(1, 'G')), ['memory=1024']),
    'memory in GB': (dict(memory=memory(1, 'GB')), ['memory=954']),
    'memory that is rounded up': (dict(memory=memory(16385)), ['memory=17']),
    'a balloon': (dict(memory=memory(64, 'MiB') + "<currentMemory unit='MiB'>48</currentMemory>"),
                  ['memory=64', 'GuestMemoryBalloon=16']),
    'two processors': (dict(vcpu=2), ['cpus=2']),
    'eight processors': (dict(vcpu=8), ['cpus=8']),
    'boot from disk': (dict(os=boot('hd')), ['boot1="disk"', 'boot2="none"']),
    'boot from network': (dict(os=boot('network', 'cdrom')), ['boot1="net"', 'boot2="dvd"',
                                                              'boot3="none"']),
    'boot from all': (dict(os=boot('fd', 'network', 'hd', 'cdrom')),
                      ['boot1="floppy"', 'boot2="net"', 'boot3="disk"', 'boot4="dvd"']),
    'BIOS': (dict(os="<os firmware='bios'><type>hvm</type></os>"), ['firmware="BIOS"']),
    'EFI': (dict(os="<os firmware='efi'><type>hvm</type></os>"), ['firmware="EFI.*"']),
    'a 64-bit machine': (dict(os="<os><type arch='x86_64'>hvm</type></os>"), ['longmode="on"']),
    'a 32-bit machine': (dict(os="<os><type arch='i686'>hvm</type></os>"), ['longmode="off"']),
    'features': (dict(top='<features><acpi/><apic/><pae/></features>'),
                 ['acpi="on"', 'ioapic="on"', 'pae="on"']),
    'no features': (dict(top='<features/>'), ['acpi="off"', 'ioapic="off"', 'pae="off"']),
    'one feature': (dict(top='<features><acpi/></features>'),
                    ['acpi="on"', 'ioapic="off"', 'pae="off"']),
    'UTC': (dict(top="<clock offset='utc'/>"), ['rtcuseutc="on"']),
    'local time': (dict(top="<clock offset='localtime'/>"), ['rtcuseutc="off"']),
    'IDE': (dict(devices="<controller type='ide' index='0' model='piix4'/>"),
            ['storagecontrollertype0="PIIX4"']),
    'IDE PIIX3': (dict(devices="<controller type='ide' index='0' model='piix3'/>"),
                  ['storagecontrollertype0="PIIX3"']),
    'IDE ICH6': (dict(devices="<controller type='ide' index='0' model='ich6'/>"),
                 ['storagecontrollertype0="ICH6"']),
    'SATA': (dict(devices="<controller type='sata' index='0'/>"),
             ['storagecontrollertype0="IntelAhci"']),
    'SCSI': (dict(devices="<controller type='scsi' index='0' model='lsilogic'/>"),
             ['storagecontrollertype0="LsiLogic"']),
    'SCSI BusLogic': (dict(devices="<controller type='scsi' index='0' model='buslogic'/>"),
                      ['storagecontrollertype0="BusLogic"']),
    'SAS': (dict(devices="<controller type='scsi' index='0' model='lsisas1068'/>"),
            ['storagecontrollertype0="LsiLogicSas"']),
    'floppy': (dict(devices=disk('fda')), ['storagecontrollertype0="I82078"',
                                           '"[^"]*-0-0"="/usr/share/testbed/boot.img"']),
    'second floppy': (dict(devices=disk('fdb')), ['"[^"]*-0-1"="/usr/share/testbed/boot.img"']),
    'empty CD-ROM': (dict(devices=disk('hdc', '', 'cdrom', 'ide')),
                     ['"[^"]*-1-0"="emptydrive"']),
    'empty CD-ROM on SATA': (dict(devices=disk('sdb', '', 'cdrom', 'sata')),
                             ['storagecontrollertype0="IntelAhci"', '"[^"]*-1-0"="emptydrive"']),
    'CD-ROM with an image': (dict(devices=disk('hda', 'ISO', 'cdrom', 'ide', '<readonly/>')),
                             ['"[^"]*-0-0"="ISO"']),
    'disk on IDE': (dict(devices=disk('hdd', 'VDI', 'disk', 'ide')), ['"[^"]*-1-1"="VDI"']),
    'disk on SATA': (dict(devices=disk('sdc', 'VDI', 'disk', 'sata')), ['"[^"]*-2-0"="VDI"']),
    'disk on SCSI': (dict(devices=disk('sdb', 'VDI', 'disk', 'scsi')), ['"[^"]*-1-0"="VDI"']),
    'NAT': (dict(devices=nic()), ['nic1="nat"', 'nic2="none"']),
    'bridge': (dict(devices=nic("type='bridge'", "<source bridge='eth0'/>")),
               ['nic1="bridged"', 'bridgeadapter1="eth0"']),
    'internal': (dict(devices=nic("type='internal'", "<source name='inner'/>")),
                 ['nic1="intnet"', 'intnet1="inner"']),
    'nowhere': (dict(devices=nic("type='null'")), ['nic1="null"']),
    'a MAC': (dict(devices=nic(inner="<mac address='00:16:3E:ab:CD:ef'/>")),
              ['macaddress1="00163EABCDEF"']),
    'a MAC of VirtualBox': (dict(devices=nic()), ['macaddress1="080027[0-9A-F]{6}"']),
    'a pulled cable': (dict(devices=nic(inner="<link state='down'/>")), ['cableconnected1="off"']),
    'a plugged cable': (dict(devices=nic(inner="<link state='up'/>")), ['cableconnected1="on"']),
    'eight adapters': (dict(devices=nic() * 8), [f'nic{n}="nat"' for n in range(1, 9)]),
    'AC97': (dict(devices="<sound model='ac97'/>"), ['audio_out="on"']),
    'a file as serial port': (dict(devices=serial('file', "path='/tmp/out'")),
                              ['uart1="0x03f8,4"', 'uartmode1="file,/tmp/out"']),
    'a device as serial port': (dict(devices=serial('dev', "path='/dev/ttyS3'", 1)),
                                ['uart1="off"', 'uart2="0x02f8,3"', 'uartmode2="/dev/ttyS3"']),
    'a pipe as serial port': (dict(devices=serial('pipe', "path='/tmp/p'")),
                              ['uartmode1="client,/tmp/p"']),
    'a socket as serial port': (dict(devices=serial('unix', "mode='bind' path='/tmp/s'")),
                                ['uartmode1="server,/tmp/s"']),
    'TCP as serial port': (dict(devices=serial('tcp', "mode='bind' host='0.0.0.0' service='7'")),
                           ['uartmode1="tcpserver,7"']),
    'a parallel port': (dict(devices="<parallel type='dev'><source path='/dev/parport0'/>"
                                     "<target port='0'/></parallel>"),
                        ['lpt1="0x03[7b][8c],.*"', 'lptmode1="/dev/parport0"']),
    'video memory': (dict(devices="<video><model type='vbox' vram='32768' heads='2'/></video>"),
                     ['vram=32', 'monitorcount=2']),
    'RDP': (dict(devices="<graphics type='rdp' port='3390'/>"), ['vrde="on"', 'vrdeports="3390"']),
    'no window': (dict(devices=''), ['vrde="off"']),
    'a window': (dict(devices="<graphics type='desktop'/>"), ['defaultfrontend="gui"']),
    'USB filters': (dict(devices=usb('0x1234', '0x00ef') + usb('0xabcd', '0x0001')),
                    ['USBFilterVendorId1="1234"', 'USBFilterProductId1="00ef"',
                     'USBFilterVendorId2="abcd"', 'USBFilterProductId2="0001"']),
    'a shared folder': (dict(devices="<filesystem type='mount'><source dir='/tmp'/>"
                                     "<target dir='share'/></filesystem>"),
                        ['SharedFolderNameMachineMapping1="share"',
                         'SharedFolderPathMachineMapping1="/tmp"']),
}
MODELS = {'am79c970a': 'Am79C970A', 'Am79C970A': 'Am79C970A', 'am79c973': 'Am79C973',
          'Am79C973': 'Am79C973', 'pcnet': 'Am79C973', '82540em': '82540EM', '82540EM': '82540EM',
          '82540eM': '82540EM', 'e1000': '82540EM', '82543GC': '82543GC', '82543gc': '82543GC',
          '82545EM': '82545EM', '82545em': '82545EM', 'virtio': 'virtio', 'virtio-net': 'virtio'}
ROWS.update({f'NIC model {word}': (dict(devices=nic(inner=f"<model type='{word}'/>")),
                                   [f'nictype1="{said}"']) for word, said in MODELS.items()})
SOUNDS = {'sb16': 'SB16', 'ac97': 'AC97', 'ich6': 'HDA'}


@pytest.fixture(name='define')
def _define(connection, machines, tmp_path):
    """Defines the smallest domain with something else in it."""
    def define(**parts):
        parts = {'memory': MEMORY, 'vcpu': 1, 'os': OS, 'top': '', 'devices': '', **parts}
        text = DOMAIN.format(name=machines.name(), **parts)
        return connection.defineXML(with_media(text, tmp_path))
    return define


def with_media(text, folder):
    """Puts real images in the place of the words ISO and VDI."""
    if 'ISO' in text:
        (folder / 'disc.iso').write_bytes(bytes(2048 * 64))
    if 'VDI' in text:
        vboxmanage('createmedium', 'disk', '--filename', folder / 'disk.vdi', '--size', '4')
        vboxmanage('closemedium', 'disk', folder / 'disk.vdi')
    return text.replace("'ISO'", f"'{folder}/disc.iso'").replace("'VDI'", f"'{folder}/disk.vdi'")


@pytest.mark.parametrize('title', ROWS)
def test_property(define, tmp_path, title):
    """VBoxManage says it, and defining what libvirt says changes nothing."""
    parts, patterns = ROWS[title]
    domain = define(**parts)
    facts = machine_lines(domain.UUIDString())
    for pattern in patterns:
        pattern = pattern.replace('"ISO"', f'"{tmp_path}/disc.iso"') \
            .replace('"VDI"', f'"{tmp_path}/disk.vdi"')
        assert any(re.fullmatch(pattern, line) for line in facts), \
            f'{pattern} is not in:\n' + '\n'.join(facts)
    dump = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    domain.connect().defineXML(dump)
    assert domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE) == dump
    assert machine_lines(domain.UUIDString()) == facts


@pytest.mark.parametrize('model', SOUNDS)
def test_sound(define, model):
    domain = define(devices=f"<sound model='{model}'/>")
    assert re.search(f'Audio: .*{SOUNDS[model]}', vboxmanage('showvminfo', domain.UUIDString()))


def test_title_and_description(define):
    domain = define(top='<title>A &lt;title&gt;</title><description>Two\nlines &amp; ü</description>')
    dump = domain.XMLDesc()
    assert '<title>A &lt;title&gt;</title>' in dump
    facts = '\n'.join(machine_lines(domain.UUIDString()))
    assert 'description="Two\nlines & ü"' in facts


@pytest.mark.parametrize('text', ['a7c2d01e5b9f4836bd44e0917f3c6a52',
                                  'A7C2D01E-5B9F-4836-BD44-E0917F3C6A52'])
def test_uuid(define, text):
    domain = define(top=f'<uuid>{text}</uuid>')
    assert domain.UUIDString() == 'a7c2d01e-5b9f-4836-bd44-e0917f3c6a52'
    assert 'UUID="a7c2d01e-5b9f-4836-bd44-e0917f3c6a52"' in machine_lines(domain.UUIDString())


@pytest.mark.parametrize('parts', [
    dict(devices=nic(inner="<model type='ne3000'/>")),
    dict(devices=nic("type='bridge'", '')),
    dict(devices=nic("type='vhostuser'", '')),
    dict(devices="<sound model='ich9000'/>"),
    dict(devices="<controller type='scsi' model='nothing'/>"),
    dict(devices="<controller type='unknown'/>"),
    dict(devices=disk('vda', 'VDI', 'disk', 'virtio')),
    dict(devices=disk('hda', 'VDI', 'disk', 'floppy')),
    dict(devices=nic() * 9),
    dict(devices='<watchdog model="i6300esb"/>'),
    dict(top='<features><viridian/></features>'),
    dict(top='<cputune><shares>1</shares></cputune>'),
    dict(memory=memory(64, 'stones')),
    dict(memory=memory(-1)),
    dict(vcpu=0),
    dict(vcpu=10000),
    dict(os='<os><type>xen</type></os>'),
    dict(os=boot('tape')),
], ids=str)
def test_what_virtualbox_cannot_do_is_refused(define, parts):
    """With a libvirt code of its own for it, and the place in the message."""
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, libvirt.VIR_ERR_XML_ERROR,
               libvirt.VIR_ERR_XML_DETAIL, containing='/domain'):
        define(**parts)

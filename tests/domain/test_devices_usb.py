# SPDX-License-Identifier: LGPL-2.1-or-later
"""USB controllers, input devices, devices and folders of the host, TPM, and what is only kept."""
import itertools

import libvirt
import pytest

import commands
import settings
from domains import fails, xml

UNSUPPORTED = libvirt.VIR_ERR_CONFIG_UNSUPPORTED
INACTIVE = libvirt.VIR_DOMAIN_XML_INACTIVE
WORDS = {'pci-ohci': 'usb', 'ehci': 'ehci', 'qemu-xhci': 'xhci'}


@pytest.fixture
def redefine(connection):
    """Defines a domain anew with other devices."""
    def define(domain, devices):
        return connection.defineXML(xml(domain.name(), uuid=domain.UUIDString(), devices=devices))
    return define


def controllers(*models):
    """<controller>s."""
    return ''.join(f"<controller type='usb' model='{model}'/>" for model in models)


def shown_models(tree):
    """The models of a dump."""
    return [each.get('model') for each in tree.iterfind("devices/controller[@type='usb']")]


def hostdev(vendor, product, more=''):
    """A <hostdev>."""
    return f"<hostdev mode='subsystem' type='usb'{more}><source><vendor id='{vendor}'/>" \
           f"<product id='{product}'/></source></hostdev>"


def filters(said):
    """The names of the device filters, in their order."""
    names = (said.get(f'USBFilterName{number}') for number in itertools.count(1))
    return list(itertools.takewhile(lambda name: name is not None, names))


# --- controllers -----------------------------------------------------------------------------

@pytest.mark.parametrize('count', range(4))
def test_usb_controllers(defined, redefine, stands, facts, count):
    domain = defined(xml('a', devices=controllers('pci-ohci', 'ehci', 'qemu-xhci')))
    for models in itertools.permutations(WORDS, count):
        redefine(domain, controllers(*models))
        said = facts(domain)
        assert {model for model, word in WORDS.items() if said[word] == 'on'} == set(models)
        assert set(shown_models(stands(domain))) == set(models)


def test_usb_controller_aliases(defined, stands, facts):
    domain = defined(xml('a', devices=controllers('ich9-ehci1', 'nec-xhci')))
    assert (facts(domain)['ehci'], facts(domain)['xhci'], facts(domain)['usb']) == ('on', 'on', 'off')
    assert shown_models(stands(domain)) == ['ehci', 'qemu-xhci']


@pytest.mark.parametrize('device', ["<input type='tablet'/>", hostdev(1, 2)])
def test_usb_controller_is_implied(defined, redefine, stands, facts, device):
    domain = defined(xml('a', devices=device))
    assert shown_models(stands(domain)) == ['pci-ohci']
    redefine(domain, device + controllers('none'))
    assert facts(domain)['usb'] == 'off'
    assert shown_models(stands(domain)) == ['none']
    redefine(domain, device + controllers('ehci'))
    assert shown_models(stands(domain)) == ['ehci']


def test_foreign_usb(connection, machines, stands):
    machine = machines.make(None, '--usb-xhci', 'on', '--usb-ehci', 'on')
    assert set(shown_models(stands(connection.lookupByName(machine.name)))) >= {'ehci', 'qemu-xhci'}
    # devices without a controller do nothing, and must not get one by being defined again
    machine = machines.make(None, '--mouse', 'usbtablet', '--keyboard', 'usb')
    machine.manage('modifyvm', '--usb-ohci', 'off')
    assert shown_models(stands(connection.lookupByName(machine.name))) == ['none']


# --- input -----------------------------------------------------------------------------------

@pytest.mark.parametrize('given, pointing, keyboard', [
    ('', 'ps2mouse', 'ps2kbd'),
    ("<input type='mouse' bus='usb'/>", 'usbmouse', 'ps2kbd'),
    ("<input type='mouse' bus='usb'/><input type='mouse' bus='ps2'/>", 'combomouse', 'ps2kbd'),
    ("<input type='tablet' bus='usb'/>", 'usbtablet', 'ps2kbd'),
    ("<input type='tablet'/><input type='mouse'/><input type='keyboard'/>", 'usbtablet', 'ps2kbd'),
    ("<input type='keyboard' bus='usb'/>", 'ps2mouse', 'usbkbd'),
    ("<input type='keyboard' bus='usb'/><input type='keyboard' bus='ps2'/>", 'ps2mouse', 'combokbd'),
])
def test_input(defined, redefine, stands, facts, given, pointing, keyboard):
    domain = defined(xml('a', devices=given))
    said = facts(domain)
    assert (said['hidpointing'], said['hidkeyboard']) == (pointing, keyboard)
    stands(domain)
    # without any element, it stays
    redefine(domain, '')
    said = facts(domain)
    assert (said['hidpointing'], said['hidkeyboard']) == (pointing, keyboard)
    redefine(domain, "<input type='mouse'/><input type='keyboard'/>")
    said = facts(domain)
    assert (said['hidpointing'], said['hidkeyboard']) == ('ps2mouse', 'ps2kbd')


def test_input_refused(connection, unchanged):
    with fails(UNSUPPORTED, containing='either a USB tablet or a USB mouse'):
        connection.defineXML(xml('a', devices="<input type='tablet'/><input type='mouse' bus='usb'/>"))


@pytest.mark.parametrize('mouse', ['ps2', 'usb', 'usbtablet', 'usbmultitouch', 'usbmtscreenpluspad'])
def test_foreign_input(connection, machines, stands, mouse):
    machine = machines.make(None, '--mouse', mouse, '--keyboard', 'usb', '--usb-ohci', 'on')
    types = {(each.get('type'), each.get('bus')) for each in
             stands(connection.lookupByName(machine.name)).iterfind('devices/input')}
    expected = {'ps2': {('mouse', 'ps2')}, 'usb': {('mouse', 'usb')}}
    assert types == expected.get(mouse, {('tablet', 'usb'), ('mouse', 'ps2')}) | {('keyboard', 'usb')}


# --- devices of the host ---------------------------------------------------------------------

def test_hostdev(defined, redefine, stands, facts):
    domain = defined(xml('a', devices=hostdev('0x1234', '0xBEEF', " managed='yes'") +
                         hostdev('0x4321', '0xfeeb')))
    said = facts(domain)
    assert filters(said) == ['1234:beef', '4321:feeb']
    assert (said['USBFilterActive1'], said['USBFilterVendorId1'], said['USBFilterProductId1'],
            said['USBFilterSerialNumber1']) == ('on', '1234', 'beef', '')
    assert [each.get('managed') for each in stands(domain).iterfind('devices/hostdev')] == \
        ['yes', 'no']
    redefine(domain, hostdev('0x4321', '0xfeeb') + hostdev('1', '2') + hostdev('1', '2', " managed='yes'"))
    assert filters(facts(domain)) == ['4321:feeb', '0001:0002', '0001:0002']
    assert [each.get('managed') for each in stands(domain).iterfind('devices/hostdev')] == \
        ['no', 'no', 'yes']
    redefine(domain, '')
    assert not filters(facts(domain))
    stands(domain)


def test_foreign_filters(connection, machines, redefine, stands, facts):
    """What libvirt cannot say of a filter is ours; what is no hostdev is not seen and not touched."""
    machine = machines.make(None, '--usb-ohci', 'on')
    foreign = {
        'full': ('--vendorid', '1234', '--productid', 'beef', '--revision', '0100',
                 '--manufacturer', 'Maker', '--product', 'Thing', '--serialnumber', 'S1',
                 '--port', '3', '--remote', 'no'),
        'vendor': ('--vendorid', '1234'),
        'pattern': ('--vendorid', '1000-2000', '--productid', 'beef'),
        'inactive': ('--vendorid', '1234', '--productid', 'beef', '--active', 'no'),
        'remote': ('--vendorid', '1234', '--productid', 'beef', '--remote', 'yes'),
        'plain': ('--vendorid', '4321', '--productid', 'feeb'),
    }
    for number, (name, words) in enumerate(foreign.items()):
        commands.vboxmanage('usbfilter', 'add', number, '--target', machine.uuid, '--name', name,
                            *words)
    domain = connection.lookupByName(machine.name)
    tree = stands(domain)
    assert [each.get('id') for each in tree.iterfind('devices/hostdev/source/vendor')] == \
        ['0x1234', '0x4321']
    before = facts(domain)
    ours = "<vbox:filter revision='0100' manufacturer='Maker' product='Thing' serialNumber='S1' port='3'/>"
    kept = tree.find('devices/hostdev/{urn:vboxvirt:1}filter')
    assert dict(kept.attrib) == {'revision': '0100', 'manufacturer': 'Maker', 'product': 'Thing',
                                 'serialNumber': 'S1', 'port': '0003'}
    full = hostdev('0x1234', '0xbeef').replace('</hostdev>', ours + '</hostdev>')
    redefine(domain, controllers('pci-ohci') + full + hostdev('0x1111', '0x2222'))
    said = facts(domain)
    assert filters(said) == ['full', 'vendor', 'pattern', 'inactive', 'remote', '1111:2222']
    full = {key: value for key, value in before.items()
            if key.startswith('USBFilter') and key.endswith('1')}
    assert len(full) > 6
    assert {key: said[key] for key in full} == full
    redefine(domain, controllers('pci-ohci'))
    assert filters(facts(domain)) == ['vendor', 'pattern', 'inactive', 'remote']
    stands(domain)


def test_filter_numbers(defined, redefine, stands, facts, same):
    """A number is dumped as VirtualBox has it."""
    text = hostdev('0x1234', '0xbeef').replace('</hostdev>', '<vbox:filter {}/></hostdev>')
    domain = defined(xml('a', devices=text.format("revision='0x12' port='1'")))
    kept = stands(domain).find('devices/hostdev/{urn:vboxvirt:1}filter')
    assert dict(kept.attrib) == {'revision': '0012', 'port': '0001'}
    assert facts(domain)['USBFilterRevision1'] == '0012'
    with same(), fails(libvirt.VIR_ERR_INVALID_ARG, containing='hostdev/vbox:filter/@port: '):
        redefine(domain, text.format("port='10000'"))
    redefine(domain, text.format("port='1-2'"))
    assert dict(stands(domain).find('devices/hostdev/{urn:vboxvirt:1}filter').attrib) == {'port': '1-2'}


# --- shared folders --------------------------------------------------------------------------

def folder(source, target, more=''):
    """A <filesystem>."""
    return f"<filesystem type='mount'><source dir='{source}'/><target dir='{target}'/>{more}" \
           '</filesystem>'


def folders(machine):
    """The lines of `VBoxManage showvminfo` about shared folders."""
    lines = commands.vboxmanage('showvminfo', machine).splitlines()
    return [line for line in lines if line.startswith('Name: ') and 'Host path:' in line]


def test_filesystem(defined, redefine, stands, tmp_path):
    domain = defined(xml('a', devices=folder('/tmp', 'one [1]') + folder(tmp_path, 'two', '<readonly/>')))
    first, second = folders('a')
    assert "'one [1]', Host path: '/tmp' (machine mapping), writable" in first
    assert f"'two', Host path: '{tmp_path}' (machine mapping), readonly" in second
    shown = stands(domain).findall('devices/filesystem')
    assert [each.find('readonly') is not None for each in shown] == [False, True]
    redefine(domain, folder('/tmp', 'two') + folder('/usr', 'three'))
    assert [line.split(',')[0] for line in folders('a')] == ["Name: 'two'", "Name: 'three'"]
    assert all('writable' in line for line in folders('a'))
    stands(domain)
    redefine(domain, '')
    assert not folders('a')


def test_filesystem_keeps(defined, stands):
    mode = "<filesystem accessmode='mapped'><driver type='path'/><source dir='/tmp'/>" \
           "<target dir='t'/></filesystem>"
    shown = stands(defined(xml('a', devices=mode))).find('devices/filesystem')
    assert (shown.get('accessmode'), shown.find('driver').get('type')) == ('mapped', 'path')


def test_foreign_folders(connection, machines, redefine, stands, tmp_path):
    machine = machines.make()
    commands.vboxmanage('sharedfolder', 'add', machine.uuid, '--name', 'auto', '--hostpath', '/tmp',
                        '--readonly', '--automount', '--auto-mount-point', '/mnt/auto')
    commands.vboxmanage('sharedfolder', 'modify', machine.uuid, '--name', 'auto',
                        '--symlink-policy', 'forbidden')
    domain = connection.lookupByName(machine.name)
    stands(domain)
    before = folders(machine.uuid)
    assert 'readonly, auto-mount' in before[0] and "mount-point: '/mnt/auto'" in before[0]
    settings = machine.folder / f'{machine.name}.vbox'
    policy = 'symlinkPolicy="forbidden"'
    assert policy in settings.read_text(encoding='utf-8')
    # a folder that moves keeps what it does with links
    mount = "<readonly/><vbox:mount autoMount='yes' autoMountPoint='/mnt/auto'/>"
    redefine(domain, folder(tmp_path, 'auto', mount))
    assert folders(machine.uuid) == [before[0].replace("'/tmp'", f"'{tmp_path}'")]
    assert policy in settings.read_text(encoding='utf-8')
    redefine(domain, folder(tmp_path, 'auto', mount.replace('/mnt/auto', '/mnt/b')))
    assert "mount-point: '/mnt/b'" in folders(machine.uuid)[0]
    redefine(domain, folder(tmp_path, 'auto', '<readonly/>'))
    assert 'auto-mount' not in folders(machine.uuid)[0]


def test_filesystem_must_exist(connection, unchanged):
    with fails(*range(1, 100), containing='/domain/devices/filesystem/source/@dir: '):
        connection.defineXML(xml('a', devices=folder('/nowhere', 'x')))


# --- TPM, and what is kept -------------------------------------------------------------------

@pytest.mark.parametrize('version, type_', [('1.2', 'v1_2'), ('2.0', 'v2_0')])
def test_tpm(defined, redefine, stands, version, type_):
    tpm = f"<tpm><backend type='emulator' version='{version}'/></tpm>"
    domain = defined(xml('a', devices=tpm))
    assert f'<TrustedPlatformModule type="{type_}"' in settings.of_machine(domain.UUIDString())
    shown = stands(domain).find('devices/tpm')
    assert shown.find('backend').get('version') == version
    redefine(domain, '')
    assert stands(domain).find('devices/tpm') is None


def test_tpm_of_the_host(defined, stands):
    device = "<tpm model='tpm-tis'><backend type='passthrough'><device path='/dev/tpm1'/></backend></tpm>"
    shown = stands(defined(xml('a', devices=device))).find('devices/tpm')
    assert (shown.get('model'), shown.find('backend/device').get('path')) == ('tpm-tis', '/dev/tpm1')


def test_foreign_tpm(connection, machines, stands):
    machine = machines.make(None, '--tpm-type', 'swtpm', '--tpm-location', 'localhost:1')
    assert stands(connection.lookupByName(machine.name)).find('devices/tpm') is None


ADVICE = '''<memballoon model='virtio'><stats period='5'/></memballoon>
<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
<sound model='ac97'><alias name='ua-sound'/>
  <address type='pci' domain='0x0000' bus='0x00' slot='0x04' function='0x0'/></sound>
<controller type='usb' model='qemu-xhci' ports='15'><alias name='ua-usb'/></controller>
<hostdev type='usb'><source startupPolicy='optional'><vendor id='1'/><product id='2'/></source>
  <alias name='ua-dev'/></hostdev>
<input type='tablet' bus='usb'><alias name='ua-in'/><address type='usb' bus='0' port='1'/></input>
<video><model type='vga'/><alias name='ua-video'/></video>
<filesystem><source dir='/tmp'/><target dir='t'/><alias name='ua-fs'/></filesystem>
<serial type='null'><alias name='ua-serial'/></serial>
<parallel type='null'><alias name='ua-par'/></parallel>'''


def test_kept(defined, redefine, stands):
    domain = defined(xml('a', devices=ADVICE))
    tree = stands(domain)
    assert tree.find('devices/memballoon/stats').get('period') == '5'
    assert tree.findtext('devices/rng/backend') == '/dev/urandom'
    assert len(tree.findall('.//alias')) == 8
    assert tree.find("devices/controller[@type='usb']").get('ports') == '15'
    assert tree.find('devices/sound/address').get('slot') == '0x04'
    redefine(domain, '')
    tree = stands(domain)
    assert tree.find('devices/rng') is None and not tree.findall('.//alias')

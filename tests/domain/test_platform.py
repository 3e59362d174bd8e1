# SPDX-License-Identifier: LGPL-2.1-or-later
"""The machine itself: boot, firmware, processors, features, clock, and what libvirt has no word for."""
import libvirt
import pytest
from lxml import etree

import commands
import settings
from domains import FLOPPY, fails
from waiting import until

OURS = '{urn:vboxvirt:1}'


@pytest.fixture
def platform(defined, stands):
    """Defines a domain of parts of <domain>, or of all of it; gives the domain, its dump as a tree."""
    def make(parts='', **more):
        text = parts if parts.startswith('<domain') else whole(parts, **more)
        domain = defined(text)
        return domain, stands(domain)
    return make


def whole(parts='', name='p', vcpu='<vcpu>1</vcpu>', os='', os_more='', devices=''):
    """A domain's XML."""
    return f"""<domain type='vbox' xmlns:vbox='urn:vboxvirt:1'><name>{name}</name>
        <memory unit='MiB'>64</memory>{vcpu}<os {os}><type>hvm</type>{os_more}</os>
        {parts}<devices>{devices}</devices></domain>"""


def redefine(domain, change):
    """Changes the dump and defines by it; gives the new dump."""
    tree = etree.fromstring(domain.XMLDesc())
    change(tree)
    domain.connect().defineXML(etree.tostring(tree, encoding='unicode'))
    return etree.fromstring(domain.XMLDesc())


NIC = "<interface type='null'><boot order='1'/></interface>"
DRIVE = "<disk device='cdrom'><target dev='hdc'/><boot order='2'/></disk>"


def test_boot_order_of_devices(platform, facts):
    domain, tree = platform(devices=NIC + DRIVE)
    said = facts(domain)
    assert [said[f'boot{place}'] for place in range(1, 5)] == ['net', 'dvd', 'none', 'none']
    assert tree.find('os/boot') is None
    assert tree.find('devices/interface/boot').get('order') == '1'
    assert tree.find('devices/disk/boot').get('order') == '2'
    commands.vboxmanage('modifyvm', 'p', '--boot1', 'disk')
    tree = etree.fromstring(domain.XMLDesc())
    assert [each.get('dev') for each in tree.iterfind('os/boot')] == ['hd', 'cdrom']
    assert tree.find('devices//boot') is None


def machine_tree(domain):
    """The machine's settings file, without VirtualBox's namespace."""
    tree = etree.fromstring(settings.of_machine(domain.UUIDString()).encode())
    for each in tree.iter(etree.Element):
        each.tag = etree.QName(each).localname
    return tree


def setting(domain, path):
    """What stands at 'CPU/HardwareVirtEx@enabled' in a settings file; None: VirtualBox's default."""
    path, _, attribute = path.rpartition('@')
    node = machine_tree(domain).find(f'.//{path}')
    return None if node is None else node.get(attribute)


HOST = "<cpu mode='host-passthrough' check='none' migratable='on'/>"


@pytest.mark.parametrize('text', [
    HOST, "<cpu mode='host-model'/>", "<cpu mode='maximum' check='partial' migratable='off'/>",
    "<cpu mode='host-passthrough'><topology sockets='1' dies='1' cores='1' threads='1'/></cpu>"])
def test_cpu_advice_is_shown(platform, text):
    """What clients write: it changes nothing, and the dump says it."""
    _, tree = platform(text)
    said, shown = etree.fromstring(text), tree.find('cpu')
    assert dict(shown.attrib) == dict(said.attrib)
    assert [dict(each.attrib) for each in shown] == [dict(each.attrib) for each in said]


def test_topology_follows_the_processors(platform):
    domain, tree = platform("<cpu><topology sockets='1' cores='2' threads='1'/></cpu>",
                            vcpu='<vcpu>2</vcpu>')
    assert tree.find('cpu/topology').get('cores') == '2'
    commands.vboxmanage('modifyvm', 'p', '--cpus', '3')
    assert etree.fromstring(domain.XMLDesc()).find('cpu/topology').get('cores') == '3'


@pytest.mark.parametrize('text, message', [
    ("<cpu mode='custom'><model>Skylake-Client</model></cpu>", "has no processor 'Skylake-Client'"),
    ("<cpu mode='host-model'><model>Intel 80386</model></cpu>", "mode='custom' only"),
    ("<cpu><topology sockets='2' cores='1' threads='1'/></cpu>", "one socket"),
    ("<cpu mode='host-model'><feature policy='require' name='avx'/></cpu>", '/domain/cpu/feature'),
    ("<cpu><feature policy='require' name='vmx'/><feature policy='disable' name='svm'/></cpu>",
     'name the host'),
    ("<cpu><feature policy='disable' name='apic'/><feature policy='require' name='x2apic'/></cpu>",
     'x2apic needs apic'),
    ("<cpu><numa/></cpu>", '/domain/cpu/numa'),
    ("<cputune><quota>33333</quota></cputune>", 'whole percents'),
    ("<cputune><shares>3</shares></cputune>", '/domain/cputune/shares'),
    ("<vbox:groups>a</vbox:groups>", "'a' is no group"),
    ("<vbox:cpu GICITS='yes'/>", "architecture 'x86_64'"),
    ("<vbox:cpu tripleFaultReset='maybe'/>", "neither 'yes' nor 'no'"),
    ("<vbox:unknown/>", '/domain/vbox:unknown'),
    ("<features><smm/></features>", "say state='off'"),
    ("<features><kvm><poll-control state='on'/></kvm><hyperv mode='passthrough'/></features>",
     'either <hyperv> or <kvm>'),
    ("<features><kvm/><vbox:paravirt provider='minimal'/></features>", 'contradict'),
    ("<clock offset='timezone' timezone='Europe/Berlin'/>", "'timezone'"),
    ("<clock offset='utc'><timer name='tsc' mode='native'/></clock>", '/domain/clock/timer'),
    ("<clock offset='utc'><timer name='pit' present='no'/></clock>", 'always'),
    ("<sysinfo type='smbios'><bios><entry name='vendor'>V</entry></bios></sysinfo>",
     "<smbios mode='sysinfo'/>"),
    ("<sysinfo type='fwcfg'/>", "'fwcfg'"),
    ("<pm><suspend-to-mem enabled='yes'/></pm>", '/domain/pm'),
    ("<on_reboot>preserve</on_reboot>", "'preserve'"),
    ("<memoryBacking><locked/></memoryBacking>", '/domain/memoryBacking/locked'),
    ("<seclabel type='dynamic'/>", 'seclabel[type=dynamic]'),
    ("<genid/>", '/domain/genid'),
])
def test_refused(connection, unchanged, text, message):
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, libvirt.VIR_ERR_XML_ERROR, containing=message):
        connection.defineXML(whole(text))


@pytest.mark.parametrize('how, inside, message', [
    ('', "<firmware><feature enabled='yes' name='secure-boot'/></firmware>", "need firmware='efi'"),
    ("firmware='efi'", "<firmware><feature enabled='no' name='enrolled-keys'/>"
     "<feature enabled='yes' name='secure-boot'/></firmware>", 'needs enrolled-keys'),
    ("firmware='efi'", "<loader>/usr/share/OVMF/OVMF_CODE.fd</loader>", "<os firmware='efi'>"),
    ("firmware='efi'", "<nvram>/tmp/x</nvram>", '/domain/os/nvram'),
    ('', "<vbox:ostype id='Nonsense'/>", "no 'Nonsense'"),
    ('', "<bios useserial='yes'/>", '/domain/os/bios'),
])
def test_refused_of_os(connection, unchanged, how, inside, message):
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing=message):
        connection.defineXML(whole(os=how, os_more=inside))


@pytest.mark.parametrize('devices, message', [
    ("<iommu model='amd'/>", "machine='q35' only"), ("<iommu model='virtio'/>", "'virtio'"),
    ("<vbox:iommu type='intel'/>", "'intel'"), ("<watchdog model='itco'/>", 'it has none')])
def test_refused_of_devices(connection, unchanged, devices, message):
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing=message):
        connection.defineXML(whole(devices=devices))


def test_more_current_than_there_are(connection, unchanged):
    with fails(libvirt.VIR_ERR_XML_ERROR, containing='must not be less'):
        connection.defineXML(whole(vcpu="<vcpu current='3'>2</vcpu>"))


def test_cpu_features(platform, facts):
    domain, tree = platform(
        "<cpu mode='host-passthrough'><feature policy='require' name='vmx'/>"
        "<feature policy='force' name='x2apic'/><feature policy='require' name='spec-ctrl'/></cpu>")
    said = facts(domain)
    assert (said['nested-hw-virt'], said['x2apic']) == ('on', 'on')
    assert setting(domain, 'CPU/SpecCtrl@enabled') == 'true'
    policies = {each.get('name'): each.get('policy') for each in tree.iterfind('cpu/feature')}
    assert policies == {'vmx': 'require', 'x2apic': 'require', 'spec-ctrl': 'require'}

    def change(tree):
        for each in tree.iterfind('cpu/feature'):
            each.set('policy', 'disable')
    tree = redefine(domain, change)
    said = facts(domain)
    assert (said['nested-hw-virt'], said['x2apic'], said['apic']) == ('off', 'off', 'on')
    assert setting(domain, 'CPU/SpecCtrl@enabled') is None
    assert {each.get('name') for each in tree.iterfind('cpu/feature')} == {'vmx'}
    commands.vboxmanage('modifyvm', 'p', '--nested-hw-virt', 'on')
    tree = etree.fromstring(domain.XMLDesc())
    assert [each.get('policy') for each in tree.iterfind('cpu/feature')] == ['require']


def test_x2apic_is_as_recommended(connection, defined, stands):
    """Of a Debian guest VirtualBox's default is on, of Windows off; neither is said."""
    for name, ostype, expected in (('deb', 'Debian_64', 'on'), ('win', 'Windows10_64', 'off')):
        commands.vboxmanage('createvm', '--name', name, '--ostype', ostype, '--register')
        commands.vboxmanage('modifyvm', name, '--memory', '64', '--nic1', 'none')
        domain = connection.lookupByName(name)
        try:
            tree = stands(domain)
            assert commands.machine_facts(name)['x2apic'] == expected
            assert tree.find('cpu') is None
            other = 'off' if expected == 'on' else 'on'
            commands.vboxmanage('modifyvm', name, '--x2apic', other)
            tree = stands(domain)
            policy = tree.find("cpu/feature[@name='x2apic']").get('policy')
            assert policy == ('require' if other == 'on' else 'disable')
            assert tree.find('cpu').get('mode') == 'host-passthrough'
        finally:
            domain.undefine()


def test_cpu_profile(platform, facts):
    domain, tree = platform("<cpu mode='custom' match='exact'><model fallback='allow'>Intel 80386"
                            "</model></cpu>")
    assert facts(domain)['cpu-profile'] == 'Intel 80386'
    assert tree.findtext('cpu/model') == 'Intel 80386'

    def change(tree):
        tree.remove(tree.find('cpu'))
    assert redefine(domain, change).find('cpu') is None
    assert facts(domain)['cpu-profile'] == 'host'


@pytest.mark.parametrize('text, cap', [
    ('<period>200000</period><quota>50000</quota>', '25'), ('<quota>1000</quota>', '1'),
    ('<quota>-1</quota>', '100'), ('<period>50000</period>', '100'),
    ('<quota>200000</quota>', '100')])
def test_quota(platform, facts, text, cap):
    domain, tree = platform(f'<cputune>{text}</cputune>')
    assert facts(domain)['cpuexecutioncap'] == cap
    assert etree.tostring(tree.find('cputune')).decode().split() == \
        ['<cputune>', *text.replace('><', '> <').split(), '</cputune>']


def test_cap_of_others(platform):
    domain, _ = platform('<cputune><period>50000</period><quota>25000</quota></cputune>')
    for cap, period, quota in (('33', '50000', '16500'), ('100', '50000', None)):
        commands.vboxmanage('modifyvm', 'p', '--cpu-execution-cap', cap)
        tree = etree.fromstring(domain.XMLDesc())
        assert (tree.findtext('cputune/period'), tree.findtext('cputune/quota')) == (period, quota)


def test_processors_to_plug(platform, facts):
    domain, tree = platform(vcpu="<vcpu current='2'>4</vcpu>")
    cpus = machine_tree(domain).find('Machine/Hardware/CPU')
    assert (cpus.get('count'), cpus.get('hotplug')) == ('4', 'true')
    assert len(cpus.findall('CpuTree/Cpu')) == 2
    assert (tree.find('vcpu').get('current'), tree.findtext('vcpu')) == ('2', '4')

    def more(tree):
        tree.find('vcpu').text = '6'
        tree.find('vcpu').set('current', '5')
    redefine(domain, more)
    assert len(machine_tree(domain).findall('Machine/Hardware/CPU/CpuTree/Cpu')) == 5

    def fewer(tree):
        tree.find('vcpu').text = '3'
        tree.find('vcpu').set('current', '1')
    redefine(domain, fewer)
    assert len(machine_tree(domain).findall('Machine/Hardware/CPU/CpuTree/Cpu')) == 1

    def plain(tree):
        del tree.find('vcpu').attrib['current']
    tree = redefine(domain, plain)
    assert len(machine_tree(domain).findall('Machine/Hardware/CPU/CpuTree/Cpu')) == 3
    assert tree.find(f'{OURS}vcpu').get('hotPlug') == 'yes'
    tree = redefine(domain, lambda tree: tree.find(f'{OURS}vcpu').set('hotPlug', 'no'))
    assert setting(domain, 'CPU[@count]@hotplug') is None
    assert facts(domain)['cpus'] == '3'
    assert tree.find(f'{OURS}vcpu') is None


def test_plugging_without_one_out(platform):
    domain, tree = platform("<vbox:vcpu hotPlug='yes'/>", vcpu='<vcpu>2</vcpu>')
    assert setting(domain, 'CPU[@count]@hotplug') == 'true'
    assert tree.find(f'{OURS}vcpu').get('hotPlug') == 'yes'
    assert tree.find('vcpu').get('current') is None


def test_what_libvirt_has_no_word_for(platform, facts):
    parts = """<vbox:cpu tripleFaultReset='yes' CPUIDPortabilityLevel='2'/>
        <vbox:mitigations specCtrlByHost='yes' IBPBOnVMExit='yes' L1DFlushOnEMTScheduling='no'/>
        <vbox:HWVirtEx VPID='no' unrestrictedExecution='no' force='yes' useNativeApi='yes'/>
        <vbox:process priority='low' executionEngine='interpreter'/>
        <vbox:clipboard mode='guestToHost' fileTransfers='yes'/>
        <vbox:dragAndDrop mode='bidirectional'/><vbox:cardReader enabled='yes'/>
        <vbox:groups>/one,/two/three</vbox:groups>"""
    domain, tree = platform(parts)
    said = facts(domain)
    expected = {'triplefaultreset': 'on', 'cpuid-portability-level': '2', 'vtxvpid': 'off',
                'vtxux': 'off', 'vmprocpriority': 'low', 'clipboard': 'guesttohost',
                'clipboard_file_transfers': 'on', 'draganddrop': 'bidirectional',
                'groups': '/one,/two/three'}
    assert {key: said.get(key) for key in expected} == expected
    assert setting(domain, 'CPU/SpecCtrlByHost@enabled') == 'true'
    assert setting(domain, 'CPU/L1DFlushOn@scheduling') == 'false'
    assert setting(domain, 'EmulatedUSB/CardReader@enabled') == 'true'
    assert len(tree.xpath("*[namespace-uri()='urn:vboxvirt:1']")) == 8

    def change(tree):
        for each in tree.xpath("*[namespace-uri()='urn:vboxvirt:1']"):
            tree.remove(each)
    tree = redefine(domain, change)
    assert not tree.xpath("*[namespace-uri()='urn:vboxvirt:1']")
    said = facts(domain)
    assert (said['vtxvpid'], said['clipboard'], said['groups']) == ('on', 'disabled', '/')


def shown(domain, path):
    """An element of the dump on one line; None: there is none."""
    node = etree.fromstring(domain.XMLDesc()).find(path)
    if node is None:
        return None
    text = etree.tostring(node, encoding='unicode', with_tail=False)
    return ''.join(line.strip() for line in text.replace(' xmlns:vbox="urn:vboxvirt:1"', '').splitlines())


@pytest.mark.parametrize('text, provider, again', [
    ('', 'default', None),
    ('<hyperv mode="custom"><relaxed state="on"/><vapic state="on"/>'
     '<spinlocks state="on" retries="8191"/></hyperv>', 'hyperv', None),
    ('<hyperv mode="passthrough"/>', 'hyperv', None),
    ('<hyperv><relaxed state="off"/></hyperv>', 'default', None),
    ('<kvm><hidden state="on"/></kvm>', 'none', None),
    ('<kvm><hidden state="off"/></kvm>', 'default', None),
    ('<kvm><poll-control state="on"/></kvm>', 'kvm', None),
    ('<vbox:paravirt provider="minimal"/>', 'minimal', None),
    ('<vbox:paravirt provider="kvm"/>', 'kvm', '<kvm/>'),
    ('<vmport state="off"/>', 'default', None),
])
def test_paravirtualization(platform, facts, text, provider, again):
    domain, _ = platform(f'<features>{text}</features>')
    assert facts(domain)['paravirtprovider'] == provider
    assert shown(domain, 'features') == (f'<features>{again or text}</features>' if text else None)


def test_paravirtualization_of_others(platform, stands):
    domain, _ = platform('<features><kvm><poll-control state="on"/></kvm></features>')
    for provider, text in (('hyperv', '<hyperv mode="passthrough"/>'), ('kvm', '<kvm/>'),
                           ('none', '<vbox:paravirt provider="none"/>')):
        commands.vboxmanage('modifyvm', 'p', '--paravirt-provider', provider)
        if provider == 'kvm':  # what the XML once said is still there
            text = '<kvm><poll-control state="on"/></kvm>'
        assert shown(domain, 'features') == f'<features>{text}</features>'
    stands(domain)


def test_features(platform, facts):
    domain, _ = platform("<features><acpi/><apic/><pae/><hap state='off'/></features>"
                         "<memoryBacking><hugepages/><nosharepages/></memoryBacking>")
    expected = {'nestedpaging': 'off', 'largepages': 'on', 'pae': 'on', 'ioapic': 'on'}
    said = facts(domain)
    assert {key: said[key] for key in expected} == expected
    assert shown(domain, 'memoryBacking') == '<memoryBacking><hugepages/><nosharepages/></memoryBacking>'
    redefine(domain, lambda tree: tree.remove(tree.find('memoryBacking')))
    assert facts(domain)['largepages'] == 'off'


@pytest.mark.parametrize('text, utc, offset', [
    ('<clock offset="utc"/>', 'on', 0), ('<clock offset="localtime"/>', 'off', 0),
    ('<clock offset="variable" adjustment="-3600" basis="utc"/>', 'on', -3600000),
    ('<clock offset="variable" adjustment="90" basis="localtime"/>', 'off', 90000),
    ('<clock offset="variable" adjustment="0" basis="utc"/>', 'on', 0),
    ('<clock offset="variable" adjustment="-2" basis="utc"><vbox:clock milliseconds="250"/></clock>',
     'on', -1750),
    ('<clock offset="utc"><timer name="hpet" present="yes"/>'
     '<timer name="rtc" tickpolicy="catchup"/><timer name="pit" tickpolicy="delay"/>'
     '<timer name="hypervclock" present="yes"/></clock>', 'on', 0),
])
def test_clock(platform, facts, text, utc, offset):
    domain, _ = platform(text)
    said = facts(domain)
    assert (said['rtcuseutc'], int(said['biossystemtimeoffset'])) == (utc, offset)
    assert said['hpet'] == ('on' if 'hpet' in text else 'off')
    assert shown(domain, 'clock') == text
    redefine(domain, lambda tree: tree.remove(tree.find('clock')))
    assert shown(domain, 'clock') == '<clock offset="utc"/>'
    assert facts(domain)['biossystemtimeoffset'] == '0'


def features(tree):
    """What is said of the firmware."""
    return {each.get('name'): each.get('enabled') for each in tree.iterfind('os/firmware/feature')}


def test_secure_boot(platform, facts):
    domain, tree = platform(os="firmware='efi'", os_more=
                            "<firmware><feature enabled='yes' name='secure-boot'/></firmware>")
    assert facts(domain)['SecureBoot'] == 'on'
    assert features(tree) == {'secure-boot': 'yes', 'enrolled-keys': 'yes'}
    assert 'PK ' in commands.vboxmanage('modifynvram', 'p', 'listvars')
    # what others change is seen at once
    for word, said in (('--disable', 'no'), ('--enable', 'yes')):
        commands.vboxmanage('modifynvram', 'p', 'secureboot', word)
        assert features(etree.fromstring(domain.XMLDesc()))['secure-boot'] == said

    def keys_alone(tree):
        node = tree.find("os/firmware/feature[@name='secure-boot']")
        node.getparent().remove(node)
    tree = redefine(domain, keys_alone)
    assert facts(domain)['SecureBoot'] == 'off'
    assert features(tree) == {'secure-boot': 'no', 'enrolled-keys': 'yes'}
    tree = redefine(domain, lambda tree: tree.find('os').remove(tree.find('os/firmware')))
    assert features(tree) == {'secure-boot': 'no', 'enrolled-keys': 'no'}
    assert 'PK ' not in commands.vboxmanage('modifynvram', 'p', 'listvars')


def test_secure_boot_of_others(connection, machines, stands):
    name = machines.name()
    commands.vboxmanage('createvm', '--name', name, '--ostype', 'Other', '--register')
    commands.vboxmanage('modifyvm', name, '--firmware', 'efi', '--memory', '64', '--nic1', 'none')
    for words in (['inituefivarstore'], ['enrollmssignatures'], ['enrollorclpk'],
                  ['secureboot', '--enable']):
        commands.vboxmanage('modifynvram', name, *words)
    domain = connection.lookupByName(name)
    tree = etree.fromstring(domain.XMLDesc())
    assert features(tree) == {'secure-boot': 'yes', 'enrolled-keys': 'yes'}
    stands(domain)


def test_firmware(platform, facts):
    domain, tree = platform(
        os="firmware='efi'",
        os_more="<bootmenu enable='yes' timeout='2500'/>"
        "<vbox:firmware type='EFI32' logoFadeIn='no' PXEDebugEnabled='yes' APICMode='X2APIC'/>")
    said = facts(domain)
    assert (said['firmware'], said['biosapic']) == ('EFI32', 'x2apic')
    assert tree.find('os').get('firmware') == 'efi'
    assert tree.find('os/bootmenu').get('timeout') == '2500'
    logo = machine_tree(domain).find('.//Logo')
    assert (logo.get('displayTime'), logo.get('fadeIn')) == ('2500', 'false')
    redefine(domain, lambda tree: tree.find(f'os/{OURS}firmware').set('type', 'EFI'))
    assert facts(domain)['firmware'] == 'EFI'


def test_bios_of_arm(platform, facts):
    """A machine of that architecture has EFI only, said or not."""
    domain, tree = platform(whole().replace('<type>', "<type arch='aarch64'>"))
    assert (facts(domain)['firmware'], tree.find('os').get('firmware')) == ('EFI', 'efi')


SYSINFO = """<sysinfo type='smbios'><bios><entry name='vendor'>A vendor</entry></bios>
    <system><entry name='manufacturer'>M</entry><entry name='serial'>00123</entry></system>
    <baseBoard><entry name='asset'>7</entry></baseBoard></sysinfo>"""


@pytest.mark.parametrize('firmware', ['pcbios', 'efi'])
def test_sysinfo(platform, firmware):
    domain, tree = platform(SYSINFO, os="firmware='efi'" if firmware == 'efi' else '',
                            os_more="<smbios mode='sysinfo'/>")
    listed = commands.vboxmanage('getextradata', 'p', 'enumerate')
    for key, text in (('DmiBIOSVendor', 'A vendor'), ('DmiSystemSerial', '00123'),
                      ('DmiBoardAssetTag', '7')):
        assert f'VBoxInternal/Devices/{firmware}/0/Config/{key}, Value: string:{text}\n' in listed
    assert [each.text for each in tree.iter('entry')] == ['A vendor', 'M', '00123', '7']

    def change(tree):
        tree.remove(tree.find('sysinfo'))
        tree.find('os').remove(tree.find('os/smbios'))
    redefine(domain, change)
    assert 'Dmi' not in commands.vboxmanage('getextradata', 'p', 'enumerate')


def test_hardware_uuid(platform, facts):
    other = '6b5a3c1e-0d4f-4b62-9f5e-00000000abcd'
    domain, tree = platform(f'<hwuuid>{other}</hwuuid>')
    assert facts(domain)['hardwareuuid'] == tree.findtext('hwuuid') == other
    redefine(domain, lambda tree: tree.remove(tree.find('hwuuid')))
    assert facts(domain)['hardwareuuid'] == domain.UUIDString()
    assert shown(domain, 'hwuuid') is None


METADATA = """<metadata><l:libosinfo xmlns:l='http://libosinfo.org/xmlns/libvirt/domain/1.0'>
    <l:os id='{}'/></l:libosinfo></metadata>"""


@pytest.mark.parametrize('identity, ostype', [
    ('http://debian.org/debian/12', 'Debian12_64'), ('http://debian.org/debian/testing', 'Debian_64'),
    ('http://ubuntu.com/ubuntu/24.04', 'Ubuntu24_LTS_64'),
    ('http://ubuntu.com/ubuntu/24.10', 'Ubuntu24_64'), ('http://ubuntu.com/ubuntu/23.04', 'Ubuntu23_64'),
    ('http://rockylinux.org/rocky/9', 'RedHat9_64'), ('http://microsoft.com/win/11', 'Windows11_64'),
    ('http://nowhere.org/os/1', 'Other_64')])
def test_os_type_of_metadata(platform, identity, ostype):
    domain, _ = platform(METADATA.format(identity))
    assert machine_tree(domain).find('Machine').get('OSType') == ostype
    assert shown(domain, f'os/{OURS}ostype') is None


def test_os_type(platform):
    domain, tree = platform(os_more="<vbox:ostype id='OpenBSD_64'/>")
    assert tree.find(f'os/{OURS}ostype').get('id') == 'OpenBSD_64'
    tree = redefine(domain, lambda tree: tree.find('os').remove(tree.find(f'os/{OURS}ostype')))
    assert tree.find(f'os/{OURS}ostype').get('id') == 'OpenBSD_64'
    commands.vboxmanage('modifyvm', 'p', '--os-type', 'Other_64')
    assert shown(domain, f'os/{OURS}ostype') is None


def test_iommu(platform, facts):
    q35 = whole('<features><apic/></features>', devices="<iommu model='intel'/>").replace('<type>', "<type machine='q35'>")
    domain, _ = platform(q35)
    assert (facts(domain)['iommu'], shown(domain, 'devices/iommu')) == ('intel', '<iommu model="intel"/>')
    commands.vboxmanage('modifyvm', 'p', '--iommu', 'automatic')
    assert shown(domain, f'devices/{OURS}iommu').endswith('type="automatic"/>')
    assert shown(domain, 'devices/iommu') is None


def test_ich9_needs_an_apic(platform, connection, stands):
    """VirtualBox starts none without; what VBoxManage has made so stays, and its start says what to do."""
    q35 = whole().replace('<type>', "<type machine='q35'>")
    help_text = '<features><apic/></features>'
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing=help_text):
        connection.defineXML(q35)
    domain, _ = platform(devices=FLOPPY)
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing=f'/domain/features/apic: VirtualBox starts no machine of type '
               f'ich9 (q35) without an I/O APIC; write {help_text}'):
        redefine(domain, lambda tree: tree.find('os/type').set('machine', 'q35'))
    commands.vboxmanage('modifyvm', 'p', '--chipset', 'ich9', '--ioapic', 'off')
    stands(domain)
    for flags in (0, libvirt.VIR_DOMAIN_START_PAUSED):
        with fails(libvirt.VIR_ERR_OPERATION_FAILED, containing=help_text):
            domain.createWithFlags(flags)
    redefine(domain, lambda tree: tree.append(etree.fromstring(help_text)))
    domain.create()
    domain.destroy()


@pytest.mark.parametrize('text', [
    '<pm><suspend-to-mem enabled="no"/><suspend-to-disk enabled="no"/></pm>',
    '<seclabel type="none"/>'])
def test_what_is_so_anyway(platform, text):
    domain, tree = platform(text)
    assert shown(domain, tree.find(etree.fromstring(text).tag).tag) == text


def test_reboot_that_ends(connection, defined):
    """As virt-install's own first start of an installation."""
    devices = FLOPPY + "<serial type='null'/>"
    domain = defined(whole('<on_reboot>destroy</on_reboot>', devices=devices))
    assert shown(domain, 'on_reboot') == '<on_reboot>destroy</on_reboot>'
    domain.create()
    domain.reset()
    until(lambda: not domain.isActive(), 'the reset machine is off')
    redefine(domain, lambda tree: tree.remove(tree.find('on_reboot')))
    assert 'PowerOff' not in commands.vboxmanage('getextradata', 'p', 'enumerate')

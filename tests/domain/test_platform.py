# SPDX-License-Identifier: LGPL-2.1-or-later
"""The machine itself: boot, firmware, processors, features, clock, and what libvirt has no word for."""
import pathlib

import libvirt
import pytest
from lxml import etree

import commands
from domains import fails

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
    text = pathlib.Path(commands.machine_facts(domain.UUIDString())['CfgFile']).read_bytes()
    tree = etree.fromstring(text)
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
])
def test_refused(connection, unchanged, text, message):
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, libvirt.VIR_ERR_XML_ERROR, containing=message):
        connection.defineXML(whole(text))


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
        <vbox:groups>/a,/b/c</vbox:groups>"""
    domain, tree = platform(parts)
    said = facts(domain)
    expected = {'triplefaultreset': 'on', 'cpuid-portability-level': '2', 'vtxvpid': 'off',
                'vtxux': 'off', 'vmprocpriority': 'low', 'clipboard': 'guesttohost',
                'clipboard_file_transfers': 'on', 'draganddrop': 'bidirectional',
                'groups': '/a,/b/c'}
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

# SPDX-License-Identifier: LGPL-2.1-or-later
"""The host and what VirtualBox can do on it."""
import os
import pathlib
import re
import time
import xml.etree.ElementTree as ElementTree

import libvirt

import commands
from commands import vboxmanage, virsh
from nets import refused


def test_version(connection):
    """VirtualBox's own."""
    major, minor, release = re.match(r'(\d+)\.(\d+)\.(\d+)', vboxmanage('--version')).groups()
    assert connection.getVersion() == int(major) * 1000000 + int(minor) * 1000 + int(release)
    assert f'VBOX {major}.{minor}.{release}' in virsh('version')


def test_max_vcpus(connection):
    """What VirtualBox allows."""
    said = re.search(r'Maximum guest CPU count: +(\d+)', vboxmanage('list', 'systemproperties'))
    assert connection.getMaxVcpus(None) == int(said[1])
    assert connection.getMaxVcpus('vbox') == int(said[1])
    with refused('INVALID_ARG', 'kvm'):
        connection.getMaxVcpus('kvm')


def test_capabilities(connection, valid):
    """By the schema; the guests are those that VirtualBox has."""
    text = connection.getCapabilities()
    assert valid(text, 'capability')
    root = ElementTree.fromstring(text)
    arches = [each.get('name') for each in root.findall('guest/arch')]
    assert arches[0] == os.uname().machine and 'i686' in arches
    for arch in root.findall('guest/arch'):
        assert arch.find('domain').get('type') == 'vbox'
        assert os.access(arch.findtext('emulator'), os.X_OK)
        chipsets = re.search(r'Supported chipsets: +(.*)', vboxmanage('list', 'systemproperties'))
        assert [each.text for each in arch.findall('machine')] == \
            chipsets[1].lower().split(', ')
    online = os.sysconf('SC_NPROCESSORS_ONLN')
    assert len(root.findall('host/topology/cells/cell/cpus/cpu')) == online
    assert connection.getCapabilities() == text


def test_domain_capabilities(connection, valid):
    """For every guest that the capabilities name; nothing else."""
    root = ElementTree.fromstring(connection.getCapabilities())
    for arch in root.findall('guest/arch'):
        for machine in arch.findall('machine'):
            text = connection.getDomainCapabilities(
                arch.findtext('emulator'), arch.get('name'), machine.text, 'vbox')
            assert valid(text, 'domaincaps')
            said = ElementTree.fromstring(text)
            assert said.findtext('machine') == machine.text
            assert said.findtext('arch') == arch.get('name')
            assert said.find('vcpu').get('max') == machine.get('maxCpus')
            words = {enum.get('name'): [each.text for each in enum] for enum in said.iter('enum')}
            assert words['bus'] == ['ide', 'sata', 'scsi', 'fdc', 'usb', 'nvme']
            assert words['diskDevice'] == ['disk', 'cdrom', 'floppy']
            assert words['firmware'] == ['bios', 'efi'] and 'no' in words['secureBoot']
            servers = [each.text for each in said.find('devices/graphics/enum')]
            assert 'vnc' in servers and 'rdp' not in servers
            assert words['type'] == [each.text for each in said.find('devices/console/enum')]
            assert {'pty', 'unix', 'tcp', 'file'} <= set(words['type'])
            models = {each.text for each in said.iterfind("cpu/mode[@name='custom']/model")}
            assert models == set(connection.getCPUModelNames(arch.get('name')))
            assert {'Intel 80386', 'Intel Core i7-6700K'} <= models
            no = {each.tag for each in said.iter() if each.get('supported') == 'no'}
            assert {'rng', 'redirdev', 'channel', 'loader', 'iothreads', 'sev'} <= no
            assert {'vga', 'vmvga'} <= set(words['modelType'])
    assert valid(connection.getDomainCapabilities(), 'domaincaps')
    assert '<machine>ich9</machine>' in connection.getDomainCapabilities(machine='q35')
    for wrong in ({'arch': 'sparc'}, {'machine': 'virt'}, {'virttype': 'kvm'},
                  {'emulatorbin': '/usr/bin/qemu'}):
        with refused('INVALID_ARG', next(iter(wrong.values()))):
            connection.getDomainCapabilities(**wrong)


def test_compare_cpu(connection):
    """The host's processor is what guests get; of models VirtualBox knows nothing."""
    host = ElementTree.fromstring(connection.getCapabilities()).find('host/cpu')
    mine = ElementTree.tostring(host, encoding='unicode')
    arch = host.findtext('arch')
    for text, result in (
            (mine, libvirt.VIR_CPU_COMPARE_IDENTICAL),
            ("<cpu mode='host-passthrough'/>", libvirt.VIR_CPU_COMPARE_IDENTICAL),
            ("<cpu mode='host-model'><model>x</model></cpu>", libvirt.VIR_CPU_COMPARE_IDENTICAL),
            (f'<cpu><arch>{arch}</arch></cpu>', libvirt.VIR_CPU_COMPARE_IDENTICAL),
            ('<cpu><arch>s390x</arch></cpu>', libvirt.VIR_CPU_COMPARE_INCOMPATIBLE),
            ('<cpu><arch>i686</arch></cpu>', libvirt.VIR_CPU_COMPARE_SUPERSET),
            ('<cpu><vendor>Other</vendor></cpu>', libvirt.VIR_CPU_COMPARE_INCOMPATIBLE)):
        assert connection.compareCPU(text) == result, text
        assert connection.compareHypervisorCPU(None, None, None, None, text) == result, text
    for text in ('<cpu><model>Westmere</model></cpu>', "<cpu><feature name='aes'/></cpu>"):
        with refused('OPERATION_UNSUPPORTED', "host's processor"):
            connection.compareCPU(text)
    with refused('CPU_INCOMPATIBLE', arch):
        connection.compareCPU('<cpu><arch>s390x</arch></cpu>', libvirt.VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE)
    with refused('XML_ERROR', 'cpu'):
        connection.compareCPU('<domain/>')
    with refused('INVALID_ARG', 'kvm'):
        connection.compareHypervisorCPU(None, None, None, 'kvm', mine)
    with refused('INVALID_ARG', 's390x'):
        connection.compareHypervisorCPU(None, 's390x', None, None, mine)


def test_baseline_cpu(connection, tmp_path):
    """Of processors like the host's it is the host's; what it says can stand in a domain."""
    mine = ElementTree.tostring(ElementTree.fromstring(connection.getCapabilities()).find('host/cpu'),
                                encoding='unicode')
    for said in (connection.baselineCPU([mine, mine]),
                 connection.baselineHypervisorCPU(None, None, None, None, [mine])):
        assert ElementTree.fromstring(said).attrib == {'mode': 'host-passthrough'}
    with refused('CPU_INCOMPATIBLE', 'another architecture'):
        connection.baselineCPU([mine, '<cpu><arch>s390x</arch></cpu>'])
    with refused('OPERATION_UNSUPPORTED', 'Westmere'):
        connection.baselineCPU([mine, '<cpu><model>Westmere</model></cpu>'])
    path = tmp_path / 'caps.xml'
    path.write_text(connection.getCapabilities(), encoding='utf-8')
    assert 'host-passthrough' in virsh('cpu-baseline', path)
    assert 'identical' in virsh('hypervisor-cpu-compare', path)


def test_cpu_models(connection):
    """VirtualBox's own profiles."""
    assert connection.getCPUModelNames('x86_64') == connection.getCPUModelNames('i686')
    assert 'AMD Ryzen 7 1800X Eight-Core' in virsh('cpu-models', 'x86_64')
    with refused('INVALID_ARG', 's390x'):
        connection.getCPUModelNames('s390x')


def test_node_info(connection):
    """The kernel's numbers."""
    model, memory, cpus, mhz, nodes, sockets, cores, threads = connection.getInfo()
    assert model == os.uname().machine
    total = re.search(r'MemTotal: +(\d+)', pathlib.Path('/proc/meminfo').read_text('ascii'))
    assert memory == int(total[1]) // 1024  # the binding counts in MiB
    assert cpus == os.sysconf('SC_NPROCESSORS_ONLN') and mhz > 0
    assert nodes * sockets * cores * threads >= cpus


def test_memory(connection):
    """Free memory, in all, by cell and as statistics."""
    total = connection.getInfo()[1]
    assert 0 < connection.getFreeMemory() <= total << 20
    cells = connection.getCellsFreeMemory(0, 1)
    assert len(cells) == 1 and cells[0] > 0
    everything = connection.getMemoryStats(libvirt.VIR_NODE_MEMORY_STATS_ALL_CELLS)
    assert set(everything) == {'total', 'free', 'buffers', 'cached'}
    assert everything['free'] <= everything['total']
    assert set(connection.getMemoryStats(0)) == {'total', 'free'}
    with refused('INVALID_ARG', 'cell 99'):
        connection.getMemoryStats(99)
    with refused('INVALID_ARG', '99'):
        connection.getCellsFreeMemory(99, 1)


def test_cpu_time(connection):
    """It passes, and only forward."""
    first = connection.getCPUStats(libvirt.VIR_NODE_CPU_STATS_ALL_CPUS)
    assert set(first) == {'kernel', 'user', 'idle', 'iowait'}
    time.sleep(0.05)
    second = connection.getCPUStats(libvirt.VIR_NODE_CPU_STATS_ALL_CPUS)
    assert sum(second.values()) > sum(first.values())
    assert set(connection.getCPUStats(0)) == set(first)
    with refused('INVALID_ARG', '9999'):
        connection.getCPUStats(9999)


def test_cpu_map(connection):
    """Which processors are online."""
    count, mask, online = connection.getCPUMap()
    assert online == os.sysconf('SC_NPROCESSORS_ONLN') == sum(mask)
    assert count == len(mask)


def test_virsh_shows_it(service):
    """The commands that stock clients have for it."""
    assert 'CPU model:' in virsh('nodeinfo')
    assert 'total' in virsh('nodememstats')
    assert 'idle' in virsh('nodecpustats')
    assert 'CPUs online' in virsh('nodecpumap')
    assert 'KiB' in virsh('freecell')
    assert "<arch>x86_64</arch>" in virsh('domcapabilities')


def test_check():
    """`--check` tells a person what works; without drivers it says so, and what to do."""
    result = commands.run('/usr/sbin/virtvboxd', '--check', check=False)
    said = result.stdout
    assert re.search(r'^ok +VirtualBox \d+\.\d+\.\d+ in /usr/lib/virtualbox', said, re.MULTILINE)
    assert re.search(r"^ok +this VirtualBox has everything that a domain's XML can ask for", said, re.MULTILINE)
    assert re.search(r'^problem +the kernel driver vboxdrv .*modprobe vboxdrv', said, re.MULTILINE)
    assert re.search(r'^problem +the kernel driver vboxnetadp ', said, re.MULTILINE)
    assert '/etc/vbox/networks.conf' in said
    assert re.search(r'^ok +extension pack VNC', said, re.MULTILINE)
    assert 'virtvboxd-sock' in said

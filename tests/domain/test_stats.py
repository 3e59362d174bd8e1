# SPDX-License-Identifier: LGPL-2.1-or-later
"""What domains use, in numbers: for monitors (domstats), and by the single calls."""
import os
import pathlib
import re

import libvirt
import pytest

import commands
import machines as machines_module
from commands import virsh, virsh_error
from domains import FLOPPY, fails, xml

MACS = ('08:00:27:11:22:33', '08:00:27:11:22:34')
TARGETS = ['fda', 'sda', 'hdc']


@pytest.fixture
def domain(defined, images, tmp_path):
    """One with disks and adapters; its guest is on the floppy."""
    nics = ''.join(f"<interface type='user'><mac address='{mac}'/><model type='e1000'/></interface>" for mac in MACS)
    return defined(xml('busy', devices=f'''{FLOPPY}
        <disk><source file='{images("a.vdi", 8)}'/><target dev='sda' bus='sata'/></disk>
        <disk device='cdrom'><target dev='hdc' bus='ide'/></disk>{nics}
        <serial type='unix'><source mode='bind' path='{tmp_path}/serial'/><target port='0'/></serial>'''))


@pytest.fixture
def running(domain, tmp_path):
    """The same, started; its guest has been read from the floppy."""
    domain.create()
    guest = machines_module.Guest(tmp_path / 'serial')
    guest.wait_for('READY')
    yield domain
    guest.close()


def stats_of(domain, groups=0, flags=0):
    """All that domstats says of it."""
    (found, stats), = domain.connect().domainListGetStats([domain], groups, flags)
    assert found.UUIDString() == domain.UUIDString()
    return stats


def test_stats_of_a_running_domain(running):
    stats = stats_of(running)
    assert (stats['state.state'], stats['state.reason']) == tuple(running.state())
    assert stats['cpu.time'] == stats['cpu.user'] + stats['cpu.system'] > 0
    assert stats['balloon.current'] == stats['balloon.maximum'] == 16 * 1024
    assert 1024 < stats['balloon.rss'] < 1 << 30
    assert stats['vcpu.current'] == stats['vcpu.maximum'] == 1
    assert stats['vcpu.0.state'] == libvirt.VIR_VCPU_RUNNING
    assert 0 < stats['vcpu.0.time'] <= stats_of(running)['cpu.time']
    assert stats['net.count'] == 2
    assert tuple(stats[f'net.{i}.name'] for i in range(2)) == MACS
    assert all(stats[f'net.{i}.{way}.bytes'] >= 0 for i in range(2) for way in ('rx', 'tx'))
    assert [stats[f'block.{i}.name'] for i in range(stats['block.count'])] == TARGETS
    assert stats['block.0.rd.bytes'] >= 512 and stats['block.0.rd.reqs'] >= 1
    assert stats['block.0.wr.bytes'] == stats['block.0.errors'] == 0
    assert stats['block.0.capacity'] == stats['block.0.physical'] == 1474560
    assert stats['block.1.capacity'] == 8 << 20
    path = pathlib.Path(stats['block.1.path'])
    assert stats['block.1.physical'] == path.stat().st_size
    assert stats['block.1.allocation'] == path.stat().st_blocks * 512
    assert 'block.2.path' not in stats and 'block.2.capacity' not in stats


def test_stats_of_one_that_is_off(domain):
    stats = stats_of(domain)
    assert stats['state.state'] == libvirt.VIR_DOMAIN_SHUTOFF
    assert stats['balloon.maximum'] == 16 * 1024 and 'balloon.current' not in stats
    assert stats['vcpu.maximum'] == 1 and stats['block.1.capacity'] == 8 << 20
    assert not [name for name in stats if name.startswith(('cpu.', 'net.', 'vcpu.0'))
                or re.match(r'block\.\d\.(rd|wr)', name)]


def test_groups(running):
    """Only what is asked for; what is not known is left out, or with --enforce refused."""
    assert set(stats_of(running, libvirt.VIR_DOMAIN_STATS_STATE)) == {'state.state', 'state.reason'}
    assert set(stats_of(running, libvirt.VIR_DOMAIN_STATS_CPU_TOTAL | libvirt.VIR_DOMAIN_STATS_PERF)) \
        == {'cpu.time', 'cpu.user', 'cpu.system'}
    with fails(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, containing='0x40'):
        stats_of(running, libvirt.VIR_DOMAIN_STATS_PERF, libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS)


def test_filters(connection, defined, running):
    defined(xml('idle'))

    def names(*words):
        return set(re.findall("Domain: '(.*)'", virsh('domstats', *words)))
    assert names() == {'busy', 'idle'}
    assert names('--list-active') == names('--list-running') == {'busy'}
    assert names('--list-inactive') == names('--list-shutoff') == {'idle'}
    assert names('--list-paused') == names('--list-transient') == set()
    assert names('busy') == {'busy'}
    gone = defined(xml('gone'))
    gone.undefine()
    assert {each.name() for each, _ in connection.domainListGetStats([gone, running])} == {'busy'}


def test_disks(running):
    reads, read, writes, written, errors = running.blockStats('fda')
    assert reads >= 1 and read >= 512 and (writes, written, errors) == (0, 0, 0)
    assert running.blockStats(machines_module.BOOT_IMAGE) == (reads, read, writes, written, errors)
    assert running.blockStats('')[1] >= read
    assert running.blockStatsFlags('fda') == {
        'rd_operations': reads, 'rd_bytes': read, 'wr_operations': 0, 'wr_bytes': 0, 'flush_operations': 0, 'errs': 0}
    assert re.search(rf'fda rd_bytes {read}', virsh('domblkstat', 'busy', 'fda'))
    with fails(libvirt.VIR_ERR_INVALID_ARG, containing="no disk 'vda'"):
        running.blockStats('vda')


def test_sizes(domain):
    """Of a domain that is off as well."""
    path = domain.XMLDesc().partition('a.vdi')[0].rpartition("'")[2] + 'a.vdi'
    capacity, allocation, physical = domain.blockInfo('sda')
    assert (capacity, physical) == (8 << 20, os.path.getsize(path))
    assert allocation == os.stat(path).st_blocks * 512
    assert domain.blockInfo(path) == [capacity, allocation, physical]
    assert re.search(r'^ hdc +- +- +-', virsh('domblkinfo', 'busy', '--all'), re.M)
    with fails(libvirt.VIR_ERR_INVALID_ARG, containing='source'):
        domain.blockInfo('hdc')
    with fails(libvirt.VIR_ERR_INVALID_ARG, containing="no disk 'sdz'"):
        domain.blockInfo('sdz')


def test_adapters(running):
    """By the address: the host has no device of theirs."""
    for mac in (*MACS, MACS[0].upper()):
        stats = running.interfaceStats(mac)
        assert stats[0] >= 0 and stats[4] >= 0 and stats[1:4] == stats[5:8] == (-1, -1, -1)
    with fails(libvirt.VIR_ERR_INVALID_ARG, containing='MAC address'):
        running.interfaceStats('vnet0')


def test_memory_and_processors(running):
    memory = running.memoryStats()
    assert memory['actual'] == 16 * 1024 and memory['rss'] > 1024 and set(memory) == {'actual', 'rss'}
    total, = running.getCPUStats(True)
    assert total['cpu_time'] >= total['user_time'] + total['system_time'] > 0
    with fails(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, containing='--total'):
        running.getCPUStats(False)
    ((number, state, spent, processor),), (allowed,) = running.vcpus()
    assert (number, state) == (0, libvirt.VIR_VCPU_RUNNING) and spent > 0
    assert 0 <= processor < os.cpu_count() and len(allowed) == os.cpu_count() and any(allowed)
    running.suspend()
    assert running.vcpus()[0][0][1] == libvirt.VIR_VCPU_BLOCKED
    assert stats_of(running)['vcpu.0.state'] == libvirt.VIR_VCPU_BLOCKED
    running.resume()


def test_what_is_off_is_refused(domain):
    for call in (lambda: domain.blockStats('sda'), lambda: domain.interfaceStats(MACS[0]), domain.memoryStats,
                 lambda: domain.getCPUStats(True), domain.vcpus, domain.controlInfo):
        with fails(libvirt.VIR_ERR_OPERATION_INVALID, containing='not running'):
            call()


def test_jobs_and_scheduler(running):
    """There are no jobs that one could follow; the scheduler's is the execution cap, which has no limit."""
    assert running.jobInfo()[0] == libvirt.VIR_DOMAIN_JOB_NONE
    assert running.jobStats() == {'type': libvirt.VIR_DOMAIN_JOB_NONE}
    assert running.jobStats(libvirt.VIR_DOMAIN_JOB_STATS_COMPLETED)['type'] == libvirt.VIR_DOMAIN_JOB_NONE
    assert re.search(r'Job type: +None', virsh('domjobinfo', 'busy'))
    assert running.controlInfo() == [libvirt.VIR_DOMAIN_CONTROL_OK, 0, 0]
    assert running.schedulerType()[0] == 'posix'
    assert dict(re.findall(r'^(\w+) *: (\w+)$', virsh('schedinfo', 'busy'), re.MULTILINE)) == {
        'Scheduler': 'posix', 'vcpu_period': '0', 'vcpu_quota': '0'}


def test_virsh(running):
    """What people ask for."""
    assert re.search(r'^rss \d+', virsh('dommemstat', 'busy'), re.M)
    assert 'cpu_time' in virsh('cpu-stats', 'busy', '--total')
    assert 'CPU Affinity:' in virsh('vcpuinfo', 'busy')
    assert f'{MACS[0]} rx_bytes' in virsh('domifstat', 'busy', MACS[0])
    assert '--total' in virsh_error('cpu-stats', 'busy')
    assert 'ok' in virsh('domcontrol', 'busy')


def test_read_only(running):
    """Monitors connect so."""
    with_stats = commands.run('virsh', '-r', '-c', commands.URI, 'domstats', 'busy').stdout
    assert 'cpu.time' in with_stats and running.name() in with_stats

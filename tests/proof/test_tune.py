# SPDX-License-Identifier: LGPL-2.1-or-later
"""Limits, keys and processors of what runs, by stock virsh; VBoxManage and the guest confirm (issue 3)."""
import libvirt
import pytest

import commands
import settings
from commands import machine_facts, virsh, virsh_error
from domains import booting, fails

LIVE, CONFIG = libvirt.VIR_DOMAIN_AFFECT_LIVE, libvirt.VIR_DOMAIN_AFFECT_CONFIG
MAXIMUM = libvirt.VIR_DOMAIN_VCPU_MAXIMUM
ADDRESS = '08:00:27:aa:bb:01'
DEVICES = f"""<interface type='user'><mac address='{ADDRESS}'/><bandwidth><outbound average='1000'/></bandwidth>
</interface><disk type='file' device='cdrom'><target dev='sda' bus='sata'/>
<iotune><total_bytes_sec>1000000</total_bytes_sec></iotune></disk>"""


@pytest.fixture
def tuned(machines, connection, tmp_path):
    """A domain with limits; one of its two processors is in."""
    text = booting(machines.name(), tmp_path / 'serial', top='<features><acpi/><apic/></features>')
    text = text.replace('</devices>', DEVICES + '</devices>')
    return connection.defineXML(text.replace('<vcpu>1', "<vcpu current='1'>2"))


def said(*words):
    """What virsh says of parameters, as a dict."""
    pairs = (line.partition(':') for line in virsh(*words).splitlines() if ':' in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def groups(domain):
    """The limits of the bandwidth groups, as VBoxManage says them."""
    lines = commands.vboxmanage('bandwidthctl', domain.name(), 'list').splitlines()
    return {line.split("'")[1]: line.partition('Limit: ')[2] for line in lines if line.startswith('#')}


def test_limits_at_rest(tuned):
    name = tuned.name()
    assert said('schedinfo', name) == {'Scheduler': 'posix', 'vcpu_period': '0', 'vcpu_quota': '0'}
    virsh('schedinfo', name, '--set', 'vcpu_period=100000', 'vcpu_quota=50000')
    assert machine_facts(name)['cpuexecutioncap'] == '50'
    assert said('schedinfo', name)['vcpu_quota'] == '50000'
    virsh('schedinfo', name, '--set', 'vcpu_quota=0')
    assert machine_facts(name)['cpuexecutioncap'] == '100'
    assert said('blkdeviotune', name, 'sda')['total_bytes_sec'] == '1000000'
    assert said('domiftune', name, ADDRESS)['outbound.average'] == '1000'
    virsh('blkdeviotune', name, 'sda', '--total-bytes-sec', '0')
    virsh('domiftune', name, ADDRESS, '--outbound', '0')
    assert not groups(tuned)
    virsh('blkdeviotune', name, 'sda', '--total-bytes-sec', '7000')
    assert groups(tuned) == {'vboxvirt disk SATA 0:0': '7000 bytes/s'}


def test_limits_that_there_are_not(tuned):
    with settings.Unchanged():
        assert 'whole percents' in virsh_error('schedinfo', tuned.name(), '--set', 'vcpu_quota=50001')
        assert 'total_bytes_sec' in virsh_error('blkdeviotune', tuned.name(), 'sda', '--read-iops-sec', '7')
        assert "no disk 'sdq'" in virsh_error('blkdeviotune', tuned.name(), 'sdq', '--total-bytes-sec', '7')
        assert 'one limit: average' in virsh_error('domiftune', tuned.name(), ADDRESS, '--outbound', '5,6')
        assert 'outbound' in virsh_error('domiftune', tuned.name(), ADDRESS, '--inbound', '5')
        assert 'has no' in virsh_error('set-lifecycle-action', tuned.name(), 'poweroff', 'restart')
    virsh('set-lifecycle-action', tuned.name(), 'reboot', 'destroy')
    assert '<on_reboot>destroy<' in tuned.XMLDesc()


def test_limits_of_what_runs(tuned):
    name = tuned.name()
    tuned.create()
    virsh('schedinfo', name, '--live', '--set', 'vcpu_quota=40000')
    assert machine_facts(name)['cpuexecutioncap'] == '40'
    virsh('blkdeviotune', name, 'sda', '--total-bytes-sec', '2000000', '--live')
    virsh('domiftune', name, ADDRESS, '--outbound', '2000', '--live')
    assert groups(tuned) == {'vboxvirt disk SATA 0:0': '2000000 bytes/s',
                             'vboxvirt interface 0': '16 Mbps (2000000 bytes/s)'}
    assert said('blkdeviotune', name, 'sda', '--config')['total_bytes_sec'] == '1000000'
    assert said('domiftune', name, ADDRESS, '--config')['outbound.average'] == '1000'
    assert said('schedinfo', name, '--config')['vcpu_quota'] == '0'
    with settings.Unchanged():
        for words in (('blkdeviotune', name, 'sda', '--total-bytes-sec', '0', '--live'),
                      ('domiftune', name, ADDRESS, '--outbound', '0', '--live'),
                      ('set-lifecycle-action', name, 'reboot', 'destroy', '--live')):
            assert '--config' in virsh_error(*words)


def test_processors_of_what_runs(tuned, machines):
    """VirtualBox takes one out only when the guest gives it up."""
    tuned.create()
    machines.known(tuned.name()).guest.wait_for('READY')
    counts = [tuned.vcpusFlags(LIVE), tuned.vcpusFlags(LIVE | MAXIMUM), tuned.info()[3], tuned.maxVcpus()]
    assert counts == [1, 2, 1, 2]
    assert "vcpu.current=1\n  vcpu.maximum=2\n" in virsh('domstats', tuned.name(), '--vcpu')
    virsh('setvcpus', tuned.name(), '2', '--live')
    assert (tuned.vcpusFlags(LIVE), tuned.vcpusFlags(CONFIG), tuned.info()[3]) == (2, 1, 2)
    with fails(libvirt.VIR_ERR_OPERATION_FAILED, containing='--config'):
        tuned.setVcpusFlags(1, LIVE)
    assert tuned.vcpusFlags(LIVE) == 2


def test_keys(running, machine):
    """In each set of codes; the guest prints what it gets."""
    for words in (('KEY_A',), ('--codeset', 'xt', '30'), ('--codeset', 'atset1', '30'), ('--codeset', 'qnum', '30'),
                  ('--codeset', 'usb', '4'), ('--holdtime', '50', 'KEY_A')):
        virsh('send-key', machine.name, *words)
        machine.guest.wait_for('Ka')
    virsh('send-key', machine.name, 'KEY_LEFTSHIFT', 'KEY_B')
    machine.guest.wait_for('KB')
    assert 'code sets' in virsh_error('send-key', machine.name, '--codeset', 'win32', '65')
    assert 'no key 200' in virsh_error('send-key', machine.name, '200')
    assert 'at most' in virsh_error('send-key', machine.name, '--holdtime', '99999', 'KEY_A')
    running.destroy()
    assert 'not running' in virsh_error('send-key', machine.name, 'KEY_A')

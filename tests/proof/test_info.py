# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a domain says of itself in numbers and words, compared with what VBoxManage says."""
import libvirt
import pytest

import waiting
from commands import virsh
from domains import fails

LIVE, CONFIG = libvirt.VIR_DOMAIN_AFFECT_LIVE, libvirt.VIR_DOMAIN_AFFECT_CONFIG
MAXIMUM = libvirt.VIR_DOMAIN_VCPU_MAXIMUM


def lines(text):
    """virsh's "Name:   value" lines as a dict."""
    pairs = (line.partition(':') for line in text.splitlines() if ':' in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def test_dominfo_of_a_stopped_machine(machines):
    machine = machines.make(None, '--memory', '48', '--cpus', '3')
    facts = lines(virsh('dominfo', machine.name))
    expected = {'Id': '-', 'Name': machine.name, 'UUID': machine.uuid, 'OS Type': 'hvm',
                'State': 'shut off', 'CPU(s)': '3', 'Max memory': '49152 KiB',
                'Used memory': '49152 KiB', 'Persistent': 'yes', 'Autostart': 'disable',
                'Managed save': 'no'}
    assert {name: facts.get(name) for name in expected} == expected


def test_dominfo_of_a_running_machine(machine, running):
    facts = lines(virsh('dominfo', machine.uuid))
    assert facts['Id'] == str(running.ID())
    assert facts['State'] == 'running'
    assert facts['CPU time'].endswith('s')


def test_info_numbers(running):
    state, maximum, memory, vcpus, first = running.info()
    assert (state, maximum, memory, vcpus) == (libvirt.VIR_DOMAIN_RUNNING, 16384, 16384, 1)
    assert first > 0
    waiting.until(lambda: running.info()[4] > first, 'its processor time grows')


def test_simple_answers(machine, domain):
    assert domain.name() == machine.name
    assert domain.OSType() == 'hvm'
    assert domain.maxMemory() == 16384
    assert domain.isUpdated() == 0
    assert domain.isPersistent() == 1
    assert domain.isActive() == 0
    assert domain.hasManagedSaveImage() == 0
    assert domain.snapshotNum() == 0


def test_vcpu_counts(connection, machines):
    machine = machines.make(None, '--cpus', '2')
    domain = connection.lookupByName(machine.name)
    assert domain.vcpusFlags(CONFIG) == 2
    assert domain.vcpusFlags(CONFIG | MAXIMUM) == 2
    with fails(libvirt.VIR_ERR_OPERATION_INVALID):
        domain.vcpusFlags(LIVE)
    with fails(libvirt.VIR_ERR_INVALID_ARG):
        domain.vcpusFlags(LIVE | CONFIG)
    assert domain.maxVcpus() == 2
    domain.create()
    assert domain.vcpusFlags(LIVE) == domain.vcpusFlags(LIVE | MAXIMUM) == 2
    assert domain.maxVcpus() == 2
    assert virsh('vcpucount', '--live', '--maximum', machine.name).strip() == '2'


def test_autostart(machine, domain):
    assert domain.autostart() == 0
    virsh('autostart', machine.name)
    assert domain.autostart() == 1
    # the store is VirtualBox: somebody who asks it sees the same
    assert 'autostart' in machine.manage('getextradata', 'enumerate')
    virsh('autostart', '--disable', machine.name)
    assert domain.autostart() == 0
    assert 'autostart' not in machine.manage('getextradata', 'enumerate')


def test_autostart_survives_a_start(domain):
    domain.setAutostart(1)
    domain.create()
    assert domain.autostart() == 1
    domain.setAutostart(0)
    domain.destroy()
    assert domain.autostart() == 0


def test_autostart_of_a_transient_one(running):
    running.undefine()
    with fails(libvirt.VIR_ERR_OPERATION_INVALID):
        running.setAutostart(1)


@pytest.mark.parametrize('flags', [0, libvirt.VIR_DOMAIN_XML_INACTIVE,
                                   libvirt.VIR_DOMAIN_XML_SECURE])
def test_dumpxml_names_the_machine(machine, domain, flags):
    text = domain.XMLDesc(flags)
    assert f'<name>{machine.name}</name>' in text
    assert f'<uuid>{machine.uuid}</uuid>' in text


def test_dumpxml_has_the_id_while_it_runs(running):
    assert f"id='{running.ID()}'" in running.XMLDesc().split('>')[0].replace('"', "'")
    assert 'id=' not in running.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE).split('>')[0]

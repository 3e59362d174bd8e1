# SPDX-License-Identifier: LGPL-2.1-or-later
"""<interface type='network'>: to the network of that name, and the same name in a dump."""
import re

import pytest

import domains
from commands import machine_facts, vboxmanage
from nets import refused

INTERFACE = "<interface type='network'><source network='{}'/></interface>"


@pytest.fixture
def definer(connection, machines):
    """Defines a domain with interfaces to the networks of these names."""
    def make(*names):
        nics = ''.join(INTERFACE.format(name) for name in names)
        return connection.defineXML(domains.xml('vm', devices=nics))
    return make


def sources(domain):
    """The networks that a dump names."""
    return re.findall(r"<source network='(.*?)'", domain.XMLDesc())


def test_of_each_kind(connection, networks, definer):
    """VBoxManage confirms the attachment; the dump says the network's name."""
    connection.networkDefineXML(networks.internal('lan'))
    connection.networkDefineXML(networks.host_only('ho'))
    domain = definer('lan', 'ho')
    facts = machine_facts('vm')
    assert (facts['nic1'], facts['intnet1']) == ('intnet', 'lan')
    assert (facts['nic2'], facts['hostonlyadapter2']) == ('hostonly', 'vboxnet0')
    assert sources(domain) == ['lan', 'ho']
    connection.defineXML(domain.XMLDesc())
    assert machine_facts('vm') == facts and sources(domain) == ['lan', 'ho']


def test_of_others(connection, networks, machines, definer):
    """An adapter by its name, and an internal network that another machine has."""
    vboxmanage('hostonlyif', 'create')
    machines.make().manage('modifyvm', '--nic1', 'intnet', '--intnet1', 'theirs')
    domain = definer('vboxnet0', 'theirs')
    facts = machine_facts('vm')
    assert (facts['hostonlyadapter1'], facts['intnet2']) == ('vboxnet0', 'theirs')
    assert sources(domain) == ['vboxnet0', 'theirs']


def test_an_adapter_is_found_by_its_own_name(connection, networks, definer):
    """Also when its network has another one."""
    connection.networkDefineXML(networks.host_only('ho'))
    domain = definer('vboxnet0')
    assert machine_facts('vm')['hostonlyadapter1'] == 'vboxnet0'
    assert sources(domain) == ['ho']


def test_nics_of_vboxmanage(connection, networks, machines):
    """A dump names the network, whoever attached the NIC."""
    connection.networkDefineXML(networks.internal('lan'))
    connection.networkDefineXML(networks.host_only('ho'))
    machine = machines.make()
    machine.manage('modifyvm', '--nic1', 'intnet', '--intnet1', 'lan', '--nic2', 'hostonly',
                   '--host-only-adapter2', 'vboxnet0')
    assert sources(connection.lookupByUUIDString(machine.uuid)) == ['lan', 'ho']


def test_nics_of_each_kind_power_up(connection, networks, machines):
    """One machine has them all: its guest runs, and VirtualBox tells where each NIC is."""
    for document in (networks.internal('lan'), networks.host_only('ho'), networks.nat('out'),
                     networks.bridged('outside')):
        connection.networkCreateXML(document)
    machine = machines.make()
    domain = connection.lookupByUUIDString(machine.uuid)
    names = ['lan', 'ho', 'out', 'outside']
    for nic in [INTERFACE.format(name) for name in names] + ["<interface type='user'/>"]:
        domain.attachDeviceFlags(nic)
    domain.create()
    machine.guest.wait_for('READY')
    facts = machine_facts(machine.uuid)
    assert [facts[f'nic{number}'] for number in range(1, 6)] == \
        ['intnet', 'hostonly', 'natnetwork', 'bridged', 'nat']
    assert sources(domain) == names
    domain.destroy()


def test_a_network_that_is_not_there(connection, networks, definer, unchanged):
    """Is an error that names it; no machine is made."""
    with refused('NO_NETWORK', 'nowhere'):
        definer('nowhere')

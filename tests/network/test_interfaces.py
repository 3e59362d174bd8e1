# SPDX-License-Identifier: LGPL-2.1-or-later
"""<interface type='network'>: to the network of that name, and the same name in a dump."""
import re

import pytest

import domains
from commands import machine_facts, vboxmanage, virsh, virsh_error
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


MAC = '08:00:27:00:00:0{}'


def listed(machine, *words):
    """What domiflist says: the rows of its table, without the interface's name, which VirtualBox has not."""
    rows = [line.split() for line in virsh('domiflist', machine.name, *words).splitlines()[2:] if line]
    assert all(row[0] == '-' for row in rows)
    return [tuple(row[1:]) for row in rows]


def test_virsh(connection, networks, machines, tmp_path):
    """A machine's interfaces by stock virsh: attached, listed, unplugged, moved while it runs, detached."""
    connection.networkCreateXML(networks.internal())
    machine = machines.make(None, '--nic1', 'nat', '--mac-address1', '080027000000')

    def update(kind, source, number, *words):
        path = tmp_path / 'nic.xml'
        path.write_text(f"<interface type='{kind}'><mac address='{MAC.format(number)}'/>{source}</interface>",
                        encoding='utf-8')
        virsh('update-device', machine.name, path, *words)
    for number, words in enumerate([('network', 'lan'), ('bridge', 'eth0')], 1):
        virsh('attach-interface', machine.name, *words, '--mac', MAC.format(number), '--model', 'e1000', '--config')
    told = [('user', '-', 'am79c973', MAC.format(0)), ('network', 'lan', '82540EM', MAC.format(1)),
            ('bridge', 'eth0', '82540EM', MAC.format(2))]
    assert listed(machine) == told
    assert 'there are: eth0' in virsh_error('attach-interface', machine.name, 'bridge', 'nowhere', '--config')
    virsh('start', machine.name)
    machine.guest.wait_for('READY')
    assert listed(machine) == told
    for number in range(3):
        virsh('domif-setlink', machine.name, MAC.format(number), 'down')
        assert virsh('domif-getlink', machine.name, MAC.format(number)).split() == [MAC.format(number), 'down']
        assert re.search(rf'^{MAC.format(number)} rx_bytes \d+$', virsh('domifstat', machine.name, MAC.format(number)),
                         re.MULTILINE)
    said = machine_facts(machine.name)
    assert [said[f'cableconnected{i}'] for i in (1, 2, 3)] == ['off'] * 3
    virsh('domif-setlink', machine.name, MAC.format(2), 'up', '--config')
    assert machine_facts(machine.name)['cableconnected3'] == 'off'
    for number, kind, source, fact in ((0, 'network', "<source network='lan'/>", ('nic1', 'intnet')),
                                       (1, 'bridge', "<source bridge='eth0'/>", ('bridgeadapter2', 'eth0')),
                                       (2, 'user', '', ('nic3', 'nat')), (2, 'null', '', ('nic3', 'null'))):
        update(kind, source, number, '--live')
        assert machine_facts(machine.name)[fact[0]] == fact[1]
    assert [row[:2] for row in listed(machine)] == [('network', 'lan'), ('bridge', 'eth0'), ('null', '-')]
    assert listed(machine, '--inactive') == told
    update('network', "<source network='lan'/>", 2, '--live', '--config')
    virsh('detach-interface', machine.name, 'user', '--mac', MAC.format(0), '--config')
    assert 'cannot be removed while the machine runs' in virsh_error(
        'detach-interface', machine.name, 'network', '--mac', MAC.format(0), '--live')
    virsh('destroy', machine.name)
    machine.wait_until_off()
    assert [row[:2] for row in listed(machine)] == [('network', 'lan'), ('network', 'lan')]
    assert virsh('domif-getlink', machine.name, MAC.format(1)).split() == [MAC.format(1), 'up']

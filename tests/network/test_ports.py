# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ports of networks: the interfaces of running machines, as long as they are plugged in."""
import re
import xml.etree.ElementTree as ElementTree

import libvirt
import pytest

from commands import virsh, virsh_error
from domains import xml
from nets import refused

NIC = "<interface type='network'><mac address='08:00:27:00:00:{:02}'/><source network='{}'/>{}</interface>"
PLUGS = {'internal': None, 'host_only': {'type': 'network', 'bridge': 'vboxnet0'}, 'nat': None,
         'bridged': {'type': 'direct', 'dev': 'eth0', 'mode': 'bridge'}}
LIMIT = "<bandwidth><outbound average='1000'/></bandwidth>"


def ports(network):
    """A network's ports: UUID → its XML."""
    return {each.UUIDString(): ElementTree.fromstring(each.XMLDesc()) for each in network.listAllPorts()}


@pytest.fixture(name='domain')
def _domain(connection, networks, machines):
    """One with a NIC on a network of each kind, and a second one on the internal network."""
    for kind in PLUGS:
        connection.networkCreateXML(getattr(networks, kind)(kind))
    nics = [NIC.format(i, kind, LIMIT if kind == 'nat' else '') for i, kind in enumerate([*PLUGS, 'internal'])]
    return connection.defineXML(xml('vm', devices=''.join(nics)))


def test_a_life(connection, domain, valid):
    """They come with the start, stay the same, and go with the end."""
    all_networks = {kind: connection.networkLookupByName(kind) for kind in PLUGS}
    assert not any(network.listAllPorts() for network in all_networks.values())
    domain.create()
    first = {kind: ports(network) for kind, network in all_networks.items()}
    for kind, network in all_networks.items():
        assert len(first[kind]) == (2 if kind == 'internal' else 1)
        for uuid, root in first[kind].items():
            port = network.portLookupByUUIDString(uuid)
            assert valid(port.XMLDesc(), 'networkport') and root.findtext('uuid') == uuid
            assert (root.findtext('owner/name'), root.findtext('owner/uuid')) == ('vm', domain.UUIDString())
            plug = root.find('plug')
            assert (plug.attrib if plug is not None else None) == PLUGS[kind]
    macs = {kind: [root.find('mac').get('address') for root in some.values()] for kind, some in first.items()}
    assert macs == {'internal': ['08:00:27:00:00:00', '08:00:27:00:00:04'], 'host_only': ['08:00:27:00:00:01'],
                    'nat': ['08:00:27:00:00:02'], 'bridged': ['08:00:27:00:00:03']}
    (nat,), (bridged,) = first['nat'].values(), first['bridged'].values()
    assert nat.find('bandwidth/outbound').get('average') == '1000' and bridged.find('bandwidth') is None
    assert len({uuid for some in first.values() for uuid in some}) == 5
    domain.suspend()
    assert {kind: list(ports(network)) for kind, network in all_networks.items()} == \
        {kind: list(some) for kind, some in first.items()}
    move(domain, 'bridged', 'nat')
    assert not all_networks['bridged'].listAllPorts()
    assert len(ports(all_networks['nat'])) == 2 and ports(all_networks['nat']).keys() > first['nat'].keys()
    domain.destroy()
    assert not any(network.listAllPorts() for network in all_networks.values())
    with refused('NO_NETWORK_PORT', 'does not exist'):
        all_networks['nat'].portLookupByUUIDString(list(first['nat'])[0])


def move(domain, old, new):
    """Takes the NIC of the one network to the other, while the machine runs."""
    nic = re.search(rf"<interface type='network'>(?:(?!</interface>).)*network='{old}'.*?</interface>",
                    domain.XMLDesc(), re.DOTALL)[0]
    domain.updateDeviceFlags(nic.replace(f"network='{old}'", f"network='{new}'"), libvirt.VIR_DOMAIN_AFFECT_LIVE)


def test_virsh(domain, tmp_path):
    """The commands that stock clients have; what cannot be done says what to do."""
    virsh('start', 'vm')
    uuid, = re.findall(r'^ ?([0-9a-f]{8}-[0-9a-f-]{27})', virsh('net-port-list', 'nat'), re.MULTILINE)
    text = virsh('net-port-dumpxml', 'nat', uuid)
    assert f'<uuid>{uuid}</uuid>' in text and "<mac address='08:00:27:00:00:02'/>" in text
    path = tmp_path / 'port.xml'
    path.write_text(text, encoding='utf-8')
    assert 'attach an interface to a domain' in virsh_error('net-port-create', 'nat', path)
    with refused('OPERATION_UNSUPPORTED', 'domif-setlink'):  # virsh itself says nothing, and succeeds
        domain.connect().networkLookupByName('nat').portLookupByUUIDString(uuid).delete()
    assert virsh('net-port-dumpxml', 'nat', uuid) == text


def test_a_dump_names_a_network_that_came_later(connection, networks, machines):
    """And the interface again when the network has gone; ports follow."""
    machine = machines.make()
    machine.manage('modifyvm', '--nic1', 'bridged', '--bridge-adapter1', 'eth0')
    domain = connection.lookupByName(machine.name)
    domain.create()
    assert "<source bridge='eth0'/>" in domain.XMLDesc()
    network = connection.networkDefineXML(networks.bridged())
    assert "<source network='lan'/>" in domain.XMLDesc() and len(network.listAllPorts()) == 1
    network.undefine()
    assert "<source bridge='eth0'/>" in domain.XMLDesc()

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ansible with the collection community.libvirt."""
import json
import pathlib

import pytest

import domains
import pools
import settings
from commands import URI, environment, run, virsh

PLAYBOOK = pathlib.Path(__file__).with_name('playbook.yml')
POOL = "<pool type='dir'><name>images</name><target><path>{}</path></target></pool>"


def ansible(folder, *words):
    """Runs one of Ansible's programs on this host alone, with a home of its own."""
    return run(*words, timeout=240, env=environment(
        HOME=str(folder), ANSIBLE_HOME=str(folder / 'ansible'), ANSIBLE_LOCALHOST_WARNING='false',
        ANSIBLE_PIPELINING='true', ANSIBLE_INVENTORY_UNPARSED_WARNING='false', LC_ALL='C.UTF-8')).stdout


def plain(value):
    """A value that a plugin gave, without Ansible's mark on text that is no template."""
    return value.get('__ansible_unsafe', value)


@pytest.fixture
def nothing_left(machines, networks):
    """The test itself removes what it makes."""
    yield
    left = settings.known('MachineRegistry/MachineEntry', 'uuid') + settings.keys('vboxvirt/network/') + pools.keys()
    pools.clean()
    assert left == []


def test_modules(nothing_left, connection, networks, tmp_path):
    """The playbook says itself what must be so; networks of all kinds are there when it asks."""
    others = [connection.networkDefineXML(xml) for xml in (networks.nat('out'), networks.bridged('wire'))]
    pool = tmp_path / 'pool'
    pool.mkdir()
    variables = {'ansible_python_interpreter': '/usr/bin/python3', 'uri': URI, 'folder': str(pool),
                 'domain': domains.xml('journey'), 'pool': POOL.format(pool),
                 'lan': networks.internal('lan'), 'host': networks.host_only('host')}
    said = ansible(tmp_path, 'ansible-playbook', '--connection', 'local', '--inventory', 'localhost,',
                   '--extra-vars', json.dumps(variables), PLAYBOOK)
    assert 'failed=0' in said and 'unreachable=0' in said
    for network in others:
        network.undefine()


def test_inventory(machines, tmp_path):
    machine = machines.make()
    virsh('start', machine.name)
    path = tmp_path / 'libvirt.yml'
    path.write_text(f'plugin: community.libvirt.libvirt\nuri: {URI}\n', encoding='utf-8')
    said = ansible(tmp_path, 'ansible-inventory', '--inventory', path, '--list')
    known = json.loads(said, object_hook=plain)['_meta']['hostvars'][machine.name]
    assert (known['info']['state'], known['info']['memory_kb']) == ('running', 16384)
    assert machine.uuid in known['xml_desc']
    assert 'not supported' in known['guest_info']['error']
    virsh('destroy', machine.name)

# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine whose settings VirtualBox cannot read is shown as such, and hurts no other."""
import os
import pathlib
import re

import libvirt
import pytest

import commands
import domains
import machines as machines_module
import service as service_module
import wire
from commands import vboxmanage
from domains import fails
from rawclient import RawClient, RemoteError

REASON = "VirtualBox cannot read this domain's settings"
# what VirtualBox says of such a machine by itself
ITS_OWN = ('limited', 'access is denied', 'not ready', 'E_ACCESSDENIED')
# and what clients and we would say of an XML that says so little
OF_ITS_XML = ('needs memory', 'must not be NULL')
# these need its settings: they can only say what is wrong with them
NEED_SETTINGS = {
    'DOMAIN_CREATE', 'DOMAIN_CREATE_WITH_FLAGS', 'DOMAIN_RENAME', 'DOMAIN_SET_AUTOSTART',
    'DOMAIN_SET_MAX_MEMORY', 'DOMAIN_SET_MEMORY_FLAGS', 'DOMAIN_SET_VCPUS_FLAGS',
    'DOMAIN_SET_METADATA', 'DOMAIN_ATTACH_DEVICE_FLAGS', 'DOMAIN_DETACH_DEVICE_FLAGS',
    'DOMAIN_UPDATE_DEVICE_FLAGS', 'DOMAIN_GET_MAX_MEMORY', 'DOMAIN_GET_VCPUS', 'DOMAIN_GET_VCPUS_FLAGS',
    'DOMAIN_GET_BLOCK_INFO', 'DOMAIN_GET_SCHEDULER_PARAMETERS', 'DOMAIN_GET_INTERFACE_PARAMETERS',
    'DOMAIN_GET_BLOCK_IO_TUNE', 'DOMAIN_SET_MEMORY', 'DOMAIN_SET_VCPUS', 'DOMAIN_ATTACH_DEVICE'}
VALUES = {'xml': "<interface type='user'><model type='e1000'/></interface>", 'new_name': 'another',
          'nvcpus': 1, 'memory': 65536, 'autostart': 1, 'metadata': 'text'}


@pytest.fixture
def broken(service, machines):
    """A registered machine whose file is no XML any more; VirtualBox notices when it starts."""
    machine = machines.make()
    path = machine.folder / f'{machine.name}.vbox'
    good = machine.spoil(lambda text: 'not XML')
    path.with_suffix('.good').write_text(good, encoding='utf-8')
    yield machine
    path.write_text(good, encoding='utf-8')


@pytest.fixture
def connection_again(broken, connection):
    """A connection whose engine is a new one."""
    service_module.until_it_serves(connection)
    return connection


def test_inaccessible(connection_again, broken, machines):
    connection, good = connection_again, machines.make()
    assert {each.UUIDString() for each in connection.listAllDomains()} == {broken.uuid, good.uuid}
    domain = connection.lookupByUUIDString(broken.uuid)
    assert domain.name() == broken.name
    assert domain.isActive() == 0
    assert connection.lookupByName(broken.name).UUIDString() == broken.uuid
    assert connection.lookupByName(good.name).info()[1] == 16384
    stats = {each.UUIDString(): values for each, values in connection.getAllDomainStats()}
    assert stats[broken.uuid] == {'state.state': 0, 'state.reason': 0}
    assert stats[good.uuid]['vcpu.maximum'] == 1
    # the description tells a person what is wrong
    assert f'{broken.name}.vbox' in domain.XMLDesc()
    domain.undefine()
    assert broken.uuid not in vboxmanage('list', 'vms')


def test_its_name_is_taken(connection_again, broken, machines):
    """Nobody else gets its name; with its own uuid it is told what is wrong."""
    connection, good = connection_again, machines.make()
    with fails(libvirt.VIR_ERR_OPERATION_FAILED, containing=f'already exists with uuid {broken.uuid}'):
        connection.defineXML(domains.xml(broken.name))
    with fails(libvirt.VIR_ERR_OPERATION_FAILED, containing=f'already exists with uuid {broken.uuid}'):
        connection.createXML(domains.xml(broken.name))
    with fails(libvirt.VIR_ERR_OPERATION_INVALID, containing='already exists'):
        connection.lookupByName(good.name).rename(broken.name)
    with fails(libvirt.VIR_ERR_OPERATION_FAILED, containing=f"domain '{broken.name}' is already defined"):
        connection.defineXML(domains.xml('another', uuid=broken.uuid))
    with fails(libvirt.VIR_ERR_OPERATION_INVALID, containing=REASON):
        connection.defineXML(domains.xml(broken.name, uuid=broken.uuid))
    assert len(connection.listAllDomains()) == 2


def some(kind, name, dom):
    """A value of a type of the protocol, as plain as it can be."""
    if name in VALUES:
        return VALUES[name]
    if kind == 'nonnull_domain':
        return dom
    if kind.endswith('?'):
        return None
    if kind.endswith('>'):
        return []
    return '' if kind == 'str' else 0


def test_every_call(connection_again, broken, service):
    """Each call of a domain answers, or says what is wrong in one sentence; when the file is mended, all is well."""
    said = {}
    with RawClient(service.path) as client:
        client.open()
        dom = client.call('DOMAIN_LOOKUP_BY_NAME', name=broken.name)['dom']
        for name, procedure in wire.PROCEDURES.items():
            if procedure.server != 'engine' or ('dom', 'nonnull_domain') not in procedure.args or \
                    procedure.kind != 'call' or 'UNDEFINE' in name:
                continue
            args = {arg: some(kind, arg, dom) for arg, kind in procedure.args}
            try:
                client.call(name, **args)
                said[name] = ''
            except RemoteError as error:
                said[name] = error.message
    assert len(said) >= 60
    assert not {name: text for name, text in said.items() if any(word in text for word in ITS_OWN)}
    assert not {name: said[name] for name in NEED_SETTINGS if REASON not in said[name]}
    path = broken.folder / f'{broken.name}.vbox'
    assert str(path) in said['DOMAIN_CREATE'] and 'undefine' in said['DOMAIN_CREATE']
    path.write_bytes(path.with_suffix('.good').read_bytes())
    domain = connection_again.lookupByName(broken.name)
    domain.setAutostart(1)
    assert domain.info()[1] == 16384


# virsh's commands that need its settings
COMMANDS = {
    'attach-device', 'attach-disk', 'attach-interface', 'autostart', 'blkdeviotune', 'cpu-stats', 'define',
    'detach-device', 'detach-device-alias', 'domblkinfo', 'domblkstat', 'domcontrol', 'domifstat', 'domiftune',
    'dommemstat', 'domrename', 'domxml-to-native', 'reboot', 'reset', 'resume', 'schedinfo', 'screenshot', 'setmaxmem',
    'setmem', 'setvcpus', 'shutdown', 'start', 'suspend', 'update-device', 'vcpucount', 'vcpuinfo', 'vcpupin'}
# what virsh reads as a value before it asks; other values may be any word
OPTIONS = {'domain': '{name}', 'file': '{device}', 'xml': '{device}', 'count': '1', 'size': '65536', 'type': 'network',
           'vcpulist': '0', 'threshold': '1', 'bandwidth': '1', 'downtime': '1', 'iothread': '1', 'id': '1',
           'state': 'up', 'pid': '1'}
# what stands in brackets in virsh's help, and is wanted
MORE = {'domblkinfo': 'word', 'send-key': 'KEY_A', 'setvcpu': '--enable', 'detach-interface': 'network',
        'qemu-monitor-command': 'word', 'qemu-agent-command': 'word', 'lxc-enter-namespace': '-- word'}
# it wants a terminal, it waits for an event, and what removes the domain
LEFT_OUT = {'console', 'await', 'undefine'}


def several(lines):
    """What one virsh says on its two outputs, after each mark."""
    result = commands.run('virsh', '-c', commands.URI, input='\n'.join(lines), check=False,
                          env={**os.environ, 'EDITOR': 'true'})
    return [dict(part.split('\n', 1) for part in text.split('MARK ')[1:]) for text in (result.stdout, result.stderr)]


def lines_of(name, device):
    """Each command of virsh that always takes a domain, with some value for all that it needs."""
    names = re.findall(r'^    ([a-z][\w-]+) ', commands.virsh('help'), re.MULTILINE)
    helps = several(line for each in names for line in (f'echo MARK {each}', f'help {each}'))[0]
    lines = {}
    for each in set(names) - LEFT_OUT:
        options = re.findall(r'<([\w-]+)>', re.search(r'SYNOPSIS\n([^[\n]*)', helps[each])[1])
        if 'domain' in options:
            words = [OPTIONS.get(option, 'word').format(name=name, device=device) for option in options]
            lines[each] = ' '.join([each, *words, MORE.get(each, '')])
    return lines


def test_every_command(connection_again, broken, tmp_path):  # pylint: disable=unused-argument
    """No command of virsh meets what only its XML lacks, nor does its own dump, defined or translated."""
    device, own = tmp_path / 'device.xml', tmp_path / 'own.xml'
    device.write_text(VALUES['xml'], encoding='utf-8')
    own.write_text(commands.virsh('dumpxml', broken.name), encoding='utf-8')
    lines = {**lines_of(broken.name, device), 'define': f'define {own}',
             'domxml-to-native': f'domxml-to-native vbox --domain {broken.name}'}
    assert len(lines) >= 100
    said = several(line for each in lines for line in (f'echo --err MARK {each}', lines[each]))[1]
    assert set(said) == set(lines)
    assert not {each: text for each, text in said.items() if any(word in text for word in ITS_OWN + OF_ITS_XML)}
    assert not {each: said[each] for each in COMMANDS if REASON not in said[each]}
    assert not {each: text for each, text in said.items() if re.search('requires <.*> option', text)}


def test_its_file_stays(connection):
    """Undefined, it leaves a file that VirtualBox cannot read: what is defined next is told what to do with it."""
    domain = connection.defineXML(domains.xml('left'))
    path = pathlib.Path(commands.machine_facts(domain.UUIDString())['CfgFile'])
    machines_module.spoil(path, lambda text: 'not XML')
    service_module.until_it_serves(connection)
    connection.lookupByName('left').undefine()
    assert path.read_text(encoding='utf-8') == 'not XML'
    for make in (connection.defineXML, connection.createXML):
        with fails(libvirt.VIR_ERR_OPERATION_FAILED, containing=f"'left': {path}; move it away or delete it"):
            make(domains.xml('left'))
    path.unlink()
    connection.defineXML(domains.xml('left')).undefine()
    assert not path.exists()

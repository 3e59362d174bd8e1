# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine whose settings VirtualBox cannot read is shown as such, and hurts no other."""
import libvirt
import pytest

import domains
import service as service_module
import wire
from commands import vboxmanage
from domains import fails
from rawclient import RawClient, RemoteError

REASON = "VirtualBox cannot read this domain's settings"
# what VirtualBox says of such a machine by itself
ITS_OWN = ('limited', 'access is denied', 'not ready', 'E_ACCESSDENIED')
# these need its settings: they can only say what is wrong with them
NEED_SETTINGS = {
    'DOMAIN_CREATE', 'DOMAIN_CREATE_WITH_FLAGS', 'DOMAIN_RENAME', 'DOMAIN_SET_AUTOSTART',
    'DOMAIN_SET_MAX_MEMORY', 'DOMAIN_SET_MEMORY_FLAGS', 'DOMAIN_SET_VCPUS_FLAGS',
    'DOMAIN_SET_METADATA', 'DOMAIN_ATTACH_DEVICE_FLAGS', 'DOMAIN_DETACH_DEVICE_FLAGS',
    'DOMAIN_UPDATE_DEVICE_FLAGS'}
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

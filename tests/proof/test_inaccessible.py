# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine whose settings VirtualBox cannot read is shown as such, and hurts no other."""
import libvirt
import pytest

import domains
import processes
import waiting
from commands import vboxmanage
from domains import fails


@pytest.fixture
def broken(service, machines):
    """A registered machine whose file is no XML any more; VirtualBox notices when it starts."""
    machine = machines.make()
    path = machine.folder / f'{machine.name}.vbox'
    good = path.read_text(encoding='utf-8')
    path.write_text('not XML', encoding='utf-8')
    for pid in processes.pids_of('VBoxSVC'):
        processes.kill(pid)
    waiting.until(lambda: 'inaccessible' in vboxmanage('list', 'vms'), 'VirtualBox notices')
    yield machine
    path.write_text(good, encoding='utf-8')


@pytest.fixture
def connection_again(broken, connection):
    """A connection whose engine is a new one: VBoxSVC has been replaced under the old one."""
    def works():
        try:
            return connection.getVersion()
        except libvirt.libvirtError:
            return None
    waiting.until(works, 'the daemon serves again')
    return connection


def test_inaccessible(connection_again, broken, machines):
    connection, good = connection_again, machines.make()
    assert {each.UUIDString() for each in connection.listAllDomains()} == {broken.uuid, good.uuid}
    domain = connection.lookupByUUIDString(broken.uuid)
    assert domain.name() == broken.name
    assert domain.isActive() == 0
    assert connection.lookupByName(broken.name).UUIDString() == broken.uuid
    assert connection.lookupByName(good.name).info()[1] == 16384
    with fails(libvirt.VIR_ERR_OPERATION_FAILED, libvirt.VIR_ERR_OPERATION_INVALID,
               libvirt.VIR_ERR_INTERNAL_ERROR):
        domain.create()
    with fails(libvirt.VIR_ERR_OPERATION_FAILED, libvirt.VIR_ERR_OPERATION_INVALID):
        connection.defineXML(domains.xml(broken.name, uuid=broken.uuid))
    # the description tells a person what is wrong
    assert f'{broken.name}.vbox' in domain.XMLDesc()
    domain.undefine()
    assert broken.uuid not in vboxmanage('list', 'vms')

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fixtures of the proof: one machine, its domain, and both running; what virt-install and virt-manager need."""
import pytest

import commands


@pytest.fixture
def machine(machines):
    """A machine that VBoxManage has made; it is off."""
    return machines.make()


@pytest.fixture
def domain(connection, machine):
    """The same machine as libvirt sees it."""
    return connection.lookupByUUIDString(machine.uuid)


@pytest.fixture
def running(domain, machine):
    """The domain, started through libvirt; its guest has said READY."""
    domain.create()
    machine.guest.wait_for('READY')
    return domain


@pytest.fixture(name='network')
def _network(connection):
    """The network that virt-install asks for when nobody says another."""
    network = connection.networkDefineXML('<network><name>default</name></network>')
    network.create()
    yield network
    network.destroy()
    network.undefine()


@pytest.fixture
def pools(connection):
    """virtinst makes a pool of each folder that it finds an image in: they go again."""
    yield
    for pool in connection.listAllStoragePools():
        if pool.isActive():
            pool.destroy()
        pool.undefine()


@pytest.fixture
def image(tmp_path, pools):
    """Makes a disk that VirtualBox does not know yet."""
    def make(name='disk.vdi'):
        path = tmp_path / name
        commands.vboxmanage('createmedium', 'disk', '--filename', path, '--size', '4')
        commands.vboxmanage('closemedium', 'disk', path)
        return str(path)
    return make


@pytest.fixture
def ordinary(connection, machines, network, image):
    """What virt-install makes of its defaults, without starting it."""
    name = machines.name()
    text = commands.client('virt-install', '--name', name, '--memory', '64', '--osinfo', 'debian12',
                           '--disk', image(), '--import', '--print-xml')
    return connection.defineXML(text[text.index('<domain'):text.index('</domain>') + 9])

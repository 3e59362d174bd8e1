# SPDX-License-Identifier: LGPL-2.1-or-later
"""Stock clients, as they come with the distribution, find the daemon and understand it."""
import os
import re
import socket

import libvirt
import pytest

import processes
import service as service_module
import waiting
from capture import Capture
from commands import URI, VBOXMANAGE, environment, run, virsh, virsh_error
from domains import fails


def vbox_version():
    """VirtualBox's own answer, as (major, minor, release)."""
    return tuple(int(part) for part in
                 re.match(r'(\d+)\.(\d+)\.(\d+)', run(VBOXMANAGE, '--version').stdout).groups())


def test_virsh_version(service):
    said = virsh('version')
    assert 'Using API: VBOX' in said
    assert 'Running hypervisor: VBOX {}.{}.{}'.format(*vbox_version()) in said


def test_binding_connection(connection):
    major, minor, release = vbox_version()
    assert connection.getVersion() == major * 1000000 + minor * 1000 + release
    assert connection.getLibVersion() > 1000000
    assert connection.getType() == 'VBOX'
    assert connection.getURI() == URI
    assert connection.getHostname() == socket.gethostname()
    assert connection.isAlive() == 1
    assert connection.isSecure() == 1
    assert connection.isEncrypted() == 0
    assert connection.getMaxVcpus(None) >= 32


def test_node_info(connection):
    said = virsh('nodeinfo')
    assert f'CPU(s):              {os.cpu_count()}' in said
    with open('/proc/meminfo', encoding='utf-8') as file:
        total = int(re.search(r'MemTotal: *(\d+) kB', file.read())[1])
    assert re.search(rf'Memory size: *{total} KiB', said)
    assert connection.getInfo()[2] == os.cpu_count()
    assert virsh('hostname').strip() == socket.gethostname()
    assert virsh('uri').strip() == URI


@pytest.mark.parametrize('command, schema', [('capabilities', 'capability'),
                                             ('domcapabilities', 'domaincaps')])
def test_capabilities(service, tmp_path, command, schema):
    path = tmp_path / 'caps.xml'
    path.write_text(virsh(command), encoding='utf-8')
    run('virt-xml-validate', path, schema)
    assert 'hvm' in path.read_text(encoding='utf-8') or schema == 'domaincaps'


@pytest.mark.parametrize('words', [
    ('list', '--all'), ('list', '--title'), ('dominfo', 'NAME'), ('dumpxml', 'NAME'),
    ('domstate', 'NAME', '--reason'), ('domid', 'NAME'), ('domuuid', 'NAME'), ('domname', 'UUID'),
    ('domblklist', 'NAME'), ('domiflist', 'NAME'), ('vcpucount', 'NAME'), ('net-list', '--all'),
    ('nodeinfo',), ('maxvcpus',), ('hostname',), ('uri',), ('version', '--daemon'),
    ('snapshot-list', 'NAME'), ('capabilities',), ('domcapabilities',), ('sysinfo', '?'),
    ('domdisplay', 'NAME', '?'), ('vncdisplay', 'NAME', '?'), ('managedsave-dumpxml', 'NAME', '?'),
    ('pool-list', '?'), ('nodedev-list', '?'), ('iface-list', '--all'), ('secret-list', '?'),
    ('nwfilter-list', '?'), ('domstats', 'NAME'), ('domblkinfo', 'NAME', '--all'),
])
def test_virsh_commands(service, machine, words):
    """Each does what it should, or says that it is not supported; none loses the connection."""
    may_fail = words[-1] == '?'
    words = [{'NAME': machine.name, 'UUID': machine.uuid}.get(word, word) for word in words
             if word != '?']
    result = run('virsh', '-c', URI, *words, check=False)
    if result.returncode != 0:
        assert may_fail, result.stderr
        assert 'not supported' in result.stderr or 'not running' in result.stderr, result.stderr
    assert 'end of file' not in result.stderr.lower()


def test_domblklist_and_domiflist(machines):
    machine = machines.make(None, '--nic1', 'nat', '--mac-address1', '080027ABCDEF')
    assert re.search(rf'fda +{machine.folder}/boot.img', virsh('domblklist', machine.name))
    assert '08:00:27:ab:cd:ef' in virsh('domiflist', machine.name).lower()


def test_unsupported_call_has_a_name(connection, domain):
    for call in (domain.blockCommit, ):
        with fails(libvirt.VIR_ERR_NO_SUPPORT):
            call('fda', None, None)
    with fails(libvirt.VIR_ERR_NO_SUPPORT, containing='virDomainMemoryPeek'):
        domain.memoryPeek(0, 1, libvirt.VIR_MEMORY_VIRTUAL)
    assert connection.isAlive() == 1


# ---- read-only ----

def test_read_only_virsh(machine):
    assert machine.name in virsh('-r', 'list', '--all')
    assert machine.uuid in virsh('-r', 'dumpxml', machine.name)
    for words in (('start', machine.name), ('undefine', machine.name),
                  ('dumpxml', '--security-info', machine.name)):
        assert re.search('read only|forbidden', virsh_error('-r', *words))


def test_read_only_connection(machine, service, unchanged):
    opened = libvirt.openReadOnly(URI)
    domain = opened.lookupByName(machine.name)
    assert domain.info()[0] == libvirt.VIR_DOMAIN_SHUTOFF
    for call in (domain.create, domain.undefine, lambda: domain.setAutostart(1),
                 lambda: opened.defineXML('<domain/>'),
                 lambda: domain.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE)):
        with fails(libvirt.VIR_ERR_OPERATION_DENIED):
            call()
    opened.close()


# ---- finding the daemon ----

@pytest.fixture
def no_daemon(service):
    """Nobody serves; the tests' own daemon is started again afterwards."""
    service.stop()
    for pid in processes.pids_of('virtvboxd'):
        processes.kill(pid)
    yield service
    for pid in processes.pids_of('virtvboxd'):
        processes.kill(pid, 15)
    waiting.until(lambda: not processes.pids_of('virtvboxd'), 'the spawned daemon has ended')
    service.start()


@pytest.mark.restarts_daemon
def test_auto_spawn(no_daemon):
    assert service_module.socket_path().exists(), 'what a log-in makes'
    assert 'Running hypervisor: VBOX' in virsh('version')
    spawned = processes.pids_of('virtvboxd')
    assert len(spawned) == 1
    assert '--timeout=120' in processes.command_line(spawned[0])
    virsh('list', '--all')
    assert processes.pids_of('virtvboxd') == spawned


@pytest.mark.restarts_daemon
def test_auto_spawn_by_many_at_once(no_daemon):
    import subprocess
    clients = [subprocess.Popen(['virsh', '-c', URI, 'list', '--all'], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True) for _ in range(8)]
    said = [client.communicate(timeout=60)[0] for client in clients]
    assert [client.returncode for client in clients] == [0] * 8, said
    waiting.until(lambda: len(processes.pids_of('virtvboxd')) == 1, 'one daemon is left')


@pytest.mark.restarts_daemon
def test_spawned_machine_outlives_its_daemon(no_daemon, machines):
    machine = machines.make()
    virsh('start', machine.name)
    machine.guest.wait_for('READY')
    pid = int(virsh('domid', machine.name))
    for each in processes.pids_of('virtvboxd'):
        processes.kill(each, 15)
    waiting.until(lambda: not processes.pids_of('virtvboxd'), 'the daemon has ended')
    assert processes.is_alive(pid)
    machine.guest.say('x')
    machine.guest.wait_for('x')
    assert virsh('domid', machine.name).strip() == str(pid)
    virsh('destroy', machine.name)


# ---- other clients ----

def test_virt_install_prints(service):
    said = run('virt-install', '--connect', URI, '--name', 'printed', '--memory', '64',
               '--osinfo', 'detect=off,require=off', '--disk', 'none', '--import', '--network',
               'none', '--graphics', 'none', '--print-xml', env=environment(HOME='/tmp')).stdout
    assert '<domain type="vbox">' in said
    assert '<name>printed</name>' in said


def test_virt_install_starts_a_transient(connection, machines):
    """Without --transient it defines the running machine once more, which is not served yet."""
    name = machines.name()
    run('virt-install', '--connect', URI, '--name', name, '--memory', '64', '--osinfo',
        'detect=off,require=off', '--disk', '/usr/share/testbed/boot.img,device=floppy,readonly=on',
        '--import', '--transient', '--network', 'none', '--graphics', 'none', '--noautoconsole',
        env=environment(HOME='/tmp'))
    domain = connection.lookupByName(name)
    assert domain.info()[1] == 65536
    assert domain.isActive() == 1
    assert domain.isPersistent() == 0
    domain.destroy()


def test_tshark_understands_it(service, machine, running, tmp_path):
    capture = Capture(service_module.socket_path())
    for words in (('version',), ('list', '--all'), ('dumpxml', machine.name),
                  ('dominfo', machine.name), ('net-list', '--all'), ('capabilities',),
                  ('screenshot', machine.name, tmp_path / 'screen.png'),
                  ('suspend', machine.name), ('destroy', machine.name)):
        virsh(*words, uri=capture.uri)
    virsh_error('dominfo', 'nobody', uri=capture.uri)
    path = tmp_path / 'session.pcap'
    capture.write(path)
    said = run('tshark', '-r', path, '-Y', 'libvirt', '-T', 'fields', '-e',
               'libvirt.procedure', env=environment(HOME='/tmp')).stdout
    numbers = [number for line in said.splitlines() for number in line.split(',') if number]
    assert len(numbers) == capture.messages() > 50
    wrong = run('tshark', '-r', path, '-Y', '_ws.malformed or _ws.expert.severity >= 6291456',
                env=environment(HOME='/tmp')).stdout
    assert not wrong.strip(), wrong

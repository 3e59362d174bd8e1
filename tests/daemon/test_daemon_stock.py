# SPDX-License-Identifier: LGPL-2.1-or-later
"""Stock clients: virsh and libvirt-python as the distribution has them."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest
from harness import EXECUTABLE, eventually

SESSION = 'vbox:///session'


def virsh(daemon, *words, options=(), check=True, timeout=60):
    """What virsh prints."""
    result = subprocess.run(['virsh', '-c', SESSION, *options, *words], env=daemon.environment(),
                            text=True, capture_output=True, check=False, timeout=timeout)
    if check:
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()
    assert result.returncode != 0, result.stdout
    return result.stderr.strip()


def test_uri(daemon):
    assert virsh(daemon, 'uri') == SESSION


def test_version(daemon):
    assert 'Running hypervisor: VBOX 7.2.22' in virsh(daemon, 'version')
    assert 'Running against daemon: 12.8.0' in virsh(daemon, 'version', '--daemon')


def test_version_without_virtualbox(idle_daemon):
    idle_daemon.prepare('fail VirtualBox is not installed here')
    daemon = idle_daemon.start()
    assert 'error: VirtualBox is not installed here' in virsh(daemon, 'version', check=False)
    assert virsh(daemon, 'uri') == SESSION


def test_hostname(daemon):
    assert virsh(daemon, 'hostname') == os.uname().nodename


def test_xml(daemon):
    assert virsh(daemon, 'dumpxml', 'big:4000000') == 'x' * 4000000


def test_read_only(daemon):
    error = virsh(daemon, 'destroy', 'first', options=['--readonly'], check=False)
    assert 'read-only access prevents virDomainDestroy' in error or 'read only access' in error


def test_not_supported(daemon):
    error = virsh(daemon, 'blkiotune', 'first', check=False)
    assert 'this function is not supported by the connection driver: virDomain' in error


def test_event(daemon):
    watcher = subprocess.Popen(['virsh', '-k', '1', '-c', SESSION, 'event', '--event',
                                'lifecycle', '--loop', '--timeout', '6'], env=daemon.environment(), text=True,
                               stdout=subprocess.PIPE)
    eventually(lambda: 'serves VirtualBox' in daemon.log())
    daemon.control('lifecycle')
    time.sleep(3)  # some pings of -k 1
    os.kill(daemon.engine(), signal.SIGKILL)
    eventually(lambda: daemon.log().count('serves VirtualBox') == 2)
    daemon.control('lifecycle')
    out, _ = watcher.communicate(timeout=30)
    assert out.count("event 'lifecycle' for domain 'first': Started Booted") == 2


def test_screenshot(daemon):
    picture = daemon.home / 'picture'
    virsh(daemon, 'screenshot', 'big:10000000', str(picture))
    assert picture.stat().st_size == 10000000


def test_call_while_the_engine_dies(daemon):
    error = virsh(daemon, 'dumpxml', 'then-die', check=False)
    assert 'call again' in error
    assert virsh(daemon, 'dumpxml', 'first')


def test_python_with_threads(daemon):
    script = '''
import libvirt, sys, threading
connection = libvirt.open("vbox:///session")
wrong = []
def work(number):
    for step in range(50):
        name = f"vm-{number}-{step}"
        if connection.lookupByName(name).name() != name:
            wrong.append(name)
threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
[each.start() for each in threads]
[each.join() for each in threads]
assert connection.isSecure() and connection.isAlive() and connection.getType() == "VBOX"
sys.exit(len(wrong))
'''
    subprocess.run([sys.executable, '-c', script], env=daemon.environment(), check=True, timeout=60)


# ---- clients that start the daemon ----

@pytest.fixture
def spawning(idle_daemon):
    """The place as tmpfiles.d leaves it, and the name that clients start, in a folder of its own."""
    programs = idle_daemon.home / 'sbin'
    programs.mkdir()
    record = idle_daemon.home / 'spawned'
    starter = programs / 'virtvboxd'
    # clients strip the environment of what they start, as of everything that we need here
    settings = ' '.join(f'{name}="{value}"' for name, value in idle_daemon.environment().items()
                        if name.startswith(('VBOXVIRT_', 'ASAN_', 'UBSAN_', 'LSAN_')))
    starter.write_text(f'#!/bin/sh\necho "$*" >> {record}\nexport {settings}\n'
                       f'exec {EXECUTABLE} "$@" 2>> {idle_daemon.home}/log\n', encoding='utf-8')
    starter.chmod(0o755)
    idle_daemon.environment = lambda make=idle_daemon.environment: make(VIRTD_PATH=str(programs),
                                                                        LIBVIRTD_PATH=str(programs))
    idle_daemon.socket.parent.mkdir(mode=0o700)
    idle_daemon.socket.touch()
    yield idle_daemon
    for pid in daemons_of(idle_daemon):
        os.kill(pid, signal.SIGTERM)
    eventually(lambda: not daemons_of(idle_daemon))


def daemons_of(daemon):
    """All daemons that serve this home."""
    found = []
    for folder in pathlib.Path('/proc').glob('[0-9]*'):
        try:
            same = (folder / 'exe').readlink() == EXECUTABLE.resolve()
            if same and f'XDG_RUNTIME_DIR={daemon.runtime}\0' in (folder / 'environ').read_text():
                found.append(int(folder.name))
        except OSError:
            pass
    return found


def test_client_starts_the_daemon(spawning):
    assert virsh(spawning, 'uri') == SESSION
    assert (spawning.home / 'spawned').read_text(encoding='utf-8') == '--timeout=120\n'
    assert virsh(spawning, 'version')
    assert len(daemons_of(spawning)) == 1


def test_again_after_it_ended(spawning):
    for _ in range(3):
        assert virsh(spawning, 'uri') == SESSION
        for pid in daemons_of(spawning):
            os.kill(pid, signal.SIGTERM)
        eventually(lambda: not daemons_of(spawning))


def test_race_of_clients(spawning):
    outputs = []

    def work():
        outputs.append(virsh(spawning, 'uri'))

    threads = [threading.Thread(target=work) for _ in range(12)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert outputs == [SESSION] * 12
    assert len(daemons_of(spawning)) == 1


def test_clients_are_there():
    """The tests above need them."""
    assert shutil.which('virsh')

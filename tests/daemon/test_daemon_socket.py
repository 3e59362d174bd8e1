# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where the daemon listens, who wins, how it ends, and what its command line says."""
import os
import signal
import socket
import stat
import subprocess
import threading
import time

import pytest
from harness import EXECUTABLE, Daemon, eventually
from rawclient import RawClient, RemoteError

SOCKET_MODE = 0o600


def mode_of(path):
    """The permission bits."""
    return stat.S_IMODE(path.lstat().st_mode)


def usable(daemon):
    """Whether a client gets an answer."""
    return daemon.client().call('CONNECT_GET_TYPE') == {'type': 'VBOX'}


# ---- the place ----

def test_session_socket(idle_daemon):
    old = os.umask(0)
    try:
        daemon = idle_daemon.start()
    finally:
        os.umask(old)
    assert mode_of(daemon.socket) == SOCKET_MODE
    assert mode_of(daemon.socket.parent) == 0o700
    assert usable(daemon)


def test_without_runtime_folder(idle_daemon):
    idle_daemon.environment = lambda make=idle_daemon.environment: {
        name: value for name, value in make().items()
        if name not in ('XDG_RUNTIME_DIR', 'XDG_CACHE_HOME')}
    idle_daemon.socket = idle_daemon.home / '.cache' / 'libvirt' / 'virtvboxd-sock'
    assert usable(idle_daemon.start())


def test_named_socket(idle_daemon):
    idle_daemon.socket = idle_daemon.home / 'deep' / 'er' / 'sock'
    daemon = idle_daemon.start(f'--socket={idle_daemon.socket}')
    assert usable(daemon) and mode_of(daemon.socket) == SOCKET_MODE
    assert daemon.stop() == 0
    assert not daemon.socket.exists()


def test_relative_socket(idle_daemon):
    idle_daemon.socket = idle_daemon.home / 'sock'
    assert usable(idle_daemon.start('--socket=sock', cwd=idle_daemon.home))


@pytest.mark.parametrize('what', ['dead socket', 'file', 'link'])
def test_something_is_there(idle_daemon, what):
    idle_daemon.socket.parent.mkdir(mode=0o700)
    if what == 'dead socket':
        with socket.socket(socket.AF_UNIX) as old:
            old.bind(str(idle_daemon.socket))
    elif what == 'file':
        idle_daemon.socket.touch()
    else:
        idle_daemon.socket.symlink_to(idle_daemon.home / 'nowhere')
    daemon = idle_daemon.start()
    assert usable(daemon) and mode_of(daemon.socket) == SOCKET_MODE


def test_the_path_never_lacks_a_socket(idle_daemon):
    """Else a client that looks just then starts libvirt's own daemon."""
    idle_daemon.start().stop()
    missing, done = [], threading.Event()

    def watch():
        while not done.is_set():
            if not os.path.lexists(idle_daemon.socket):
                missing.append(time.monotonic())

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in range(10):
        idle_daemon.start(wait=False)
        time.sleep(0.05)
        idle_daemon.stop()
    done.set()
    watcher.join()
    assert not missing


def test_folder_in_the_way(idle_daemon):
    idle_daemon.socket.mkdir(parents=True)
    assert idle_daemon.start(wait=False).wait() == 1
    assert str(idle_daemon.socket) in idle_daemon.log()
    assert sorted(os.listdir(idle_daemon.socket.parent)) == ['virtvboxd-sock',
                                                             'virtvboxd-sock.lock']


def test_folder_open_to_all(idle_daemon):
    folder = idle_daemon.home / 'open'
    folder.mkdir()
    folder.chmod(0o777)
    assert idle_daemon.start(f'--socket={folder}/sock', wait=False).wait() == 1
    assert 'belongs to somebody else' in idle_daemon.log()


def test_too_long_a_path(idle_daemon):
    name = idle_daemon.home / ('x' * 120)
    assert idle_daemon.start(f'--socket={name}', wait=False).wait() == 1
    assert 'too long' in idle_daemon.log()


# ---- two daemons ----

def test_second_daemon_leaves_quietly(daemon):
    other = subprocess.run([EXECUTABLE], env=daemon.environment(G_MESSAGES_DEBUG=''), check=False,
                           capture_output=True, timeout=10)
    assert (other.returncode, other.stdout, other.stderr) == (0, b'', b'')
    assert usable(daemon)


def test_race(idle_daemon):
    """Many start at once, as many clients do it: one serves, the others leave without complaint."""
    for _ in range(5):
        with (idle_daemon.home / 'log').open('ab') as log:
            racers = [subprocess.Popen([EXECUTABLE, '--timeout=120'], stdout=log, stderr=log,
                                       env=idle_daemon.environment()) for _ in range(8)]
        eventually(idle_daemon.listens)
        left = eventually(lambda: [each for each in racers if each.poll() is None][1:] == [] and
                          [each for each in racers if each.poll() is None])
        assert all(each.poll() == 0 for each in racers if each not in left)
        idle_daemon.process = left[0]
        assert usable(idle_daemon)
        assert idle_daemon.stop() == 0


def test_holder_that_does_not_listen(idle_daemon):
    idle_daemon.start().stop()
    lock = idle_daemon.socket.with_name('virtvboxd-sock.lock')
    holder = subprocess.Popen(['flock', lock, 'sleep', '60'])
    try:
        lock.write_text('4711\n', encoding='ascii')
        eventually(lambda: subprocess.run(['flock', '-n', lock, 'true'], check=False).returncode)
        assert idle_daemon.start(wait=False).wait(20) == 1
        assert 'process 4711 holds' in idle_daemon.log()
    finally:
        subprocess.run(['pkill', '-P', str(holder.pid)], check=False)
        holder.kill()
        holder.wait()


def test_successor_waits_for_the_one_that_ends(daemon):
    """A daemon that a client starts while the last one is still ending."""
    daemon.client().call('DOMAIN_LOOKUP_BY_NAME', name='first')
    os.kill(daemon.engine(), signal.SIGSTOP)  # so that ending takes long
    old = daemon.process
    old.terminate()
    eventually(lambda: not daemon.listens())
    daemon.start()
    assert usable(daemon)
    assert old.wait(10) == 0
    assert usable(daemon)


def test_lock_says_who(daemon):
    lock = daemon.socket.with_name('virtvboxd-sock.lock')
    assert int(lock.read_text(encoding='ascii')) == daemon.process.pid
    assert mode_of(lock) == SOCKET_MODE


def test_somebody_without_lock_listens(idle_daemon):
    """systemd, or another implementation: we do not take its place."""
    idle_daemon.socket.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(idle_daemon.socket))
        other.listen()
        inode = idle_daemon.socket.stat().st_ino
        assert idle_daemon.start(wait=False).wait() == 0
        assert idle_daemon.socket.stat().st_ino == inode


# ---- systemd ----

def activated(daemon, names, *options):
    """Starts it with listening sockets, as systemd does."""
    listeners = []
    for name in names:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(daemon.home / name))
        listener.listen()
        listeners.append(listener)
    # the shell becomes the daemon, so that LISTEN_PID is right
    fds = [each.fileno() for each in listeners]
    moves = ' '.join(f'{3 + i}<&{fd}' for i, fd in enumerate(fds))
    script = f'exec env LISTEN_PID=$$ LISTEN_FDS={len(fds)} "$@" {moves}'
    with (daemon.home / 'log').open('ab') as log:
        daemon.process = subprocess.Popen(
            ['bash', '-c', script, 'bash', EXECUTABLE, *options], env=daemon.environment(),
            pass_fds=fds, stdout=log, stderr=log)
    return listeners


def test_activation(idle_daemon):
    listeners = activated(idle_daemon, ['virtvboxd-sock', 'virtvboxd-sock-ro'], '--timeout=1')
    writer = idle_daemon.client(path=idle_daemon.home / 'virtvboxd-sock')
    reader = idle_daemon.client(path=idle_daemon.home / 'virtvboxd-sock-ro')
    assert writer.call('DOMAIN_CREATE_XML', xml_desc='', flags=0)
    with pytest.raises(RemoteError) as caught:
        reader.call('DOMAIN_CREATE_XML', xml_desc='', flags=0)
    assert caught.value.code == 29
    writer.close()
    reader.close()
    assert idle_daemon.wait() == 0
    assert (idle_daemon.home / 'virtvboxd-sock').exists()
    # what waits in systemd's socket is served by the next one
    waiting = RawClient(idle_daemon.home / 'virtvboxd-sock')
    for each in listeners[1:]:
        each.close()
    idle_daemon.clients.append(waiting)
    moves = f'3<&{listeners[0].fileno()}'
    idle_daemon.process = subprocess.Popen(
        ['bash', '-c', f'exec env LISTEN_PID=$$ LISTEN_FDS=1 "$@" {moves}', 'bash', EXECUTABLE],
        env=idle_daemon.environment(), pass_fds=[listeners[0].fileno()])
    waiting.open()
    listeners[0].close()


def test_activation_by_something_else(idle_daemon):
    with open('/dev/null', 'rb') as file:
        idle_daemon.process = subprocess.Popen(
            ['bash', '-c', f'exec env LISTEN_PID=$$ LISTEN_FDS=1 "$@" 3<&{file.fileno()}', 'bash',
             EXECUTABLE], env=idle_daemon.environment(), pass_fds=[file.fileno()],
            stderr=(idle_daemon.home / 'log').open('wb'))
        assert idle_daemon.wait() == 1
    assert 'not a listening unix socket' in idle_daemon.log()


def test_it_says_that_it_is_ready(idle_daemon):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(idle_daemon.home / 'notify'))
        notify.settimeout(10)
        idle_daemon.environment = lambda make=idle_daemon.environment: make(
            NOTIFY_SOCKET=str(idle_daemon.home / 'notify'))
        idle_daemon.start(wait=False)
        assert notify.recv(100) == b'READY=1'
        assert idle_daemon.listens()
        idle_daemon.process.terminate()
        assert notify.recv(100) == b'STOPPING=1'


# ---- the end ----

def test_timeout(idle_daemon):
    daemon = idle_daemon.start('--timeout=1')
    client = daemon.client()
    time.sleep(2.5)
    assert client.call('CONNECT_GET_TYPE')
    client.close()
    start = time.monotonic()
    assert daemon.wait() == 0
    assert 0.8 < time.monotonic() - start < 4
    assert daemon.socket.is_socket(), 'a client starts a daemon only where a socket is'


def test_timeout_without_any_client(idle_daemon):
    assert idle_daemon.start('--timeout=1', wait=False).wait(5) == 0


def test_timeout_waits_for_jobs(idle_daemon):
    daemon = idle_daemon.start('--timeout=1')
    client = daemon.client()
    client.call('DOMAIN_LOOKUP_BY_NAME', name='first')
    daemon.control('busy 2')
    time.sleep(0.2)
    client.close()
    time.sleep(2.5)
    assert daemon.process.poll() is None
    daemon.control('busy 0')
    assert daemon.wait(5) == 0


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it(daemon, number):
    client = daemon.client()
    daemon.process.send_signal(number)
    assert daemon.wait(5) == 0
    assert client.is_closed()


def test_hangup_does_not(daemon):
    daemon.process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    assert usable(daemon)


def test_engine_that_does_not_stop(daemon):
    daemon.client().call('DOMAIN_LOOKUP_BY_NAME', name='first')
    os.kill(daemon.engine(), signal.SIGSTOP)
    start = time.monotonic()
    assert daemon.stop() == 0
    assert 4 < time.monotonic() - start < 9


def test_no_thread(daemon):
    daemon.client().call('DOMAIN_LOOKUP_BY_NAME', name='first')
    assert len(os.listdir(f'/proc/{daemon.process.pid}/task')) == 1


# ---- the command line ----

def run(*options):
    """Its exit status and output."""
    daemon = Daemon()
    try:
        result = subprocess.run([EXECUTABLE, *options], env=daemon.environment(), text=True,
                                capture_output=True, check=False, timeout=10)
        return result.returncode, result.stdout, result.stderr
    finally:
        daemon.clean_up()


def test_version():
    status, out, _ = run('--version')
    assert status == 0 and out.startswith('vboxvirtd ')


def test_help():
    status, out, _ = run('--help')
    assert status == 0
    for option in ('--timeout', '--socket', '--check', '--system', '--user', '--group',
                   '--engine-idle', '--version'):
        assert option in out


@pytest.mark.parametrize('options', [['--nonsense'], ['word'], ['--timeout=x'], ['--timeout=-1'],
                                     ['--user=nobody-of-that-name'], ['--user=root'],
                                     ['--socket=']])
def test_wrong_options(options):
    status, out, err = run(*options)
    assert (status, out) == (2, '') and err.startswith('vboxvirtd: ')

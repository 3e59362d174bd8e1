# SPDX-License-Identifier: LGPL-2.1-or-later
"""The engine: started, stopped, replaced, and what its clients see of that."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import time

import pytest
from harness import FAKE_ENGINE, Daemon, eventually, is_alive
from rawclient import RemoteError

REGISTER = 'CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY'
FAILED = 9


def look_up(client, name='first'):
    """A call that an engine answers."""
    return client.call('DOMAIN_LOOKUP_BY_NAME', name=name)['dom']['name']


def lost(client, serial):
    """The sentence that a call is answered with when its engine has gone."""
    with pytest.raises(RemoteError) as caught:
        client.next_answer(serial)
    assert caught.value.code == FAILED
    return caught.value.message


def send(client, name):
    """Sends a look-up without waiting for its answer."""
    return client.send_call('DOMAIN_LOOKUP_BY_NAME', name=name)


def fake_process(folder, name):
    """A process that looks like one of VirtualBox's."""
    path = pathlib.Path(folder) / name
    if not path.exists():
        shutil.copy('/bin/sleep', path)
    return subprocess.Popen([path, '300'])


def state(pid):
    """R, S, T, Z … of a process."""
    return pathlib.Path(f'/proc/{pid}/stat').read_text(encoding='utf-8').rsplit(')')[-1].split()[0]


# ---- start and stop ----

def test_first_call_starts_it(daemon):
    client = daemon.client()
    client.call('CONNECT_GET_TYPE')
    time.sleep(0.2)
    assert not daemon.engines()
    assert look_up(client) == 'first'
    assert look_up(daemon.client()) == 'first'
    assert len(daemon.engines()) == 1


def test_subscription_starts_it(daemon):
    client = daemon.client()
    client.call(REGISTER, eventID=0)
    daemon.engine()
    assert eventually(lambda: daemon.seen('WATCH'))[0]['number'] == 1


def test_its_surroundings(idle_daemon, monkeypatch):
    monkeypatch.setenv('LOGNAME', 'somebody')
    monkeypatch.setenv('SECRET', 'value')
    monkeypatch.setenv('VBOX_USER_HOME', '/somewhere')
    monkeypatch.setenv('LC_ALL', 'C')
    daemon = idle_daemon.start()
    look_up(daemon.client())
    start = daemon.seen('START')[0]
    environment, user = start['environment'], pwd.getpwuid(os.getuid()).pw_name
    assert (environment['LOGNAME'], environment['USER']) == (user, user)
    assert environment['HOME'] == str(daemon.home)
    assert environment['VBOX_USER_HOME'] == '/somewhere'
    assert environment['LC_ALL'] == 'C.UTF-8'
    assert 'SECRET' not in environment
    assert start['folder'] == '/'
    # 4 is the fake's listing of the folder, 5 its control socket
    assert set(start['fds']) <= {0, 1, 2, 3, 4, 5}
    status = pathlib.Path(f'/proc/{daemon.engine()}/status').read_text(encoding='ascii')
    assert 'SigBlk:\t0000000000000000' in status


def test_idle_engine_is_stopped(idle_daemon):
    daemon = idle_daemon.start('--engine-idle=1')
    client = daemon.client()
    look_up(client)
    pid = daemon.engine()
    time.sleep(3)
    assert is_alive(pid), 'an open client keeps the engine'
    client.close()
    eventually(lambda: not is_alive(pid))
    assert daemon.seen()[-1]['kind'] == 'STOP'
    assert look_up(daemon.client()) == 'first'
    assert len(daemon.engines()) == 2


def test_jobs_keep_it(idle_daemon):
    daemon = idle_daemon.start('--engine-idle=1')
    client = daemon.client()
    look_up(client)
    pid = daemon.engine()
    daemon.control('busy 1')
    time.sleep(0.1)
    client.close()
    time.sleep(3)
    assert is_alive(pid)
    daemon.control('busy 0')
    eventually(lambda: not is_alive(pid))


def test_call_while_it_stops(idle_daemon):
    daemon = idle_daemon.start('--engine-idle=0')
    for _ in range(8):
        client = daemon.client()
        assert look_up(client) == 'first'
        client.close()
        time.sleep(0.3)
    assert len(daemon.engines()) >= 2


def test_daemon_takes_it_along(daemon):
    client = daemon.client()
    look_up(client)
    pid = daemon.engine()
    assert daemon.stop() == 0
    eventually(lambda: not is_alive(pid))
    assert client.is_closed()


def test_daemon_is_killed(daemon):
    look_up(daemon.client())
    pid = daemon.engine()
    os.kill(pid, signal.SIGSTOP)  # it cannot see the end of the link
    daemon.process.kill()
    daemon.process.wait()
    eventually(lambda: not is_alive(pid))


# ---- death ----

@pytest.mark.parametrize('how', ['kill', 'crash', 'link', 'garbage'])
def test_death(daemon, how):
    client, other = daemon.client(), daemon.client()
    number = other.call(REGISTER, eventID=0)['callbackID']
    look_up(client)
    pid = daemon.engine()
    serials = [send(client, 'never') for _ in range(3)]
    look_up(other)
    if how == 'kill':
        os.kill(pid, signal.SIGKILL)
    elif how == 'crash':
        serials.append(send(client, 'die'))
    elif how == 'link':
        daemon.control('leave 5')
    else:
        daemon.control('raw 0100000000000000')
    assert all('call again' in lost(client, serial) for serial in serials)
    start = time.monotonic()
    assert look_up(client) == 'first'
    assert time.monotonic() - start < 5
    eventually(lambda: not is_alive(pid))
    daemon.control('lifecycle')
    assert other.next_event().content['callbackID'] == number
    assert len(daemon.engines()) == 2


def test_death_without_subscribers_starts_nothing(daemon):
    client = daemon.client()
    look_up(client)
    os.kill(daemon.engine(), signal.SIGKILL)
    time.sleep(0.5)
    assert len(daemon.engines()) == 1
    assert look_up(client) == 'first'


def test_death_with_subscribers_starts_another_at_once(daemon):
    client = daemon.client()
    client.call(REGISTER, eventID=0)
    look_up(client)
    os.kill(daemon.engine(), signal.SIGKILL)
    eventually(lambda: len(daemon.engines()) == 2, 1)


def test_many_deaths(daemon):
    clients = [daemon.client() for _ in range(8)]
    fds = daemon.fds()
    for _ in range(10):
        serials = [send(client, 'never') for client in clients]
        look_up(clients[0])
        os.kill(daemon.engine(), signal.SIGKILL)
        for client, serial in zip(clients, serials):
            assert lost(client, serial)
    assert look_up(clients[0]) == 'first'
    assert daemon.fds() <= fds + 1


def test_what_it_remembers(daemon):
    client = daemon.client()
    look_up(client)
    assert not daemon.seen('CACHE')
    daemon.control('remember first thought')
    daemon.control('remember second thought')
    look_up(client)
    os.kill(daemon.engine(), signal.SIGKILL)
    eventually(lambda: not is_alive(daemon.engines()[0]))
    look_up(client)
    cache = daemon.seen('CACHE')
    assert [each['text'] for each in cache] == ['second thought']
    second = [each['kind'] for each in daemon.seen() if each['pid'] == daemon.engines()[1]]
    assert second[:3] == ['START', 'CACHE', 'WATCH']


# ---- clients that an engine minds ----

def left(daemon):
    """The clients whose end each engine has heard of: (engine, client)."""
    return [(each['pid'], each['client']) for each in daemon.seen('LEFT')]


def minded(daemon):
    """A client that the engine minds, and its number."""
    client = daemon.client()
    look_up(client)
    number = daemon.seen('CALL')[-1]['client']
    daemon.control(f'mind {number} 1')
    look_up(client)  # the daemon has read what the engine wrote before this answer
    return client, number


def test_minded_client_leaves(daemon):
    other = daemon.client()
    look_up(other)
    client, number = minded(daemon)
    daemon.client().close()
    client.close()
    eventually(lambda: left(daemon))
    assert left(daemon) == [(daemon.engine(), number)]


def test_minded_client_has_left_already(daemon):
    client = daemon.client()
    look_up(client)
    number = daemon.seen('CALL')[-1]['client']
    client.close()
    eventually(lambda: daemon.seen('GONE'))
    daemon.control(f'mind {number} 1')
    eventually(lambda: left(daemon) == [(daemon.engine(), number)])


def test_minded_client_leaves_without_an_engine(daemon):
    """Another one is started for it, and one more until one says that it is done."""
    client, number = minded(daemon)
    first = daemon.engine()
    os.kill(first, signal.SIGKILL)
    eventually(lambda: not is_alive(first))
    client.close()
    eventually(lambda: len(left(daemon)) == 1)
    os.kill(daemon.engine(), signal.SIGKILL)
    eventually(lambda: len(left(daemon)) == 2)
    assert {each[1] for each in left(daemon)} == {number}
    daemon.control(f'mind {number} 0')
    third = daemon.engine()
    os.kill(third, signal.SIGKILL)
    eventually(lambda: not is_alive(third))
    look_up(daemon.client())
    assert len(left(daemon)) == 2


def test_engine_hears_of_minded_clients_before_it_ends(daemon):
    _client, number = minded(daemon)
    assert daemon.stop() == 0
    kinds = [each['kind'] for each in daemon.seen() if each.get('client') == number or each['kind'] == 'STOP']
    assert kinds.index('LEFT') < kinds.index('STOP')


def test_minded_clients_end_keeps_the_engine(idle_daemon):
    """Until it has done what it minds for."""
    idle_daemon.start('--timeout=1', '--engine-idle=1')
    client, number = minded(idle_daemon)
    client.close()
    time.sleep(2.5)
    assert is_alive(idle_daemon.engine())
    idle_daemon.control(f'mind {number} 0')
    assert idle_daemon.wait() == 0


def test_stream_of_a_dead_engine(daemon):
    client = daemon.client()
    serial = client.send_call('DOMAIN_SCREENSHOT', dom={'name': 'big:90000000', 'uuid': bytes(16),
                                                        'id': 1}, screen=0, flags=0)
    client.finish('DOMAIN_SCREENSHOT', serial)
    os.kill(daemon.engine(), signal.SIGKILL)
    with pytest.raises(RemoteError) as caught:
        while True:
            assert client.next_answer(serial).header.type == 3
    assert caught.value.code == FAILED
    assert look_up(client) == 'first'


# ---- it does not start ----

def test_cannot_start(idle_daemon):
    idle_daemon.prepare('fail VirtualBox is not there: install it')
    daemon = idle_daemon.start()
    client = daemon.client()
    for _ in range(50):
        with pytest.raises(RemoteError) as caught:
            look_up(client)
        assert caught.value.message == 'VirtualBox is not there: install it'
        assert caught.value.code == FAILED
    assert len(daemon.engines()) == 1, 'calls make it start more often'
    assert client.call('CONNECT_GET_TYPE')
    daemon.prepare()
    time.sleep(1.1)
    assert look_up(client) == 'first'


def test_cannot_start_with_subscribers(idle_daemon):
    idle_daemon.prepare('fail no')
    daemon = idle_daemon.start()
    client = daemon.client()
    client.call(REGISTER, eventID=0)
    time.sleep(5)
    assert 3 <= len(daemon.engines()) <= 7
    daemon.prepare()
    eventually(lambda: 'serves VirtualBox' in daemon.log())
    daemon.control('lifecycle')
    assert client.next_event()


def test_dies_while_starting(idle_daemon):
    idle_daemon.prepare('exit')
    daemon = idle_daemon.start()
    client = daemon.client()
    start = time.monotonic()
    with pytest.raises(RemoteError) as caught:
        look_up(client)
    assert '--check' in caught.value.message
    assert time.monotonic() - start < 5
    assert len(daemon.engines()) == 3
    daemon.prepare()
    time.sleep(2)
    assert look_up(client) == 'first'


def test_dies_once_while_starting(idle_daemon):
    """Whoever called does not notice."""
    idle_daemon.prepare('slow 0.5')
    daemon = idle_daemon.start()
    client = daemon.client()
    serials = [send(client, 'first') for _ in range(4)]
    os.kill(daemon.engine(), signal.SIGKILL)
    for serial in serials:
        assert client.next_answer(serial)
    assert len(daemon.engines()) == 2


def test_calls_wait_for_a_slow_start(idle_daemon):
    idle_daemon.prepare('slow 1.5')
    daemon = idle_daemon.start()
    clients = [daemon.client() for _ in range(10)]
    serials = [send(client, 'first') for client in clients]
    gone = daemon.client()
    send(gone, 'nobody waits for this')
    gone.close()
    for client, serial in zip(clients, serials):
        assert client.next_answer(serial)
    assert len(daemon.calls()) == 10


def test_no_engine_installed(tmp_path):
    daemon = Daemon()
    try:
        daemon.environment = lambda make=daemon.environment: make(
            VBOXVIRT_ENGINE=str(tmp_path / 'none'))
        daemon.start()
        with pytest.raises(RemoteError) as caught:
            look_up(daemon.client())
        assert str(tmp_path / 'none') in caught.value.message
    finally:
        daemon.clean_up()


# ---- hangs ----

def test_slow_call_is_not_a_hang(daemon):
    client = daemon.client()
    serial = send(client, 'wait:12')
    assert client.next_answer(serial)
    assert len(daemon.engines()) == 1
    assert len(daemon.seen('PING')) >= 4


def test_hang(daemon):
    client, other = daemon.client(), daemon.client()
    number = other.call(REGISTER, eventID=0)['callbackID']
    start = time.monotonic()
    serial = send(client, 'hang')
    assert 'call again' in lost(client, serial)
    assert 9 < time.monotonic() - start < 14
    start = time.monotonic()
    assert look_up(client) == 'first'
    assert time.monotonic() - start < 5
    daemon.control('lifecycle')
    assert other.next_event().content['callbackID'] == number


def test_stopped_engine(daemon):
    client = daemon.client()
    look_up(client)
    pid = daemon.engine()
    os.kill(pid, signal.SIGSTOP)
    start = time.monotonic()
    assert 'call again' in lost(client, send(client, 'first'))
    assert look_up(client) == 'first'
    assert time.monotonic() - start < 8
    assert not is_alive(pid)


def test_hang_seen_by_subscribers_alone(daemon):
    client = daemon.client()
    client.call(REGISTER, eventID=0)
    look_up(client)
    os.kill(daemon.engine(), signal.SIGSTOP)
    eventually(lambda: len(daemon.engines()) == 2, 15)
    eventually(lambda: daemon.log().count('serves VirtualBox') == 2)
    daemon.control('lifecycle')
    assert client.next_event()


def test_stopped_service_is_woken(daemon):
    service = fake_process(daemon.home, 'VBoxSVC')
    try:
        client = daemon.client()
        look_up(client)
        service.send_signal(signal.SIGSTOP)
        eventually(lambda: state(service.pid) == 'T')
        start = time.monotonic()
        assert 'call again' in lost(client, send(client, 'hang'))
        assert time.monotonic() - start < 8
        assert state(service.pid) != 'T'
        assert 'was stopped by a signal' in daemon.log()
        assert look_up(client) == 'first'
    finally:
        service.kill()
        service.wait()


def test_stopped_service_is_woken_before_a_start(daemon):
    service = fake_process(daemon.home, 'VBoxSVC')
    try:
        service.send_signal(signal.SIGSTOP)
        eventually(lambda: state(service.pid) == 'T')
        look_up(daemon.client())
        assert state(service.pid) != 'T'
    finally:
        service.kill()
        service.wait()


def test_hung_service_is_ended_the_second_time(daemon):
    service = fake_process(daemon.home, 'VBoxSVC')
    try:
        client = daemon.client()
        lost(client, send(client, 'hang'))
        assert service.poll() is None, 'the engine may be to blame'
        lost(client, send(client, 'hang'))
        eventually(lambda: service.poll() == -signal.SIGKILL)
        assert 'answers nobody' in daemon.log()
    finally:
        service.kill()
        service.wait()


def test_hung_service_of_running_machines(daemon):
    service = fake_process(daemon.home, 'VBoxSVC')
    machines = [fake_process(daemon.home, name) for name in ('VBoxHeadless', 'VirtualBoxVM',
                                                             'VBoxSDL')]
    try:
        client = daemon.client()
        lost(client, send(client, 'hang'))
        sentence = lost(client, send(client, 'hang'))
        assert f'process {service.pid}' in sentence and '3 machines run' in sentence
        assert [each.poll() for each in (service, *machines)] == [None] * 4
    finally:
        for each in (service, *machines):
            each.kill()
            each.wait()


def test_daemon_that_slept_blames_nobody(daemon):
    """A laptop that was closed, or a daemon that was stopped."""
    client = daemon.client()
    serial = send(client, 'wait:6')
    eventually(lambda: daemon.seen('PING'))
    daemon.process.send_signal(signal.SIGSTOP)
    os.kill(daemon.engine(), signal.SIGSTOP)
    time.sleep(4)
    daemon.process.send_signal(signal.SIGCONT)
    time.sleep(0.5)
    os.kill(daemon.engine(), signal.SIGCONT)
    assert client.next_answer(serial)
    assert len(daemon.engines()) == 1


# ---- whose VirtualBox ----

def test_system_daemon_without_user(idle_daemon):
    idle_daemon.socket = idle_daemon.home / 'system-sock'
    daemon = idle_daemon.start('--system', f'--socket={idle_daemon.socket}')
    client = daemon.client(opened=False)
    client.open('vbox:///system')
    with pytest.raises(RemoteError) as caught:
        look_up(client)
    assert '/etc/default/vboxvirtd' in caught.value.message
    assert not daemon.engines()
    daemon.client(uri=None).call('CONNECT_GET_URI')


def test_system_daemon_with_user(idle_daemon):
    user = pwd.getpwuid(os.getuid()).pw_name
    idle_daemon.socket = idle_daemon.home / 'system-sock'
    daemon = idle_daemon.start('--system', f'--socket={idle_daemon.socket}', f'--user={user}')
    client = daemon.client(uri='vbox:///system')
    assert look_up(client) == 'first'
    assert client.call('CONNECT_GET_URI')['uri'] == 'vbox:///system'
    environment = daemon.seen('START')[0]['environment']
    assert environment['HOME'] == pwd.getpwuid(os.getuid()).pw_dir
    assert 'XDG_RUNTIME_DIR' not in environment


def test_check_is_the_engines(idle_daemon):
    result = subprocess.run([idle_daemon.start(wait=False).process.args[0], '--check'], check=True,
                            stdout=subprocess.PIPE, env=idle_daemon.environment())
    assert result.stdout == b'fake report\n'
    assert FAKE_ENGINE.exists()

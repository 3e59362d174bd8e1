# SPDX-License-Identifier: LGPL-2.1-or-later
"""Many clients, slow ones, greedy ones, and streams."""
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
import wire
from harness import ROOT, eventually
from rawclient import RemoteError

REGISTER = 'CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY'
MIB = 1 << 20


def domain(name):
    """A domain whose name tells the fake engine what to do."""
    return {'name': name, 'uuid': bytes(16), 'id': 1}


def xml_of(client, name):
    """A call whose answer has the size that name says."""
    return client.call('DOMAIN_GET_XML_DESC', dom=domain(name), flags=0)['xml']


def stalls(client, data, limit=64 * MIB):
    """How many bytes the daemon takes before it stops reading."""
    client.socket.setblocking(False)
    sent, idle = 0, time.monotonic()
    while sent < limit and time.monotonic() - idle < 1:
        try:
            sent += client.socket.send(data[sent % len(data):])
            idle = time.monotonic()
        except BlockingIOError:
            time.sleep(0.01)
    client.socket.setblocking(True)
    client.socket.settimeout(15)
    return sent


# ---- clients ----

def test_64_clients(daemon):
    clients = [daemon.client() for _ in range(64)]
    for _ in range(20):
        serials = [client.send_call('DOMAIN_LOOKUP_BY_NAME', name=f'vm{number}')
                   for number, client in enumerate(clients)]
        for number, (client, serial) in enumerate(zip(clients, serials)):
            assert client.finish('DOMAIN_LOOKUP_BY_NAME', serial)['dom']['name'] == f'vm{number}'


def test_descriptors_are_closed(daemon):
    daemon.client().call('CONNECT_GET_VERSION')
    before = daemon.fds()
    for _ in range(3):
        clients = [daemon.client() for _ in range(100)]
        for client in clients:
            client.call('DOMAIN_LOOKUP_BY_NAME', name='first')
            client.close()
        eventually(lambda: daemon.fds() <= before)


def test_too_many_clients_wait(daemon):
    clients = [daemon.client() for _ in range(255)]
    waiting = [daemon.client(opened=False) for _ in range(10)]
    serials = [client.send_call('AUTH_LIST') for client in waiting]
    time.sleep(0.3)
    assert daemon.fds() < 275
    for client in clients:
        client.close()
    for client, serial in zip(waiting, serials):
        assert client.finish('AUTH_LIST', serial)


def test_clients_killed_in_the_middle(daemon):
    keeper = daemon.client()
    xml_of(keeper, 'first')
    before = daemon.fds()
    for name in ('never', 'wait:0.2', 'big:3000000'):
        for _ in range(20):
            client = daemon.client()
            client.send_call('DOMAIN_GET_XML_DESC', dom=domain(name), flags=0)
            client.close()
    time.sleep(0.5)
    assert xml_of(keeper, 'first')
    assert daemon.fds() <= before
    gone = {each['client'] for each in daemon.seen('GONE')}
    assert {each['client'] for each in daemon.seen('CALL')} - gone != set()
    assert len(gone) >= 60


def test_half_messages_of_many(daemon):
    for _ in range(100):
        daemon.client(opened=False).send_raw(wire.message(b'x' * 5000, 1)[:4000])
    assert daemon.client().call('CONNECT_GET_TYPE')


# ---- calls ----

def test_five_calls_at_once(daemon):
    client = daemon.client()
    serials = [client.send_call('DOMAIN_LOOKUP_BY_NAME', name='wait:1') for _ in range(12)]
    eventually(lambda: len(daemon.calls()) == 5)
    time.sleep(0.1)
    assert len(daemon.calls()) == 5
    assert client.call('CONNECT_GET_TYPE'), 'what needs no engine is not held up'
    for serial in serials:
        assert client.next_answer(serial)
    assert len(daemon.calls()) == 12


def test_order_is_kept(daemon):
    client = daemon.client()
    for number in range(200):
        client.send_call('DOMAIN_LOOKUP_BY_NAME', name=f'wait:0.{number:03d}')
    serials = [client.serial - 200 + number for number in range(200)]
    names = [client.finish('DOMAIN_LOOKUP_BY_NAME', serial)['dom']['name'] for serial in serials]
    assert names == sorted(names)


def test_calls_over_the_limit_are_not_read(daemon):
    client = daemon.client()
    call = wire.message(wire.pack('str', 'never'), 23)
    before = daemon.resident()
    assert stalls(client, call * 1000) < 4 * MIB
    assert daemon.resident() - before < 8 * MIB
    assert daemon.client().call('CONNECT_GET_TYPE')


def test_answers_that_nobody_reads(daemon):
    client = daemon.client()
    before = daemon.resident()
    assert stalls(client, wire.message(b'', 59) * 1000) < 16 * MIB
    assert daemon.resident() - before < 16 * MIB
    assert daemon.client().call('CONNECT_GET_TYPE')


def test_pings_of_who_does_not_read(daemon):
    client = daemon.client()
    ping = wire.message(b'', 1, wire.EVENT, program=wire.KEEPALIVE_PROGRAM)
    assert stalls(client, ping * 1000) < 16 * MIB
    assert daemon.client().call('CONNECT_GET_TYPE')


def test_slow_reader_gets_all(daemon):
    client = daemon.client()
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    serials = [client.send_call('DOMAIN_GET_XML_DESC', dom=domain('big:2000000'), flags=0)
               for _ in range(12)]
    time.sleep(0.5)
    assert len(daemon.calls()) < 12
    for serial in serials:
        assert len(client.finish('DOMAIN_GET_XML_DESC', serial)['xml']) == 2000000


def test_big_answer_and_question(daemon):
    client = daemon.client()
    assert len(xml_of(client, 'big:4194304')) == 4194304
    assert client.call('DOMAIN_CREATE_XML', xml_desc='x' * 4194304, flags=0)
    with pytest.raises(RemoteError) as caught:
        client.next_answer(client.send_payload(211, (4194305).to_bytes(4, 'big') +
                                               b'x' * 4194305 + bytes(3 + 28)))
    assert caught.value.code == 39
    assert client.call('CONNECT_GET_TYPE')


def test_duplicate_serials(daemon):
    client = daemon.client()
    payload = wire.pack('str', 'first')
    client.send_raw(wire.message(payload, 23, serial=7) * 30)
    for _ in range(30):
        assert client.next_answer(7)


def test_flood_of_big_calls_while_nothing_starts(idle_daemon):
    """More than 64 MiB wait for the engine: then nobody is read, until it has taken them."""
    idle_daemon.prepare('slow 4')
    daemon = idle_daemon.start()
    clients = [daemon.client(timeout=30) for _ in range(20)]
    call = wire.message(wire.pack('str', 'x' * 4190000) + bytes(4), 10)
    sent = 0
    for client in clients:
        client.socket.setblocking(False)
        buffer = memoryview(call * 3)
        end = time.monotonic() + 0.1
        while buffer and time.monotonic() < end:
            try:
                buffer = buffer[client.socket.send(buffer):]
            except BlockingIOError:
                time.sleep(0.001)
        sent += not buffer
        client.rest = buffer
    assert daemon.resident() < 200 * MIB
    assert sent < 20
    for client in clients:
        client.socket.setblocking(True)
        client.socket.settimeout(30)
        client.send_raw(client.rest)
        for _ in range(3):
            assert client.next_answer(0)


# ---- events ----

def test_who_does_not_read_events_is_dropped(daemon):
    slow, good = daemon.client(), daemon.client()
    for client in (slow, good):
        client.call(REGISTER, eventID=0)
    eventually(lambda: 'serves VirtualBox' in daemon.log())
    before = daemon.resident()
    for _ in range(80):
        daemon.control('flood 1000')
        for _ in range(1000):
            good.next_event()
    assert 'does not read its events' in daemon.log()
    assert daemon.resident() - before < 28 * MIB
    with pytest.raises((EOFError, ConnectionError)):
        while True:
            slow.next_event(5)
    assert good.call('CONNECT_GET_TYPE')


# ---- streams ----

@pytest.mark.parametrize('size', [0, 1, 65536, 20 * MIB])
def test_download(daemon, size):
    client = daemon.client()
    ret, data = client.download('DOMAIN_SCREENSHOT', dom=domain(f'big:{size}'), screen=0, flags=0)
    assert ret == {'mime': 'image/png'}
    assert len(data) == size and set(data) <= set(b'p')


def start_stream(client, name):
    """A stream that nobody has read yet."""
    serial = client.send_call('DOMAIN_SCREENSHOT', dom=domain(name), screen=0, flags=0)
    client.finish('DOMAIN_SCREENSHOT', serial)
    return serial


def test_stream_waits_for_a_slow_reader(daemon):
    client = daemon.client()
    before = daemon.resident()
    serial = start_stream(client, 'big:200000000')
    time.sleep(1)
    assert daemon.resident() - before < 16 * MIB
    assert sum(each['number'] for each in daemon.seen('CREDIT')) < 8 * MIB
    assert daemon.client().call('CONNECT_GET_TYPE')
    for _ in range(200):
        assert client.next_answer(serial).header.status == wire.CONTINUE
    eventually(lambda: sum(each['number'] for each in daemon.seen('CREDIT')) > 10 * MIB)


def test_abort(daemon):
    client = daemon.client()
    serial = start_stream(client, 'big:200000000')
    client.send_stream('DOMAIN_SCREENSHOT', serial, status=wire.ERROR)
    with pytest.raises((RemoteError, wire.WireError)):
        while True:
            client.next_answer(serial)
    eventually(lambda: [each for each in daemon.seen('CALL') if each['status'] == wire.ERROR])
    client.send_stream('DOMAIN_SCREENSHOT', serial, b'too late')
    assert client.call('CONNECT_GET_TYPE')


def test_too_many_streams(daemon):
    client = daemon.client()
    serials = [start_stream(client, 'big:1') for _ in range(16)]
    with pytest.raises(RemoteError) as caught:
        start_stream(client, 'big:1')
    assert caught.value.code == 9
    client.next_answer(serials[0])
    client.send_stream('DOMAIN_SCREENSHOT', serials[0], status=wire.OK)
    while client.next_answer(serials[0]).header.status != wire.OK:
        pass
    start_stream(client, 'big:1')


def test_client_leaves_with_streams(daemon):
    for _ in range(10):
        client = daemon.client()
        for _ in range(4):
            start_stream(client, 'big:50000000')
        client.close()
    eventually(lambda: len(daemon.seen('GONE')) >= 10)
    assert xml_of(daemon.client(), 'first')


STOPPED_CLIENT = '''
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from rawclient import RawClient
client = RawClient(sys.argv[2])
client.open()
client.call("CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY", eventID=0)
domain = {"name": "big:50000000", "uuid": bytes(16), "id": 1}
client.call("DOMAIN_SCREENSHOT", dom=domain, screen=0, flags=0)
os.kill(os.getpid(), signal.SIGSTOP)
'''


def test_stopped_client_costs_nobody(daemon):
    stopped = subprocess.Popen([sys.executable, '-c', STOPPED_CLIENT, ROOT / 'tests' / 'lib',
                                daemon.socket])
    try:
        os.waitpid(stopped.pid, os.WUNTRACED)
        client = daemon.client()
        for _ in range(200):
            assert xml_of(client, 'first')
    finally:
        stopped.kill()
        stopped.wait()


def test_hang_with_nothing_but_a_stream(daemon):
    client = daemon.client()
    serial = start_stream(client, 'big:200000000')
    os.kill(daemon.engine(), signal.SIGSTOP)
    with pytest.raises(RemoteError) as caught:
        while True:
            client.next_answer(serial)
    assert caught.value.code == 9
    assert xml_of(client, 'first')

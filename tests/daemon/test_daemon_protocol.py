# SPDX-License-Identifier: LGPL-2.1-or-later
"""What comes on a connection: good calls, bad calls and hostile bytes."""
import random
import socket
import struct

import pytest
import wire
from rawclient import RemoteError

RPC, INTERNAL, INVALID_ARG, NO_SUPPORT = 39, 1, 8, 3


def code_of(function, *args, **named):
    """The code of the error that a call answers."""
    with pytest.raises(RemoteError) as caught:
        function(*args, **named)
    return caught.value.code


def send(client, payload=b'', procedure=3, kind=wire.CALL, **header):
    """Sends any message and returns its answer."""
    serial, client.serial = client.serial, client.serial + 1
    client.send_raw(wire.message(payload, procedure, kind, serial, **header))
    return client.next_answer(serial)


def test_what_the_daemon_serves_alone(daemon):
    client = daemon.client()
    assert client.call('CONNECT_GET_TYPE') == {'type': 'VBOX'}
    assert client.call('CONNECT_GET_LIB_VERSION') == {'lib_ver': 12008000}
    assert client.call('CONNECT_GET_HOSTNAME') == {'hostname': socket.gethostname()}
    assert client.call('CONNECT_GET_URI') == {'uri': 'vbox:///session'}
    assert client.call('CONNECT_IS_SECURE') == {'secure': 1}
    assert client.call('CONNECT_REGISTER_CLOSE_CALLBACK') == {}
    assert client.call('CONNECT_UNREGISTER_CLOSE_CALLBACK') == {}
    assert not daemon.engines()


def test_authentication_is_none(daemon):
    client = daemon.client(opened=False)
    assert client.call('AUTH_LIST') == {'types': [0]}
    assert client.call('AUTH_POLKIT') == {'complete': 1}
    assert code_of(client.call, 'AUTH_SASL_INIT') == NO_SUPPORT


def test_before_open(daemon):
    client = daemon.client(opened=False)
    for name, procedure in wire.PROCEDURES.items():
        if procedure.server == '-' or procedure.auth == 'free' or name in (
                'CONNECT_OPEN', 'CONNECT_CLOSE', 'CONNECT_SUPPORTS_FEATURE'):
            continue
        assert code_of(send, client, procedure=procedure.number) == INTERNAL, name
    assert not daemon.engines()


def test_features(daemon):
    client = daemon.client(opened=False)
    assert client.call('CONNECT_SUPPORTS_FEATURE', feature=10) == {'supported': 1}
    for feature in (8, 14):
        assert code_of(client.call, 'CONNECT_SUPPORTS_FEATURE', feature=feature) == INTERNAL
    client.open()
    yes = [feature for feature in range(-1, 40)
           if client.call('CONNECT_SUPPORTS_FEATURE', feature=feature)['supported']]
    assert yes == [8, 9, 10, 14, 15, 16]


@pytest.mark.parametrize('uri', ['vbox:///session', 'vbox:///session?x=y', 'vbox+unix:///session',
                                 None, ''])
def test_open(daemon, uri):
    client = daemon.client(uri=uri)
    assert client.call('CONNECT_GET_URI')['uri'] == (uri or 'vbox:///session')


@pytest.mark.parametrize('uri', ['vbox:///system', 'vbox:///', 'vbox:', 'vbox:///nowhere', 'session',
                                 'vbox://host/session', 'qemu:///session', ':', 'vboxes:///session',
                                 '/session', 'x' * 100000])
def test_open_refuses(daemon, uri):
    client = daemon.client(opened=False)
    assert code_of(client.open, uri) == INVALID_ARG
    client.open()


def test_open_twice(daemon):
    client = daemon.client()
    assert code_of(client.open) == INTERNAL
    assert client.call('CONNECT_GET_TYPE')


def test_close(daemon):
    client = daemon.client()
    client.call('CONNECT_CLOSE')
    assert client.is_closed()


def test_close_before_open(daemon):
    client = daemon.client(opened=False)
    client.call('CONNECT_CLOSE')
    assert client.is_closed()


def test_stray_bits_of_open(daemon):
    client = daemon.client(flags=0xfffffffe)
    assert client.call('DOMAIN_LOOKUP_BY_NAME', name='first')['dom']['id'] == -1
    assert code_of(daemon.client(flags=0xffffffff).call, 'DOMAIN_DEFINE_XML', xml='') == 29


def test_identity_is_for_root(daemon):
    assert code_of(daemon.client().call, 'CONNECT_SET_IDENTITY', params=[], flags=0) == 29


@pytest.mark.parametrize('number', [0, 457, 9999, 0x7fffffff, 0xffffffff])
def test_unknown_procedure(daemon, number):
    client = daemon.client()
    with pytest.raises(RemoteError) as caught:
        send(client, procedure=number)
    assert (caught.value.code, caught.value.domain) == (RPC, 7)
    assert caught.value.message == f'unknown procedure: {number}'
    assert client.call('CONNECT_GET_TYPE')


def test_events_are_not_called(daemon):
    client = daemon.client()
    for procedure in wire.PROCEDURES.values():
        if procedure.server == '-':
            assert code_of(send, client, procedure=procedure.number) == RPC


@pytest.mark.parametrize('header', [{'program': 0x20008087}, {'program': 0}, {'version': 2},
                                    {'status': 1}, {'status': 9}])
def test_wrong_header(daemon, header):
    client = daemon.client()
    assert code_of(send, client, **header) == RPC
    assert client.call('CONNECT_GET_TYPE')


def test_call_of_the_keepalive_program(daemon):
    client = daemon.client()
    client.send_raw(wire.message(b'', 1, serial=9, program=wire.KEEPALIVE_PROGRAM))
    header = client.read_message().header
    assert (header.program, header.serial, header.status) == (wire.KEEPALIVE_PROGRAM, 9, wire.ERROR)


@pytest.mark.parametrize('kind', [wire.REPLY, wire.EVENT, wire.REPLY_FDS, 7, 0xffffffff])
def test_what_only_servers_send(daemon, kind):
    client = daemon.client()
    payload = struct.pack('>I', 0) if kind == wire.REPLY_FDS else b''
    client.send_raw(wire.message(payload, 3, kind))
    assert client.is_closed()


@pytest.mark.parametrize('kind', [wire.STREAM, wire.STREAM_HOLE])
@pytest.mark.parametrize('status', [wire.OK, wire.ERROR, wire.CONTINUE])
def test_packets_without_a_stream(daemon, kind, status):
    client = daemon.client()
    client.send_raw(wire.message(b'data', 211, kind, 77, status))
    assert client.call('CONNECT_GET_TYPE')


@pytest.mark.parametrize('length', [0, 1, 27, wire.MESSAGE_LIMIT + 1, 0x7fffffff, 0x80000000,
                                    0xffffffff])
def test_impossible_length(daemon, length):
    client = daemon.client()
    client.send_raw(struct.pack('>I', length))
    assert client.is_closed()
    assert daemon.client().call('CONNECT_GET_TYPE')


def test_huge_length_takes_no_memory(daemon):
    before = daemon.resident()
    for _ in range(50):
        client = daemon.client(opened=False)
        client.send_raw(struct.pack('>7I', wire.MESSAGE_LIMIT, wire.REMOTE_PROGRAM, 1, 1, 0, 0, 0))
    assert daemon.client().call('CONNECT_GET_TYPE')
    assert daemon.resident() - before < 8 << 20


@pytest.mark.parametrize('payload', [b'', b'\0', b'\0\0\0\1', b'\0\0\0\2\0\0\0\0',
                                     b'\0\0\0\1\xff\xff\xff\xff', b'\0\0\0\1\0\x40\0\1' + bytes(8),
                                     b'\0\0\0\1\0\0\0\1a'])
def test_bad_arguments(daemon, payload):
    client = daemon.client(opened=False)
    assert code_of(send, client, payload, procedure=1) == RPC
    client.open()


@pytest.mark.parametrize('name, arguments', [('CONNECT_GET_TYPE', b''),
                                             ('CONNECT_SUPPORTS_FEATURE', b'\0\0\0\x0a')])
def test_more_than_the_arguments(daemon, name, arguments):
    assert send(daemon.client(), arguments + b'more', wire.PROCEDURES[name].number).payload


def test_one_byte_at_a_time(daemon):
    client = daemon.client(opened=False)
    for byte in wire.message(wire.pack('str?', 'vbox:///session') + bytes(4), 1, serial=5):
        client.send_raw(bytes([byte]))
    assert client.next_answer(5)


def test_many_calls_in_one_packet(daemon):
    client = daemon.client()
    client.send_raw(b''.join(wire.message(b'', 3, serial=100 + i) for i in range(500)))
    for i in range(500):
        assert client.next_answer(100 + i).payload


@pytest.mark.parametrize('cut', [1, 4, 27, 28, 40])
def test_truncated(daemon, cut):
    client = daemon.client(opened=False)
    client.send_raw(wire.message(wire.pack('str?', 'vbox:///session') + bytes(4), 1)[:cut])
    client.socket.shutdown(socket.SHUT_WR)
    assert client.is_closed()


def test_file_descriptors_are_dropped(daemon):
    client = daemon.client()
    before = daemon.fds()
    with open('/dev/null', 'rb') as file:
        for _ in range(40):
            serial = client.send_call('DOMAIN_CREATE_WITH_FILES', fds=[file.fileno()] * 3,
                                      dom={'name': 'first', 'uuid': bytes(16), 'id': -1}, flags=0)
            assert code_of(client.finish, 'DOMAIN_CREATE_WITH_FILES', serial) == NO_SUPPORT
        socket.send_fds(client.socket, [wire.message(b'', 3, serial=900)], [file.fileno()])
        assert client.next_answer(900)
    assert daemon.fds() <= before
    client.send_raw(wire.message(struct.pack('>I', 33), 3, wire.CALL_FDS))
    assert client.is_closed()


def test_random_bytes(daemon):
    chance = random.Random(20261122)
    for _ in range(200):
        client = daemon.client(opened=False, timeout=0.2)
        good = wire.message(wire.pack('str?', 'vbox:///session') + bytes(4), 1)
        noise = bytearray(good + wire.message(b'', 3, serial=1) * 3)
        for _ in range(chance.randrange(1, 12)):
            noise[chance.randrange(len(noise))] = chance.randrange(256)
        client.send_raw(bytes(noise))
        client.socket.shutdown(socket.SHUT_WR)
        client.socket.settimeout(5)
        while client.socket.recv(65536):
            pass
        client.close()
    assert daemon.client().call('CONNECT_GET_TYPE')

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Subscriptions, in the protocol's three ways, and keepalive."""
import time

import pytest
import wire
from harness import eventually
from rawclient import RemoteError

UUID = bytes(range(16))
DOMAIN = {'name': 'first', 'uuid': UUID, 'id': 7}
NETWORK = {'name': 'inner', 'uuid': UUID}
REGISTER, DEREGISTER = ('CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY',
                        'CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY')


def code_of(function, *args, **named):
    """The code of the error that a call answers."""
    with pytest.raises(RemoteError) as caught:
        function(*args, **named)
    return caught.value.code


def ready(daemon):
    """Waits for the engine to serve and to know the subscriptions."""
    eventually(lambda: [each for each in daemon.seen('WATCH') if each['number']])
    client = daemon.client()
    client.call('CONNECT_GET_VERSION')
    client.close()


def silent(client):
    """Whether no event comes."""
    with pytest.raises(TimeoutError):
        client.next_event(0.2)
    return True


def test_by_callback(daemon):
    client = daemon.client()
    number = client.call(REGISTER, eventID=0)['callbackID']
    ready(daemon)
    daemon.control('lifecycle')
    name, content = client.next_event()
    assert name == 'DOMAIN_EVENT_CALLBACK_LIFECYCLE'
    assert content == {'callbackID': number, 'msg': {'dom': DOMAIN, 'event': 2, 'detail': 0}}
    client.call(DEREGISTER, callbackID=number)
    daemon.control('lifecycle')
    assert silent(client)


def test_of_one_domain(daemon):
    client = daemon.client()
    one = client.call(REGISTER, eventID=0, dom=DOMAIN)['callbackID']
    other = client.call(REGISTER, eventID=0, dom={**DOMAIN, 'uuid': bytes(16)})['callbackID']
    assert one != other
    ready(daemon)
    daemon.control('lifecycle')
    assert client.next_event().content['callbackID'] == one
    daemon.control('lifecycle ' + '00' * 16)
    assert client.next_event().content['callbackID'] == other
    daemon.control('lifecycle ' + 'ff' * 16)
    assert silent(client)


@pytest.mark.parametrize('register, deregister, args', [
    ('CONNECT_DOMAIN_EVENT_REGISTER', 'CONNECT_DOMAIN_EVENT_DEREGISTER', {}),
    ('CONNECT_DOMAIN_EVENT_REGISTER_ANY', 'CONNECT_DOMAIN_EVENT_DEREGISTER_ANY', {'eventID': 0})])
def test_old_lifecycle(daemon, register, deregister, args):
    client = daemon.client()
    client.call(register, **args)
    ready(daemon)
    daemon.control('lifecycle')
    assert client.next_event() == ('DOMAIN_EVENT_LIFECYCLE', {'dom': DOMAIN, 'event': 2,
                                                              'detail': 0})
    client.call(deregister, **args)
    daemon.control('lifecycle')
    assert silent(client)
    assert code_of(client.call, deregister, **args) == 1


def test_old_form_without_the_reason(daemon):
    old, new = daemon.client(), daemon.client()
    old.call('CONNECT_DOMAIN_EVENT_REGISTER_ANY', eventID=12)
    number = new.call(REGISTER, eventID=12)['callbackID']
    ready(daemon)
    daemon.control('pmsuspend')
    assert old.next_event() == ('DOMAIN_EVENT_PMSUSPEND', {'dom': DOMAIN})
    assert new.next_event() == ('DOMAIN_EVENT_CALLBACK_PMSUSPEND',
                                {'callbackID': number, 'reason': 5, 'msg': {'dom': DOMAIN}})


def test_networks(daemon):
    client = daemon.client()
    number = client.call('CONNECT_NETWORK_EVENT_REGISTER_ANY', eventID=0, net=NETWORK)['callbackID']
    client.call(REGISTER, eventID=0)
    ready(daemon)
    daemon.control('network')
    assert client.next_event() == ('NETWORK_EVENT_LIFECYCLE',
                                   {'callbackID': number, 'net': NETWORK, 'event': 2, 'detail': 0})
    client.call('CONNECT_NETWORK_EVENT_DEREGISTER_ANY', callbackID=number)
    daemon.control('network')
    assert silent(client)


def test_all_events_have_a_procedure(daemon):
    """What can be subscribed to by number is what the protocol has a message for."""
    client = daemon.client()
    names = [name for name in wire.PROCEDURES if name.startswith('DOMAIN_EVENT_')]
    with_id = [name for name in names if wire.PROCEDURES[name].ret[0][0] == 'callbackID']
    for event in range(len(with_id)):
        client.call(REGISTER, eventID=event)
    assert code_of(client.call, REGISTER, eventID=len(with_id)) == 1
    other, old = daemon.client(), len(names) - len(with_id)
    for event in range(old):
        other.call('CONNECT_DOMAIN_EVENT_REGISTER_ANY', eventID=event)
    assert code_of(other.call, 'CONNECT_DOMAIN_EVENT_REGISTER_ANY', eventID=old) == 1


@pytest.mark.parametrize('event', [-1, 30, 0x7fffffff, -0x80000000])
@pytest.mark.parametrize('register', [REGISTER, 'CONNECT_DOMAIN_EVENT_REGISTER_ANY',
                                      'CONNECT_DOMAIN_EVENT_DEREGISTER_ANY',
                                      'CONNECT_NETWORK_EVENT_REGISTER_ANY'])
def test_unknown_event(daemon, register, event):
    assert code_of(daemon.client().call, register, eventID=event) == 1


@pytest.mark.parametrize('number', [0, 7, -1])
def test_unknown_callback(daemon, number):
    client = daemon.client()
    assert code_of(client.call, DEREGISTER, callbackID=number) == 1
    assert code_of(client.call, 'CONNECT_NETWORK_EVENT_DEREGISTER_ANY', callbackID=number) == 1


def test_twice_is_refused(daemon):
    client = daemon.client()
    client.call(REGISTER, eventID=0)
    assert code_of(client.call, REGISTER, eventID=0) == 8
    assert code_of(client.call, 'CONNECT_DOMAIN_EVENT_REGISTER') == 8
    client.call(REGISTER, eventID=0, dom=DOMAIN)


def test_callbacks_of_others(daemon):
    one, other = daemon.client(), daemon.client()
    number = one.call(REGISTER, eventID=0)['callbackID']
    assert code_of(other.call, DEREGISTER, callbackID=number) == 1
    assert code_of(one.call, 'CONNECT_NETWORK_EVENT_DEREGISTER_ANY', callbackID=number) == 1


def test_too_many_subscriptions(daemon):
    client = daemon.client()
    for number in range(4096):
        uuid = number.to_bytes(16, 'big')
        client.call(REGISTER, eventID=0, dom={'name': '', 'uuid': uuid, 'id': 0})
    assert code_of(client.call, REGISTER, eventID=1) == 9


def test_engine_knows_how_many(daemon):
    one, other = daemon.client(), daemon.client()
    numbers = lambda: [each['number'] for each in daemon.seen('WATCH')]  # noqa: E731
    first = one.call(REGISTER, eventID=0)['callbackID']
    eventually(lambda: numbers()[-1:] == [1])
    other.call('CONNECT_DOMAIN_EVENT_REGISTER')
    eventually(lambda: numbers()[-1:] == [2])
    one.call(DEREGISTER, callbackID=first)
    eventually(lambda: numbers()[-1:] == [1])
    other.close()
    eventually(lambda: numbers()[-1:] == [0])


def test_everyone_hears(daemon):
    clients = [daemon.client() for _ in range(20)]
    for client in clients:
        client.call(REGISTER, eventID=0)
    ready(daemon)
    daemon.control('flood 50')
    for client in clients:
        for _ in range(50):
            client.next_event()
        assert silent(client)


# ---- keepalive ----

def test_ping_is_answered(daemon):
    client = daemon.client(opened=False)
    client.send_raw(wire.message(b'', 1, wire.EVENT, program=wire.KEEPALIVE_PROGRAM))
    assert client.read_message().header == wire.Header(28, wire.KEEPALIVE_PROGRAM, 1, 2, wire.EVENT,
                                                       0, 0)
    client.send_raw(wire.message(b'', 2, wire.EVENT, program=wire.KEEPALIVE_PROGRAM))
    client.send_raw(wire.message(b'', 99, wire.EVENT, program=wire.KEEPALIVE_PROGRAM))
    client.open()


def test_ping_is_answered_behind_waiting_calls(daemon):
    client = daemon.client()
    for _ in range(20):
        client.send_call('DOMAIN_LOOKUP_BY_NAME', name='never')
    client.send_raw(wire.message(b'', 1, wire.EVENT, program=wire.KEEPALIVE_PROGRAM))
    assert client.read_message().header.program == wire.KEEPALIVE_PROGRAM


def test_who_never_asked_is_not_pinged(daemon):
    client = daemon.client()
    client.socket.settimeout(7)
    with pytest.raises(TimeoutError):
        client.read_message()
    assert client.call('CONNECT_GET_TYPE')


def test_silent_client_is_dropped(daemon):
    client = daemon.client(timeout=12)
    client.call('CONNECT_SUPPORTS_FEATURE', feature=10)
    start, pings = time.monotonic(), 0
    with pytest.raises(EOFError):
        while True:
            header = client.read_message().header
            assert (header.program, header.procedure) == (wire.KEEPALIVE_PROGRAM, 1)
            pings += 1
    assert pings == 5 and 24 < time.monotonic() - start < 40


def test_answering_client_is_kept(daemon):
    client = daemon.client(timeout=12)
    client.call('CONNECT_SUPPORTS_FEATURE', feature=10)
    for _ in range(2):
        assert client.read_message().header.program == wire.KEEPALIVE_PROGRAM
        client.send_raw(wire.message(b'', 2, wire.EVENT, program=wire.KEEPALIVE_PROGRAM))
    assert client.call('CONNECT_GET_TYPE')

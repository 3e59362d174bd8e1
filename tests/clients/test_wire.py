# SPDX-License-Identifier: LGPL-2.1-or-later
"""What libvirt's own server reads, ours reads: clients are tried against that one, and write what it takes."""
import struct
import subprocess

import pytest

import service as service_module
import waiting
import wire
from commands import URI, environment
from rawclient import RawClient, RemoteError

NAME = 'test'  # of the machine that libvirt's test driver begins with
RPC = 39


@pytest.fixture(scope='module', name='libvirtd')
def _libvirtd(tmp_path_factory):
    """libvirtd with its test driver; its socket."""
    folder = tmp_path_factory.mktemp('libvirtd')
    path = folder / 'libvirt' / 'libvirt-sock'
    # nobody needs more of a home than a folder
    with subprocess.Popen(['libvirtd'], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env=environment(XDG_RUNTIME_DIR=str(folder), HOME=str(folder),
                                          XDG_CONFIG_HOME=None, XDG_CACHE_HOME=None)) as process:
        waiting.until(lambda: service_module.answers(path), 'libvirtd accepts connections')
        yield path
        process.terminate()


def numbers(*values):
    """32-bit numbers."""
    return b''.join(struct.pack('>I', value & 0xffffffff) for value in values)


def text(data, padding=b'\0', length=None):
    """A string as it is told to be."""
    return numbers(len(data) if length is None else length) + data + padding * (-len(data) % 4)


def domain(uuid):
    """A reference to the domain, which does not run."""
    return text(NAME.encode()) + uuid + numbers(-1)


def calls(uri, uuid):
    """What clients could write: name → (procedure, arguments); None instead of a procedure: before OPEN."""
    uri, dom = text(uri.encode()), domain(uuid)
    lookup, events, stats, params = ('DOMAIN_LOOKUP_BY_NAME', 'CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY',
                                     'CONNECT_GET_ALL_DOMAIN_STATS', 'DOMAIN_SET_SCHEDULER_PARAMETERS')
    made = {f'a marker of {marker:#x}': ('CONNECT_OPEN', numbers(marker) + uri + numbers(0))
            for marker in (1, 5, 0x01000000, 0xffffffff)}
    made |= {f'a domain marked {marker:#x}': (events, numbers(0, marker) + dom) for marker in (3, 0x01000000)}
    made |= {f'a boolean of {value:#x}': ('CONNECT_LIST_ALL_DOMAINS', numbers(value, 0))
             for value in (0, 2, 0x01000000, 0xffffffff)}
    return made | {
        'padding': (lookup, text(b'abc', b'x')),
        'no padding': (lookup, text(b'abc', b'')),
        'half a padding': (lookup, text(b'ab', b'') + b'\0'),
        'a NUL at the end': (lookup, text(NAME.encode() + b'\0')),
        'a NUL within': (lookup, text(NAME.encode() + b'\0zz')),
        'a word too many': (lookup, text(NAME.encode()) + numbers(7)),
        'a byte too many': (lookup, text(NAME.encode()) + b'x'),
        'arguments of what has none': ('CONNECT_GET_TYPE', numbers(7)),
        'arguments of what has none, further on': ('CONNECT_GET_VERSION', numbers(7)),
        'too short': (lookup, numbers(4) + b'tes'),
        'nothing': (lookup, b''),
        'the longest string': (lookup, text(bytes(4194304))),
        'a string too long': (lookup, text(bytes(4194305))),
        'a count too low': (stats, numbers(0) + dom + numbers(0, 0)),
        'a count too high': (stats, numbers(2) + dom + numbers(0, 0)),
        'a count of all': (stats, numbers(0xffffffff) + dom + numbers(0, 0)),
        'a count over the limit': ('CONNECT_BASELINE_CPU', numbers(257) + text(b'') * 257 + numbers(0)),
        'the type 0': (params, dom + numbers(1) + text(b'weight') + numbers(0, 1)),
        'the type 9': (params, dom + numbers(1) + text(b'weight') + numbers(9, 1)),
        'seventeen parameters': (params, dom + numbers(17) + (text(b'weight') + numbers(2, 1)) * 17),
        'an unknown event': (events, numbers(999, 0)),
    }


def answer(path, uri, procedure, arguments):
    """The code of the error that a server answers; 0: none.  What it answers must be readable."""
    with RawClient(path) as client:
        if procedure == 'CONNECT_OPEN':
            client.call('AUTH_LIST')
        else:
            client.open(uri)
        try:
            client.finish(procedure, client.send_payload(wire.PROCEDURES[procedure].number, arguments))
        except RemoteError as error:
            return error.code
    return 0


def answers(path, uri):
    """What a server answers to all of it."""
    with RawClient(path) as client:
        client.open(uri)
        uuid = client.call('DOMAIN_LOOKUP_BY_NAME', name=NAME)['dom']['uuid']
    return {name: answer(path, uri, *call) for name, call in calls(uri, uuid).items()}


def test_what_libvirtd_reads(libvirtd, machines, service):
    machines.make(NAME)
    theirs = answers(libvirtd, 'test:///default')
    assert {name for name, code in theirs.items() if code == RPC} == {
        'no padding', 'half a padding', 'too short', 'nothing', 'a string too long', 'a count too high', 'a count of all',
        'a count over the limit', 'the type 0', 'the type 9', 'seventeen parameters'}
    assert answers(service_module.socket_path(), URI) == theirs

# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rules of the table of procedures, for every procedure that there is."""
import re

import minimal
import pytest
import wire
from harness import ROOT
from rawclient import RemoteError

NO_SUPPORT, INVALID_ARG, DENIED = 3, 8, 29
CALLS = {name: each for name, each in wire.PROCEDURES.items() if each.server != '-'}
NOT_LOOPED = ('CONNECT_OPEN', 'CONNECT_CLOSE')  # they change the connection
HEADER = (ROOT / 'base' / 'libvirt.h').read_text(encoding='utf-8')
FLAGS = {name: eval(number, {})  # pylint: disable=eval-used
         for name, number in re.findall(r'^    (VIR_\w+) = ([^,]+),', HEADER, re.M)
         if re.fullmatch(r'[-\d x<()a-fA-F]+', number)}


def number_of(flags):
    """A column of flags as a number."""
    return 0 if flags in ('-', '0') else eval('|'.join(  # pylint: disable=eval-used
        str(FLAGS.get(each, each)) for each in flags.split('|')))


def arguments(procedure, **known):
    """The smallest arguments that decode."""
    return minimal.members(procedure.args, **known)


def carries_fds(procedure):
    """What the link to the engine cannot carry."""
    return procedure.kind.startswith('fds')


def outcome(client, name, args):
    """The code of the error, or None."""
    serial = client.send_call(name, fds=[0] if CALLS[name].kind == 'fds-in' else (), **args)
    try:
        client.finish(name, serial)
        return None
    except RemoteError as error:
        return error.code


def has_flags(procedure):
    """Whether the daemon checks its flags."""
    return ('flags', 'u32') in procedure.args


def test_flags_are_understood():
    """The tests below depend on it."""
    assert number_of('VIR_DOMAIN_XML_SECURE|VIR_DOMAIN_XML_INACTIVE') == 3
    assert number_of('0x80|1') == 0x81


def test_nobody_serves(daemon):
    client, count = daemon.client(), 0
    for name, procedure in CALLS.items():
        if procedure.server == 'none' or carries_fds(procedure):
            serial = client.send_call(name, fds=[0] if procedure.kind == 'fds-in' else (),
                                      **arguments(procedure))
            with pytest.raises(RemoteError) as caught:
                client.finish(name, serial)
            assert caught.value.code == NO_SUPPORT, name
            assert caught.value.message == ('this function is not supported by the connection driver: '
                                            + (name if procedure.api == '-' else procedure.api))
            count += 1
    assert count > 100 and not daemon.engines()


def test_somebody_serves(daemon):
    client, count = daemon.client(), 0
    for name, procedure in CALLS.items():
        if procedure.server == 'engine' and not carries_fds(procedure):
            assert outcome(client, name, arguments(procedure)) is None, name
            count += 1
    assert count >= 5 and sorted(set(daemon.calls())) == sorted(
        name for name, each in CALLS.items() if each.server == 'engine' and not carries_fds(each))


def test_unknown_flags(daemon):
    client, count = daemon.client(), 0
    for name, procedure in CALLS.items():
        if procedure.server == 'none' or not has_flags(procedure) or name in NOT_LOOPED \
                or carries_fds(procedure):
            continue
        known = number_of(procedure.flags)
        for bit in range(32):
            args = arguments(procedure, flags=1 << bit)
            if known & 1 << bit or name == 'CONNECT_SET_IDENTITY' and not bit:
                continue
            with pytest.raises(RemoteError) as caught:
                client.call(name, **args)
            assert caught.value.code == INVALID_ARG, name
            assert f'unsupported flags (0x{1 << bit:x}) in function' in caught.value.message
            count += 1
    assert count > 32 and not daemon.calls()


def test_known_flags(daemon):
    client, count = daemon.client(), 0
    for name, procedure in CALLS.items():
        if procedure.server == 'engine' and has_flags(procedure) and not carries_fds(procedure):
            args = arguments(procedure, flags=number_of(procedure.flags))
            assert outcome(client, name, args) is None, name
            count += 1
    assert count


def read_only_client(daemon, how):
    """Both ways to a read-only connection."""
    if how == 'flag':
        return daemon.client(read_only=True)
    daemon.stop()
    daemon.socket = daemon.home / 'vboxvirtd-ro'
    daemon.start(f'--socket={daemon.socket}')
    return daemon.client()


@pytest.mark.parametrize('how', ['flag', 'socket'])
def test_read_only(daemon, how):
    client, denied, allowed = read_only_client(daemon, how), 0, 0
    for name, procedure in CALLS.items():
        if name in NOT_LOOPED:
            continue
        code = outcome(client, name, arguments(procedure))
        if procedure.readonly == 'deny':
            assert code == DENIED, name
            denied += 1
        else:
            assert code != DENIED, name
            allowed += code is None
    assert denied > 100 and allowed > 10
    assert all(CALLS[name].readonly != 'deny' for name in daemon.calls())


def test_read_only_and_flags(daemon):
    client, count = daemon.client(read_only=True), 0
    for name, procedure in CALLS.items():
        if not procedure.readonly.startswith('unless=') or procedure.server != 'engine':
            continue
        denied = number_of(procedure.readonly.removeprefix('unless='))
        for bit in (1 << n for n in range(32)):
            if denied & bit:
                assert outcome(client, name, arguments(procedure, flags=bit)) == DENIED, name
                count += 1
        assert outcome(client, name, arguments(procedure, flags=0)) is None
        assert outcome(client, name, arguments(procedure, flags=0xffffffff)) == DENIED
    assert count


def test_read_only_stays(daemon):
    """A read-only connection cannot be opened again to write."""
    client = daemon.client(read_only=True)
    with pytest.raises(RemoteError):
        client.open(flags=0)
    assert outcome(client, 'DOMAIN_DEFINE_XML', {'xml': ''}) == DENIED

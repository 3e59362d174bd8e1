# SPDX-License-Identifier: LGPL-2.1-or-later
"""All list and lookup calls with every filter, against a population that is known."""
import itertools
import pathlib

import libvirt
import pytest

import machines as machines_module
import recorder
from commands import virsh
from domains import fails
from rawclient import RawClient
from service import socket_path

PREFIX = 'VIR_CONNECT_LIST_DOMAINS_'
FLAGS = {name.removeprefix(PREFIX): value for name, value in vars(libvirt).items()
         if name.startswith(PREFIX)}
ALL = {'running', 'paused', 'off', 'saved', 'auto', 'snapped', 'leaving'}
EXPECTED = {
    'ACTIVE': {'running', 'paused', 'leaving'},
    'INACTIVE': {'off', 'saved', 'auto', 'snapped'},
    'PERSISTENT': ALL - {'leaving'},
    'TRANSIENT': {'leaving'},
    'RUNNING': {'running', 'leaving'},
    'PAUSED': {'paused'},
    'SHUTOFF': {'off', 'saved', 'auto', 'snapped'},
    'OTHER': set(),
    'MANAGEDSAVE': {'saved'},
    'NO_MANAGEDSAVE': ALL - {'saved'},
    'AUTOSTART': {'auto'},
    'NO_AUTOSTART': ALL - {'auto'},
    'HAS_SNAPSHOT': {'snapped'},
    'NO_SNAPSHOT': ALL - {'snapped'},
    'HAS_CHECKPOINT': set(),
    'NO_CHECKPOINT': ALL,
}
GROUPS = (('ACTIVE', 'INACTIVE'), ('PERSISTENT', 'TRANSIENT'),
          ('RUNNING', 'PAUSED', 'SHUTOFF', 'OTHER'), ('MANAGEDSAVE', 'NO_MANAGEDSAVE'),
          ('AUTOSTART', 'NO_AUTOSTART'), ('HAS_SNAPSHOT', 'NO_SNAPSHOT'),
          ('HAS_CHECKPOINT', 'NO_CHECKPOINT'))


@pytest.fixture(scope='module')
def population(the_service):
    """Machines by what they are: name → Machine."""
    factory = machines_module.Factory()
    opened = recorder.connect()
    people = {name: factory.make(name) for name in sorted(ALL)}
    for name in ('running', 'paused', 'leaving', 'saved'):
        opened.lookupByName(name).create()
    opened.lookupByName('paused').suspend()
    opened.lookupByName('leaving').undefine()
    people['saved'].save()
    people['saved'].wait_until_off()
    opened.lookupByName('auto').setAutostart(1)
    people['snapped'].manage('snapshot', 'take', 'one')
    opened.close()
    yield people
    factory.remove_all()


@pytest.fixture(name='connection')
def _connection(population, service):
    opened = recorder.connect()
    yield opened
    opened.close()


def names(connection, *flags):
    """The names that a list with these filters has."""
    number = 0
    for flag in flags:
        number |= FLAGS[flag]
    listed = [each.name() for each in connection.listAllDomains(number)]
    assert len(listed) == len(set(listed)), f'twice in a list: {listed}'
    return set(listed)


def test_every_flag_is_in_the_table():
    assert set(FLAGS) == set(EXPECTED)


def test_no_flag(connection):
    assert names(connection) == ALL


@pytest.mark.parametrize('flag', EXPECTED)
def test_one_flag(connection, flag):
    assert names(connection, flag) == EXPECTED[flag]


def test_two_flags(connection):
    """Flags of one group widen, flags of two groups narrow."""
    group = {flag: members for members in GROUPS for flag in members}
    for one, two in itertools.combinations(EXPECTED, 2):
        if group[one] == group[two]:
            expected = EXPECTED[one] | EXPECTED[two]
        else:
            expected = EXPECTED[one] & EXPECTED[two]
        assert names(connection, one, two) == expected, f'{one} and {two}'


def test_flag_that_does_not_exist(connection):
    with fails(libvirt.VIR_ERR_INVALID_ARG, libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED):
        connection.listAllDomains(1 << 30)


def test_old_style(connection):
    assert connection.numOfDomains() == 3
    assert connection.numOfDefinedDomains() == 4
    assert set(connection.listDefinedDomains()) == EXPECTED['INACTIVE']
    ids = connection.listDomainsID()
    assert {connection.lookupByID(each).name() for each in ids} == EXPECTED['ACTIVE']
    assert all(pathlib.Path('/proc', str(each)).exists() for each in ids)


def test_old_style_with_little_room(connection):
    with RawClient(socket_path()) as client:
        client.open()
        for most in (0, 1, 2, 4, 100):
            found = client.call('CONNECT_LIST_DEFINED_DOMAINS', maxnames=most)['names']
            assert len(found) == min(most, 4)
            found = client.call('CONNECT_LIST_DOMAINS', maxids=most)['ids']
            assert len(found) == min(most, 3)


def test_count_without_results(connection):
    with RawClient(socket_path()) as client:
        client.open()
        answer = client.call('CONNECT_LIST_ALL_DOMAINS', need_results=0, flags=0)
        assert answer == {'domains': [], 'ret': len(ALL)}


def test_what_a_list_says_of_each(connection, population):
    for domain in connection.listAllDomains():
        assert domain.UUIDString() == population[domain.name()].uuid
        assert (domain.ID() != -1) == (domain.name() in EXPECTED['ACTIVE'])


@pytest.mark.parametrize('name', sorted(ALL))
def test_lookups(connection, population, name):
    uuid = population[name].uuid
    by_name = connection.lookupByName(name)
    assert by_name.UUIDString() == uuid
    assert connection.lookupByUUIDString(uuid).name() == name
    assert connection.lookupByUUIDString(uuid.replace('-', '').upper()).name() == name
    assert connection.lookupByUUID(by_name.UUID()).name() == name
    if by_name.ID() != -1:
        assert connection.lookupByID(by_name.ID()).name() == name


@pytest.mark.parametrize('look', [
    lambda connection: connection.lookupByName('nobody'),
    lambda connection: connection.lookupByName(''),
    lambda connection: connection.lookupByName('runnin'),
    lambda connection: connection.lookupByName('Running'),
    lambda connection: connection.lookupByName('{00000000-0000-0000-0000-000000000001}'),
    lambda connection: connection.lookupByUUIDString('00000000-0000-0000-0000-000000000001'),
    lambda connection: connection.lookupByID(1),
    lambda connection: connection.lookupByID(2**31 - 1),
])
def test_lookup_of_nobody(connection, look):
    with fails(libvirt.VIR_ERR_NO_DOMAIN):
        look(connection)


def test_a_uuid_is_no_name(connection, population):
    """VirtualBox's own findMachine() would take either."""
    with fails(libvirt.VIR_ERR_NO_DOMAIN):
        connection.lookupByName(population['off'].uuid)


@pytest.mark.parametrize('words, expected', [
    ((), EXPECTED['ACTIVE']),
    (('--all',), ALL),
    (('--inactive',), EXPECTED['INACTIVE']),
    (('--state-paused',), EXPECTED['PAUSED']),
    (('--all', '--with-managed-save'), EXPECTED['MANAGEDSAVE']),
    (('--all', '--with-snapshot'), EXPECTED['HAS_SNAPSHOT']),
    (('--all', '--autostart'), EXPECTED['AUTOSTART']),
    (('--all', '--transient'), EXPECTED['TRANSIENT']),
])
def test_virsh_list(connection, words, expected):
    assert set(virsh('list', '--name', *words).split()) == expected


def test_virsh_list_says_the_state(connection):
    rows = [line.split(None, 2) for line in virsh('list', '--all').splitlines()[2:] if line]
    states = {name: state.strip() for _, name, state in rows}
    assert states == {'running': 'running', 'leaving': 'running', 'paused': 'paused',
                      'off': 'shut off', 'saved': 'shut off', 'auto': 'shut off',
                      'snapped': 'shut off'}

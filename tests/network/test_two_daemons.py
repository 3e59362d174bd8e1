# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two daemons and VBoxManage change networks of one VirtualBox at the same time: nothing is lost."""
import libvirt

import waiting
from commands import vboxmanage
from together import at_once

ROUNDS = 5


def names(opened):
    """Of all networks."""
    return sorted(each.name() for each in opened.listAllNetworks())


def test_networks_of_their_own(both, networks):
    """Each defines some of each kind, VBoxManage makes others; all are there, for everybody."""
    def define(opened, which):
        for i in range(ROUNDS):
            opened.networkDefineXML(networks.internal(f'{which}-internal-{i}'))
        opened.networkDefineXML(networks.host_only(f'{which}-host', f'192.168.{60 + len(which)}.1'))
        opened.networkDefineXML(networks.nat(f'{which}-nat', f'192.168.{70 + len(which)}.1'))

    def manage():
        for i in range(ROUNDS):
            vboxmanage('natnetwork', 'add', '--netname', f'theirs-{i}', '--network', f'10.{70 + i}.0.0/24')
    assert at_once(lambda: define(both[0], 'a'), lambda: define(both[1], 'bb'), manage) == [None] * 3
    expected = sorted([f'{which}-{kind}' for which in ('a', 'bb')
                       for kind in ['host', 'nat', *(f'internal-{i}' for i in range(ROUNDS))]]
                      + [f'theirs-{i}' for i in range(ROUNDS)])
    assert names(both[0]) == names(both[1]) == expected
    assert len(networks.adapters()) == 2 and len(networks.nat_networks()) == ROUNDS + 2


def test_one_name(both, networks):
    """There is one network of it in the end, and each daemon knows it."""
    for i in range(ROUNDS):
        name = f'same-{i}'
        done = at_once(*(lambda opened=opened: opened.networkDefineXML(networks.internal(name)) for opened in both))
        assert {each.UUIDString() for each in done} == {both[0].networkLookupByName(name).UUIDString()}
    assert names(both[0]) == names(both[1]) == [f'same-{i}' for i in range(ROUNDS)]


def test_one_network(both, networks):
    """Each changes something else of it: both changes stay."""
    uuid = both[0].networkDefineXML(networks.internal()).UUIDString()
    mine, others = (opened.networkLookupByUUIDString(uuid) for opened in both)
    for i in range(ROUNDS):
        title = f'title {i}'
        assert at_once(lambda title=title: mine.setMetadata(libvirt.VIR_NETWORK_METADATA_TITLE, title, None, None),
                       lambda i=i: others.setAutostart(i % 2), others.create if i % 2 else mine.isActive) == \
            [0, 0, 0]
        assert (mine.metadata(libvirt.VIR_NETWORK_METADATA_TITLE, None), mine.autostart()) == (title, i % 2)
        if i % 2:
            assert mine.isActive() == 1
            mine.destroy()


def test_one_tells_what_the_other_did(both, networks):
    """A change is told when it is whole: the adapter is never another network of its own.  Each is waited for:
    of what comes and goes between two looks of the one that did not do it, nothing is told."""
    seen = []
    identity = both[0].networkEventRegisterAny(
        None, libvirt.VIR_NETWORK_EVENT_ID_LIFECYCLE,
        lambda _connection, network, event, _detail, _opaque: seen.append((network.name(), event)), None)
    # it knows what was there before the other begins
    both[0].networkDefineXML(networks.internal('first')).undefine()
    expected = [('first', libvirt.VIR_NETWORK_EVENT_DEFINED), ('first', libvirt.VIR_NETWORK_EVENT_UNDEFINED)]

    def told(*event):
        if event:
            expected.append(event)
        waiting.until(lambda: len(seen) >= len(expected), seen)
        assert seen == expected
    told()
    network = both[1].networkDefineXML(networks.host_only())
    told('ho', libvirt.VIR_NETWORK_EVENT_DEFINED)
    network.create()
    told('ho', libvirt.VIR_NETWORK_EVENT_STARTED)
    network.destroy()
    told('ho', libvirt.VIR_NETWORK_EVENT_STOPPED)
    network.undefine()
    told('ho', libvirt.VIR_NETWORK_EVENT_UNDEFINED)
    both[1].networkDefineXML(networks.internal('last'))
    told('last', libvirt.VIR_NETWORK_EVENT_DEFINED)
    both[0].networkEventDeregisterAny(identity)

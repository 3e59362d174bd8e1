# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two daemons change storage pools of one VirtualBox at the same time: nothing is lost."""
import libvirt

from together import at_once

ROUNDS = 10


def test_one_name(both, pools):
    """There is one pool of it in the end, and each daemon knows it."""
    names = [f'same-{i}' for i in range(ROUNDS)]
    for name in names:
        xml = pools.xml(name)
        done = at_once(*(lambda opened=opened: opened.storagePoolDefineXML(xml) for opened in both))
        assert {each.UUIDString() for each in done} == {both[0].storagePoolLookupByName(name).UUIDString()}
    for opened in both:
        assert sorted(pool.name() for pool in opened.listAllStoragePools()) == sorted(names)


def test_one_pool(both, pools):
    """Each changes something else of it: both changes stay."""
    uuid = both[0].storagePoolDefineXML(pools.xml('one')).UUIDString()
    mine, others = (opened.storagePoolLookupByUUIDString(uuid) for opened in both)
    for i in range(ROUNDS):
        autostart = (i + 1) % 2
        change = others.create if autostart else others.destroy
        assert at_once(lambda autostart=autostart: mine.setAutostart(autostart), change) == [0, 0]
        for pool in (mine, others):
            assert (pool.autostart(), pool.isActive()) == (autostart, autostart)


def test_one_of_two_undefines(both, pools):
    """One of them finds it gone."""
    for i in range(ROUNDS):
        uuid = both[0].storagePoolDefineXML(pools.xml(f'gone-{i}')).UUIDString()
        done = at_once(*(opened.storagePoolLookupByUUIDString(uuid).undefine for opened in both))
        done.remove(0)
        assert [each.get_error_code() for each in done] == [libvirt.VIR_ERR_NO_STORAGE_POOL]

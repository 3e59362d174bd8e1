# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each lifecycle event once and in order, whoever caused it and whoever watches (issue 2, 5.3)."""
import contextlib
import os
import signal

import libvirt
import pytest

import domains
import waiting
from commands import vboxmanage
from recorder import Recorder, connect
from watchers import Watchers


@pytest.fixture
def watch(machines):
    """Makes watchers; machine: one of them watches that alone."""
    with contextlib.ExitStack() as stack:
        def make(machine=None):
            watchers = Watchers(machines, machine)
            stack.callback(watchers.close)
            return watchers
        yield make


def settled(machine):
    """After this nothing more happens to a machine by itself."""
    machine.wait_until_off()
    waiting.until(lambda: machine.uuid not in vboxmanage('list', 'runningvms'), 'it is off')


def test_registered_changed_and_unregistered_by_vboxmanage(machines, watch):
    watchers = watch()
    machine = machines.make()
    assert watchers.saw(machine.name, 'Defined Added') == ['Defined Added']
    machine.manage('modifyvm', '--memory', '20')
    assert watchers.saw(machine.name, 'Defined Updated') == ['Defined Added', 'Defined Updated']
    machine.manage('unregistervm', '--delete')
    assert watchers.saw(machine.name, 'Undefined Removed') == \
        ['Defined Added', 'Defined Updated', 'Undefined Removed']


def test_created_by_vboxmanage(machines, watch):
    watchers, name = watch(), machines.name()
    vboxmanage('createvm', '--name', name, '--ostype', 'Other', '--register')
    assert watchers.saw(name, 'Defined Added') == ['Defined Added']


def test_run_by_vboxmanage(machine, watch):
    watchers = watch(machine)
    machine.start()
    machine.manage('controlvm', 'pause')
    machine.manage('controlvm', 'resume')
    machine.manage('controlvm', 'reset')
    machine.manage('controlvm', 'poweroff')
    assert watchers.saw(machine.name, 'Stopped Destroyed') == \
        ['Started Booted', 'Suspended Paused', 'Resumed Unpaused', 'Stopped Destroyed']
    assert not watchers.stranger.of(machine.name)


def test_run_by_us(machine, domain, watch):
    watchers = watch(machine)
    domain.create()
    domain.suspend()
    domain.resume()
    domain.reset()
    domain.destroy()
    assert watchers.saw(machine.name, 'Stopped Destroyed') == \
        ['Started Booted', 'Suspended Paused', 'Resumed Unpaused', 'Stopped Destroyed']


def test_started_paused(machine, domain, watch):
    watchers = watch(machine)
    domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
    assert watchers.saw(machine.name, 'Suspended Paused') == ['Started Booted', 'Suspended Paused']
    domain.resume()
    assert watchers.saw(machine.name, 'Resumed Unpaused') == \
        ['Started Booted', 'Suspended Paused', 'Resumed Unpaused']


def test_saved_and_restored(machine, domain, watch):
    watchers = watch(machine)
    machine.start()
    machine.guest.close()
    watchers.saw(machine.name, 'Started Booted')
    watchers.forget()
    machine.save()
    assert watchers.saw(machine.name, 'Stopped Saved') == ['Suspended Paused', 'Stopped Saved']
    watchers.forget()
    settled(machine)
    domain.create()
    assert watchers.saw(machine.name, 'Started Restored') == ['Started Restored']


def test_guest_that_powers_off(machine, domain, watch):
    watchers = watch(machine)
    domain.create()
    machine.guest.wait_for('READY')
    machine.manage('controlvm', 'acpipowerbutton')
    machine.guest.wait_for('PWRBTN')
    machine.guest.say('q')
    assert watchers.saw(machine.name, 'Stopped Shutdown') == ['Started Booted', 'Stopped Shutdown']
    settled(machine)
    assert watchers.saw(machine.name, 'Stopped Shutdown') == ['Started Booted', 'Stopped Shutdown']
    assert domain.state() == [libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_SHUTDOWN]


def test_rebooted(machine, domain, watch):
    watchers = watch(machine)
    domain.create()
    machine.guest.wait_for('READY')
    watchers.saw(machine.name, 'Started Booted')
    watchers.forget()
    domain.reboot()
    machine.guest.wait_for('PWRBTN')
    machine.guest.say('q')
    assert watchers.saw(machine.name, 'Started Booted') == ['Stopped Shutdown', 'Started Booted']


def test_guest_that_crashes(machine, domain, watch):
    watchers = watch(machine)
    domain.create()
    machine.guest.wait_for('READY')
    machine.guest.say('t')
    assert watchers.saw(machine.name, 'Crashed Panicked') == ['Started Booted', 'Crashed Panicked']
    domain.destroy()
    assert watchers.saw(machine.name, 'Stopped Destroyed') == \
        ['Started Booted', 'Crashed Panicked', 'Stopped Destroyed']


def test_process_that_is_killed(machine, domain, watch):
    watchers = watch(machine)
    domain.create()
    os.kill(domain.ID(), signal.SIGKILL)
    assert watchers.saw(machine.name, 'Stopped Crashed') == ['Started Booted', 'Stopped Crashed']
    settled(machine)
    assert watchers.saw(machine.name, 'Stopped Crashed') == ['Started Booted', 'Stopped Crashed']


def test_defined_and_undefined_by_us(connection, machines, watch):
    watchers, name = watch(), machines.name()
    domain = connection.defineXML(domains.xml(name))
    assert watchers.saw(name, 'Defined Added') == ['Defined Added']
    connection.defineXML(domains.xml(name, uuid=domain.UUIDString(), memory=32))
    assert watchers.saw(name, 'Defined Updated') == ['Defined Added', 'Defined Updated']
    domain.undefine()
    assert watchers.saw(name, 'Undefined Removed') == \
        ['Defined Added', 'Defined Updated', 'Undefined Removed']


def test_transient(connection, machines, watch):
    watchers, name = watch(), machines.name()
    domain = connection.createXML(domains.xml(name, devices=domains.FLOPPY))
    assert watchers.saw(name, 'Started Booted') == ['Started Booted']
    domain.destroy()
    assert watchers.saw(name, 'Stopped Destroyed') == ['Started Booted', 'Stopped Destroyed']
    waiting.until(lambda: name not in vboxmanage('list', 'vms'), 'it has vanished')
    assert watchers.saw(name, 'Stopped Destroyed') == ['Started Booted', 'Stopped Destroyed']


def test_undefined_while_it_runs(machine, domain, watch):
    watchers = watch(machine)
    domain.create()
    domain.undefine()
    assert watchers.saw(machine.name, 'Undefined Removed') == \
        ['Started Booted', 'Undefined Removed']
    domain.destroy()
    waiting.until(lambda: machine.name not in vboxmanage('list', 'vms'), 'it has vanished')
    assert watchers.saw(machine.name, 'Stopped Destroyed') == \
        ['Started Booted', 'Undefined Removed', 'Stopped Destroyed']


def test_what_is_no_event(machine, domain, watch):
    """Reading, listing, screenshots and lookups tell nobody anything."""
    watchers = watch(machine)
    domain.create()
    watchers.saw(machine.name, 'Started Booted')
    watchers.forget()
    domain.XMLDesc()
    domain.info()
    stream = domain.connect().newStream()
    domain.screenshot(stream, 0, 0)
    stream.abort()
    domain.setAutostart(1)
    domain.setAutostart(0)
    watchers.barrier()
    assert not watchers.all['callback'].of(machine.name)


def test_autostart_of_a_stopped_machine_is_no_event(machine, domain, watch):
    watchers = watch(machine)
    domain.setAutostart(1)
    domain.setAutostart(1)
    domain.setAutostart(0)
    machine.manage('modifyvm', '--description', 'new')
    assert watchers.saw(machine.name, 'Defined Updated') == ['Defined Updated']


def test_many_machines_each_in_order(machines, connection, watch):
    """Events of several machines may mix, those of one may not."""
    watchers = watch()
    several = [machines.make() for _ in range(4)]
    for machine in several:
        connection.lookupByName(machine.name).create()
    for machine in several:
        connection.lookupByName(machine.name).suspend()
    for machine in several:
        connection.lookupByName(machine.name).destroy()
    for machine in several:
        assert watchers.saw(machine.name, 'Stopped Destroyed') == \
            ['Defined Added', 'Started Booted', 'Suspended Paused', 'Stopped Destroyed']


def test_nothing_after_deregistration(connection, machine):
    second = connect()
    recorder, other = Recorder(connection), Recorder(second)
    machine.manage('modifyvm', '--description', 'one')
    other.wait_for(machine.name, 'Defined Updated')
    recorder.wait_for(machine.name, 'Defined Updated')
    recorder.close()
    recorder.forget()
    other.forget()
    machine.manage('modifyvm', '--description', 'two')
    other.wait_for(machine.name, 'Defined Updated')
    assert not recorder.events
    other.close()
    second.close()
